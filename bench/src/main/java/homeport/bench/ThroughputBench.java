package homeport.bench;

import homeport.ssh.crypto.CipherAlgorithm;
import java.util.ArrayList;
import java.util.List;

/**
 * One channel, one direction: MiB through a connection per second of CPU, of both ends together, and per second of wall
 * time. On two cores the latter says as much about threads as about ciphers.
 */
final class ThroughputBench implements Benchmark {
    private static final int ROUNDS = 5;

    @Override
    public String name() {
        return "throughput";
    }

    @Override
    public List<Row> run(Options options) throws Exception {
        var keys = Keys.make(options.directory());
        var rows = new ArrayList<Row>();
        for (var cipher : List.of(CipherAlgorithm.AES128_GCM, CipherAlgorithm.CHACHA20_POLY1305)) {
            rows.addAll(run(keys, cipher));
        }
        rows.add(new ForwardAllocation(keys).row(name()));
        return rows;
    }

    private List<Row> run(Keys keys, CipherAlgorithm cipher) throws Exception {
        try (var memory = new Transfer("memory", List.of(), keys, cipher);
                var ours = new Transfer("loop", List.of(), keys, cipher);
                var blocking = new Transfer("blocking", List.of(), keys, cipher);
                var mina = new Transfer("mina", List.of(), keys, cipher);
                var minaOnCorretto = new Transfer("mina", List.of(CorrettoForMina.OPTION), keys, cipher);
                var openSsh = new OpenSshTransfer(keys, cipher)) {
            var floor = new CipherFloor(cipher);
            var cpu = Rounds.run(ROUNDS, List.of(floor, memory, ours, blocking, mina, minaOnCorretto, openSsh));
            var label = cipher.wireName().replace("@openssh.com", "");
            var unit = "MiB/CPU-s";
            // The engine over sockets in one loop is what a gateway does; the blocking streams are for convenience.
            return List.of(
                    Row.of(name(), label + " in memory; floor: seal and open", unit)
                            .ours(Rounds.of(memory, cpu)).floor(Rounds.of(floor, cpu)),
                    Row.of(name(), label + " one loop, sockets; peer: MINA as it comes", unit)
                            .ours(Rounds.of(ours, cpu))
                            .peer(Rounds.of(mina, cpu)).target(Row.Against.PEER, 2, false),
                    Row.of(name(), label + " one loop, sockets; peer: MINA on Corretto", unit)
                            .ours(Rounds.of(ours, cpu))
                            .peer(Rounds.of(minaOnCorretto, cpu)).target(Row.Against.PEER, 2, false),
                    Row.of(name(), label + " one loop, sockets; peer: ssh to sshd", unit).ours(Rounds.of(ours, cpu))
                            .peer(Rounds.of(openSsh, cpu)).target(Row.Against.PEER, 0.8, false),
                    Row.of(name(), label + " blocking streams; peer: MINA on Corretto", unit)
                            .ours(Rounds.of(blocking, cpu)).peer(Rounds.of(minaOnCorretto, cpu)),
                    Row.of(name(), label + " blocking streams, wall; peer: MINA on Corretto", "MiB/s")
                            .ours(blocking.wall()).peer(minaOnCorretto.wall()));
        }
    }

    /** Both ends in one process of their own. */
    private static final class Transfer implements Contender {
        private static final int MIB = 128;
        private static final int WARM_UP = 3;
        private final String name;
        private final Worker worker;
        private final List<Double> mibPerSecond = new ArrayList<>();

        Transfer(String kind, List<String> options, Keys keys, CipherAlgorithm cipher) throws java.io.IOException {
            name = kind + options;
            worker = Worker.start(TransferWorker.class, options, kind, cipher.name(), keys.host().toString(),
                    keys.user().toString());
            worker.answer();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void warmUp() throws Exception {
            for (int i = 0; i < WARM_UP; i++) {
                worker.ask("run " + MIB);
            }
        }

        @Override
        public double round() throws Exception {
            long cpu = worker.cpuNanos();
            long wall = System.nanoTime();
            worker.ask("run " + MIB);
            mibPerSecond.add(MIB * 1e9 / (System.nanoTime() - wall));
            return MIB * 1e9 / (worker.cpuNanos() - cpu);
        }

        Samples wall() {
            return new Samples(mibPerSecond.stream().mapToDouble(Double::doubleValue).toArray());
        }

        @Override
        public void close() {
            worker.close();
        }
    }
}
