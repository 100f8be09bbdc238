package homeport.testkit.peers;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Asks an implementation what it knows by reading the SSH_MSG_KEXINIT it sends (RFC 4253 §7.1). */
public final class KexInitProbe {
    private static final Pattern COMMA = Pattern.compile(",");
    private static final byte[] OUR_VERSION = "SSH-2.0-KexInitProbe\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int KEXINIT = 20;
    private static final int LONGEST_PACKET = 35_000;

    private KexInitProbe() {}

    /** Dials an SSH server. */
    public static Algorithms ofServer(InetSocketAddress server) throws IOException {
        try (var socket = new Socket(server.getAddress(), server.getPort())) {
            return read(socket);
        }
    }

    /** What the client that dials {@link #address()} offers. */
    public static final class OfClient implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

        public OfClient() throws IOException {
            listener.setSoTimeout((int) Peers.PATIENCE.toMillis());
        }

        public InetSocketAddress address() {
            return Peers.loopback(listener.getLocalPort());
        }

        public Algorithms await() throws IOException {
            try (var socket = listener.accept()) {
                return read(socket);
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private static Algorithms read(Socket socket) throws IOException {
        socket.setSoTimeout((int) Peers.PATIENCE.toMillis());
        socket.getOutputStream().write(OUR_VERSION);
        var in = new DataInputStream(socket.getInputStream());
        while (!readLine(in).startsWith("SSH-")) {
            // Lines before the version line are allowed (RFC 4253 §4.2).
            continue;
        }
        int length = in.readInt();
        if (length < 2 || length > LONGEST_PACKET) {
            throw new IOException("a first packet of " + length + " bytes");
        }
        var packet = new byte[length];
        in.readFully(packet);
        var body = new DataInputStream(new java.io.ByteArrayInputStream(packet));
        body.readUnsignedByte();
        int type = body.readUnsignedByte();
        if (type != KEXINIT) {
            throw new IOException("the first packet is " + type + ", not KEXINIT");
        }
        body.skipNBytes(16);
        var kex = names(body);
        var hostKeys = names(body);
        var ciphers = names(body);
        names(body);
        return new Algorithms(kex, hostKeys, ciphers, names(body));
    }

    private static String readLine(DataInputStream in) throws IOException {
        var line = new StringBuilder();
        for (int octet = in.readUnsignedByte(); octet != '\n'; octet = in.readUnsignedByte()) {
            line.append((char) octet);
        }
        return line.toString();
    }

    private static List<String> names(DataInputStream in) throws IOException {
        var octets = new byte[in.readInt()];
        in.readFully(octets);
        var list = new String(octets, StandardCharsets.US_ASCII);
        return list.isEmpty() ? List.of() : new ArrayList<>(List.of(COMMA.split(list, -1)));
    }
}
