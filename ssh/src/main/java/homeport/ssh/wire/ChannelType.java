package homeport.ssh.wire;

/** What a CHANNEL_OPEN asks for (RFC 4254 §5.1), by channel type. */
public sealed interface ChannelType {
    String name();

    /** Writes the fields behind the maximum packet size. */
    void write(SshWriter out);

    /** Reads the fields behind the maximum packet size; a type that is not known keeps them as they came. */
    static ChannelType read(String name, SshReader in) {
        ChannelType type = switch (name) {
            case "session" -> new Session();
            case "direct-tcpip" -> new DirectTcpip(in.utf8(), in.uint32(), in.utf8(), in.uint32());
            case "forwarded-tcpip" -> new ForwardedTcpip(in.utf8(), in.uint32(), in.utf8(), in.uint32());
            default -> new Unknown(name, in.rest());
        };
        in.end();
        return type;
    }

    /** RFC 4254 §6.1. */
    record Session() implements ChannelType {
        @Override
        public String name() {
            return "session";
        }

        @Override
        public void write(SshWriter out) {}
    }

    /** RFC 4254 §7.2: please connect to this host and port. */
    record DirectTcpip(String host, long port, String originatorAddress, long originatorPort) implements ChannelType {
        @Override
        public String name() {
            return "direct-tcpip";
        }

        @Override
        public void write(SshWriter out) {
            out.string(host).uint32(port).string(originatorAddress).uint32(originatorPort);
        }
    }

    /** RFC 4254 §7.2: somebody connected to the port that you had forwarded. */
    record ForwardedTcpip(String address, long port, String originatorAddress, long originatorPort)
            implements
                ChannelType {
        @Override
        public String name() {
            return "forwarded-tcpip";
        }

        @Override
        public void write(SshWriter out) {
            out.string(address).uint32(port).string(originatorAddress).uint32(originatorPort);
        }
    }

    /** Any other type, with its fields as they came. */
    record Unknown(String name, byte[] fields) implements ChannelType {
        @Override
        public void write(SshWriter out) {
            out.bytes(fields);
        }
    }
}
