package homeport.gateway.admission;

import homeport.callhome.Claim;
import homeport.callhome.Evidence;
import homeport.callhome.Proof;
import homeport.gateway.inventory.Device;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.X509Trust;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Optional;

/**
 * Who a connection is about, before any record is read: so that the record can be.
 *
 * @param id under which to look: vouched for, or else claimed
 * @param key that the peer has shown to hold
 * @param shownBefore a key that the peer has shown to hold earlier in the same connection; for {@link Proof.Token}
 */
public record Subject(Evidence evidence, Optional<String> id, Optional<PlainKey> key, Vouching vouching,
        Optional<PlainKey> shownBefore, Instant at) {

    /**
     * Looks at the evidence.
     *
     * @param from the peer's address, for certificates that are bound to one, and for nothing else
     */
    public static Subject of(Evidence evidence, Policy policy, Optional<InetAddress> from,
            Optional<PlainKey> shownBefore, Instant at) {
        var claimed = evidence.claim().map(Claim::id);
        // Only a device that logs in is an SSH client; all others are servers.
        boolean client = evidence.claim().filter(Claim.LoginName.class::isInstance).isPresent();
        var key = switch (evidence.proof()) {
            case Proof.HoldsKey holds -> Optional.of(holds.key());
            case Proof.HoldsCertificate holds -> Optional.of(holds.certificate().key());
            case Proof.HoldsChain holds -> Optional.of(holds.chain().key());
            case Proof.SecretToCheck secret -> Optional.<PlainKey>empty();
            case Proof.Token token -> Optional.<PlainKey>empty();
        };
        Vouching vouching = switch (evidence.proof()) {
            case Proof.HoldsCertificate holds -> policy.authorities().ask(holds.certificate(),
                    client ? CertificateTerms.Kind.USER : CertificateTerms.Kind.HOST, claimed, from, at);
            case Proof.HoldsChain holds -> policy.authorities().ask(holds.chain(),
                    client ? X509Trust.Purpose.CLIENT : X509Trust.Purpose.SERVER, claimed, at);
            case Proof.HoldsKey holds -> new Vouching.Nobody();
            case Proof.SecretToCheck secret -> new Vouching.Nobody();
            case Proof.Token token -> new Vouching.Nobody();
        };
        var id = vouching instanceof Vouching.By by ? Optional.of(by.deviceId()) : claimed;
        var bad = id.filter(name -> !isGood(name, key));
        return bad.isPresent()
                ? new Subject(evidence, Optional.empty(), key, new Vouching.Rejected(Reason.BAD_ID, ""), shownBefore,
                        at)
                : new Subject(evidence, id, key, vouching, shownBefore, at);
    }

    /** Strangers are listed under their fingerprint: nobody may call himself by another's. */
    private static boolean isGood(String id, Optional<PlainKey> key) {
        return Device.isId(id) && (!id.startsWith("SHA256:")
                || key.filter(held -> held.fingerprint().toString().equals(id)).isPresent());
    }

    /** Of the key that the question is about: the one shown, or for a token the one it would make the device's own. */
    public Optional<Fingerprint> fingerprint() {
        return key.or(() -> evidence.proof() instanceof Proof.Token ? shownBefore : Optional.empty())
                .map(PlainKey::fingerprint);
    }

    /** Under which it is listed while it has no record: its id, or else its key's fingerprint. */
    public String name() {
        return id.or(() -> fingerprint().map(Fingerprint::toString)).orElse("unnamed");
    }
}
