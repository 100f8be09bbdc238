/**
 * The HTTP API. {@code openapi.yaml} beside this package is the contract: requests are matched and validated by it before
 * anything else looks at them.
 *
 * <pre>
 * event loop    accept → rate → match → token … body → …                      → reply
 * virtual thread                        who?          validate → desk → render
 * </pre>
 */
package homeport.gateway.http;
