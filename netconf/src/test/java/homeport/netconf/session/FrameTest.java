package homeport.netconf.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6242 §4: both framings, taken apart and put together. */
class FrameTest {
    /** Collects whole messages; goes over to chunks after the first when asked. */
    private static final class WholeMessages implements FrameDecoder.Sink {
        final List<String> messages = new ArrayList<>();
        private final FrameDecoder decoder;
        private final boolean chunkedAfterFirst;
        private final ByteArrayOutputStream current = new ByteArrayOutputStream();

        WholeMessages(FrameDecoder decoder, boolean chunkedAfterFirst) {
            this.decoder = decoder;
            this.chunkedAfterFirst = chunkedAfterFirst;
        }

        @Override
        public void data(ByteBuffer slice) {
            assertTrue(slice.hasRemaining());
            byte[] bytes = new byte[slice.remaining()];
            slice.get(bytes);
            current.writeBytes(bytes);
        }

        @Override
        public void end() {
            messages.add(current.toString(StandardCharsets.UTF_8));
            current.reset();
            if (chunkedAfterFirst && messages.size() == 1) {
                decoder.chunked();
            }
        }
    }

    private static List<String> decode(byte[] stream, boolean chunkedAfterFirst, int seed) {
        FrameDecoder decoder = new FrameDecoder();
        WholeMessages sink = new WholeMessages(decoder, chunkedAfterFirst);
        Random random = new Random(seed);
        int at = 0;
        while (at < stream.length) {
            int length = Math.min(stream.length - at, seed == 0 ? stream.length : 1 + random.nextInt(7));
            decoder.receive(ByteBuffer.wrap(stream, at, length), sink);
            at += length;
        }
        return sink.messages;
    }

    private static List<String> decode(String stream, boolean chunkedAfterFirst) {
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        List<String> whole = decode(bytes, chunkedAfterFirst, 0);
        for (int seed = 1; seed < 50; seed++) {
            assertEquals(whole, decode(bytes, chunkedAfterFirst, seed), "seed " + seed);
        }
        return whole;
    }

    private static byte[] encode(boolean chunked, String message, int write) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FrameEncoder encoder = new FrameEncoder(chunked,
                framed -> out.write(framed.array(), framed.arrayOffset() + framed.position(), framed.remaining()));
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < bytes.length; at += write) {
            encoder.write(bytes, at, Math.min(write, bytes.length - at));
        }
        encoder.endMessage();
        return out.toByteArray();
    }

    private static void refused(Rule rule, String stream, boolean chunkedAfterFirst) {
        SessionError error = assertThrows(SessionError.class, () -> decode(stream, chunkedAfterFirst));
        assertEquals(rule, error.rule());
        for (int seed = 1; seed < 20; seed++) {
            int fixed = seed;
            assertEquals(rule, assertThrows(SessionError.class,
                    () -> decode(stream.getBytes(StandardCharsets.UTF_8), chunkedAfterFirst, fixed)).rule());
        }
    }

    /** Text made mostly of the mark's own characters, so that every false beginning of it occurs. */
    @Provide
    Arbitrary<String> nearMarks() {
        return Arbitraries.strings().withChars(']', '>', 'x').ofMinLength(1).ofMaxLength(40)
                .filter(text -> !text.contains("]]>]]>") && !(text + "]]>]]>").substring(0, text.length() + 5)
                        .contains("]]>]]>"));
    }

    @Property(tries = 1000)
    void anyTextSurvivesTheMarkHoweverTheStreamIsSplit(@ForAll("nearMarks") String first,
            @ForAll("nearMarks") String second, @ForAll int seed) {
        byte[] stream = (first + "]]>]]>" + second + "]]>]]>").getBytes(StandardCharsets.UTF_8);

        assertEquals(List.of(first, second), decode(stream, false, seed));
    }

    @Property(tries = 500)
    void anyTextSurvivesChunksHoweverTheyAreCutAndTheStreamIsSplit(@ForAll("texts") List<String> messages,
            @ForAll int seed) {
        Random random = new Random(seed);
        StringBuilder stream = new StringBuilder("hello]]>]]>");
        for (String message : messages) {
            for (int at = 0; at < message.length();) {
                int length = Math.min(message.length() - at, 1 + random.nextInt(9));
                stream.append("\n#").append(length).append('\n').append(message, at, at + length);
                at += length;
            }
            stream.append("\n##\n");
        }
        List<String> expected = new ArrayList<>(messages);
        expected.addFirst("hello");

        assertEquals(expected, decode(stream.toString().getBytes(StandardCharsets.US_ASCII), true, seed));
    }

    @Provide
    Arbitrary<List<String>> texts() {
        return Arbitraries.strings().withChars('\n', '#', '1', ']', '>', 'x').ofMinLength(1).ofMaxLength(60).list()
                .ofMaxSize(5);
    }

    @Property(tries = 200)
    void whatIsEncodedIsDecoded(@ForAll("nearMarks") String message, @ForAll boolean chunked, @ForAll int seed) {
        byte[] hello = "h]]>]]>".getBytes(StandardCharsets.US_ASCII);
        byte[] framed = encode(chunked, message, 1 + Math.floorMod(seed, 7));
        byte[] stream = new byte[hello.length + framed.length];
        System.arraycopy(hello, 0, stream, 0, hello.length);
        System.arraycopy(framed, 0, stream, hello.length, framed.length);

        assertEquals(List.of("h", message), decode(stream, chunked, seed));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLargeMessageGoesOutInPieces(boolean chunked) {
        List<Integer> pieces = new ArrayList<>();
        FrameEncoder encoder = new FrameEncoder(chunked, framed -> pieces.add(framed.remaining()));
        encoder.write(new byte[200_000], 0, 200_000);
        encoder.endMessage();

        assertEquals(7, pieces.size());
        assertTrue(pieces.stream().allMatch(size -> size <= FrameEncoder.PIECE_BYTES + 19));
    }

    @Test
    void rfc6242Section42ExampleOfChunks() {
        // The exchange of §4.2: a message of three chunks of 4, 18 and 79 bytes.
        String first = "<rpc";
        String second = " message-id=\"102\"\n";
        String third = "     xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\">\n  <close-session/>\n</rpc>";
        assertEquals(4, first.length());
        assertEquals(18, second.length());
        assertEquals(79, third.length());

        assertEquals(List.of("h", first + second + third),
                decode("h]]>]]>\n#4\n" + first + "\n#18\n" + second + "\n#79\n" + third + "\n##\n", true));
    }

    @Test
    void chunksOfOneByte() {
        assertEquals(List.of("h", "abc"), decode("h]]>]]>\n#1\na\n#1\nb\n#1\nc\n##\n", true));
    }

    @Test
    void chunkAnnouncedAsLargeAsCanBeCostsNothing() {
        FrameDecoder decoder = new FrameDecoder();
        long[] seen = {0};
        FrameDecoder.Sink sink = new FrameDecoder.Sink() {
            @Override
            public void data(ByteBuffer slice) {
                seen[0] += slice.remaining();
            }

            @Override
            public void end() {
                decoder.chunked();
            }
        };
        decoder.receive(ByteBuffer.wrap("h]]>]]>\n#4294967295\n".getBytes(StandardCharsets.US_ASCII)), sink);
        decoder.receive(ByteBuffer.wrap(new byte[1000]), sink);

        assertEquals(1001, seen[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n#0\n", "\n#04\nabcd", "\n#4294967296\n", "\n#99999999999999999999\n", "\n#-1\n",
            "\n#+1\n",
            "\n# 1\n", "\n#1 \n", "\n#1\r\n", "\n#\n", "\n#a\n", "\n#0x10\n"})
    void chunkSizeIsANumberWithoutLeadingZeroInRange(String chunks) {
        refused(Rule.CHUNK_SIZE, "h]]>]]>" + chunks, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"#4\nabcd", "<rpc/>]]>]]>", "\n#1\na\n\n##\n", "\n#1\na##\n", "\n#1\na\n##x",
            "\n#1\na]]>]]>",
            "\n#1\na\n##\n\n\n#1\nb", "\n\n\n\n\n\n\n\n\n\n\n#1\na"})
    void chunkHeaderIsExact(String chunks) {
        refused(Rule.CHUNK_HEADER, "h]]>]]>" + chunks, true);
    }

    @Test
    void messageOfNoChunksIsRefused() {
        refused(Rule.EMPTY_MESSAGE, "h]]>]]>\n##\n", true);
    }

    @Test
    void messageOfNoBytesIsRefused() {
        refused(Rule.EMPTY_MESSAGE, "h]]>]]>]]>]]>", false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\n\n"})
    void strayLineEndAfterTheHelloIsTolerated(String stray) {
        assertEquals(List.of("h", "a"), decode("h]]>]]>" + stray + "\n#1\na\n##\n", true));
        assertEquals(List.of("h", "a"), decode("h]]>]]>" + stray + "a]]>]]>", false));
    }

    @Test
    void messageThatContainsTheMarkIsNotSentWithIt() {
        assertEquals(Rule.END_MARK_INSIDE,
                assertThrows(SessionError.class, () -> encode(false, "<a b=\"]]]>]]>\"/>", 3)).rule());
        assertEquals("\n#15\n<a b=\"]]>]]>\"/>\n##\n",
                new String(encode(true, "<a b=\"]]>]]>\"/>", 20), StandardCharsets.US_ASCII));
    }
}
