package homeport.ssh.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Signature;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * Which provider a primitive comes from: the Amazon Corretto Crypto Provider where its native library loads and offers
 * it, the JDK otherwise. What neither has, or does slower, is taken from Bouncy Castle where it is used, by name.
 *
 * <p>The system property {@code homeport.crypto=jdk} leaves the native providers out, for comparison.
 */
public final class Providers {
    private static final boolean PLAIN_JAVA = "jdk".equals(System.getProperty("homeport.crypto"));
    private static final @Nullable Provider CORRETTO = corretto();
    private static final Provider JDK_CIPHERS = jdkCiphers();
    /** The names of what it offers, without their aliases, by type. */
    private static final Map<String, Set<String>> OFFERED = CORRETTO == null
            ? Map.of()
            : CORRETTO.getServices().stream().collect(Collectors.groupingBy(Provider.Service::getType,
                    Collectors.mapping(Provider.Service::getAlgorithm, Collectors.toUnmodifiableSet())));

    private Providers() {}

    /** The native provider, where it is there and works. */
    public static Optional<Provider> nativeProvider() {
        return Optional.ofNullable(CORRETTO);
    }

    /** The native providers that are here, with their versions; for people. */
    public static List<String> natives() {
        return Stream.of(nativeProvider(), conscrypt()).flatMap(Optional::stream)
                .map(provider -> provider.getName() + " " + version(provider)).toList();
    }

    /** The library's, where its jar says it: Conscrypt's provider is 1.0 whatever it comes with. */
    private static String version(Provider provider) {
        var library = provider.getClass().getPackage().getImplementationVersion();
        return library == null ? provider.getVersionStr() : library;
    }

    /** Conscrypt, where it is on the class path and its native library works: it has what Corretto lacks, X25519. */
    static Optional<Provider> conscrypt() {
        if (PLAIN_JAVA) {
            return Optional.empty();
        }
        try {
            var provider = (Provider) Class.forName("org.conscrypt.OpenSSLProvider").getConstructor().newInstance();
            return Optional.of(provider).filter(p -> p.getService("KeyAgreement", "XDH") != null
                    && p.getService("KeyPairGenerator", "XDH") != null && p.getService("KeyFactory", "XDH") != null);
        } catch (ReflectiveOperationException | LinkageError e) {
            // Not on the class path, or no native library for this machine: Bouncy Castle serves.
            return Optional.empty();
        }
    }

    /** The JDK's: over the few hundred bytes that are digested here it takes half the native one's time, and no handle. */
    public static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (GeneralSecurityException e) {
            throw missing("MessageDigest", name, e);
        }
    }

    public static Mac mac(String name) {
        return get("Mac", name, Mac::getInstance, Mac::getInstance);
    }

    public static Cipher cipher(String transformation) {
        return get("Cipher", transformation, Cipher::getInstance, Cipher::getInstance);
    }

    /** For a few small packets, which the native cipher's own life would cost more than. */
    static Cipher jdkCipher(String transformation) {
        try {
            return Cipher.getInstance(transformation, JDK_CIPHERS);
        } catch (GeneralSecurityException e) {
            throw missing("Cipher", transformation, e);
        }
    }

    public static Signature signature(String name) {
        return get("Signature", name, Signature::getInstance, Signature::getInstance);
    }

    public static KeyFactory keyFactory(String name) {
        return get("KeyFactory", name, KeyFactory::getInstance, KeyFactory::getInstance);
    }

    public static KeyPairGenerator keyPairGenerator(String name) {
        return get("KeyPairGenerator", name, KeyPairGenerator::getInstance, KeyPairGenerator::getInstance);
    }

    public static KeyAgreement keyAgreement(String name) {
        return get("KeyAgreement", name, KeyAgreement::getInstance, KeyAgreement::getInstance);
    }

    private static <T> T get(String type, String name, Lookup<T> nativeLookup, PlainLookup<T> jdkLookup) {
        try {
            return CORRETTO != null && offers(CORRETTO, type, name)
                    ? nativeLookup.get(name, CORRETTO)
                    : jdkLookup.get(name);
        } catch (GeneralSecurityException e) {
            throw missing(type, name, e);
        }
    }

    private static IllegalStateException missing(String type, String name, GeneralSecurityException cause) {
        return new IllegalStateException("this Java runtime has no " + type + " " + name, cause);
    }

    /** Asked some twenty times a handshake; the provider makes five objects for an answer. */
    private static boolean offers(Provider provider, String type, String name) {
        return OFFERED.getOrDefault(type, Set.of()).contains(name) || provider.getService(type, name) != null;
    }

    private static Provider jdkCiphers() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding").getProvider();
        } catch (GeneralSecurityException e) {
            throw missing("Cipher", "AES/GCM/NoPadding", e);
        }
    }

    private static @Nullable Provider corretto() {
        if (PLAIN_JAVA) {
            return null;
        }
        try {
            // Without it the provider signs with Ed25519 only by keys it cannot import.
            var edKeyFactory = "com.amazon.corretto.crypto.provider.registerEdKeyFactory";
            if (System.getProperty(edKeyFactory) == null) {
                System.setProperty(edKeyFactory, "true");
            }
            var type = Class.forName("com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider");
            var provider = (Provider) type.getField("INSTANCE").get(null);
            return type.getMethod("getLoadingError").invoke(provider) == null ? provider : null;
        } catch (ReflectiveOperationException | LinkageError e) {
            // Not on the class path, or no native library for this machine: the JDK serves.
            return null;
        }
    }

    private interface Lookup<T> {
        T get(String name, Provider provider) throws GeneralSecurityException;
    }

    private interface PlainLookup<T> {
        T get(String name) throws GeneralSecurityException;
    }
}
