package homeport.gateway.northbound;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
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
    /**
     * Waits for an SFTP server's first word even when the channel has ended, so it has to hear that there is no such
     * subsystem. OpenSSH's client, told the same, ends at once with a status of its own and without the reason.
     */
    private static final String LIBSSH2 = "SSH-2.0-libssh2";
    /** The reply of scp's old protocol that ends a transfer; a line for people follows. */
    private static final String SCP_FATAL = "\u0002";
    /** Words of a command that are looked at. */
    private static final int MOST_WORDS = 10;

    private record Saying(String text, int dataType, int status) {
        byte[] bytes() {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        static Saying error(String line, int status) {
            return new Saying("homeport: " + Printable.of(line) + "\r\n", Channel.STDERR, status);
        }

        /** The same for a program that reads nothing but scp's protocol. */
        static Saying toScp(String line, int status) {
            return new Saying(SCP_FATAL + "homeport: " + Printable.of(line) + "\n", 0, status);
        }
    }

    private final Saying toShell;
    /** What a program is told, and with which status. */
    private final String line;
    private final int status;
    /** What is said, once something is asked for, and how much of it was. */
    private byte @Nullable [] saying;
    private int dataType;
    private int exitStatus;
    private int sent;
    /** Whether the end waits for the peer to send something or to end too. */
    private boolean awaitsPeer;
    private boolean done;

    private Notice(Saying toShell, String line, int status) {
        this.toShell = toShell;
        this.line = line;
        this.status = status;
    }

    /**
     * For who names no device: on standard output with status 0 where a shell is asked for. A program that runs a command
     * or speaks a protocol has forgotten the device's name, and would take the text for an answer.
     */
    static Notice listing(String text) {
        return new Notice(new Saying(text, 0, 0), "which device? The user name is OPERATOR+DEVICE", WRONG_USAGE);
    }

    /**
     * One line: on standard error, or as scp's protocol has it where that is spoken.
     *
     * @param status as the commands have it
     */
    static Notice error(String line, int status) {
        return new Notice(Saying.error(line, status), line, status);
    }

    @Override
    public void opened(LinkChannel channel) {}

    @Override
    public void refused(LinkChannel channel, ChannelRefusal refusal) {}

    @Override
    public void data(LinkChannel channel, int type, byte[] array, int offset, int length) {
        channel.consumed(length);
        peerMoved(channel);
    }

    @Override
    public void eof(LinkChannel channel) {
        peerMoved(channel);
    }

    private void peerMoved(LinkChannel channel) {
        awaitsPeer = false;
        writable(channel);
    }

    @Override
    public void requested(LinkChannel channel, Question.ChannelRequested question) {
        switch (question.request()) {
            case ChannelRequest.Shell shell -> begin(channel, question, toShell);
            case ChannelRequest.Exec exec when isScp(exec.text(), 'f') -> {
                // Who receives speaks first, and AsyncSSH reads nothing of a channel into which that went no more.
                awaitsPeer = saying == null;
                begin(channel, question, Saying.toScp(line, status));
            }
            case ChannelRequest.Exec exec -> begin(channel, question,
                    isScp(exec.text(), 't') ? Saying.toScp(line, status) : Saying.error(line, status));
            case ChannelRequest.Subsystem subsystem -> begin(channel, question, Saying.error(line, status));
            case ChannelRequest other -> channel.decide(question, other instanceof ChannelRequest.Pty);
        }
    }

    private void begin(LinkChannel channel, Question.ChannelRequested question, Saying what) {
        if (saying != null) {
            channel.decide(question, false);
            return;
        }
        saying = what.bytes();
        dataType = what.dataType();
        exitStatus = what.status();
        answer(channel, question);
        say(channel, saying);
    }

    private static void answer(LinkChannel channel, Question.ChannelRequested question) {
        boolean refuse = question.request() instanceof ChannelRequest.Subsystem
                && question.channel().connection().peerIdentification().startsWith(LIBSSH2);
        channel.decide(question, !refuse);
    }

    /** Whether a request is the one that a session is opened for. */
    static boolean begins(ChannelRequest request) {
        return switch (request) {
            case ChannelRequest.Shell shell -> true;
            case ChannelRequest.Exec exec -> true;
            case ChannelRequest.Subsystem subsystem -> true;
            case ChannelRequest other -> false;
        };
    }

    /** {@code scp -f FILE} sends and {@code scp -t FILE} receives; other options may stand before that or with it. */
    private static boolean isScp(String command, char option) {
        var words = command.split(" ", MOST_WORDS);
        if (!words[0].equals("scp")) {
            return false;
        }
        for (int i = 1; i < words.length && words[i].startsWith("-"); i++) {
            if (words[i].indexOf(option) > 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void writable(LinkChannel channel) {
        var what = saying;
        if (what != null) {
            say(channel, what);
        }
    }

    /** At the end of a channel that was another's: what has no room is not said. */
    void sayAndEnd(LinkChannel channel) {
        byte[] bytes = toShell.bytes();
        channel.send(toShell.dataType(), bytes, 0, bytes.length);
        channel.request(new ChannelRequest.ExitStatus(status), false);
    }

    /** The same in place of an answer that does not come. */
    void answerAndEnd(LinkChannel channel, Question.ChannelRequested question) {
        answer(channel, question);
        sayAndEnd(channel);
    }

    private void say(LinkChannel channel, byte[] what) {
        sent += channel.send(dataType, what, sent, what.length - sent);
        if (sent == what.length && !awaitsPeer && !done) {
            done = true;
            channel.request(new ChannelRequest.ExitStatus(exitStatus), false);
            channel.sendEof();
            channel.close();
        }
    }

    @Override
    public void closed(LinkChannel channel) {}
}
