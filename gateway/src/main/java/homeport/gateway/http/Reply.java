package homeport.gateway.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;

/** A whole answer. @param mediaType empty when there is no body */
record Reply(int status, String mediaType, Map<String, String> headers, Buffer body) {
    static Reply of(int status, String mediaType, Buffer body) {
        return new Reply(status, mediaType, Map.of(), body);
    }

    static Reply json(JsonObject body) {
        return of(200, "application/json", body.toBuffer());
    }

    static Reply created(JsonObject body) {
        return of(201, "application/json", body.toBuffer());
    }

    static Reply text(int status, String mediaType, String body) {
        return of(status, mediaType, Buffer.buffer(body));
    }

    static Reply nothing() {
        return of(204, "", Buffer.buffer());
    }

    Reply with(Map<String, String> more) {
        var all = new TreeMap<>(headers);
        all.putAll(more);
        return new Reply(status, mediaType, all, body);
    }

    Reply with(String name, String value) {
        return with(Map.of(name, value));
    }
}
