package homeport.bench;

import homeport.ssh.crypto.CipherAlgorithm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One channel, one direction: MiB through a connection per second of CPU, of both ends together, and per second of wall
 * time. On two cores the latter says as much about threads as about ciphers.
 */
final class ThroughputBench implements Benchmark {
    private static final int ROUNDS = 5;
    private static final String PER_CPU = "MiB/CPU-s";

    @Override
    public String name() {
        return "throughput";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        var keys = Keys.make(options.directory());
        for (var cipher : List.of(CipherAlgorithm.AES128_GCM, CipherAlgorithm.CHACHA20_POLY1305)) {
            run(keys, cipher).forEach(table);
        }
        table.accept(new ForwardAllocation(keys).row(name()));
    }

    private List<Row> run(Keys keys, CipherAlgorithm cipher) throws Exception {
        // ChaCha20's Poly1305 is several times slower in Java: less of it, so that a run stays short.
        int mib = cipher == CipherAlgorithm.CHACHA20_POLY1305 ? 48 : 128;
        var contenders = new ArrayList<Contender>();
        try (var memory = new Transfer("memory", List.of(), keys, cipher, mib);
                var loop = new Transfer("loop", List.of(), keys, cipher, mib);
                var blocking = new Transfer("blocking", List.of(), keys, cipher, mib);
                var mina = new Transfer("mina", List.of(), keys, cipher, mib);
                var onCorretto = new Transfer("mina", List.of(CorrettoForMina.OPTION), keys, cipher, mib)) {
            var floor = new CipherFloor(cipher);
            contenders.addAll(List.of(floor, memory, loop, blocking, mina, onCorretto));
            if (OpenSshTransfer.possible()) {
                contenders.add(new OpenSshTransfer(keys, cipher, 2 * mib));
            }
            var cpu = Rounds.run(ROUNDS, contenders);
            var rows = new ArrayList<Row>();
            rows.add(row(cipher, "in memory; floor: seal and open", PER_CPU).ours(Rounds.of(memory, cpu))
                    .floor(Rounds.of(floor, cpu)));
            // The engine over sockets in one loop is what a gateway does; the blocking streams are for convenience.
            var ours = row(cipher, "one loop, sockets; peer: ", PER_CPU).ours(Rounds.of(loop, cpu));
            rows.add(ours.more("MINA as it comes").peer(Rounds.of(mina, cpu)).target(Row.Against.PEER, 2, false));
            rows.add(ours.more("MINA on Corretto").peer(Rounds.of(onCorretto, cpu)).target(Row.Against.PEER, 2, false));
            if (contenders.getLast() instanceof OpenSshTransfer openSsh) {
                rows.add(ours.more("ssh to sshd").peer(Rounds.of(openSsh, cpu)).target(Row.Against.PEER, 0.8, false));
            }
            rows.add(row(cipher, "blocking streams; peer: MINA on Corretto", PER_CPU).ours(Rounds.of(blocking, cpu))
                    .peer(Rounds.of(onCorretto, cpu)));
            rows.add(row(cipher, "blocking streams, wall; peer: MINA on Corretto", "MiB/s").ours(blocking.wall())
                    .peer(onCorretto.wall()));
            return rows;
        } finally {
            for (var contender : contenders) {
                contender.close();
            }
        }
    }

    private Row row(CipherAlgorithm cipher, String metric, String unit) {
        return Row.of(name(), cipher.wireName().replace("@openssh.com", "") + " " + metric, unit);
    }

    /** Both ends in one process of their own. */
    private static final class Transfer implements Contender {
        private static final int WARM_UP = 3;
        private final String name;
        private final Worker worker;
        private final int mib;
        private final List<Double> mibPerSecond = new ArrayList<>();

        Transfer(String kind, List<String> options, Keys keys, CipherAlgorithm cipher, int mib) throws IOException {
            name = kind + options;
            this.mib = mib;
            worker = Worker.start(TransferWorker.class, options, kind, cipher.name(), keys.host().toString(),
                    keys.user().toString());
            worker.answer();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void warmUp() throws IOException {
            for (int i = 0; i < WARM_UP; i++) {
                worker.ask("run " + mib);
            }
        }

        @Override
        public double round() throws IOException {
            long cpu = worker.cpuNanos();
            long wall = System.nanoTime();
            worker.ask("run " + mib);
            mibPerSecond.add(mib * 1e9 / (System.nanoTime() - wall));
            return mib * 1e9 / (worker.cpuNanos() - cpu);
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
