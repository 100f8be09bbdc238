package homeport.callhome;

import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.X509Chain;

/**
 * What a device has shown to hold, in this very connection: the private key signed the exchange hash or the login. What
 * that is worth (a pin, an authority) is for the owner to say; that the peer holds it is certain.
 */
public sealed interface Proof {
    /** A key by itself. */
    record HoldsKey(PlainKey key) implements Proof {}

    /** The key of an OpenSSH certificate. The certificate is as it was shown: nobody has checked its signature. */
    record HoldsCertificate(OpenSshCertificate certificate) implements Proof {}

    /** The key of an X.509 chain (RFC 6187). The chain is as it was shown: nobody has followed it. */
    record HoldsChain(X509Chain chain) implements Proof {}

    /**
     * A key id instead of a key. Nothing is proved yet: whoever admits hands over the secret, and the engine then checks
     * the proof before anything else happens.
     */
    record SecretToCheck(HmacKeyId keyId) implements Proof {}

    /** A one-time token, sent as a password. Proved by being known, so it must be compared in constant time. */
    record Token(byte[] value) implements Proof {
        @Override
        public String toString() {
            return "Token[]";
        }
    }
}
