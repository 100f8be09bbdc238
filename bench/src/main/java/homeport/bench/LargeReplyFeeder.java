package homeport.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A peer that says hello and answers every request with 200 MiB, at next to no cost: prints its port. */
final class LargeReplyFeeder {
    private static final Pattern ID = Pattern.compile("message-id=\"([^\"]*)\"");
    private static final String HELLO = "<hello xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><capabilities>"
            + "<capability>urn:ietf:params:netconf:base:1.1</capability></capabilities>"
            + "<session-id>1</session-id></hello>]]>]]>";

    private LargeReplyFeeder() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException {
        try (var listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            System.out.println(listener.getLocalPort());
            while (true) {
                var socket = listener.accept();
                Thread.ofPlatform().daemon().start(() -> {
                    try (socket) {
                        serve(socket);
                    } catch (IOException gone) {
                        System.err.println("a client left: " + gone.getMessage());
                    }
                });
            }
        }
    }

    private static void serve(Socket socket) throws IOException {
        var out = socket.getOutputStream();
        out.write(HELLO.getBytes(StandardCharsets.UTF_8));
        var in = new BufferedInputStream(socket.getInputStream());
        until(in, "]]>]]>");
        while (true) {
            Matcher id = ID.matcher(until(in, "\n##\n"));
            if (!id.find()) {
                return;
            }
            var parts = LargeReply.parts(id.group(1));
            chunk(out, parts.start());
            for (int i = 0; i < parts.blocks(); i++) {
                chunk(out, parts.block());
            }
            chunk(out, parts.end());
            out.write("\n##\n".getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void chunk(OutputStream out, byte[] bytes) throws IOException {
        out.write(("\n#" + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
        out.write(bytes);
    }

    /** Everything up to an end mark, or what there was when the client left. */
    private static String until(InputStream in, String mark) throws IOException {
        var text = new StringBuilder();
        for (int next = in.read(); next >= 0; next = in.read()) {
            text.append((char) next);
            if (text.length() >= mark.length() && text.indexOf(mark, text.length() - mark.length()) >= 0) {
                break;
            }
        }
        return text.toString();
    }
}
