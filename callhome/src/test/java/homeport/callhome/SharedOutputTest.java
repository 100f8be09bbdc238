package homeport.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What many channels of one connection write within one call reaches the sink while there is time to stop. */
class SharedOutputTest {
    private static final int PACKET = 32 << 10;

    /** Takes little before it says that it is full. */
    private static final class Narrow implements Sink {
        private final List<Integer> writes = new ArrayList<>();
        private int waiting;
        private int flushes;

        @Override
        public void write(byte[] array, int offset, int length) {
            writes.add(length);
            waiting += length;
        }

        @Override
        public boolean writable() {
            return waiting < 4 * PACKET;
        }

        @Override
        public void end() {}

        @Override
        public void flush() {
            flushes++;
        }
    }

    private final SharedOutput output = new SharedOutput();
    private final Narrow sink = new Narrow();

    private void packet(Sink to) {
        output.run(to, () -> output.writer().bytes(new byte[PACKET]));
    }

    @Test
    void theSinkKnowsWhatWaitsBeforeTheOutermostCallIsOver() {
        var sent = new int[1];
        // As if fifty channels heard within one read that they may send.
        output.run(sink, () -> {
            for (int channel = 0; channel < 50; channel++) {
                if (sink.writable()) {
                    packet(sink);
                    sent[0]++;
                }
            }
        });
        assertTrue(sent[0] <= 6, "sent " + sent[0] + " packets into a sink that was full after four");
        assertEquals(sent[0] * PACKET, sink.waiting);
        assertEquals(1, sink.flushes);
    }

    @Test
    void theBufferStaysSmall() {
        output.run(sink, () -> {
            for (int i = 0; i < 100; i++) {
                packet(sink);
            }
        });
        assertTrue(output.writer().array().length <= 4 * PACKET, output.writer().array().length + " bytes");
        assertEquals(100 * PACKET, sink.waiting);
    }

    @Test
    void smallMessagesGoOutTogether() {
        output.run(sink, () -> {
            for (int i = 0; i < 100; i++) {
                output.run(sink, () -> output.writer().uint32(1));
            }
        });
        assertEquals(List.of(400), sink.writes);
    }

    @Test
    void anotherSinksTurnComesBetween() {
        var other = new Narrow();
        output.run(sink, () -> {
            output.writer().uint8(1);
            packet(other);
            output.writer().uint8(2);
        });
        assertEquals(List.of(1, 1), sink.writes);
        assertEquals(List.of(PACKET), other.writes);
        assertFalse(sink.flushes != 1 || other.flushes != 1);
    }
}
