package homeport.gateway.northbound;

import homeport.callhome.ChannelHandler;
import homeport.callhome.LinkChannel;
import homeport.ssh.Channel;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A session that only says something and ends: so a person at a terminal reads why, where a refused channel would leave
 * them with their client's own words.
 */
final class Notice implements ChannelHandler {
    private static final int WRONG_USAGE = 2;

    private final byte[] text;
    private final int dataType;
    private final int status;
    private final @Nullable Notice unlessShell;
    private int sent;
    private boolean asked;
    private boolean done;
    /** The one of the two that is said. */
    private Notice said = this;

    private Notice(String text, int dataType, int status, @Nullable Notice unlessShell) {
        this.text = text.getBytes(StandardCharsets.UTF_8);
        this.dataType = dataType;
        this.status = status;
        this.unlessShell = unlessShell;
    }

    /**
     * For who names no device: on standard output with status 0 where a shell is asked for. A program that runs a command
     * or speaks a protocol has forgotten the device's name, and would take the text for an answer.
     */
    static Notice listing(String text) {
        return new Notice(text, 0, 0, error("which device? The user name is OPERATOR+DEVICE", WRONG_USAGE));
    }

    /** One line on standard error. @param status as the commands have it */
    static Notice error(String line, int status) {
        return new Notice("homeport: " + Printable.of(line) + "\r\n", Channel.STDERR, status, null);
    }

    @Override
    public void opened(LinkChannel channel) {}

    @Override
    public void refused(LinkChannel channel, String reason) {}

    @Override
    public void data(LinkChannel channel, int type, byte[] array, int offset, int length) {
        channel.consumed(length);
    }

    @Override
    public void requested(LinkChannel channel, Question.ChannelRequested question) {
        boolean begins = switch (question.request()) {
            case ChannelRequest.Shell shell -> true;
            case ChannelRequest.Exec exec -> true;
            case ChannelRequest.Subsystem subsystem -> true;
            case ChannelRequest other -> false;
        };
        channel.decide(question, begins || question.request() instanceof ChannelRequest.Pty);
        if (begins && !asked) {
            asked = true;
            said = unlessShell == null || question.request() instanceof ChannelRequest.Shell ? this : unlessShell;
            said.say(channel);
        }
    }

    @Override
    public void writable(LinkChannel channel) {
        if (asked) {
            said.say(channel);
        }
    }

    /** At the end of a channel that was another's: what has no room is not said. */
    void sayAndEnd(LinkChannel channel) {
        channel.send(dataType, text, 0, text.length);
        channel.request(new ChannelRequest.ExitStatus(status), false);
    }

    private void say(LinkChannel channel) {
        sent += channel.send(dataType, text, sent, text.length - sent);
        if (sent == text.length && !done) {
            done = true;
            channel.request(new ChannelRequest.ExitStatus(status), false);
            channel.sendEof();
            channel.close();
        }
    }

    @Override
    public void closed(LinkChannel channel) {}
}
