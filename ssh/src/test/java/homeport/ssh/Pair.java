package homeport.ssh;

import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.SshWriter;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Two engines joined in memory: a client and a server, in one thread, with a clock that the test moves and bytes that
 * are cut as the test says.
 */
final class Pair {
    static final Signer HOST_KEY = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, new SecureRandom());
    static final Signer USER_KEY = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, new SecureRandom());

    final End client;
    final End server;
    private final long[] clock = {1_000_000_000L};
    private Cut cut = Cut.WHOLE;

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
            var environment = new Environment(() -> clock[0], new SecureRandom());
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
        return friendly(SshSettings.client(), SshSettings.server(List.of(HOST_KEY)));
    }

    static void friendlyClient(End end, Event event) {
        switch (event) {
            case Question.HostKeyAsked asked -> end.connection.decide(asked, new HostKeyDecision.Accept());
            case Question.LoginAsked asked -> end.connection.decide(asked, new LoginAttempt.Key("alice", USER_KEY));
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

    Pair cut(Cut value) {
        cut = value;
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
            to.connection.receive(part, 0, count);
            at += count;
        }
        return bytes.length > 0;
    }

    /** Moves the clock and lets both sides do what is due, as often as it is due. */
    Pair pass(java.time.Duration time) {
        long until = clock[0] + time.toNanos();
        while (true) {
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
