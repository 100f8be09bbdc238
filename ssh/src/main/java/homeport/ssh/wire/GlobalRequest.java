package homeport.ssh.wire;

import java.util.ArrayList;
import java.util.List;

/** What a GLOBAL_REQUEST asks for (RFC 4254 §4), by type. */
public sealed interface GlobalRequest {
    /** More host keys than anyone has. */
    int MOST_HOST_KEYS = 64;

    String type();

    /** Writes the fields behind {@code want reply}. */
    void write(SshWriter out);

    /** Reads the fields behind {@code want reply}; a type that is not known keeps them as they came. */
    static GlobalRequest read(String type, SshReader in) {
        GlobalRequest request = switch (type) {
            case "tcpip-forward" -> new TcpipForward(in.utf8(), in.uint32());
            case "cancel-tcpip-forward" -> new CancelTcpipForward(in.utf8(), in.uint32());
            case "hostkeys-00@openssh.com" -> new HostKeys(blobs(in));
            case "hostkeys-prove-00@openssh.com" -> new HostKeysProve(blobs(in));
            default -> new Unknown(type, in.rest());
        };
        in.end();
        return request;
    }

    private static List<byte[]> blobs(SshReader in) {
        var blobs = new ArrayList<byte[]>();
        while (in.remaining() > 0) {
            if (blobs.size() == MOST_HOST_KEYS) {
                throw new ProtocolError(Rule.FIELD_TOO_LONG, "more than " + MOST_HOST_KEYS + " host keys");
            }
            blobs.add(in.string());
        }
        return blobs;
    }

    /** RFC 4254 §7.1; port 0 lets the other side choose, and its reply then carries the port. */
    record TcpipForward(String address, long port) implements GlobalRequest {
        @Override
        public String type() {
            return "tcpip-forward";
        }

        @Override
        public void write(SshWriter out) {
            out.string(address).uint32(port);
        }
    }

    /** RFC 4254 §7.1. */
    record CancelTcpipForward(String address, long port) implements GlobalRequest {
        @Override
        public String type() {
            return "cancel-tcpip-forward";
        }

        @Override
        public void write(SshWriter out) {
            out.string(address).uint32(port);
        }
    }

    /** OpenSSH: the host keys that the server has, so that the client can learn new ones. */
    record HostKeys(List<byte[]> blobs) implements GlobalRequest {
        @Override
        public String type() {
            return "hostkeys-00@openssh.com";
        }

        @Override
        public void write(SshWriter out) {
            blobs.forEach(out::string);
        }
    }

    /** OpenSSH: asks the server to prove that it has these keys. */
    record HostKeysProve(List<byte[]> blobs) implements GlobalRequest {
        @Override
        public String type() {
            return "hostkeys-prove-00@openssh.com";
        }

        @Override
        public void write(SshWriter out) {
            blobs.forEach(out::string);
        }
    }

    /** Any other type, such as {@code keepalive@openssh.com}, with its fields as they came. */
    record Unknown(String type, byte[] fields) implements GlobalRequest {
        @Override
        public void write(SshWriter out) {
            out.bytes(fields);
        }
    }
}
