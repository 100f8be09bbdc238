package homeport.callhome;

import homeport.ssh.Algorithms;
import homeport.ssh.SshSettings;
import homeport.ssh.key.KeyAlgorithm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What all arrivals share.
 *
 * @param ssh with the gateway's host keys; its list of host keys is also what devices may show
 * @param designs those that are switched on
 * @param claimTokens whether devices may log in with a one-time token as password
 * @param firstByteTime how long a connection may stay silent
 * @param prefaceTime from the connection's start to the version line
 * @param offerTime from a device's login to its saying what it offers
 */
public record ArrivalSettings(SshSettings ssh, Set<Design> designs, boolean claimTokens, Duration firstByteTime,
        Duration prefaceTime, Duration offerTime, ByKeyType preferring) {

    /**
     * How long we wait for the peer's first bytes before we send our version line. SSH peers send theirs at once, and a
     * few of them only after ours; Calix' devices do not want to see it before their identity is acknowledged.
     */
    public static final Duration GREET_AFTER = Duration.ofMillis(300);

    public ArrivalSettings {
        designs = Set.copyOf(designs);
    }

    public ArrivalSettings(SshSettings ssh) {
        this(ssh, EnumSet.allOf(Design.class));
    }

    public ArrivalSettings(SshSettings ssh, Set<Design> designs) {
        this(ssh, designs, true, Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10),
                new ByKeyType(ssh));
    }

    public ArrivalSettings withTimes(Duration firstByte, Duration preface, Duration offer) {
        return new ArrivalSettings(ssh, designs, claimTokens, firstByte, preface, offer, preferring);
    }

    boolean allows(Design design) {
        return designs.contains(design);
    }

    /** The same settings with one type of host key preferred: a bootstrap message says which key is going to sign. */
    public static final class ByKeyType {
        private final SshSettings plain;
        private final Map<String, SshSettings> known = new ConcurrentHashMap<>(4);

        ByKeyType(SshSettings plain) {
            this.plain = plain;
        }

        SshSettings of(String keyType) {
            var first = plain.algorithms().hostKeys().stream().filter(a -> a.keyType().equals(keyType)).toList();
            return first.isEmpty() ? plain : known.computeIfAbsent(keyType, type -> with(first));
        }

        private SshSettings with(List<KeyAlgorithm> first) {
            Algorithms all = plain.algorithms();
            var order = new ArrayList<>(first);
            all.hostKeys().stream().filter(algorithm -> !first.contains(algorithm)).forEach(order::add);
            return SshSettings.builder().identification(plain.identification()).algorithms(all.withHostKeys(order))
                    .hostKeys(plain.hostKeys()).furtherHostKeys(plain.furtherHostKeys()).limits(plain.limits())
                    .keepAlive(plain.keepAlive())
                    .banner(plain.banner()).announceHostKeys(plain.announceHostKeys())
                    .learnHostKeys(plain.learnHostKeys()).build();
        }
    }
}
