/**
 * The HTTP API as its client sees it: calls, pages, events, problems. The contract is the gateway's {@code openapi.yaml}.
 * Knows nothing of commands, options or the terminal.
 */
package homeport.cli.api;
