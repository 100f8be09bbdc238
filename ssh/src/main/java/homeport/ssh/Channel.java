package homeport.ssh;

import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One channel of a connection (RFC 4254 §5), the same whoever opened it.
 *
 * <p>Data is never queued here: {@link #send} takes what the peer's window allows now, and {@link Event.Writable} says
 * when there is room again. What came in counts against our window until the owner says {@link #consumed}, so a reader
 * that stops stops the writer.
 */
public final class Channel {
    /** Data type of standard error (RFC 4254 §5.2); ordinary data is 0. */
    public static final int STDERR = 1;

    private final SshConnection connection;
    final int id;
    final ChannelType type;
    final boolean ours;

    int peerId;
    boolean opening = true;
    /** Bytes that we may still send, 0 to 2^32-1. */
    long sendWindow;
    /** The largest data that the peer takes in one message. */
    int sendPacket;
    /** Bytes that the peer may still send. */
    long receiveWindow;
    /** What the receive window is filled up to. */
    int windowSize;
    /** Bytes that the owner consumed and the peer was not told of yet. */
    int unannounced;
    /** Whether {@link #send} took less than it was given, so that {@link Event.Writable} is due. */
    boolean starved;
    /** Whether the owner closed it before the peer confirmed it. */
    boolean closeWhenOpened;
    boolean eofSent;
    boolean eofReceived;
    boolean closeSent;
    boolean closed;
    @Nullable
    ArrayDeque<ChannelRequest> awaitingReply;
    @Nullable
    ArrayDeque<Question.ChannelRequested> unanswered;
    private @Nullable Object owner;

    Channel(SshConnection connection, int id, ChannelType type, boolean ours, int windowSize) {
        this.connection = connection;
        this.id = id;
        this.type = type;
        this.ours = ours;
        this.windowSize = windowSize;
        this.receiveWindow = windowSize;
    }

    public SshConnection connection() {
        return connection;
    }

    public ChannelType type() {
        return type;
    }

    /** Our number for it, unique among the open channels of the connection. */
    public int id() {
        return id;
    }

    /** Whether this side opened it. */
    public boolean openedHere() {
        return ours;
    }

    /** Whether it is confirmed and not closed: data and requests may flow. */
    public boolean isOpen() {
        return !opening && !closed;
    }

    /** What the owner keeps beside the channel. */
    public @Nullable Object attachment() {
        return owner;
    }

    public void attach(@Nullable Object attachment) {
        owner = attachment;
    }

    /**
     * Sends as much of {@code array[offset .. offset + length)} as may be sent now.
     *
     * @return how many bytes were taken; when fewer than {@code length}, {@link Event.Writable} follows later
     */
    public int send(byte[] array, int offset, int length) {
        return connection.send(this, 0, array, offset, length);
    }

    /** As {@link #send}, on another data type (RFC 4254 §5.2). */
    public int sendExtended(int dataType, byte[] array, int offset, int length) {
        return connection.send(this, dataType, array, offset, length);
    }

    /** How many bytes {@link #send} would take now; at most 2^31-1. */
    public int sendable() {
        return connection.sendable(this);
    }

    /** Says that {@code bytes} of the data handed out are dealt with, so that the peer may send as many more. */
    public void consumed(int bytes) {
        connection.consumed(this, bytes);
    }

    /** Says that no more data follows; the other direction stays open. */
    public void sendEof() {
        connection.sendEof(this);
    }

    /** Sends a request (RFC 4254 §5.4); with {@code wantReply}, {@link Event.ChannelReply} follows. */
    public void request(ChannelRequest request, boolean wantReply) {
        connection.request(this, request, wantReply);
    }

    /** Closes it. {@link Event.ChannelClosed} follows when the peer has closed too. */
    public void close() {
        connection.close(this);
    }

    @Override
    public String toString() {
        return "Channel[" + id + " " + type.name() + "]";
    }
}
