package homeport.bench;

import homeport.ssh.crypto.Providers;
import java.lang.management.ManagementFactory;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import javax.crypto.KeyAgreement;
import org.conscrypt.Conscrypt;

/**
 * The public-key operations that a server handshake cannot do without, and nothing else: an X25519 key pair and
 * agreement (Conscrypt's, the fastest at hand), an Ed25519 signature by the host key and the check of one by the
 * user key (the best provider's). In microseconds of this thread's CPU.
 */
final class HandshakeFloor implements Contender {
    private static final Provider CONSCRYPT = Conscrypt.newProvider();
    private static final int WARM_UP = 3_000;
    private static final int PER_ROUND = 500;
    private static final int EXCHANGE_HASH_BYTES = 32;

    private final PrivateKey hostKey;
    private final PublicKey userKey;
    private final byte[] signed = new byte[200];
    private final byte[] userSignature;
    private final KeyPairGenerator exchange = KeyPairGenerator.getInstance("XDH", CONSCRYPT);
    private final PublicKey peerValue = exchange.generateKeyPair().getPublic();

    HandshakeFloor() throws GeneralSecurityException {
        var generator = Providers.keyPairGenerator("Ed25519");
        hostKey = generator.generateKeyPair().getPrivate();
        var user = generator.generateKeyPair();
        userKey = user.getPublic();
        new SecureRandom().nextBytes(signed);
        var signature = Providers.signature("Ed25519");
        signature.initSign(user.getPrivate());
        signature.update(signed);
        userSignature = signature.sign();
    }

    @Override
    public String name() {
        return "bare public-key operations";
    }

    @Override
    public void warmUp() throws GeneralSecurityException {
        repeat(WARM_UP);
    }

    @Override
    public double round() throws GeneralSecurityException {
        var threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        repeat(PER_ROUND);
        return (threads.getCurrentThreadCpuTime() - before) / 1e3 / PER_ROUND;
    }

    private void repeat(int times) throws GeneralSecurityException {
        for (int i = 0; i < times; i++) {
            var agreement = KeyAgreement.getInstance("XDH", CONSCRYPT);
            agreement.init(exchange.generateKeyPair().getPrivate());
            agreement.doPhase(peerValue, true);
            byte[] agreed = agreement.generateSecret();
            Signature signature = Providers.signature("Ed25519");
            signature.initSign(hostKey);
            signature.update(agreed, 0, EXCHANGE_HASH_BYTES);
            signature.sign();
            Signature check = Providers.signature("Ed25519");
            check.initVerify(userKey);
            check.update(signed);
            if (!check.verify(userSignature)) {
                throw new GeneralSecurityException("a good signature was refused");
            }
        }
    }
}
