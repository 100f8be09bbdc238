package homeport.bench;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.LinkChannel;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;
import java.nio.charset.StandardCharsets;

/**
 * A session at a benchmark's device: NETCONF (RFC 6242 §4.3's framing), which says hello and answers every message after
 * the peer's hello; {@code flood N}, which sends N bytes; {@code flood-on-demand N}, which does so for each byte that it
 * is sent.
 */
final class DeviceSession implements ChannelHandler {
    static final byte[] HELLO = """
            <?xml version="1.0" encoding="UTF-8"?>
            <hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>\
            <capability>urn:ietf:params:netconf:base:1.0</capability>\
            <capability>urn:ietf:params:netconf:base:1.1</capability></capabilities>\
            <session-id>1</session-id></hello>]]>]]>""".getBytes(StandardCharsets.UTF_8);
    static final byte[] END = "]]>]]>".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REPLY = """
            <rpc-reply message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><ok/></rpc-reply>]]>]]>"""
            .getBytes(StandardCharsets.UTF_8);
    private static final byte[] CHUNK = new byte[32 << 10];
    private long flood = -1;
    /** Bytes for each that comes; 0 where nothing is on demand. */
    private long demand;
    private boolean netconf;
    private boolean greeted;
    /** How much of {@link #END} has just been seen. */
    private int matched;

    @Override
    public void opened(LinkChannel channel) {}

    @Override
    public void refused(LinkChannel channel, ChannelRefusal refusal) {}

    @Override
    public void requested(LinkChannel channel, Question.ChannelRequested question) {
        switch (question.request()) {
            case ChannelRequest.Subsystem subsystem -> {
                netconf = true;
                channel.decide(question, true);
                channel.send(HELLO, 0, HELLO.length);
            }
            case ChannelRequest.Exec command -> {
                channel.decide(question, true);
                var words = command.text().split(" ", 2);
                if (words[0].equals("flood-on-demand")) {
                    demand = Long.parseLong(words[1]);
                } else {
                    flood = Long.parseLong(words[1]);
                    writable(channel);
                }
            }
            default -> channel.decide(question, false);
        }
    }

    @Override
    public void writable(LinkChannel channel) {
        while (flood > 0) {
            int count = (int) Math.min(flood, CHUNK.length);
            int sent = channel.send(CHUNK, 0, count);
            flood -= sent;
            if (sent < count) {
                return;
            }
        }
        if (flood == 0 && demand == 0) {
            channel.sendEof();
            channel.close();
        }
    }

    @Override
    public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
        channel.consumed(length);
        if (demand > 0) {
            flood = Math.max(0, flood) + length * demand;
            writable(channel);
        } else if (netconf) {
            for (int i = 0; i < length; i++) {
                if (ends(array[offset + i])) {
                    answer(channel);
                }
            }
        }
    }

    /** Whether a message ends with this byte. */
    private boolean ends(byte next) {
        if (next == END[matched]) {
            matched++;
        } else {
            // Only where '>' is due may another bracket come, and then the last two are still the beginning of one.
            matched = next == ']' ? 2 : 0;
        }
        if (matched < END.length) {
            return false;
        }
        matched = 0;
        return true;
    }

    private void answer(LinkChannel channel) {
        if (greeted) {
            channel.send(REPLY, 0, REPLY.length);
        }
        greeted = true;
    }

    @Override
    public void eof(LinkChannel channel) {
        if (flood <= 0) {
            channel.sendEof();
            channel.close();
        }
    }

    @Override
    public void closed(LinkChannel channel) {}
}
