package homeport.agent;

import homeport.callhome.BootstrapMessage;
import homeport.callhome.Design;
import homeport.ssh.KeepAlive;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an agent is told.
 *
 * @param id under which the device is known: the claim of a bootstrap message, the login name, or an HMAC key id
 * @param gateways each called on its own, all at the same time
 * @param identity the device's private key; made at the first start. What the agent keeps stands beside it.
 * @param secretFile for the bootstrap message's HMAC, and for {@code hmac-*} host keys in call home
 * @param certificate an OpenSSH certificate or a chain in PEM, the leaf first, for the identity key
 * @param claim the token by which a device that nobody knows is let in, once
 * @param trust by what a gateway that shows a host key is recognised
 * @param operatorsKey in {@code authorized_keys} format: who may log in to the embedded SSH server
 * @param netconf a TCP port that speaks NETCONF as it is, in place of the embedded NETCONF server
 */
public record AgentConfig(String id, Design design, List<CalledGateway> gateways, Path identity,
        Optional<Path> secretFile, Optional<Path> certificate, Optional<ClaimToken> claim, Trust trust,
        Optional<Path> operatorsKey, Service service, Optional<Endpoint> netconf, KeepAlive keepAlive) {

    /** What the gateway meets on this device. */
    public sealed interface Service {
        /** The device's own SSH server at this address: the agent carries its bytes. */
        record Relay(Endpoint to) implements Service {}

        /** An SSH and NETCONF server in the agent itself. */
        record Embedded() implements Service {}
    }

    /**
     * By what a gateway is recognised.
     *
     * @param knownHosts a {@code known_hosts} file, also with authorities; not written to
     * @param firstUse whether a gateway that is met for the first time is believed, and remembered
     */
    public record Trust(Optional<Path> knownHosts, boolean firstUse) {
        public static final Trust NONE = new Trust(Optional.empty(), false);
    }

    /** Good for one login of a device that is not known yet. It is shown nowhere. */
    public record ClaimToken(String value) {
        private static final int MOST_BYTES = 1024;

        public ClaimToken {
            if (value.isBlank() || value.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
                throw new AgentError("a claim token has 1 to " + MOST_BYTES + " bytes: copy it whole");
            }
        }

        @Override
        public String toString() {
            return "ClaimToken[]";
        }
    }

    /** A gateway is found lost after three of these without an answer. */
    public static final KeepAlive KEEP_ALIVE = new KeepAlive(Duration.ofSeconds(30), 3);

    public AgentConfig {
        gateways = List.copyOf(gateways);
        if (id.isBlank() || id.length() > BootstrapMessage.MOST_ID_BYTES || id.chars().anyMatch(c -> c < 0x20)) {
            throw new AgentError("the device's id is 1 to " + BootstrapMessage.MOST_ID_BYTES
                    + " printable characters: give --id");
        }
        if (gateways.isEmpty()) {
            throw new AgentError("no gateway is named: give --gateway");
        }
        if (gateways.stream().map(CalledGateway::name).distinct().count() != gateways.size()) {
            throw new AgentError("a gateway is named twice");
        }
        boolean logsIn = design == Design.SERVER_CHANNELS || design == Design.TUNNEL;
        if (logsIn && trust.knownHosts().isEmpty() && !trust.firstUse()) {
            throw new AgentError("in " + design.text()
                    + " the gateway shows a host key: give --gateway-key, or --trust-gateway-once");
        }
        if (claim.isPresent() && !logsIn) {
            throw new AgentError("a claim token is for the designs in which the device logs in, not for "
                    + design.text());
        }
        boolean serves = service instanceof Service.Embedded && design != Design.SERVER_CHANNELS;
        if (serves && operatorsKey.isEmpty()) {
            throw new AgentError("nobody could log in to this device: give --operators-key with the gateway's key");
        }
    }

    /** A file of the agent's own, beside the identity. */
    Path beside(String suffix) {
        return identity.resolveSibling(identity.getFileName() + suffix);
    }
}
