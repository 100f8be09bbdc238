package homeport.bench;

import homeport.callhome.ChannelHandler;
import homeport.callhome.LinkChannel;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;
import java.nio.charset.StandardCharsets;

/** A session at a benchmark's device: NETCONF, which says hello, or {@code flood N}, which sends N bytes. */
final class DeviceSession implements ChannelHandler {
    static final byte[] HELLO = """
            <?xml version="1.0" encoding="UTF-8"?>
            <hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>\
            <capability>urn:ietf:params:netconf:base:1.0</capability>\
            <capability>urn:ietf:params:netconf:base:1.1</capability></capabilities>\
            <session-id>1</session-id></hello>]]>]]>""".getBytes(StandardCharsets.UTF_8);
    private static final byte[] CHUNK = new byte[32 << 10];
    private long flood = -1;

    @Override
    public void opened(LinkChannel channel) {}

    @Override
    public void refused(LinkChannel channel, String reason) {}

    @Override
    public void requested(LinkChannel channel, Question.ChannelRequested question) {
        switch (question.request()) {
            case ChannelRequest.Subsystem netconf -> {
                channel.decide(question, true);
                channel.send(HELLO, 0, HELLO.length);
            }
            case ChannelRequest.Exec command -> {
                channel.decide(question, true);
                flood = Long.parseLong(command.text().substring("flood ".length()));
                writable(channel);
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
        if (flood == 0) {
            channel.sendEof();
            channel.close();
        }
    }

    @Override
    public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
        channel.consumed(length);
    }

    @Override
    public void closed(LinkChannel channel) {}
}
