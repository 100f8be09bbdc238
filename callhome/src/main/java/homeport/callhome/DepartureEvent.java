package homeport.callhome;

import homeport.ssh.Question;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.ChannelType;

/** What a {@link Departure} tells its owner. */
public sealed interface DepartureEvent {
    /** Takes a departure's events, during calls into it. */
    interface Handler {
        void on(Departure departure, DepartureEvent event);
    }

    /** Is this the gateway's host key? Asked where the device is the SSH client; it has been proved to be held. */
    record GatewayKeyAsked(Question.HostKeyAsked question) implements DepartureEvent {
        public SshPublicKey key() {
            return question.key();
        }
    }

    /** The gateway, or whoever it carries, logs in to our SSH server. */
    record LoginAsked(SshLink on, Question.LoginRequested question) implements DepartureEvent {}

    /** A channel is to be opened: a session, or a connection to a TCP port. */
    record ChannelAsked(SshLink on, Question.OpenRequested question) implements DepartureEvent {
        public ChannelType type() {
            return question.type();
        }
    }

    /** A stream through the tunnel is to be opened, to the SSH server elsewhere that the owner has for it. */
    record StreamAsked(SshLink on, Question.OpenRequested question) implements DepartureEvent {}

    /** The gateway has us: it logged in, or has accepted what we offer. */
    record Registered() implements DepartureEvent {}

    /** The connection has ended; nothing follows. */
    record Closed(Ended ended) implements DepartureEvent {}
}
