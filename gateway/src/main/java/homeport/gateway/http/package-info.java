/** The HTTP API: requests in, calls of the {@link homeport.gateway.desk.Desk} out, beside Vert.x's loops. */
package homeport.gateway.http;
