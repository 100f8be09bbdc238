package homeport.bench;

import homeport.ssh.crypto.Providers;
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
 * The public-key operations that neither side of a login can do without: an X25519 key pair and agreement (Conscrypt's,
 * the fastest at hand), an Ed25519 signature by one's own key and the check of one by the other's (the best provider's).
 */
final class PublicKeyOperations {
    private static final Provider CONSCRYPT = Conscrypt.newProvider();
    private static final int EXCHANGE_HASH_BYTES = 32;

    private final PrivateKey ownKey;
    private final PublicKey peerKey;
    private final byte[] signed = new byte[200];
    private final byte[] peerSignature;
    private final KeyPairGenerator exchange = KeyPairGenerator.getInstance("XDH", CONSCRYPT);
    private final PublicKey peerValue = exchange.generateKeyPair().getPublic();

    PublicKeyOperations() throws GeneralSecurityException {
        var generator = Providers.keyPairGenerator("Ed25519");
        ownKey = generator.generateKeyPair().getPrivate();
        var peer = generator.generateKeyPair();
        peerKey = peer.getPublic();
        new SecureRandom().nextBytes(signed);
        var signature = Providers.signature("Ed25519");
        signature.initSign(peer.getPrivate());
        signature.update(signed);
        peerSignature = signature.sign();
    }

    /** What one login takes. */
    void once() throws GeneralSecurityException {
        var agreement = KeyAgreement.getInstance("XDH", CONSCRYPT);
        agreement.init(exchange.generateKeyPair().getPrivate());
        agreement.doPhase(peerValue, true);
        byte[] agreed = agreement.generateSecret();
        Signature signature = Providers.signature("Ed25519");
        signature.initSign(ownKey);
        signature.update(agreed, 0, EXCHANGE_HASH_BYTES);
        signature.sign();
        Signature check = Providers.signature("Ed25519");
        check.initVerify(peerKey);
        check.update(signed);
        if (!check.verify(peerSignature)) {
            throw new GeneralSecurityException("a good signature was refused");
        }
    }
}
