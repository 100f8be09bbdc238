package homeport.callhome;

/** Where a connection's bytes go: a socket, or a channel of another connection. */
public interface Sink {
    /** Takes all of {@code array[offset .. offset + length)}, copying it. Must not call back into any machine. */
    void write(byte[] array, int offset, int length);

    /** Whether more than what is unavoidable should be written now. */
    boolean writable();

    /** Sends on what was written. May call back. */
    void flush();

    /** Closes the stream once what was written has gone, at the next {@link #flush}. */
    void end();
}
