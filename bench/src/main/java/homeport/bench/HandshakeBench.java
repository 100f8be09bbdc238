package homeport.bench;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** CPU of a server handshake: curve25519, Ed25519 host and user keys, aes128-gcm, until the user is logged in. */
final class HandshakeBench implements Benchmark {
    private static final int MEMORY_ROUNDS = 9;
    private static final int SERVER_ROUNDS = 7;

    @Override
    public String name() {
        return "handshake";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        var keys = Keys.make(options.directory());
        table.accept(inMemory(keys));
        overSockets(keys).forEach(table);
    }

    private Row inMemory(Keys keys) throws Exception {
        var floor = new HandshakeFloor();
        var ours = new EngineHandshake(keys);
        var samples = Rounds.run(MEMORY_ROUNDS, List.of(floor, ours));
        return Row.of(name(), "engine alone, through memory; floor: bare operations", "us CPU")
                .ours(Rounds.of(ours, samples)).floor(Rounds.of(floor, samples)).target(Row.Against.FLOOR, 1.8, true);
    }

    private List<Row> overSockets(Keys keys) throws Exception {
        var load = new Load(keys);
        try (var ours = new Server("homeport", List.of(), keys, load);
                var asItComes = new Server("mina", List.of(), keys, load);
                var onCorretto = new Server("mina", List.of(CorrettoForMina.OPTION), keys, load)) {
            var samples = Rounds.run(SERVER_ROUNDS, List.of(ours, asItComes, onCorretto));
            return List.of(
                    Row.of(name(), "server process over loopback; peer: MINA as it comes", "us CPU")
                            .ours(Rounds.of(ours, samples)).peer(Rounds.of(asItComes, samples)),
                    Row.of(name(), "server process over loopback; peer: MINA on Corretto", "us CPU")
                            .ours(Rounds.of(ours, samples)).peer(Rounds.of(onCorretto, samples))
                            .target(Row.Against.PEER, 0.35, true));
        }
    }

    /** A server in its own process; a sample is that process's CPU time per login. */
    private static final class Server implements Contender {
        /** A long way until the compiler rests, whose time would count as the servers'. */
        private static final int WARM_UP = 60_000;
        private static final int PER_ROUND = 1_000;
        private final String name;
        private final Load load;
        private final ServerWorker.Started server;

        Server(String kind, List<String> options, Keys keys, Load load) throws IOException {
            this.name = kind + options;
            this.load = load;
            this.server = ServerWorker.launch(kind, options, keys);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void warmUp() throws Exception {
            load.handshakes(server.port(), WARM_UP);
        }

        @Override
        public double round() throws Exception {
            long before = server.worker().cpuNanos();
            load.handshakes(server.port(), PER_ROUND);
            return (server.worker().cpuNanos() - before) / 1e3 / PER_ROUND;
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
