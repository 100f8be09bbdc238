package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.SshWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SSH inside an SSH channel, three deep, with the roles turned round at each level as in the tunnel design. */
class NestedTest {

    /** One end of a level: an engine whose bytes go through a channel of the level below. */
    private static final class Inner {
        final SshWriter out = new SshWriter();
        final Channel carrier;
        final SshConnection connection;
        final List<Event> events = new ArrayList<>();
        final SshWriter received = new SshWriter();
        private final List<Inner> above = new ArrayList<>();

        Inner(Role role, Channel carrier, long seed) {
            this.carrier = carrier;
            var environment = new Environment(() -> 1_000_000_000L, new SeededRandom(seed));
            connection = SshConnection.as(role, SshSettings.server(List.of(Keys.ED25519)), environment, out, this::on);
        }

        private void on(Event event) {
            switch (event) {
                case Question.HostKeyAsked asked -> connection.decide(asked, new HostKeyDecision.Accept());
                case Question.LoginAsked asked -> connection.decide(asked, new LoginAttempt.Key("a", Keys.USER));
                case Question.LoginRequested asked -> connection.decide(asked, new LoginDecision.Accept());
                case Question.OpenRequested asked -> connection.accept(asked, 1 << 18);
                case Event.Data data -> data(data);
                case Event other -> {
                }
            }
            if (!(event instanceof Event.Data)) {
                events.add(event);
            }
        }

        private void data(Event.Data data) {
            if (above.isEmpty()) {
                received.bytes(data.array(), data.offset(), data.length());
            } else {
                byte[] copy = Arrays.copyOfRange(data.array(), data.offset(), data.offset() + data.length());
                above.getFirst().connection.receive(copy, 0, copy.length);
            }
            data.channel().consumed(data.length());
        }

        /** Hands on what the carrier takes now; whether there was any. */
        boolean flush() {
            int taken = carrier.send(out.array(), 0, out.size());
            byte[] rest = Arrays.copyOfRange(out.array(), taken, out.size());
            out.clear().bytes(rest);
            return taken > 0;
        }
    }

    @Test
    void threeDeepCarriesDataAndRekeysAtEachLevel() {
        var pair = Pair.friendly().cut(Pair.Cut.RANDOM);
        var levels = new ArrayList<List<Inner>>();
        pair.client.on((end, event) -> hand(event, levels, 0));
        pair.server.on((end, event) -> hand(event, levels, 1));
        pair.start();
        var near = pair.session();
        var far = pair.accepted();
        for (int level = 0; level < 3; level++) {
            // The side that is the server below is the client above: the tunnel design.
            var nearRole = level % 2 == 0 ? Role.SERVER : Role.CLIENT;
            var made = List.of(new Inner(nearRole, near, 10 + level), new Inner(nearRole.other(), far, 20 + level));
            if (level > 0) {
                levels.getLast().get(0).above.add(made.get(0));
                levels.getLast().get(1).above.add(made.get(1));
            }
            levels.add(made);
            made.forEach(inner -> inner.connection.start());
            pump(pair, levels);
            assertTrue(made.get(0).connection.isAuthenticated(), made.get(0).events::toString);
            near = made.get(0).connection.openChannel(new ChannelType.Session(), 1 << 18);
            pump(pair, levels);
            var asked = made.get(1).events.stream().filter(Question.OpenRequested.class::isInstance)
                    .map(Question.OpenRequested.class::cast).toList();
            far = asked.getFirst().channel();
        }
        var top = levels.getLast();
        int sent = 0;
        for (int turn = 0; turn < 12; turn++) {
            var data = new byte[30_000];
            Arrays.fill(data, (byte) turn);
            assertEquals(data.length, near.send(data, 0, data.length));
            sent += data.length;
            // New keys at one level after the other, and at all of them at once, from either end.
            if (turn % 4 == 3) {
                pair.client.connection.rekey();
                levels.forEach(level -> level.forEach(inner -> inner.connection.rekey()));
            } else {
                levels.get(turn % 3).get(turn % 2).connection.rekey();
            }
            pump(pair, levels);
            assertEquals(sent, top.get(1).received.size());
        }
        for (int i = 0; i < sent; i++) {
            assertEquals((byte) (i / 30_000), top.get(1).received.array()[i]);
        }
        levels.forEach(level -> level.forEach(inner -> assertTrue(inner.events.stream()
                .filter(Event.KeysExchanged.class::isInstance).count() > 5)));
        // The end of the innermost is nobody else's.
        top.get(0).connection.disconnect("done");
        pump(pair, levels);
        assertTrue(top.get(1).connection.closed().isPresent());
        assertTrue(levels.get(1).get(0).connection.closed().isEmpty());
        assertTrue(pair.client.connection.closed().isEmpty());
    }

    private static void hand(Event event, List<List<Inner>> levels, int side) {
        if (event instanceof Event.Data data && !levels.isEmpty()) {
            byte[] copy = Arrays.copyOfRange(data.array(), data.offset(), data.offset() + data.length());
            levels.getFirst().get(side).connection.receive(copy, 0, copy.length);
        }
    }

    private static void pump(Pair pair, List<List<Inner>> levels) {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int level = levels.size() - 1; level >= 0; level--) {
                for (var inner : levels.get(level)) {
                    moved |= inner.flush();
                }
            }
            pair.run();
        }
    }
}
