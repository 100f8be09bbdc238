package homeport.netconf.session;

import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Takes a byte stream apart into messages (RFC 6242 §4), however it is split.
 *
 * <p>Begins with the end-of-message mark (§4.3) and goes over to chunks (§4.2) when told. It keeps no message: what
 * arrives is passed on as slices, so a chunk announced as 4 GiB costs nothing by being announced.
 */
final class FrameDecoder {
    /** Where the messages go. */
    interface Sink {
        /** The next bytes of the current message; the slice is valid during the call. */
        void data(ByteBuffer slice);

        /** The current message is complete. */
        void end();
    }

    private static final byte[] MARK = "]]>]]>".getBytes(StandardCharsets.US_ASCII);
    /** How many of the mark's bytes still match when the byte after so many matched does not. */
    private static final int[] FALL_BACK = {0, 0, 1, 0, 1, 2};
    /** A peer that ends its hello with more line ends than this is not careless but wrong. */
    private static final int STRAY_LINE_ENDS = 8;
    private static final long LARGEST_CHUNK = 0xffff_ffffL;

    /** Where in the stream the next byte stands. */
    private enum Place {
        MARKED,
        HEADER_LF,
        HEADER_HASH,
        FIRST_DIGIT,
        DIGITS,
        END_LF,
        CHUNK
    }

    private Place place = Place.MARKED;
    private boolean chunkedNext;
    private boolean anyData;
    private int matched;
    private boolean anyChunk;
    private boolean firstChunked;
    private int strays;
    private long size;

    /** From the next message on the stream is chunked. To be called from {@link Sink#end}. */
    void chunked() {
        chunkedNext = true;
    }

    /** Whether a message has begun and not ended. */
    boolean inMessage() {
        return anyData || matched > 0 || anyChunk;
    }

    void receive(ByteBuffer in, Sink sink) {
        while (in.hasRemaining()) {
            switch (place) {
                case MARKED -> marked(in, sink);
                case CHUNK -> chunk(in, sink);
                case HEADER_LF, HEADER_HASH, FIRST_DIGIT, DIGITS, END_LF -> header(in.get(), sink);
            }
        }
    }

    /** One run of end-of-message framing: until the mark, or the buffer's end. */
    private void marked(ByteBuffer in, Sink sink) {
        if (!anyData && matched == 0) {
            skipBlanks(in);
        }
        int start = in.position();
        // Bytes of the mark that were withheld from an earlier buffer and turn out to be content.
        int withheld = matched;
        for (int i = start; i < in.limit(); i++) {
            byte next = in.get(i);
            while (matched > 0 && next != MARK[matched]) {
                int keep = FALL_BACK[matched];
                if (withheld > 0) {
                    int content = Math.min(withheld, matched - keep);
                    emit(ByteBuffer.wrap(MARK, 0, content).slice(), sink);
                    withheld -= content;
                }
                matched = keep;
            }
            if (next == MARK[matched]) {
                matched++;
            }
            if (matched == MARK.length) {
                int content = i + 1 - start - (MARK.length - withheld);
                if (content > 0) {
                    emit(in.slice(start, content), sink);
                }
                in.position(i + 1);
                matched = 0;
                endMessage(sink);
                return;
            }
        }
        int content = in.limit() - start - (matched - withheld);
        if (content > 0) {
            emit(in.slice(start, content), sink);
        }
        in.position(in.limit());
    }

    private static void skipBlanks(ByteBuffer in) {
        while (in.hasRemaining()) {
            byte next = in.get(in.position());
            if (next != '\n' && next != '\r' && next != ' ' && next != '\t') {
                return;
            }
            in.get();
        }
    }

    private void emit(ByteBuffer slice, Sink sink) {
        anyData = true;
        sink.data(slice);
    }

    private void endMessage(Sink sink) {
        if (!anyData) {
            throw new SessionError(Rule.EMPTY_MESSAGE);
        }
        anyData = false;
        anyChunk = false;
        sink.end();
        if (chunkedNext) {
            chunkedNext = false;
            firstChunked = true;
            place = Place.HEADER_LF;
        }
    }

    private void header(byte next, Sink sink) {
        switch (place) {
            case HEADER_LF -> {
                if (next == '\n') {
                    place = Place.HEADER_HASH;
                } else if (next == '\r') {
                    stray();
                } else {
                    throw badHeader(next);
                }
            }
            case HEADER_HASH -> {
                if (next == '#') {
                    firstChunked = false;
                    place = Place.FIRST_DIGIT;
                } else if (next == '\n' || next == '\r') {
                    stray();
                    place = next == '\n' ? Place.HEADER_HASH : Place.HEADER_LF;
                } else {
                    throw badHeader(next);
                }
            }
            case FIRST_DIGIT -> {
                if (next == '#') {
                    if (!anyChunk) {
                        throw new SessionError(Rule.EMPTY_MESSAGE);
                    }
                    place = Place.END_LF;
                } else if (next >= '1' && next <= '9') {
                    size = (long) next - '0';
                    place = Place.DIGITS;
                } else {
                    throw new SessionError(Rule.CHUNK_SIZE, "begins with byte " + (next & 0xff));
                }
            }
            case DIGITS -> {
                if (next == '\n') {
                    anyChunk = true;
                    place = Place.CHUNK;
                } else if (next >= '0' && next <= '9') {
                    size = size * 10 + (next - '0');
                    if (size > LARGEST_CHUNK) {
                        throw new SessionError(Rule.CHUNK_SIZE, "larger than " + LARGEST_CHUNK);
                    }
                } else {
                    throw new SessionError(Rule.CHUNK_SIZE, "contains byte " + (next & 0xff));
                }
            }
            case END_LF -> {
                if (next != '\n') {
                    throw badHeader(next);
                }
                place = Place.HEADER_LF;
                endMessage(sink);
            }
            case MARKED, CHUNK -> throw new IllegalStateException("not in a header");
        }
    }

    /** Some peers send a line end after the mark that ends their hello, where the first chunk header should begin. */
    private void stray() {
        if (!firstChunked || ++strays > STRAY_LINE_ENDS) {
            throw new SessionError(Rule.CHUNK_HEADER, "a stray line end");
        }
    }

    private SessionError badHeader(byte next) {
        return new SessionError(Rule.CHUNK_HEADER, "byte " + (next & 0xff) + " at " + place);
    }

    private void chunk(ByteBuffer in, Sink sink) {
        int length = (int) Math.min(size, in.remaining());
        emit(in.slice(in.position(), length), sink);
        in.position(in.position() + length);
        size -= length;
        if (size == 0) {
            place = Place.HEADER_LF;
        }
    }
}
