package homeport.ssh.key;

import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;

/** Signs with a plain key and shows a certificate of it, or a chain. */
public final class CertifiedSigner implements Signer {
    private final Signer signer;
    private final SshPublicKey certificate;

    /**
     * @param signer of the plain key that the certificate is about
     * @throws IllegalArgumentException if it is about another
     */
    public CertifiedSigner(Signer signer, OpenSshCertificate certificate) {
        this(signer, certificate, certificate.key());
    }

    /**
     * @param signer of the plain key in the chain's first certificate
     * @throws IllegalArgumentException if it is another
     */
    public CertifiedSigner(Signer signer, X509Chain chain) {
        this(signer, chain, chain.key());
    }

    private CertifiedSigner(Signer signer, SshPublicKey certificate, PlainKey key) {
        if (!signer.publicKey().equals(key)) {
            throw new IllegalArgumentException("the certificate is not one of " + signer.publicKey());
        }
        this.signer = signer;
        this.certificate = certificate;
    }

    @Override
    public SshPublicKey publicKey() {
        return certificate;
    }

    @Override
    public byte[] sign(KeyAlgorithm algorithm, byte[] data) {
        if (!algorithm.keyType().equals(certificate.type())) {
            throw new IllegalArgumentException(certificate.type() + " does not sign by " + algorithm.wireName());
        }
        var plain = SignatureScheme.of(algorithm).algorithm();
        byte[] signature = signer.sign(plain, data);
        if (plain.signatureName().equals(algorithm.signatureName())) {
            return signature;
        }
        // RFC 6187 has a name of its own for what RFC 8332 calls rsa-sha2-256.
        var in = new SshReader(signature);
        in.skipString();
        return new SshWriter(signature.length + 16).string(algorithm.signatureName()).bytes(in.rest()).toByteArray();
    }

    @Override
    public String toString() {
        return "signer of " + certificate;
    }
}
