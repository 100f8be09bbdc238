package homeport.gateway.northbound;

import homeport.gateway.login.GatewayKeys;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.Signer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the gateway shows in place of a device that is no SSH server of its own behind a jump: its own host key, certified
 * for the device's id. So whoever trusts the gateway's authority knows every device by one line.
 */
final class HostCertificates {
    /** A connection that lasts longer than this, and changes keys then, is refused by its client. */
    private static final Duration LIFE = Duration.ofDays(30);
    private static final Duration CLOCK_SKEW = Duration.ofHours(1);

    private final GatewayKeys keys;
    private final SecureRandom random;
    private final InstantSource clock;

    HostCertificates(GatewayKeys keys, SecureRandom random, InstantSource clock) {
        this.keys = keys;
        this.random = random;
        this.clock = clock;
    }

    /**
     * The host keys to show for a device: certified, and plain for clients that know no certificates. Empty when the id
     * would be read as a pattern, and so name other devices too.
     */
    Optional<List<Signer>> of(String device) {
        if (device.chars().anyMatch(c -> c == '*' || c == '?' || c == '!' || c == ',')) {
            return Optional.empty();
        }
        var now = clock.instant();
        // Clients ask in lower case, whatever was typed.
        var names = Stream.of(device, device.toLowerCase(Locale.ROOT)).distinct().toList();
        var terms = CertificateTerms
                .forHost("homeport for " + device, names, now.minus(CLOCK_SKEW), now.plus(LIFE))
                .withSerial(random.nextLong() >>> 1);
        return Optional.of(List.of(new CertifiedSigner(keys.host(),
                OpenSshCertificate.issue(keys.host().publicKey(), terms, keys.authority(), random)), keys.host()));
    }
}
