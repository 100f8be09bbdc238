package homeport.cli.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads a stream of server-sent events (HTML Living Standard, 9.2.6). */
final class EventReader {
    /** Of one event; the gateway's have some hundred bytes. */
    static final int MOST_BYTES = 1 << 20;

    private final PushbackInputStream in;
    private String lastId;

    EventReader(InputStream in, String lastId) {
        this.in = new PushbackInputStream(in);
        this.lastId = lastId;
    }

    /** The last id the stream has shown; it stays what it was until another comes. */
    String lastId() {
        return lastId;
    }

    /** Empty at the end; what is not whole by then is no event. */
    Optional<ServerEvent> next() throws IOException {
        var type = "";
        var data = new StringBuilder();
        boolean any = false;
        var line = line();
        while (line.isPresent()) {
            var text = line.get();
            if (text.isEmpty()) {
                if (any) {
                    return Optional.of(new ServerEvent(lastId, type.isEmpty() ? "message" : type, data.toString()));
                }
                type = "";
            } else {
                int colon = text.indexOf(':');
                var name = colon < 0 ? text : text.substring(0, colon);
                var value = colon < 0 ? "" : text.substring(colon + 1);
                if (value.startsWith(" ")) {
                    value = value.substring(1);
                }
                switch (name) {
                    case "event" -> type = value;
                    case "id" -> lastId = value;
                    case "data" -> {
                        if (any) {
                            data.append('\n');
                        }
                        data.append(value);
                        any = true;
                        if (data.length() > MOST_BYTES) {
                            throw new IOException("an event of more than " + MOST_BYTES + " bytes");
                        }
                    }
                    default -> { // a comment, or a field that came later than we
                    }
                }
            }
            line = line();
        }
        return Optional.empty();
    }

    private Optional<String> line() throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        int next = in.read();
        while (next >= 0 && next != '\n' && next != '\r') {
            bytes.write(next);
            if (bytes.size() > MOST_BYTES) {
                throw new IOException("a line of more than " + MOST_BYTES + " bytes");
            }
            next = in.read();
        }
        if (next < 0) {
            return Optional.empty();
        }
        if (next == '\r') {
            int after = in.read();
            if (after >= 0 && after != '\n') {
                in.unread(after);
            }
        }
        return Optional.of(bytes.toString(StandardCharsets.UTF_8));
    }
}
