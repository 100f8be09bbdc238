package homeport.net;

import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;

/** A process of its own that opens connections and says nothing: {@code PORT COUNT}, until its standard input ends. */
@SuppressWarnings("SystemOut")
public final class SilentCrowd {
    private SilentCrowd() {}

    public static void main(String[] arguments) throws Exception {
        var gateway = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
        var open = new ArrayList<SocketChannel>();
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            open.add(SocketChannel.open(gateway));
        }
        System.out.println(open.size());
        while (System.in.read() >= 0) {
            // Whoever started this says when it is over.
        }
        for (var channel : open) {
            channel.close();
        }
    }
}
