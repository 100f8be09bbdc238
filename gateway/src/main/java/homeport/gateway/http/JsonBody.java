package homeport.gateway.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.jackson.JacksonCodec;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A request's body in JSON (RFC 8259). */
final class JsonBody {
    private static final String NO_OBJECT = "the body is not an object in JSON";

    private JsonBody() {}

    /**
     * Of a name that stands twice one reader believes the first value and another the last: what a proxy let through need
     * not be what we would do, so it is refused.
     *
     * @throws Problem when it is no object, or a name stands twice in one, however deep; what was sent is not told again
     */
    static JsonObject read(String text) {
        try (var parser = JacksonCodec.createParser(text)) {
            parser.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
            if (JacksonCodec.fromParser(parser, Object.class) instanceof JsonObject object) {
                return object;
            }
            throw Problem.invalid(NO_OBJECT);
        } catch (DecodeException e) {
            throw Problem.invalid(e.getCause() instanceof JsonProcessingException cause
                    ? words(cause)
                    : NO_OBJECT);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a text has none
        }
    }

    private static String words(JsonProcessingException cause) {
        var what = cause.getOriginalMessage().startsWith("Duplicate")
                ? "a name stands twice in one object of the body"
                : NO_OBJECT;
        var at = cause.getLocation();
        return at == null ? what : what + ": see line " + at.getLineNr() + ", column " + at.getColumnNr();
    }
}
