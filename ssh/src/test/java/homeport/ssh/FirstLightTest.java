package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client and a server meet, log in and run a command. */
class FirstLightTest {

    @Test
    void commandRunsAndItsExitStatusArrives() {
        var pair = Pair.friendly();
        pair.server.on((end, event) -> {
            if (event instanceof Question.ChannelRequested asked
                    && asked.request() instanceof ChannelRequest.Exec exec) {
                byte[] answer = ("ran " + exec.text()).getBytes(StandardCharsets.UTF_8);
                assertEquals(answer.length, asked.channel().send(answer, 0, answer.length));
                asked.channel().request(new ChannelRequest.ExitStatus(7), false);
                asked.channel().sendEof();
                asked.channel().close();
            }
        });
        pair.start();
        assertTrue(pair.client.connection.isAuthenticated(), pair.client.events::toString);
        assertTrue(pair.server.connection.isAuthenticated(), pair.server.events::toString);

        var channel = pair.client.connection.openChannel(new ChannelType.Session(), SshConnection.DEFAULT_WINDOW);
        pair.run();
        channel.request(new ChannelRequest.Exec("uptime"), true);
        pair.run();

        assertEquals("ran uptime", pair.client.text());
        var replies = pair.client.events(Event.ChannelReply.class);
        assertEquals(List.of(true), replies.stream().map(Event.ChannelReply::success).toList());
        var exit = pair.client.events(Question.ChannelRequested.class).getFirst();
        assertEquals(new ChannelRequest.ExitStatus(7), exit.request());
        assertEquals(1, pair.client.events(Event.ChannelClosed.class).size());
        assertEquals(0, pair.server.connection.channelCount());
    }
}
