package homeport.ssh;

import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.AuthenticationMessage.Prompt;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.KexInit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A decision that the engine does not take: it holds that part of the connection up until
 * {@link SshConnection#decide} brings the answer, during the call or any time later up to the limit.
 *
 * <p>An answer to a question that no longer waits (the connection has ended, or the limit has passed) is ignored.
 */
public sealed interface Question extends Event.Asked {

    /** Which role is ours? Asked only where the connection was made without one. */
    record RoleAsked(String peerIdentification, KexInit peerKexInit) implements Question {}

    /**
     * Is this the host key we expect? The server has proved to hold it, except for an
     * {@link homeport.ssh.key.HmacKeyId}, whose proof is checked with the secret in the answer.
     */
    record HostKeyAsked(SshPublicKey key, KeyAlgorithm algorithm) implements Question {}

    /**
     * How shall we log in? Asked first when the server takes logins, then after every refusal.
     *
     * @param methods        what the server says can go on; empty when nothing was tried yet
     * @param partialSuccess whether the last attempt was right but is not enough
     * @param serverSigAlgs  what {@code server-sig-algs} announced, empty when it did not
     */
    record LoginAsked(List<String> methods, boolean partialSuccess, List<KeyAlgorithm> serverSigAlgs)
            implements
                Question {}

    /** The server asks a person (RFC 4256). The answer has one text for each prompt. */
    record PromptsAsked(String name, String instruction, List<Prompt> prompts) implements Question {}

    /**
     * A client wants in: may it?
     *
     * @param completed methods by which this user has already succeeded in part, each once; {@code publickey} for
     *                  either way to prove a key
     */
    record LoginRequested(String user, String service, Credential credential, List<String> completed)
            implements
                Question {}

    /** The peer opens a channel: may it? */
    final class OpenRequested implements Question {
        private final Channel channel;
        boolean answered;
        /** Answered by the deadline: the owner's own answer comes too late, and is ignored. */
        boolean overdue;
        private @Nullable Consumer<Duration> lastWord;

        OpenRequested(Channel channel) {
            this.channel = channel;
        }

        /**
         * What to do when the time for an answer is over: the owner's last chance for an answer of its own, such as who
         * it is that does not answer. Takes the place of what was set before.
         *
         * @param last is told how long that time was
         */
        public void whenOverdue(Consumer<Duration> last) {
            lastWord = last;
        }

        void timeIsOver(Duration time) {
            if (lastWord != null) {
                lastWord.accept(time);
            }
        }

        public Channel channel() {
            return channel;
        }

        public ChannelType type() {
            return channel.type();
        }

        @Override
        public String toString() {
            return "OpenRequested[" + channel + "]";
        }
    }

    /** The peer requests something on a channel; an answer is sent only where it wants one, in order. */
    final class ChannelRequested implements Question {
        private final Channel channel;
        private final ChannelRequest request;
        private final boolean wantReply;
        boolean answered;
        /** Answered by the deadline: the owner's own answer comes too late, and is ignored. */
        boolean overdue;
        boolean success;
        private @Nullable Consumer<Duration> lastWord;

        ChannelRequested(Channel channel, ChannelRequest request, boolean wantReply) {
            this.channel = channel;
            this.request = request;
            this.wantReply = wantReply;
        }

        public Channel channel() {
            return channel;
        }

        public ChannelRequest request() {
            return request;
        }

        public boolean wantReply() {
            return wantReply;
        }

        /** As {@link OpenRequested#whenOverdue}; nothing comes of it where no reply is wanted. */
        public void whenOverdue(Consumer<Duration> last) {
            lastWord = last;
        }

        void timeIsOver(Duration time) {
            if (lastWord != null) {
                lastWord.accept(time);
            }
        }

        @Override
        public String toString() {
            return "ChannelRequested[" + channel + ", " + request.type() + "]";
        }
    }

    /** The peer requests something of the connection; an answer is sent only where it wants one, in order. */
    final class GlobalRequested implements Question {
        private final GlobalRequest request;
        private final boolean wantReply;
        boolean answered;
        /** Answered by the deadline: the owner's own answer comes too late, and is ignored. */
        boolean overdue;
        boolean success;
        byte[] data = new byte[0];

        GlobalRequested(GlobalRequest request, boolean wantReply) {
            this.request = request;
            this.wantReply = wantReply;
        }

        public GlobalRequest request() {
            return request;
        }

        public boolean wantReply() {
            return wantReply;
        }

        @Override
        public String toString() {
            return "GlobalRequested[" + request.type() + "]";
        }
    }

    /** What a client offers to be let in by. */
    sealed interface Credential {
        /** Nothing (RFC 4252 §5.2): refuse it with the methods that can go on, or let the user in without proof. */
        record None() implements Credential {}

        /**
         * A public key. With {@code proven} false the client only asks whether it would do; the signature of a proven
         * one was checked by the engine, but nothing about a certificate was.
         */
        record Key(SshPublicKey key, KeyAlgorithm algorithm, boolean proven) implements Credential {}

        /** A password as the client's UTF-8; the owner overwrites it. With {@code replacement}, a change is asked for. */
        record Password(byte[] password, Optional<byte[]> replacement) implements Credential {
            @Override
            public String toString() {
                return "Password[]";
            }
        }

        /** The client would answer questions: answer with {@link LoginDecision.Ask}. */
        record Interactive() implements Credential {}

        /** The client's answers to the last {@link LoginDecision.Ask}. */
        record Responses(List<String> texts) implements Credential {
            @Override
            public String toString() {
                return "Responses[" + texts.size() + "]";
            }
        }
    }
}
