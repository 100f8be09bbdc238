package homeport.bench;

import homeport.callhome.ByteMachine;
import homeport.callhome.Refusal;
import homeport.net.Connection;

/**
 * One end of a login without SSH: flights of the right size and nothing in them. The device speaks first, and leaves with
 * its last one.
 */
final class BareEnd implements ByteMachine {
    /** VERSION and KEXINIT; reply, NEWKEYS and EXT_INFO; SERVICE_ACCEPT, USERAUTH_SUCCESS and DISCONNECT. */
    private static final int[] FROM_DEVICE = {390, 340, 156};
    /** Version, KEXINIT and the value; NEWKEYS, EXT_INFO, SERVICE_REQUEST and USERAUTH_REQUEST. */
    private static final int[] FROM_GATEWAY = {438, 444};
    private static final byte[] NOTHING = new byte[512];

    /** What happens on the way; on the connection's loop. */
    interface Watcher {
        /** The peer's second flight is here: with it comes the work. */
        default void keys() {}

        /** All of the peer's flights were here. */
        default void in() {}

        /** The connection is over. */
        default void over() {}
    }

    private final Connection connection;
    private final Watcher watcher;
    private final int[] own;
    private final int[] theirs;
    private int sent;
    private int came;
    private int bytes;
    private boolean closed;

    private BareEnd(Connection connection, int[] own, int[] theirs, Watcher watcher) {
        this.connection = connection;
        this.own = own;
        this.theirs = theirs;
        this.watcher = watcher;
    }

    static BareEnd device(Connection connection, Watcher watcher) {
        return new BareEnd(connection, FROM_DEVICE, FROM_GATEWAY, watcher);
    }

    static BareEnd gateway(Connection connection, Watcher watcher) {
        return new BareEnd(connection, FROM_GATEWAY, FROM_DEVICE, watcher);
    }

    @Override
    public void start() {
        if (isDevice()) {
            send();
        }
    }

    @Override
    public void receive(byte[] array, int offset, int length) {
        bytes += length;
        while (came < theirs.length && bytes >= theirs[came]) {
            bytes -= theirs[came++];
            if (came == 2) {
                watcher.keys();
            }
            if (came == theirs.length) {
                watcher.in();
            }
            if (sent < own.length) {
                send();
            }
        }
    }

    private boolean isDevice() {
        return own == FROM_DEVICE;
    }

    private void send() {
        connection.write(NOTHING, 0, own[sent++]);
        if (isDevice() && sent == own.length) {
            end();
        }
        connection.flush();
    }

    private void end() {
        closed = true;
        connection.end();
        watcher.over();
    }

    @Override
    public void endOfStream() {
        if (!closed) {
            end();
            connection.flush();
        }
    }

    @Override
    public boolean wantsInput() {
        return !closed;
    }

    @Override
    public void outputWritable() {}

    @Override
    public long deadline() {
        return Long.MAX_VALUE;
    }

    @Override
    public void tick() {}

    @Override
    public void close(Refusal refusal, String detail) {
        endOfStream();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }
}
