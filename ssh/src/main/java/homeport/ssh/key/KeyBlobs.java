package homeport.ssh.key;

import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import java.math.BigInteger;

/** Finds the kind of a blob by the name it starts with, and words what is wrong with it. */
final class KeyBlobs {
    /** Four certificates of RSA-16384 with room for their extensions. A packet limits what arrives to less. */
    static final int MOST_BYTES = 64 * 1024;

    private KeyBlobs() {}

    static SshPublicKey parse(byte[] blob, int leastRsaBits) {
        if (blob.length > MOST_BYTES) {
            throw malformed(blob.length + " bytes, at most " + MOST_BYTES);
        }
        return strictly(() -> {
            String type = new SshReader(blob).ascii();
            var kind = KeyKind.ofType(type);
            if (kind.isPresent()) {
                return PlainKey.parse(kind.get(), blob, leastRsaBits);
            }
            if (OpenSshCertificate.names(type)) {
                return OpenSshCertificate.parse(blob, leastRsaBits);
            }
            if (X509Chain.names(type)) {
                return X509Chain.parse(blob);
            }
            if (type.endsWith(HmacKeyId.SUFFIX)) {
                return HmacKeyId.parse(blob);
            }
            throw notSupported(printable(type));
        });
    }

    /** The fields of a blob are read as any message's; what is wrong with one is then the key's format. */
    static <T> T strictly(java.util.function.Supplier<T> parser) {
        try {
            return parser.get();
        } catch (ProtocolError e) {
            if (e.rule() == Rule.KEY_FORMAT || e.rule() == Rule.KEY_NOT_SUPPORTED) {
                throw e;
            }
            throw malformed(e.rule().sentence() + (e.detail().isEmpty() ? "" : ": " + e.detail()));
        }
    }

    /** A positive {@code mpint} in its one shortest form, so that two blobs of one key are one blob. */
    static BigInteger positive(SshReader in, int mostBits, String what) {
        int before = in.position();
        BigInteger value = in.mpint(mostBits);
        if (value.signum() <= 0) {
            throw malformed(what + " is not positive");
        }
        if (in.position() - before != 4 + value.bitLength() / 8 + 1) {
            throw malformed(what + " is not in its shortest form");
        }
        return value;
    }

    static ProtocolError malformed(String detail) {
        return new ProtocolError(Rule.KEY_FORMAT, detail);
    }

    static ProtocolError notSupported(String detail) {
        return new ProtocolError(Rule.KEY_NOT_SUPPORTED, detail);
    }

    /** A peer's words for the journal: short, and printable already. */
    static String printable(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}
