package homeport.gateway.login;

import homeport.callhome.Credentials;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.LoginWay;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PrivateKeys;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * By what the gateway logs in to a device. To be asked once the device is admitted, for the record that it was admitted
 * as: so a credential only ever goes to the holder of a key that is tied to that record (RFC 8071 C7), never to an
 * address or to an id that was only claimed.
 */
public final class DeviceLogin {
    /** As whom, where a record says nothing. */
    public static final String DEFAULT_USER = "homeport";
    /** Long enough for one login, with clocks that differ. */
    public static final Duration CERTIFICATE_LIFE = Duration.ofMinutes(5);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(2);

    private final GatewayKeys keys;
    private final SecureRandom random;

    public DeviceLogin(GatewayKeys keys, SecureRandom random) {
        this.keys = keys;
        this.random = random;
    }

    /** What to log in with, or why that cannot be said. */
    public sealed interface Answer {
        record With(Credentials credentials) implements Answer {}

        /** @param reason for the journal */
        record Missing(String reason) implements Answer {}
    }

    /**
     * Makes the credentials.
     *
     * @param secret the record's password or private key, which is overwritten
     */
    public Answer to(Device device, Optional<byte[]> secret, Instant now) {
        var user = device.loginUser().orElse(DEFAULT_USER);
        try {
            return switch (device.loginWay()) {
                case GATEWAY_KEY -> new Answer.With(Credentials.byKey(user, keys.user()));
                case CERTIFICATE -> new Answer.With(Credentials.byKey(user, certified(device, user, now)));
                // Devices that want a key besides get the gateway's.
                case PASSWORD -> secret.<Answer>map(password -> new Answer.With(
                        new Credentials(user, List.of(keys.user()), Optional.of(password.clone()), true)))
                        .orElseGet(() -> missing(device));
                case KEY -> secret.<Answer>map(
                        file -> new Answer.With(
                                Credentials.byKey(user, PrivateKeys.read("key of " + device.id(), file))))
                        .orElseGet(() -> missing(device));
            };
        } finally {
            secret.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
        }
    }

    private static Answer missing(Device device) {
        return new Answer.Missing(device.loginWay() == LoginWay.PASSWORD
                ? "no password is on record for the device"
                : "no private key is on record for the device");
    }

    /** For this user on this device, now, and for nothing but sessions. */
    private CertifiedSigner certified(Device device, String user, Instant now) {
        var terms = CertificateTerms
                .forUser("homeport gateway to " + device.id(), List.of(user), now.minus(CLOCK_SKEW),
                        now.plus(CERTIFICATE_LIFE))
                .withSerial(random.nextLong() >>> 1).withExtensions("permit-pty", "permit-port-forwarding");
        return new CertifiedSigner(keys.user(),
                OpenSshCertificate.issue(keys.user().publicKey(), terms, keys.authority(), random));
    }
}
