package homeport.bench;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Signature;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import org.apache.sshd.common.util.security.SecurityProviderRegistrar;

/**
 * Gives MINA SSHD the Amazon Corretto Crypto Provider for all operations that it has; MINA takes the rest, and the key
 * objects that it casts to Bouncy Castle's classes, from Bouncy Castle. Named
 * in the system property {@code org.apache.sshd.security.registrars}, before MINA's own.
 */
public final class CorrettoForMina implements SecurityProviderRegistrar {
    /** The option that makes a JVM's MINA use it. */
    static final String OPTION = "-Dorg.apache.sshd.security.registrars=" + Ed25519ForMina.class.getName()
            + "," + CorrettoForMina.class.getName()
            + ",org.apache.sshd.common.util.security.bouncycastle.BouncyCastleSecurityProviderRegistrar";
    private static final Map<Class<?>, String> TYPES = Map.of(Cipher.class, "Cipher", Mac.class, "Mac",
            MessageDigest.class, "MessageDigest", Signature.class, "Signature", KeyAgreement.class, "KeyAgreement");

    @Override
    public String getName() {
        return AmazonCorrettoCryptoProvider.PROVIDER_NAME;
    }

    @Override
    public Provider getSecurityProvider() {
        return AmazonCorrettoCryptoProvider.INSTANCE;
    }

    @Override
    public boolean isNamedProviderUsed() {
        return false;
    }

    @Override
    public boolean isSupported() {
        return AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError() == null;
    }

    @Override
    public boolean isSecurityEntitySupported(Class<?> type, String algorithm) {
        var name = TYPES.get(type);
        return name != null && AmazonCorrettoCryptoProvider.INSTANCE.getService(name, algorithm) != null;
    }
}
