package homeport.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which gateways to call, in a file beside the identity: what was changed over NETCONF holds at the next start, too, and is
 * known then without the YANG modules. It holds for as long as the agent is started with the same gateways: whoever
 * starts it with others, on the device itself, has the last word.
 */
final class KeptCallHome {
    private static final Logger LOG = LoggerFactory.getLogger(KeptCallHome.class);

    private final List<CalledGateway> given;
    private final Path file;
    /** There while the datastore is open: at a start it says that the last run ended without closing it. */
    private final Path open;

    /**
     * The file's content.
     *
     * @param given a digest of what the agent was started with
     * @param changed empty while nobody has changed it over NETCONF
     */
    record Kept(String given, List<CalledGateway> changed) {}

    KeptCallHome(AgentConfig config) {
        this.given = config.gateways();
        this.file = config.beside(".call-home");
        this.open = config.beside(".netconf-open");
    }

    List<CalledGateway> given() {
        return given;
    }

    private static String digest(List<CalledGateway> gateways) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                    .digest(AgentConfigFile.write(gateways).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** What is kept for these gateways; empty where nothing is, or where it was for others. */
    Optional<List<CalledGateway>> changed() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            var kept = AgentConfigFile.readKept(file);
            if (kept.given().equals(digest(given))) {
                return Optional.of(kept.changed());
            }
            LOG.info("started with other gateways than before: what was changed over NETCONF holds no longer");
            Files.deleteIfExists(file);
        } catch (AgentError e) {
            LOG.error("what was changed over NETCONF cannot be read, so what the start gives holds: {}",
                    e.getMessage());
        } catch (IOException e) {
            LOG.error("{} cannot be deleted: {}", file, DeviceIdentity.reason(e));
        }
        return Optional.empty();
    }

    /** @param changed empty for what the agent was started with */
    void keep(List<CalledGateway> changed) throws IOException {
        var text = "given: " + digest(given) + "\n" + (changed.isEmpty() ? "" : AgentConfigFile.write(changed));
        DurableFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
    }

    // ---- Whether the datastore may know more than the file

    boolean wasLeftOpen() {
        return Files.exists(open);
    }

    void opened() throws IOException {
        DurableFile.create(open, new byte[0]);
    }

    void closed() throws IOException {
        Files.deleteIfExists(open);
    }
}
