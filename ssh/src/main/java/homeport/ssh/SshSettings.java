package homeport.ssh;

import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What connections of one kind share: make it once and give it to all of them.
 *
 * <p>Holds the lists of each KEXINIT that these connections send, already encoded, so that a connection adds only its
 * cookie.
 */
public final class SshSettings {
    /** Where the lists start in a KEXINIT's payload: behind the message number and the cookie. */
    static final int KEXINIT_LISTS = 17;

    private final String identification;
    private final Algorithms algorithms;
    private final List<Signer> hostKeys;
    private final List<Signer> furtherHostKeys;
    private final Limits limits;
    private final KeepAlive keepAlive;
    private final String banner;
    private final boolean announceHostKeys;
    private final Optional<GlobalRequest.HostKeys> announcement;
    private final boolean learnHostKeys;
    private final Proposal asClient;
    private final Proposal asClientAgain;
    private final Proposal asServer;
    private final Proposal asServerAgain;
    private final Proposal asEither;

    private SshSettings(Builder builder) {
        identification = builder.identification;
        algorithms = builder.algorithms;
        hostKeys = List.copyOf(builder.hostKeys);
        furtherHostKeys = List.copyOf(builder.furtherHostKeys);
        limits = builder.limits;
        keepAlive = builder.keepAlive;
        banner = builder.banner;
        announceHostKeys = builder.announceHostKeys;
        announcement = announceHostKeys && hostKeys.size() > 1
                ? Optional.of(new GlobalRequest.HostKeys(hostKeys.stream().map(key -> key.publicKey().blob()).toList()))
                : Optional.empty();
        learnHostKeys = builder.learnHostKeys;
        var offered = algorithms.hostKeys().stream().filter(algorithm -> find(hostKeys, algorithm).isPresent())
                .toList();
        var either = algorithms.hostKeys().stream().filter(algorithm -> signer(algorithm).isPresent()).toList();
        asClient = new Proposal(algorithms.hostKeys(), List.of(KexInit.EXT_INFO_C, KexInit.STRICT_C));
        asClientAgain = new Proposal(algorithms.hostKeys(), List.of());
        asServer = new Proposal(offered, List.of(KexInit.EXT_INFO_S, KexInit.STRICT_S));
        asServerAgain = new Proposal(offered, List.of());
        asEither = new Proposal(either, KexInit.MARKS);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Settings for a client: no host keys, everything else as it comes. */
    public static SshSettings client() {
        return builder().build();
    }

    /** Settings for a server with these host keys. */
    public static SshSettings server(List<Signer> hostKeys) {
        return builder().hostKeys(hostKeys).build();
    }

    public String identification() {
        return identification;
    }

    /** The version line with its end, as it goes out first (RFC 4253 §4.2). */
    public byte[] greeting() {
        return (identification + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    public Algorithms algorithms() {
        return algorithms;
    }

    public List<Signer> hostKeys() {
        return hostKeys;
    }

    public Limits limits() {
        return limits;
    }

    public KeepAlive keepAlive() {
        return keepAlive;
    }

    /** Text that a server shows before the login; empty for none. */
    public String banner() {
        return banner;
    }

    /** Whether a server tells its host keys after the login ({@code hostkeys-00@openssh.com}). */
    public boolean announceHostKeys() {
        return announceHostKeys;
    }

    /** What a server tells of its host keys after the login ({@code hostkeys-00@openssh.com}), where there are several. */
    Optional<GlobalRequest.HostKeys> announcement() {
        return announcement;
    }

    /** Whether a client asks a server to prove the further host keys that it tells; off unless said. */
    public boolean learnHostKeys() {
        return learnHostKeys;
    }

    /** See {@link Builder#furtherHostKeys}. */
    public List<Signer> furtherHostKeys() {
        return furtherHostKeys;
    }

    /** The host key that signs by this algorithm. */
    Optional<Signer> signer(KeyAlgorithm algorithm) {
        return find(hostKeys, algorithm).or(() -> find(furtherHostKeys, algorithm));
    }

    private static Optional<Signer> find(List<Signer> keys, KeyAlgorithm algorithm) {
        for (var signer : keys) {
            if (signer.publicKey().type().equals(algorithm.keyType())) {
                return Optional.of(signer);
            }
        }
        return Optional.empty();
    }

    /** What to propose; without a role what is good in both. */
    Proposal proposal(@Nullable Role role, boolean first) {
        if (role == null) {
            return asEither;
        }
        return switch (role) {
            case CLIENT -> first ? asClient : asClientAgain;
            case SERVER -> first ? asServer : asServerAgain;
        };
    }

    /** The lists of one KEXINIT, shared by all connections that send it. */
    final class Proposal {
        private final byte[] lists;
        private final KexInit message;

        Proposal(List<KeyAlgorithm> hostKeyAlgorithms, List<String> marks) {
            var kex = new ArrayList<>(algorithms.kex().stream().map(a -> a.wireName()).toList());
            kex.addAll(marks);
            var keys = hostKeyAlgorithms.stream().map(KeyAlgorithm::wireName).toList();
            var ciphers = algorithms.ciphers().stream().map(a -> a.wireName()).toList();
            var macs = algorithms.macs().stream().map(a -> a.wireName()).toList();
            var compression = algorithms.compression().stream().map(a -> a.wireName()).toList();
            message = new KexInit(new byte[16], List.copyOf(kex), keys, ciphers, ciphers, macs, macs, compression,
                    compression, List.of(), List.of(), false);
            var out = new SshWriter(1024);
            message.write(out);
            lists = java.util.Arrays.copyOfRange(out.array(), KEXINIT_LISTS, out.size());
        }

        /** The message with a cookie of zeros. */
        KexInit message() {
            return message;
        }

        /** The payload's bytes behind the cookie. The caller must not change them. */
        byte[] lists() {
            return lists;
        }
    }

    /** Collects settings; what is not said is modern and on. */
    public static final class Builder {
        private String identification = "SSH-2.0-Homeport_0.1";
        private Algorithms algorithms = Algorithms.MODERN;
        private List<Signer> hostKeys = List.of();
        private List<Signer> furtherHostKeys = List.of();
        private Limits limits = Limits.DEFAULT;
        private KeepAlive keepAlive = KeepAlive.OFF;
        private String banner = "";
        private boolean announceHostKeys = true;
        private boolean learnHostKeys;

        private Builder() {}

        /** The version line without its end (RFC 4253 §4.2); at most 253 printable characters. */
        public Builder identification(String line) {
            var bytes = line.getBytes(StandardCharsets.US_ASCII);
            if (!line.startsWith("SSH-2.0-") || bytes.length > Limits.VERSION_LINE_BYTES - 2
                    || line.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
                throw new IllegalArgumentException("not an SSH identification: " + line);
            }
            identification = line;
            return this;
        }

        public Builder algorithms(Algorithms value) {
            algorithms = value;
            return this;
        }

        public Builder hostKeys(List<Signer> value) {
            hostKeys = value;
            return this;
        }

        /**
         * Host keys of other algorithms, for peers whose role their KEXINIT does not tell. Ours must then hold for either:
         * it names what a server may have to show, and all that it names we must be able to show ourselves. Who is known to
         * be a client is not offered them.
         */
        public Builder furtherHostKeys(List<Signer> value) {
            furtherHostKeys = value;
            return this;
        }

        public Builder limits(Limits value) {
            limits = value;
            return this;
        }

        public Builder keepAlive(KeepAlive value) {
            keepAlive = value;
            return this;
        }

        public Builder banner(String value) {
            banner = value;
            return this;
        }

        /** Whether a server tells all its host keys after the login; on unless said. */
        public Builder announceHostKeys(boolean value) {
            announceHostKeys = value;
            return this;
        }

        public Builder learnHostKeys(boolean value) {
            learnHostKeys = value;
            return this;
        }

        public SshSettings build() {
            return new SshSettings(this);
        }
    }
}
