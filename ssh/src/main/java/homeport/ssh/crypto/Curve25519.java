package homeport.ssh.crypto;

import java.security.SecureRandom;

/** {@code curve25519-sha256} (RFC 8731): X25519 values as 32-byte strings, the secret as an {@code mpint}. */
final class Curve25519 implements KexMethod {
    @Override
    public String hash() {
        return "SHA-256";
    }

    @Override
    public boolean valuesAreIntegers() {
        return false;
    }

    @Override
    public Initiator initiate(SecureRandom random) {
        var pair = X25519Pair.generate(random);
        return new Initiator() {
            @Override
            public byte[] value() {
                return pair.value();
            }

            @Override
            public byte[] agree(byte[] serverValue) {
                return Curve25519.agree(pair, serverValue);
            }

            @Override
            public void destroy() {
                pair.destroy();
            }
        };
    }

    @Override
    public Answer answer(byte[] clientValue, SecureRandom random) {
        var pair = X25519Pair.generate(random);
        return new Answer(pair.value(), agree(pair, clientValue));
    }

    private static byte[] agree(X25519Pair pair, byte[] value) {
        return Secrets.mpint(pair.agree(value, 0, value.length));
    }
}
