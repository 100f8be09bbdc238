package homeport.ssh.key;

import homeport.ssh.wire.ProtocolError;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.jspecify.annotations.Nullable;

/** The private keys of PEM files: PKCS#8 (RFC 5958), also encrypted by PBES2 (RFC 8018), PKCS#1 and SEC 1 (RFC 5915). */
final class PemKeys {
    /** About a second of one core. OpenSSL writes 2048. */
    private static final int MOST_ITERATIONS = 2_000_000;

    /** RFC 8410. */
    private static final ASN1ObjectIdentifier ED25519 = new ASN1ObjectIdentifier("1.3.101.112");

    private PemKeys() {}

    static PlainSigner pkcs8(String file, byte[] der) {
        return decode(file, () -> {
            var info = PrivateKeyInfo.getInstance(der);
            var algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
            if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
                return rsa(RSAPrivateKey.getInstance(info.parsePrivateKey()));
            }
            if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
                var curve = ASN1ObjectIdentifier.getInstance(info.getPrivateKeyAlgorithm().getParameters());
                return ecdsa(kind(curve), ECPrivateKey.getInstance(info.parsePrivateKey()));
            }
            if (algorithm.equals(ED25519)) {
                byte[] seed = ASN1OctetString.getInstance(info.parsePrivateKey()).getOctets();
                if (seed.length != Ed25519.SIZE) {
                    throw KeyBlobs.malformed("an Ed25519 private key of " + seed.length + " bytes");
                }
                return PrivateKeys.ed25519(seed.clone());
            }
            throw KeyBlobs.notSupported("a private key of the algorithm " + KeyBlobs.printable(algorithm.getId()));
        });
    }

    static PlainSigner pkcs1(String file, byte[] der) {
        return decode(file, () -> rsa(RSAPrivateKey.getInstance(der)));
    }

    static PlainSigner sec1(String file, byte[] der) {
        return decode(file, () -> {
            var key = ECPrivateKey.getInstance(der);
            return ecdsa(kind(ASN1ObjectIdentifier.getInstance(key.getParametersObject())), key);
        });
    }

    /** @param passphrase null when there is none */
    static PlainSigner encryptedPkcs8(String file, byte[] der, char @Nullable [] passphrase) {
        if (passphrase == null || passphrase.length == 0) {
            throw PrivateKeys.passphraseNeeded(file);
        }
        try {
            checkForm(file, der);
            var info = new EncryptedPrivateKeyInfo(der);
            var parameters = info.getAlgParameters();
            // For PBES2 the parameters' text is the JDK's name for key derivation and cipher together.
            String name = parameters == null ? info.getAlgName() : parameters.toString();
            if (parameters == null || name == null || !name.startsWith("PBEWithHmac")) {
                throw KeyBlobs.notSupported("encryption by " + (name == null ? "?" : KeyBlobs.printable(name)));
            }
            int iterations = parameters.getParameterSpec(PBEParameterSpec.class).getIterationCount();
            if (iterations > MOST_ITERATIONS) {
                throw KeyBlobs.notSupported(iterations + " iterations, at most " + MOST_ITERATIONS);
            }
            var spec = new PBEKeySpec(passphrase);
            var cipher = Cipher.getInstance(name);
            cipher.init(Cipher.DECRYPT_MODE, SecretKeyFactory.getInstance(name).generateSecret(spec), parameters);
            spec.clearPassword();
            byte[] open = cipher.doFinal(info.getEncryptedData());
            try {
                return pkcs8(file, open);
            } catch (KeyFileError e) {
                // One wrong passphrase in 256 leaves padding that looks right.
                throw e.problem() == KeyFileError.Problem.MALFORMED ? PrivateKeys.passphraseWrong(file) : e;
            } finally {
                Arrays.fill(open, (byte) 0);
            }
        } catch (BadPaddingException e) {
            throw PrivateKeys.passphraseWrong(file);
        } catch (ProtocolError e) {
            throw PrivateKeys.unusable(file, e);
        } catch (GeneralSecurityException | IOException e) {
            // The form is right, as Bouncy Castle found, but the JDK does not know the encryption: scrypt, DES.
            throw PrivateKeys.unusable(file, KeyBlobs.notSupported("encryption other than PBES2 with PBKDF2 and AES"));
        }
    }

    private static void checkForm(String file, byte[] der) {
        try {
            org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo.getInstance(der);
        } catch (RuntimeException e) {
            throw PrivateKeys.unusable(file, KeyBlobs.malformed("not an encrypted private key"));
        }
    }

    private static PlainSigner rsa(RSAPrivateKey key) {
        return PrivateKeys.rsa(key.getModulus(), key.getPublicExponent(), key.getPrivateExponent(),
                key.getCoefficient(), key.getPrime1(), key.getPrime2());
    }

    private static PlainSigner ecdsa(KeyKind kind, ECPrivateKey key) {
        BigInteger scalar = key.getKey();
        var curve = kind.curve();
        if (scalar.signum() <= 0 || scalar.compareTo(curve.order()) >= 0) {
            throw KeyBlobs.malformed("the scalar is out of range");
        }
        var generator = CustomNamedCurves.getByName(curve.jcaName()).getG();
        byte[] point = new FixedPointCombMultiplier().multiply(generator, scalar).normalize().getEncoded(false);
        return PrivateKeys.ecdsa(PlainKey.ecdsa(kind, point), scalar);
    }

    private static KeyKind kind(@Nullable ASN1ObjectIdentifier curve) {
        if (SECObjectIdentifiers.secp256r1.equals(curve)) {
            return KeyKind.ECDSA_P256;
        }
        if (SECObjectIdentifiers.secp384r1.equals(curve)) {
            return KeyKind.ECDSA_P384;
        }
        if (SECObjectIdentifiers.secp521r1.equals(curve)) {
            return KeyKind.ECDSA_P521;
        }
        throw KeyBlobs.notSupported(curve == null ? "a curve without a name" : "the curve " + curve.getId());
    }

    private static PlainSigner decode(String file, Decoder decoder) {
        try {
            return decoder.decode();
        } catch (ProtocolError e) {
            throw PrivateKeys.unusable(file, e);
        } catch (IOException | RuntimeException e) {
            // Bouncy Castle says so with class casts, null pointers and more when ASN.1 is not what its type says.
            throw PrivateKeys.unusable(file, KeyBlobs.malformed("not a private key in ASN.1"));
        }
    }

    private interface Decoder {
        PlainSigner decode() throws IOException;
    }
}
