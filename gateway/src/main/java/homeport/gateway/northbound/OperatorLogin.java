package homeport.gateway.northbound;

import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.Operator;
import homeport.gateway.inventory.TrustAnchor;
import homeport.ssh.Question;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertificateVerdict;
import homeport.ssh.key.KeyFileError;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.key.SshPublicKey;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may log in as an operator: by a key on record, by a certificate of an authority for operators that names them, or by
 * a token as password. Whatever fails looks the same from outside, and takes as long: longer than any of the look-ups. Every
 * call may block.
 */
final class OperatorLogin {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    /** How long a refusal takes at least: so it does not tell whether it was the name or the key that is unknown. */
    private static final Duration REFUSAL = Duration.ofMillis(25);

    private final Inventory inventory;
    private final InstantSource clock;

    OperatorLogin(Inventory inventory, InstantSource clock) {
        this.inventory = inventory;
        this.clock = clock;
    }

    /** What the credential lets the operator of this name in by; empty when it does not. */
    Optional<Grant> check(String name, Question.Credential credential, Optional<InetAddress> from) {
        long start = System.nanoTime();
        var grant = grant(name, credential, from);
        if (grant.isEmpty() && !(credential instanceof Question.Credential.None)) {
            try {
                Thread.sleep(REFUSAL.minusNanos(System.nanoTime() - start));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the refusal comes early, and is one all the same
            }
        }
        return grant;
    }

    private Optional<Grant> grant(String name, Question.Credential credential, Optional<InetAddress> from) {
        return switch (credential) {
            case Question.Credential.Key offered -> operator(name)
                    .flatMap(operator -> grantOf(offered.key()).filter(grant -> holds(operator, grant, from)));
            case Question.Credential.Password offered -> {
                try {
                    yield inventory.operators().byToken(offered.password())
                            .filter(owner -> owner.name().equals(name)).map(owner -> new Grant.ByToken());
                } finally {
                    Arrays.fill(offered.password(), (byte) 0);
                }
            }
            case Question.Credential.None none -> Optional.empty();
            case Question.Credential.Interactive interactive -> Optional.empty();
            case Question.Credential.Responses responses -> Optional.empty();
        };
    }

    private Optional<Operator> operator(String name) {
        return Operator.isName(name) ? inventory.operators().find(name) : Optional.empty();
    }

    private static Optional<Grant> grantOf(SshPublicKey key) {
        return switch (key) {
            case PlainKey plain -> Optional.of(new Grant.ByKey(plain.fingerprint()));
            case OpenSshCertificate certificate -> Optional.of(new Grant.ByCertificate(certificate));
            case SshPublicKey other -> Optional.empty();
        };
    }

    /** Whether what somebody was let in by is still good, as far as it can be looked at again. */
    boolean holds(Operator operator, Grant grant, Optional<InetAddress> from) {
        return switch (grant) {
            case Grant.ByKey by -> operator.keys().containsKey(by.key());
            case Grant.ByCertificate by -> isGood(by.certificate(), operator, from);
            case Grant.ByToken by -> true;
        };
    }

    /** A forced command would have to replace what is asked of a device, which knows nothing of it: such a one is refused. */
    private boolean isGood(OpenSshCertificate certificate, Operator operator, Optional<InetAddress> from) {
        return certificate.check(CertificateTerms.Kind.USER, authorities(), clock.instant(), Set.of(operator.name()),
                from) instanceof CertificateVerdict.Good good && good.forceCommand().isEmpty();
    }

    private Set<PlainKey> authorities() {
        var keys = new HashSet<PlainKey>();
        for (var anchor : inventory.anchors().list()) {
            if (anchor.purpose() == TrustAnchor.Purpose.OPERATORS && anchor.kind() == TrustAnchor.Kind.OPENSSH) {
                try {
                    if (PublicKeyFile.read(anchor.name(), anchor.material()).key() instanceof PlainKey key) {
                        keys.add(key);
                    }
                } catch (KeyFileError e) {
                    LOG.error("the authority {} cannot be read and vouches for nobody", anchor.name(), e);
                }
            }
        }
        return keys;
    }
}
