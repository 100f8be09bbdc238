package homeport.gateway.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/**
 * Refuses what a proxy before us may read in another way than we do, so that nobody smuggles a request through it
 * (RFC 9112 sections 3.2, 5.2 and 6.1, RFC 9110 section 5.3). Netty has already refused two lengths, and taken away the
 * length beside chunks.
 */
final class RequestHead {
    private RequestHead() {}

    /** @throws Problem after which the connection cannot go on: where the request ends is not sure */
    static void check(HttpServerRequest request) {
        var headers = request.headers();
        int hosts = headers.getAll("Host").size();
        if (hosts > 1 || (hosts == 0 && request.version() != HttpVersion.HTTP_1_0)) {
            throw Problem.invalid("a request has one Host header, and this one has " + hosts);
        }
        var codings = headers.getAll("Transfer-Encoding");
        if (codings.size() > 1 || (codings.size() == 1 && !"chunked".equalsIgnoreCase(codings.getFirst().strip()))) {
            throw Problem
                    .invalid("a body here comes with a Content-Length or in chunks, not by another Transfer-Encoding");
        }
        if (headers.getAll("Authorization").size() > 1) {
            throw Problem.invalid("a request has one Authorization header, and this one has more");
        }
    }
}
