package homeport.callhome;

import homeport.ssh.SshSettings;
import homeport.ssh.wire.GlobalRequest;
import java.time.Duration;
import java.util.Optional;

/**
 * How a device dials in.
 *
 * @param ssh the outer connection's: with host keys where the device is its server
 * @param message for {@link Design#BOOTSTRAP}
 * @param credentials for the designs in which the device logs in
 * @param inner for {@link Design#TUNNEL}: of the SSH server inside; empty where the bytes go to one elsewhere
 * @param offerTime from the login until the gateway has said that it makes use of what we offer
 */
public record DepartureSettings(Design design, SshSettings ssh, Optional<BootstrapMessage> message,
        Optional<Credentials> credentials, Optional<SshSettings> inner, Duration offerTime) {
    private static final Duration OFFER_TIME = Duration.ofSeconds(15);

    public static DepartureSettings bootstrap(BootstrapMessage message, SshSettings server) {
        return new DepartureSettings(Design.BOOTSTRAP, server, Optional.of(message), Optional.empty(),
                Optional.empty(), OFFER_TIME);
    }

    public static DepartureSettings callHome(SshSettings server) {
        return new DepartureSettings(Design.CALL_HOME, server, Optional.empty(), Optional.empty(), Optional.empty(),
                OFFER_TIME);
    }

    public static DepartureSettings serverChannels(SshSettings client, Credentials credentials) {
        return new DepartureSettings(Design.SERVER_CHANNELS, client, Optional.empty(), Optional.of(credentials),
                Optional.empty(), OFFER_TIME);
    }

    /** A tunnel to an SSH server of our own inside. */
    public static DepartureSettings tunnel(SshSettings client, Credentials credentials, SshSettings innerServer) {
        return new DepartureSettings(Design.TUNNEL, client, Optional.empty(), Optional.of(credentials),
                Optional.of(innerServer), OFFER_TIME);
    }

    /** A tunnel whose bytes its owner takes elsewhere: {@link DepartureEvent.StreamAsked}. */
    public static DepartureSettings tunnelToStream(SshSettings client, Credentials credentials) {
        return new DepartureSettings(Design.TUNNEL, client, Optional.empty(), Optional.of(credentials),
                Optional.empty(), OFFER_TIME);
    }

    /** Any port: the gateway listens nowhere, and the number is only a name. */
    static GlobalRequest.TcpipForward forward() {
        return new GlobalRequest.TcpipForward("localhost", 0);
    }
}
