package homeport.callhome;

/**
 * A machine at one end of a stream of bytes: what carries the stream calls it, and gives it a {@link Sink}. One thread at
 * a time.
 */
public interface ByteMachine {
    /** The stream is there. */
    void start();

    /** Bytes came. They are changed where they stand, and nothing of them is kept. */
    void receive(byte[] array, int offset, int length);

    /** The stream has ended, or broke. */
    void endOfStream();

    /** Whether more bytes are welcome now; asked after every call. */
    boolean wantsInput();

    /** The sink takes more again after it did not. */
    void outputWritable();

    /** When {@link #tick} is due, on the environment's clock; {@link Long#MAX_VALUE} for never. */
    long deadline();

    /** Does what is due by now. */
    void tick();

    /** Ends it in good order, with a text for the peer. */
    void close(Refusal refusal, String detail);

    /** Whether it has ended: its sink was told to end too. */
    boolean isClosed();
}
