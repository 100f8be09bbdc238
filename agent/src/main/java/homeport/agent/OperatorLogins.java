package homeport.agent;

import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.key.AuthorizedKeys;
import homeport.ssh.key.KeyFileError;
import homeport.ssh.key.KeyOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may log in to the embedded SSH server: the keys and authorities of a file in {@code authorized_keys} format, read
 * anew at each login. The user name chooses nothing: everybody becomes the user that the agent runs as. Not for a loop.
 */
final class OperatorLogins {
    private static final Logger LOG = LoggerFactory.getLogger(OperatorLogins.class);
    private static final LoginDecision REFUSED = new LoginDecision.Refuse(List.of("publickey"));
    private static final int MOST_BYTES = 1 << 20;

    private final Path file;
    private final InstantSource clock;

    /** A login, and with whose rights it goes on once it is accepted. */
    record Answer(LoginDecision decision, Optional<Rights> rights) {}

    /**
     * What a login may do.
     *
     * @param user for NETCONF's access control
     * @param owner whether NETCONF's access control is not asked (RFC 8341 §3.4): for keys without any restriction
     */
    record Rights(String user, boolean owner, KeyOptions options) {}

    OperatorLogins(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    Answer decide(Question.LoginRequested asked, Optional<InetAddress> from) {
        if (!(asked.credential() instanceof Question.Credential.Key key)) {
            return new Answer(REFUSED, Optional.empty());
        }
        AuthorizedKeys keys;
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException("it is larger than any such file");
            }
            keys = AuthorizedKeys.parse(file.toString(), Files.readString(file), ZoneId.systemDefault());
        } catch (IOException e) {
            LOG.error("nobody can log in: {} cannot be read: {}", file, DeviceIdentity.reason(e));
            return new Answer(REFUSED, Optional.empty());
        } catch (KeyFileError e) {
            LOG.error("nobody can log in: {}", e.getMessage());
            return new Answer(REFUSED, Optional.empty());
        }
        return switch (keys.lookup(key.key(), asked.user(), from, clock.instant())) {
            case AuthorizedKeys.Answer.Allowed allowed -> new Answer(new LoginDecision.Accept(),
                    key.proven() ? Optional.of(rights(asked.user(), allowed, keys)) : Optional.empty());
            case AuthorizedKeys.Answer.Refused refused -> {
                LOG.warn("a login with {} is refused by line {} of {}: {}", key.key().fingerprint(), refused.line(),
                        file, refused.reason());
                yield new Answer(REFUSED, Optional.empty());
            }
            case AuthorizedKeys.Answer.NotListed notListed -> {
                LOG.info("a login with {} is refused: it is not in {}", key.key().fingerprint(), file);
                yield new Answer(REFUSED, Optional.empty());
            }
        };
    }

    /** A restricted key is known to access control by its line's comment: the user name is the peer's free choice. */
    private static Rights rights(String user, AuthorizedKeys.Answer.Allowed allowed, AuthorizedKeys keys) {
        var options = allowed.options();
        boolean owner = options.command().isEmpty() && options.pty() && options.portForwarding();
        var comment = keys.comment(allowed.line());
        return new Rights(owner ? user : comment.isEmpty() ? "line-" + allowed.line() : comment, owner, options);
    }
}
