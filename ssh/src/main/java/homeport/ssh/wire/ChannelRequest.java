package homeport.ssh.wire;

import java.nio.charset.StandardCharsets;

/** What a CHANNEL_REQUEST asks for (RFC 4254 §6), by type. */
public sealed interface ChannelRequest {
    String type();

    /** Writes the fields behind {@code want reply}. */
    void write(SshWriter out);

    /** Reads the fields behind {@code want reply}; a type that is not known keeps them as they came. */
    static ChannelRequest read(String type, SshReader in) {
        ChannelRequest request = switch (type) {
            case "pty-req" -> new Pty(in.utf8(), in.uint32(), in.uint32(), in.uint32(), in.uint32(), in.string());
            case "window-change" -> new WindowChange(in.uint32(), in.uint32(), in.uint32(), in.uint32());
            case "env" -> new Env(in.utf8(), in.string());
            case "shell" -> new Shell();
            case "exec" -> new Exec(in.string());
            case "subsystem" -> new Subsystem(in.utf8());
            case "signal" -> new Signal(in.ascii());
            case "exit-status" -> new ExitStatus(in.int32());
            case "exit-signal" -> new ExitSignal(in.ascii(), in.bool(), in.text(), in.text());
            case "xon-xoff" -> new FlowControl(in.bool());
            case "break" -> new Break(in.uint32());
            default -> new Unknown(type, in.rest());
        };
        in.end();
        return request;
    }

    /** RFC 4254 §6.2; sizes in characters and in pixels; modes as §8 encodes them. */
    record Pty(String term, long columns, long rows, long widthPixels, long heightPixels, byte[] modes)
            implements
                ChannelRequest {
        @Override
        public String type() {
            return "pty-req";
        }

        @Override
        public void write(SshWriter out) {
            out.string(term).uint32(columns).uint32(rows).uint32(widthPixels).uint32(heightPixels).string(modes);
        }
    }

    /** RFC 4254 §6.7. */
    record WindowChange(long columns, long rows, long widthPixels, long heightPixels) implements ChannelRequest {
        @Override
        public String type() {
            return "window-change";
        }

        @Override
        public void write(SshWriter out) {
            out.uint32(columns).uint32(rows).uint32(widthPixels).uint32(heightPixels);
        }
    }

    /** RFC 4254 §6.4. The value is octets: nothing says that it is UTF-8. */
    record Env(String name, byte[] value) implements ChannelRequest {
        @Override
        public String type() {
            return "env";
        }

        @Override
        public void write(SshWriter out) {
            out.string(name).string(value);
        }
    }

    /** RFC 4254 §6.5. */
    record Shell() implements ChannelRequest {
        @Override
        public String type() {
            return "shell";
        }

        @Override
        public void write(SshWriter out) {}
    }

    /** RFC 4254 §6.5. The command is octets, because file names are; a splice passes them on as they came. */
    record Exec(byte[] command) implements ChannelRequest {
        public Exec(String command) {
            this(command.getBytes(StandardCharsets.UTF_8));
        }

        /** The command for showing and for comparing; octets that are no UTF-8 become U+FFFD. */
        public String text() {
            return new String(command, StandardCharsets.UTF_8);
        }

        @Override
        public String type() {
            return "exec";
        }

        @Override
        public void write(SshWriter out) {
            out.string(command);
        }
    }

    /** RFC 4254 §6.5. */
    record Subsystem(String name) implements ChannelRequest {
        @Override
        public String type() {
            return "subsystem";
        }

        @Override
        public void write(SshWriter out) {
            out.string(name);
        }
    }

    /** RFC 4254 §6.9; the name without {@code SIG}. */
    record Signal(String name) implements ChannelRequest {
        @Override
        public String type() {
            return "signal";
        }

        @Override
        public void write(SshWriter out) {
            out.string(name);
        }
    }

    /** RFC 4254 §6.10. */
    record ExitStatus(int status) implements ChannelRequest {
        @Override
        public String type() {
            return "exit-status";
        }

        @Override
        public void write(SshWriter out) {
            out.uint32(status);
        }
    }

    /** RFC 4254 §6.10; the name without {@code SIG}. */
    record ExitSignal(String name, boolean coreDumped, String message, String language) implements ChannelRequest {
        @Override
        public String type() {
            return "exit-signal";
        }

        @Override
        public void write(SshWriter out) {
            out.string(name).bool(coreDumped).string(message).string(language);
        }
    }

    /** RFC 4254 §6.8. */
    record FlowControl(boolean clientCanDo) implements ChannelRequest {
        @Override
        public String type() {
            return "xon-xoff";
        }

        @Override
        public void write(SshWriter out) {
            out.bool(clientCanDo);
        }
    }

    /** RFC 4335. */
    record Break(long milliseconds) implements ChannelRequest {
        @Override
        public String type() {
            return "break";
        }

        @Override
        public void write(SshWriter out) {
            out.uint32(milliseconds);
        }
    }

    /** Any other type, such as {@code keepalive@openssh.com}, with its fields as they came. */
    record Unknown(String type, byte[] fields) implements ChannelRequest {
        @Override
        public void write(SshWriter out) {
            out.bytes(fields);
        }
    }
}
