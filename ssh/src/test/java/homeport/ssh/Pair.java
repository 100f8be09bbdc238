package homeport.ssh;

import homeport.ssh.key.HmacKeyId;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.SshWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Two engines joined in memory: a client and a server, in one thread, with a clock that the test moves and bytes that
 * are cut as the test says.
 */
final class Pair {
    final End client;
    final End server;
    private final long[] clock = {1_000_000_000L};
    private Cut cut = Cut.WHOLE;
    private Consumer<End> beforePart = end -> {};

    /** How a stream of bytes is handed over. */
    interface Cut {
        Cut WHOLE = (left, random) -> left;
        Cut SINGLE = (left, random) -> 1;
        Cut RANDOM = (left, random) -> 1 + random.nextInt(left);

        int next(int left, RandomGenerator random);
    }

    /** One side: its connection, what it wrote, and what happened at it. */
    final class End {
        final SshWriter out = new SshWriter(4096);
        final List<Event> events = new ArrayList<>();
        final List<String> received = new ArrayList<>();
        final SshConnection connection;
        /** Every byte that left this side. */
        final SshWriter sent = new SshWriter(4096);
        private final List<BiConsumer<End, Event>> handlers = new ArrayList<>();

        End(Role role, boolean decided, SshSettings settings) {
            var environment = new Environment(() -> clock[0], new SeededRandom(role.ordinal()));
            Event.Handler handler = event -> {
                if (event instanceof Event.Data data) {
                    received.add(new String(data.array(), data.offset(), data.length(),
                            java.nio.charset.StandardCharsets.UTF_8));
                    data.channel().consumed(data.length());
                } else {
                    events.add(event);
                }
                List.copyOf(handlers).forEach(each -> each.accept(this, event));
            };
            connection = decided
                    ? SshConnection.as(role, settings, environment, out, handler)
                    : SshConnection.undecided(settings, environment, out, handler);
        }

        void on(BiConsumer<End, Event> handler) {
            handlers.add(handler);
        }

        <T extends Event> List<T> events(Class<T> type) {
            return events.stream().filter(type::isInstance).map(type::cast).toList();
        }

        String text() {
            return String.join("", received);
        }

        byte[] take() {
            byte[] bytes = out.toByteArray();
            sent.bytes(bytes);
            out.clear();
            return bytes;
        }
    }

    Pair(SshSettings clientSettings, SshSettings serverSettings) {
        this(clientSettings, true, serverSettings, true);
    }

    Pair(SshSettings clientSettings, boolean clientDecided, SshSettings serverSettings, boolean serverDecided) {
        client = new End(Role.CLIENT, clientDecided, clientSettings);
        server = new End(Role.SERVER, serverDecided, serverSettings);
    }

    /** A pair that lets each other in, with answers as a friendly program would give them. */
    static Pair friendly(SshSettings clientSettings, SshSettings serverSettings) {
        var pair = new Pair(clientSettings, serverSettings);
        pair.client.on(Pair::friendlyClient);
        pair.server.on(Pair::friendlyServer);
        return pair;
    }

    static Pair friendly() {
        return friendly(SshSettings.client(), SshSettings.server(List.of(Keys.ED25519)));
    }

    static void friendlyClient(End end, Event event) {
        switch (event) {
            case Question.HostKeyAsked asked -> end.connection.decide(asked, asked.key() instanceof HmacKeyId
                    ? new HostKeyDecision.CheckHmac(Optional.of(Keys.SECRET))
                    : new HostKeyDecision.Accept());
            case Question.LoginAsked asked -> end.connection.decide(asked, new LoginAttempt.Key("alice", Keys.USER));
            case Event other -> {
            }
        }
    }

    static void friendlyServer(End end, Event event) {
        switch (event) {
            case Question.LoginRequested asked -> end.connection.decide(asked,
                    asked.credential() instanceof Question.Credential.Key
                            ? new LoginDecision.Accept()
                            : new LoginDecision.Refuse(List.of("publickey")));
            case Question.OpenRequested asked -> end.connection.accept(asked, SshConnection.DEFAULT_WINDOW);
            case Question.ChannelRequested asked -> end.connection.decide(asked, true);
            case Event other -> {
            }
        }
    }

    static SshSettings.Builder clientWith(Algorithms algorithms) {
        return SshSettings.builder().algorithms(algorithms);
    }

    static SshSettings.Builder serverWith(Algorithms algorithms) {
        return SshSettings.builder().algorithms(algorithms).hostKeys(List.of(Keys.ED25519));
    }

    /** Opens a session from the client's side; the server lets it. */
    Channel session() {
        var channel = client.connection.openChannel(new ChannelType.Session(), SshConnection.DEFAULT_WINDOW);
        run();
        return channel;
    }

    /** The server's end of the channel that was opened last. */
    Channel accepted() {
        return server.events(Question.OpenRequested.class).getLast().channel();
    }

    long now() {
        return clock[0];
    }

    Pair cut(Cut value) {
        cut = value;
        return this;
    }

    /** What happens to an end before it is given bytes. */
    Pair beforeEachPart(Consumer<End> step) {
        beforePart = step;
        return this;
    }

    Pair start() {
        client.connection.start();
        server.connection.start();
        return run();
    }

    /** Carries bytes both ways until nobody has any left. */
    Pair run() {
        var random = RandomGenerator.of("L64X128MixRandom");
        boolean moved = true;
        while (moved) {
            moved = carry(client, server, random) | carry(server, client, random);
        }
        return this;
    }

    private boolean carry(End from, End to, RandomGenerator random) {
        byte[] bytes = from.take();
        for (int at = 0; at < bytes.length;) {
            int count = cut.next(bytes.length - at, random);
            // A copy: the engine decrypts in place, and what it was not given it must not read.
            byte[] part = Arrays.copyOfRange(bytes, at, at + count);
            beforePart.accept(to);
            to.connection.receive(part, 0, count);
            at += count;
        }
        return bytes.length > 0;
    }

    /** Moves the clock and lets both sides do what is due, as often as it is due. */
    Pair pass(java.time.Duration time) {
        long until = clock[0] + time.toNanos();
        for (int rounds = 0;; rounds++) {
            if (rounds > 100_000) {
                throw new AssertionError("a deadline does not move on: the owner would spin");
            }
            long next = Math.min(client.connection.deadline(), server.connection.deadline());
            if (next > until) {
                break;
            }
            clock[0] = Math.max(clock[0], next);
            client.connection.tick();
            server.connection.tick();
            run();
        }
        clock[0] = until;
        return this;
    }

    Pair with(Consumer<Pair> step) {
        step.accept(this);
        return run();
    }
}
