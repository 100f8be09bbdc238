package homeport.gateway.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;

/** Reads the JSON of requests (RFC 8259). */
final class JsonText {
    private static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private JsonText() {}

    /**
     * @throws Problem when it is no object, or names something twice: which of the two counts, readers do not agree on
     *         (RFC 8259 section 4)
     */
    static JsonObject object(String text) {
        JsonObject object;
        try {
            object = new JsonObject(text);
        } catch (DecodeException e) {
            throw Problem.invalid("the body is not an object in JSON");
        }
        try (var parser = STRICT.createParser(text)) {
            while (parser.nextToken() != null) {
                // Only to see whether it goes through.
            }
        } catch (IOException e) {
            throw Problem.invalid("the body names a property twice");
        }
        return object;
    }
}
