package homeport.callhome;

import homeport.ssh.wire.ChannelRequest;
import java.util.Optional;

/** What a session is opened for (RFC 4254 §6). */
public sealed interface SessionStart {
    /** A shell, with a terminal or without. */
    record Shell(Optional<ChannelRequest.Pty> terminal) implements SessionStart {}

    /** A command, in the octets that the device's shell is to see. */
    record Exec(ChannelRequest.Exec command, Optional<ChannelRequest.Pty> terminal) implements SessionStart {
        public Exec(String command) {
            this(new ChannelRequest.Exec(command), Optional.empty());
        }
    }

    /** A subsystem such as {@code netconf} or {@code sftp}. */
    record Subsystem(String name) implements SessionStart {}

    /** Nothing yet: the opener sends the requests itself, as a splice does. */
    record Bare() implements SessionStart {}
}
