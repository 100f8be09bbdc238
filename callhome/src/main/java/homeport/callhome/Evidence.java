package homeport.callhome;

import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.key.X509Chain;
import java.util.Optional;

/**
 * All that a connection shows about which device it is: at most one {@link Claim}, and one {@link Proof}.
 *
 * @param design empty while a device that logs in as SSH client has not said what it offers; for showing only
 * @param software the peer's version line
 */
public record Evidence(Optional<Design> design, Optional<Claim> claim, Proof proof, String software) {

    static Evidence ofHostKey(Design design, Optional<Claim> claim, SshPublicKey key, String software) {
        return switch (key) {
            case PlainKey plain -> new Evidence(Optional.of(design), claim, new Proof.HoldsKey(plain), software);
            case OpenSshCertificate certificate ->
                new Evidence(Optional.of(design), claim, new Proof.HoldsCertificate(certificate), software);
            case X509Chain chain -> new Evidence(Optional.of(design), claim, new Proof.HoldsChain(chain), software);
            case HmacKeyId id ->
                new Evidence(Optional.of(design), claim.or(() -> Optional.of(new Claim.KeyId(id.keyId()))),
                        new Proof.SecretToCheck(id), software);
        };
    }

    /** The key that was shown to be held, if one was: a certificate and its plain key have the same. */
    public Optional<Fingerprint> fingerprint() {
        return switch (proof) {
            case Proof.HoldsKey holds -> Optional.of(holds.key().fingerprint());
            case Proof.HoldsCertificate holds -> Optional.of(holds.certificate().fingerprint());
            case Proof.HoldsChain holds -> Optional.of(holds.chain().fingerprint());
            case Proof.SecretToCheck secret -> Optional.empty();
            case Proof.Token token -> Optional.empty();
        };
    }

    /** What the device calls itself, or else its key's fingerprint: the name of a record for a device nobody knows. */
    public String name() {
        return claim.map(Claim::id).or(() -> fingerprint().map(Fingerprint::toString)).orElse("unnamed");
    }
}
