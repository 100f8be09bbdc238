package homeport.gateway.northbound;

import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.Operator;
import homeport.gateway.inventory.TrustAnchor;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertificateVerdict;
import homeport.ssh.key.KeyFileError;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.key.SshPublicKey;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may log in as an operator: by a key on record, by a certificate of an authority for operators that names them, or by
 * a token as password. Whatever fails looks the same from outside. Every call may block.
 */
final class OperatorLogin {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    private static final LoginDecision REFUSED = new LoginDecision.Refuse(List.of("publickey", "password"));

    private final Inventory inventory;
    private final InstantSource clock;

    OperatorLogin(Inventory inventory, InstantSource clock) {
        this.inventory = inventory;
        this.clock = clock;
    }

    LoginDecision decide(Question.LoginRequested asked, Optional<InetAddress> from) {
        var name = Target.of(asked.user()).operator();
        var operator = Operator.isName(name) ? inventory.operators().find(name) : Optional.<Operator>empty();
        return switch (asked.credential()) {
            case Question.Credential.Key offered ->
                operator.filter(known -> has(known, offered.key(), from)).isPresent()
                        ? new LoginDecision.Accept()
                        : REFUSED;
            case Question.Credential.Password offered -> {
                try {
                    yield inventory.operators().byToken(offered.password()).filter(owner -> owner.name().equals(name))
                            .<LoginDecision>map(owner -> new LoginDecision.Accept()).orElse(REFUSED);
                } finally {
                    Arrays.fill(offered.password(), (byte) 0);
                }
            }
            case Question.Credential.None none -> REFUSED;
            case Question.Credential.Interactive interactive -> REFUSED;
            case Question.Credential.Responses responses -> REFUSED;
        };
    }

    private boolean has(Operator operator, SshPublicKey key, Optional<InetAddress> from) {
        return switch (key) {
            case PlainKey plain -> operator.keys().containsKey(plain.fingerprint());
            case OpenSshCertificate certificate -> certificate.check(CertificateTerms.Kind.USER, authorities(),
                    clock.instant(), Set.of(operator.name()), from) instanceof CertificateVerdict.Good
                    && certificate.terms().principals().contains(operator.name());
            case SshPublicKey other -> false;
        };
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
