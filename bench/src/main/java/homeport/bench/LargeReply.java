package homeport.bench;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** A reply of 200 MiB, as interfaces with their counters make one. */
final class LargeReply {
    static final int BYTES = 200 << 20;
    private static final int ENTRIES_A_BLOCK = 200;

    private LargeReply() {}

    /** The parts of the document: a start, a block that comes so often, an end. */
    record Parts(byte[] start, byte[] block, int blocks, byte[] end) {
        long bytes() {
            return start.length + (long) block.length * blocks + end.length;
        }
    }

    static Parts parts(String messageId) {
        var block = new StringBuilder();
        for (int i = 0; i < ENTRIES_A_BLOCK; i++) {
            block.append("<interface><name>ge-0/0/").append(i).append("</name><oper-status>up</oper-status>")
                    .append("<phys-address>00:00:5e:00:53:01</phys-address><statistics><in-octets>").append(i * 7919L)
                    .append("</in-octets><out-octets>").append(i * 104_729L)
                    .append("</out-octets><in-errors>0</in-errors></statistics></interface>\n");
        }
        byte[] bytes = block.toString().getBytes(StandardCharsets.UTF_8);
        return new Parts(("<rpc-reply xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" message-id=\"" + messageId
                + "\"><data><interfaces-state xmlns=\"urn:ietf:params:xml:ns:yang:ietf-interfaces\">")
                .getBytes(StandardCharsets.UTF_8), bytes, BYTES / bytes.length + 1,
                "</interfaces-state></data></rpc-reply>".getBytes(StandardCharsets.UTF_8));
    }

    /** The document from memory: what a parser alone can be given. */
    static InputStream stream() {
        var parts = parts("1");
        return new InputStream() {
            private byte[] current = parts.start();
            private int position;
            private int next;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                Objects.checkFromIndexSize(offset, length, into.length);
                if (position == current.length) {
                    if (next > parts.blocks()) {
                        return -1;
                    }
                    current = List.of(parts.block(), parts.end()).get(next++ < parts.blocks() ? 0 : 1);
                    position = 0;
                }
                int count = Math.min(length, current.length - position);
                System.arraycopy(current, position, into, offset, count);
                position += count;
                return count;
            }
        };
    }

    /** What is done while it is read, every so many entries. */
    interface Checkpoint {
        void reached();
    }

    /** Reads every name and every text to the cursor's end. @return entries */
    static int read(XMLStreamReader cursor, int every, Checkpoint checkpoint) throws XMLStreamException {
        int entries = 0;
        long characters = 0;
        while (cursor.hasNext()) {
            switch (cursor.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    if (cursor.getLocalName().equals("interface") && ++entries % every == 0) {
                        checkpoint.reached();
                    }
                }
                case XMLStreamConstants.CHARACTERS -> characters += cursor.getTextLength();
                default -> {
                }
            }
        }
        if (entries != parts("1").blocks() * ENTRIES_A_BLOCK || characters < BYTES / 10) {
            throw new IllegalStateException("the reply is not whole: " + entries + " entries");
        }
        return entries;
    }
}
