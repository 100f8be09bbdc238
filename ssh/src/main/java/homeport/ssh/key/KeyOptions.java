package homeport.ssh.key;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the holder of an authorized key may do (sshd(8), AUTHORIZED_KEYS FILE FORMAT). Conditions on who it is and when
 * are checked by {@link AuthorizedKeys} already.
 *
 * @param command to be run instead of whatever is asked for
 * @param environment variables to be set, for a server whose policy allows it
 * @param permitOpen the targets of port forwarding; empty when all are allowed
 * @param permitListen the addresses of remote port forwarding; empty when all are allowed
 * @param expiry the moment from which the key is refused
 */
public record KeyOptions(Optional<String> command, boolean pty, boolean portForwarding, boolean agentForwarding,
        boolean x11Forwarding, boolean userRc, Map<String, String> environment, List<Endpoint> permitOpen,
        List<Endpoint> permitListen, Optional<Instant> expiry) {
    /** What a line without options allows. */
    public static final KeyOptions ALL = new KeyOptions(Optional.empty(), true, true, true, true, true, Map.of(),
            List.of(), List.of(), Optional.empty());

    /**
     * A target or address of forwarding.
     *
     * @param host literal for a target; for a listening address a pattern
     * @param port 0 when any
     */
    public record Endpoint(String host, int port) {}

    public KeyOptions {
        environment = Map.copyOf(environment);
        permitOpen = List.copyOf(permitOpen);
        permitListen = List.copyOf(permitListen);
    }

    /** Whether a connection to {@code host} and {@code port} may be opened ({@code direct-tcpip}). */
    public boolean permitsOpen(String host, int port) {
        return portForwarding && (permitOpen.isEmpty() || permitOpen.stream()
                .anyMatch(to -> (to.port == 0 || to.port == port) && to.host.equalsIgnoreCase(host)));
    }

    /** Whether {@code host} and {@code port} may be listened on ({@code tcpip-forward}). */
    public boolean permitsListen(String host, int port) {
        return portForwarding && (permitListen.isEmpty() || permitListen.stream()
                .anyMatch(on -> (on.port == 0 || on.port == port) && Patterns.matches(on.host, host)));
    }

    /** What these and a certificate's extensions both allow. */
    KeyOptions and(CertificateVerdict.Good certificate) {
        var granted = certificate.extensions();
        return new KeyOptions(command.or(certificate::forceCommand), pty && granted.contains("permit-pty"),
                portForwarding && granted.contains("permit-port-forwarding"),
                agentForwarding && granted.contains("permit-agent-forwarding"),
                x11Forwarding && granted.contains("permit-X11-forwarding"),
                userRc && granted.contains("permit-user-rc"), environment, permitOpen, permitListen, expiry);
    }
}
