package homeport.bench;

import homeport.ssh.Algorithms;
import homeport.ssh.Channel;
import homeport.ssh.Environment;
import homeport.ssh.Event;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginAttempt;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshConnection;
import homeport.ssh.SshSettings;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.SshWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Our engine at one end of a connection, with the answers a benchmark gives: curve25519, Ed25519 keys, one cipher; the
 * host key is taken as it comes, the user gets in with one known key, and every channel and request is granted.
 */
final class End {
    /** What a benchmark does with data that came. */
    interface Sink {
        /** Consumes at once, and forgets. */
        Sink DISCARD = data -> data.channel().consumed(data.length());

        void take(Event.Data data);
    }

    private final SshWriter out;
    private final Signer user;
    private final SshPublicKey userKey;
    private final Sink sink;
    private final SshConnection connection;
    private @Nullable Channel channel;
    private boolean writable = true;
    private boolean closed;

    /**
     * @param out  where it writes; may be shared by the ends of one thread
     * @param user the client's key; a server only compares it
     */
    End(Role role, SshSettings settings, SshWriter out, Signer user, Sink sink) {
        this.out = out;
        this.user = user;
        this.userKey = user.publicKey();
        this.sink = sink;
        this.connection = SshConnection.as(role, settings, Environment.system(), out, this::on);
    }

    static SshSettings serverSettings(Signer hostKey, CipherAlgorithm cipher) {
        return SshSettings.builder().algorithms(algorithms(cipher)).hostKeys(List.of(hostKey)).build();
    }

    static SshSettings clientSettings(CipherAlgorithm cipher) {
        return SshSettings.builder().algorithms(algorithms(cipher)).build();
    }

    private static Algorithms algorithms(CipherAlgorithm cipher) {
        return Algorithms.MODERN.withKex(List.of(KexAlgorithm.CURVE25519_SHA256))
                .withHostKeys(List.of(KeyAlgorithm.SSH_ED25519)).withUserKeys(List.of(KeyAlgorithm.SSH_ED25519))
                .withCiphers(List.of(cipher));
    }

    static Signer key(Path file) throws IOException {
        return PrivateKeys.read(file.toString(), Files.readAllBytes(file));
    }

    SshConnection connection() {
        return connection;
    }

    SshWriter out() {
        return out;
    }

    /** The channel that was opened last, by either side. */
    Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("no channel is open");
        }
        return channel;
    }

    /** Whether the channel takes more data; false from a short {@code send} on until the peer made room. */
    boolean writable() {
        return writable;
    }

    void full() {
        writable = false;
    }

    boolean closed() {
        return closed;
    }

    /** Hands what this end wrote to the other, which may decrypt it where it stands. */
    boolean flushTo(End other) {
        if (out.size() == 0) {
            return false;
        }
        other.connection.receive(out.array(), 0, out.size());
        out.clear();
        return true;
    }

    /** Carries bytes between two ends, which must not share a writer, until neither has any. */
    static void settle(End one, End other) {
        boolean moved = true;
        while (moved) {
            moved = one.flushTo(other) | other.flushTo(one);
        }
    }

    private void on(Event event) {
        switch (event) {
            case Event.Data data -> sink.take(data);
            case Event.ChannelOpened opened -> channel = opened.channel();
            case Event.Writable room -> writable = true;
            case Event.Closed end -> closed = true;
            case Question.HostKeyAsked asked -> connection.decide(asked, new HostKeyDecision.Accept());
            case Question.LoginAsked asked -> connection.decide(asked, new LoginAttempt.Key("bench", user));
            case Question.LoginRequested asked -> connection.decide(asked, decide(asked));
            case Question.OpenRequested asked -> {
                channel = asked.channel();
                connection.accept(asked, SshConnection.DEFAULT_WINDOW);
            }
            case Question.ChannelRequested asked -> connection.decide(asked, true);
            case Event other -> {
            }
        }
    }

    private LoginDecision decide(Question.LoginRequested asked) {
        return asked.credential() instanceof Question.Credential.Key key
                && Arrays.equals(key.key().blob(), userKey.blob())
                        ? new LoginDecision.Accept()
                        : new LoginDecision.Refuse(List.of("publickey"));
    }
}
