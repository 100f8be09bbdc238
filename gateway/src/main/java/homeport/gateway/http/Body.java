package homeport.gateway.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a request sends, as the contract has it.
 *
 * @param mediaType empty without a body
 * @param json where it is that
 */
record Body(String mediaType, Optional<JsonObject> json, String text) {
    /**
     * Reads it and holds it to the contract.
     *
     * @param header gives one by its name
     * @throws Problem when it is not as the operation takes it
     */
    static Body read(Contract.Operation wanted, Function<String, @Nullable String> header, Buffer octets) {
        if (octets.length() == 0) {
            if (wanted.bodyRequired()) {
                throw Problem.invalid("this needs a body");
            }
            return new Body("", Optional.empty(), "");
        }
        var mediaType = mediaType(header.apply("Content-Type"));
        wanted.checkMediaType(mediaType);
        if (header.apply("Content-Encoding") instanceof String coding && !coding.equalsIgnoreCase("identity")) {
            throw new Problem(Problem.Type.MEDIA_TYPE, "a body here has no Content-Encoding: send it as it is");
        }
        var text = utf8(octets);
        PlainText.check("the body", text);
        if (!mediaType.equals("application/json")) {
            wanted.checkBody(mediaType, text);
            return new Body(mediaType, Optional.empty(), text);
        }
        var json = JsonBody.read(text);
        // Escapes can say what the text does not show.
        PlainText.check("the body", json);
        wanted.checkBody(mediaType, json);
        return new Body(mediaType, Optional.of(json), text);
    }

    /** Without parameters. UTF-8 is what we read, whatever they say; other octets are an error. */
    private static String mediaType(@Nullable String contentType) {
        if (contentType == null) {
            return "";
        }
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }

    private static String utf8(Buffer octets) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets.getBytes())).toString();
        } catch (CharacterCodingException e) {
            throw Problem.invalid("the body is not UTF-8");
        }
    }
}
