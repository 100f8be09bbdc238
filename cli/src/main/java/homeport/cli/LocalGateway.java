package homeport.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Where a gateway on this machine listens, as it leaves word in its data directory, so that commands need no more than that
 * directory. Stays there when the gateway is killed; then nothing answers.
 *
 * @param http the URL of its HTTP API
 * @param operatorsPort of operators' SSH
 * @param devicesPort that devices dial
 */
record LocalGateway(String http, int operatorsPort, int devicesPort) {
    private static final String FILE = "addresses.json";
    private static final int MOST_BYTES = 4096;

    static Optional<LocalGateway> read(Path data) {
        try (var in = Files.newInputStream(data.resolve(FILE))) {
            var object = new JsonObject(new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8));
            return object.getValue("http") instanceof String http
                    && object.getValue("operatorsPort") instanceof Integer operators
                    && object.getValue("devicesPort") instanceof Integer devices
                            ? Optional.of(new LocalGateway(http, operators, devices))
                            : Optional.empty();
        } catch (IOException | DecodeException e) {
            return Optional.empty(); // none was started there, or it is not ours to see: the standard addresses hold
        }
    }

    /** Replaces the file in one step. */
    void write(Path data) throws IOException {
        var partial = data.resolve(FILE + ".new");
        Files.writeString(partial,
                new JsonObject().put("http", http).put("operatorsPort", operatorsPort).put("devicesPort", devicesPort)
                        .encode() + "\n");
        Files.move(partial, data.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
