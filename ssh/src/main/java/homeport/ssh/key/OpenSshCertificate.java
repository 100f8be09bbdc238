package homeport.ssh.key;

import homeport.ssh.key.CertificateTerms.Kind;
import homeport.ssh.key.CertificateVerdict.Reason;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A public key with what an authority says about it (OpenSSH's PROTOCOL.certkeys, version 01).
 *
 * <pre>
 * string type, string nonce, the key's fields
 * uint64 serial, uint32 kind, string key-id, string principals
 * uint64 valid-after, uint64 valid-before, string critical-options, string extensions, string reserved
 * string authority's key, string signature over all before it
 * </pre>
 *
 * Parsing checks the form only: {@link #check} says whether to trust it.
 */
public final class OpenSshCertificate implements SshPublicKey {
    private static final String TYPE_SUFFIX = "-cert-v01@openssh.com";
    private static final int NONCE_BYTES = 32;
    /** As many as OpenSSH has defined, four times over. */
    private static final int MOST_OPTIONS = 64;
    private static final long FOREVER = -1;

    private final byte[] blob;
    private final PlainKey key;
    private final CertificateTerms terms;
    private final PlainKey authority;
    /** Where in the blob the signature's field starts: what is before it is signed. */
    private final int signedBytes;

    private OpenSshCertificate(byte[] blob, PlainKey key, CertificateTerms terms, PlainKey authority,
            int signedBytes) {
        this.blob = blob;
        this.key = key;
        this.terms = terms;
        this.authority = authority;
        this.signedBytes = signedBytes;
    }

    static boolean names(String type) {
        return type.endsWith(TYPE_SUFFIX);
    }

    static OpenSshCertificate parse(byte[] blob, int leastRsaBits) {
        return KeyBlobs.strictly(() -> {
            var in = new SshReader(blob);
            String type = in.ascii();
            var kind = names(type)
                    ? KeyKind.ofType(type.substring(0, type.length() - TYPE_SUFFIX.length()))
                    : Optional.<KeyKind>empty();
            in.skipString();
            var key = PlainKey.readFields(kind.orElseThrow(() -> KeyBlobs.notSupported(KeyBlobs.printable(type))), in,
                    leastRsaBits);
            var terms = terms(in);
            byte[] authority = in.string();
            var authorityKind = KeyKind.ofType(new SshReader(authority).ascii())
                    .orElseThrow(() -> KeyBlobs.notSupported("an authority that is not a plain key"));
            var authorityKey = PlainKey.parse(authorityKind, authority, leastRsaBits);
            int signedBytes = in.position();
            in.skipString();
            in.end();
            return new OpenSshCertificate(blob, key, terms, authorityKey, signedBytes);
        });
    }

    private static CertificateTerms terms(SshReader in) {
        long serial = in.uint64();
        int number = in.int32();
        if (number != Kind.USER.number() && number != Kind.HOST.number()) {
            throw KeyBlobs.notSupported("a certificate of the kind " + Integer.toUnsignedString(number));
        }
        String keyId = in.utf8();
        var principals = new ArrayList<String>();
        for (var list = in.slice(); list.remaining() > 0;) {
            if (principals.size() == CertificateTerms.MOST_PRINCIPALS) {
                throw KeyBlobs.malformed("more than " + CertificateTerms.MOST_PRINCIPALS + " principals");
            }
            principals.add(list.utf8());
        }
        var after = instant(in.uint64());
        var before = instant(in.uint64());
        if (!after.isBefore(before)) {
            throw KeyBlobs.malformed("the certificate is never valid");
        }
        var options = options(in.slice(), true);
        var extensions = new TreeSet<>(options(in.slice(), false).keySet());
        in.skipString();
        return new CertificateTerms(number == Kind.USER.number() ? Kind.USER : Kind.HOST, serial, keyId, principals,
                after, before, options, extensions);
    }

    /** Seconds since 1970; what a Java time cannot hold lies behind all that it can. */
    private static Instant instant(long seconds) {
        return seconds < 0 || seconds >= Instant.MAX.getEpochSecond()
                ? CertificateTerms.ALWAYS
                : Instant.ofEpochSecond(seconds);
    }

    private static SortedMap<String, String> options(SshReader in, boolean withValues) {
        var options = new TreeMap<String, String>();
        while (in.remaining() > 0) {
            String name = in.ascii();
            var data = in.slice();
            String value = "";
            if (withValues && data.remaining() > 0) {
                value = data.utf8();
                data.end();
            }
            if (options.put(name, value) != null) {
                throw KeyBlobs.malformed("the option " + KeyBlobs.printable(name) + " stands twice");
            }
            if (options.size() > MOST_OPTIONS) {
                throw KeyBlobs.malformed("more than " + MOST_OPTIONS + " options");
            }
        }
        return options;
    }

    /**
     * Makes a certificate.
     *
     * @param authority signs, by the preferred algorithm of its plain key
     */
    public static OpenSshCertificate issue(PlainKey key, CertificateTerms terms, Signer authority,
            SecureRandom random) {
        if (!(authority.publicKey() instanceof PlainKey authorityKey)) {
            throw new IllegalArgumentException("a certificate cannot sign another");
        }
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        var fields = key.fields();
        var out = new SshWriter(1024).string(key.type() + TYPE_SUFFIX).string(nonce)
                .bytes(fields.array(), fields.position(), fields.remaining()).uint64(terms.serial())
                .uint32(terms.kind().number()).string(terms.keyId());
        int principals = out.beginString();
        terms.principals().forEach(out::string);
        out.endString(principals).uint64(terms.validAfter().getEpochSecond())
                .uint64(terms.validBefore().equals(CertificateTerms.ALWAYS)
                        ? FOREVER
                        : terms.validBefore().getEpochSecond());
        int options = out.beginString();
        terms.criticalOptions().forEach((name, value) -> {
            out.string(name);
            int data = out.beginString();
            if (!value.isEmpty()) {
                out.string(value);
            }
            out.endString(data);
        });
        out.endString(options);
        int extensions = out.beginString();
        terms.extensions().forEach(name -> out.string(name).string(""));
        out.endString(extensions).string("").string(authorityKey.blob());
        byte[] signature = authority.sign(authorityKey.algorithms().getFirst(), out.toByteArray());
        return parse(out.string(signature).toByteArray(), PlainKey.LEGACY_RSA_BITS);
    }

    /**
     * Whether to trust this certificate for a purpose. It says nothing about who presents it: the key must still sign.
     *
     * <p>An empty list of principals matches nothing. OpenSSH took it for "any host" once; a certificate that is good for
     * everything is never what its author meant. A host's principals may be patterns with {@code *} and {@code ?}, as
     * OpenSSH has it.
     *
     * @param kind what it must be for
     * @param authorities the plain keys that may sign
     * @param names of the user or host; one of them must be among the principals. Hosts are compared in lower case.
     * @param from the peer's address; when it is not known, a certificate with {@code source-address} is refused
     */
    public CertificateVerdict check(Kind kind, Set<? extends SshPublicKey> authorities, Instant at, Set<String> names,
            Optional<InetAddress> from) {
        if (terms.kind() != kind) {
            return new CertificateVerdict.Refused(Reason.WRONG_KIND, "a certificate for a "
                    + terms.kind().name().toLowerCase(Locale.ROOT));
        }
        if (!authorities.contains(authority)) {
            return new CertificateVerdict.Refused(Reason.UNKNOWN_AUTHORITY, authority.toString());
        }
        var signed = checkSignature();
        if (signed.isPresent()) {
            return signed.get();
        }
        if (at.isBefore(terms.validAfter())) {
            return new CertificateVerdict.Refused(Reason.NOT_YET_VALID, "valid from " + terms.validAfter());
        }
        if (!terms.validBefore().equals(CertificateTerms.ALWAYS) && !at.isBefore(terms.validBefore())) {
            return new CertificateVerdict.Refused(Reason.EXPIRED, "valid until " + terms.validBefore());
        }
        if (names.stream().noneMatch(this::isFor)) {
            return new CertificateVerdict.Refused(Reason.WRONG_PRINCIPAL,
                    terms.principals().isEmpty() ? "it names nobody" : "it names " + shown(terms.principals()));
        }
        return checkOptions(from);
    }

    private Optional<CertificateVerdict> checkSignature() {
        var in = new SshReader(blob, signedBytes, blob.length - signedBytes);
        byte[] signature = in.string();
        String name;
        try {
            name = new SshReader(signature).ascii();
        } catch (ProtocolError e) {
            return Optional.of(new CertificateVerdict.Refused(Reason.BAD_SIGNATURE, "it has no name"));
        }
        var algorithm = KeyAlgorithm.byName(name);
        if (algorithm.isPresent() && algorithm.get().legacy()) {
            return Optional.of(new CertificateVerdict.Refused(Reason.WEAK_SIGNATURE, name));
        }
        boolean good = algorithm.isPresent() && authority.algorithms().contains(algorithm.get())
                && authority.verify(algorithm.get(), Arrays.copyOf(blob, signedBytes), signature);
        return good
                ? Optional.empty()
                : Optional.of(new CertificateVerdict.Refused(Reason.BAD_SIGNATURE, KeyBlobs.printable(name)));
    }

    private boolean isFor(String name) {
        return switch (terms.kind()) {
            case USER -> terms.principals().contains(name);
            case HOST -> {
                String host = name.toLowerCase(Locale.ROOT);
                yield terms.principals().stream()
                        .anyMatch(principal -> Patterns.matches(principal.toLowerCase(Locale.ROOT), host));
            }
        };
    }

    private CertificateVerdict checkOptions(Optional<InetAddress> from) {
        Optional<String> forceCommand = Optional.empty();
        for (var option : terms.criticalOptions().entrySet()) {
            String name = option.getKey();
            if (terms.kind() == Kind.HOST) {
                return new CertificateVerdict.Refused(Reason.UNKNOWN_CRITICAL_OPTION, KeyBlobs.printable(name));
            }
            switch (name) {
                case CertificateTerms.FORCE_COMMAND -> {
                    if (option.getValue().isEmpty()) {
                        return new CertificateVerdict.Refused(Reason.BAD_CRITICAL_OPTION, name);
                    }
                    forceCommand = Optional.of(option.getValue());
                }
                case CertificateTerms.SOURCE_ADDRESS -> {
                    var blocks = AddressBlock.parseList(option.getValue());
                    if (blocks.isEmpty()) {
                        return new CertificateVerdict.Refused(Reason.BAD_CRITICAL_OPTION, name);
                    }
                    if (from.isEmpty() || blocks.get().stream().noneMatch(block -> block.contains(from.get()))) {
                        return new CertificateVerdict.Refused(Reason.WRONG_SOURCE_ADDRESS,
                                from.map(AddressText::of).orElse("not known"));
                    }
                }
                case CertificateTerms.VERIFY_REQUIRED -> {
                    return new CertificateVerdict.Refused(Reason.USER_NOT_VERIFIED, name);
                }
                default -> {
                    return new CertificateVerdict.Refused(Reason.UNKNOWN_CRITICAL_OPTION, KeyBlobs.printable(name));
                }
            }
        }
        return new CertificateVerdict.Good(forceCommand, terms.extensions());
    }

    private static String shown(List<String> principals) {
        var text = new StringBuilder();
        String.join(", ", principals.subList(0, Math.min(8, principals.size()))).codePoints().limit(200)
                .forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return text.toString();
    }

    @Override
    public String type() {
        return key.type() + TYPE_SUFFIX;
    }

    @Override
    public byte[] blob() {
        return blob;
    }

    /** The key that the certificate is about. */
    public PlainKey key() {
        return key;
    }

    public CertificateTerms terms() {
        return terms;
    }

    /** The key of the authority that is said to have signed. */
    public PlainKey authority() {
        return authority;
    }

    @Override
    public List<KeyAlgorithm> algorithms() {
        return switch (key.kind()) {
            case ED25519 -> List.of(KeyAlgorithm.ED25519_CERT);
            case ECDSA_P256 -> List.of(KeyAlgorithm.ECDSA_P256_CERT);
            case ECDSA_P384 -> List.of(KeyAlgorithm.ECDSA_P384_CERT);
            case ECDSA_P521 -> List.of(KeyAlgorithm.ECDSA_P521_CERT);
            case RSA -> List.of(KeyAlgorithm.RSA_SHA2_512_CERT, KeyAlgorithm.RSA_SHA2_256_CERT);
        };
    }

    @Override
    public boolean verify(KeyAlgorithm algorithm, byte[] data, byte[] signature) {
        return algorithms().contains(algorithm) && key.verifyScheme(algorithm, data, signature);
    }

    /** Of the key inside. */
    @Override
    public Fingerprint fingerprint() {
        return key.fingerprint();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OpenSshCertificate that && Arrays.equals(blob, that.blob);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(blob);
    }

    @Override
    public String toString() {
        return type() + " " + fingerprint();
    }
}
