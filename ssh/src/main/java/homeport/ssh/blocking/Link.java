package homeport.ssh.blocking;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/**
 * A stream of bytes in both directions, whoever opened it.
 *
 * @param close unblocks a read and a write that are under way, as closing a socket does
 */
public record Link(InputStream input, OutputStream output, Closeable close) {
    public static Link of(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        return new Link(socket.getInputStream(), socket.getOutputStream(), socket);
    }

    /** A channel as a link, so that SSH can run inside SSH. */
    public static Link of(BlockingChannel channel) {
        return new Link(channel.input(), channel.output(), channel);
    }
}
