package homeport.bench;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.common.util.security.SecurityProviderRegistrar;
import org.jspecify.annotations.Nullable;

/**
 * Ed25519 by Corretto for MINA SSHD, which holds Bouncy Castle's key objects; Corretto takes none but its own. Private
 * keys, of which a server has one, are translated once.
 */
public final class Ed25519ForMina implements SecurityProviderRegistrar {
    private static final String ED25519 = "Ed25519";
    private static final List<String> NAMES = List.of(ED25519, "EdDSA", "NONEwithEdDSA");
    private static final Provider PROVIDER = new Translating();

    @Override
    public String getName() {
        return PROVIDER.getName();
    }

    @Override
    public Provider getSecurityProvider() {
        return PROVIDER;
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
        return type == Signature.class && NAMES.contains(algorithm);
    }

    private static final class Translating extends Provider {
        private static final long serialVersionUID = 1;

        Translating() {
            super("CorrettoEd25519", "1", "Ed25519 by Corretto, for anybody's key objects");
            putService(new Service(this, "Signature", ED25519, Spi.class.getName(), NAMES, null) {
                @Override
                public Object newInstance(@Nullable Object parameter) {
                    return new Spi();
                }
            });
        }
    }

    private static final class Spi extends SignatureSpi {
        private static final ConcurrentHashMap<PrivateKey, PrivateKey> TRANSLATED = new ConcurrentHashMap<>();
        private final Signature signature;
        private final KeyFactory factory;

        Spi() {
            try {
                signature = Signature.getInstance(ED25519, AmazonCorrettoCryptoProvider.INSTANCE);
                factory = KeyFactory.getInstance(ED25519, AmazonCorrettoCryptoProvider.INSTANCE);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("Corretto has no Ed25519 here", e);
            }
        }

        @Override
        protected void engineInitVerify(PublicKey key) throws InvalidKeyException {
            try {
                signature.initVerify(factory.generatePublic(new X509EncodedKeySpec(key.getEncoded())));
            } catch (GeneralSecurityException e) {
                throw new InvalidKeyException(e);
            }
        }

        @Override
        protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
            signature.initSign(TRANSLATED.computeIfAbsent(key, this::translate));
        }

        private PrivateKey translate(PrivateKey key) {
            try {
                return factory.generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
            } catch (GeneralSecurityException e) {
                throw new IllegalArgumentException("Corretto does not take this key", e);
            }
        }

        @Override
        protected void engineUpdate(byte b) throws SignatureException {
            signature.update(b);
        }

        @Override
        protected void engineUpdate(byte[] array, int offset, int length) throws SignatureException {
            signature.update(array, offset, length);
        }

        @Override
        protected byte[] engineSign() throws SignatureException {
            return signature.sign();
        }

        @Override
        protected boolean engineVerify(byte[] made) throws SignatureException {
            return signature.verify(made);
        }

        @Override
        @Deprecated
        protected void engineSetParameter(String name, Object value) {
            throw new IllegalArgumentException("Ed25519 has no parameter " + name);
        }

        @Override
        @Deprecated
        protected Object engineGetParameter(String name) {
            throw new IllegalArgumentException("Ed25519 has no parameter " + name);
        }
    }
}
