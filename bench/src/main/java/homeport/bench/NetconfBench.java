package homeport.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** NETCONF: what a small exchange costs its client, a reply larger than memory, and commits among many interfaces. */
final class NetconfBench implements Benchmark {
    private static final int ROUNDS = 5;
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    @Override
    public String name() {
        return "netconf";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        var keys = Keys.make(options.directory());
        try (var server = Worker.start(NetconfServerWorker.class, List.of(), keys.host().toString(),
                keys.user().toString())) {
            int port = Integer.parseInt(server.answer());
            table.accept(roundTrips(keys, port, 1));
            table.accept(roundTrips(keys, port, options.devicesOr(100)));
        }
        largeReply().forEach(table);
        commits(options.directory()).forEach(table);
    }

    private Row row(String metric, String unit) {
        return Row.of(name(), metric, unit);
    }

    // ---- Round trips per second of the client's processor time

    private Row roundTrips(Keys keys, int port, int sessions) throws Exception {
        var row = row("get-config a CPU-second, " + sessions + (sessions == 1 ? " session" : " sessions")
                + "; peer: ncclient", "1/s").target(Row.Against.PEER, 3, false);
        try (var ours = RoundTrips.ours(keys, port, sessions)) {
            if (!ncclientIsInstalled()) {
                return row.more(" (not installed)").ours(Rounds.of(ours, Rounds.run(ROUNDS, List.of(ours))));
            }
            try (var peer = RoundTrips.ncclient(keys, port, sessions)) {
                var samples = Rounds.run(ROUNDS, List.of(ours, peer));
                return row.ours(Rounds.of(ours, samples)).peer(Rounds.of(peer, samples));
            }
        }
    }

    private static boolean ncclientIsInstalled() throws IOException, InterruptedException {
        return Files.isExecutable(PYTHON)
                && new ProcessBuilder(PYTHON.toString(), "-W", "ignore", "-c", "import ncclient")
                        .redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    }

    /** Clients of one library in a process of their own, each over an SSH connection of its own. */
    private record RoundTrips(String name, Worker client, int perRound, int warmUps) implements Contender {
        static RoundTrips ours(Keys keys, int port, int sessions) throws IOException {
            var client = Worker.start(NetconfClientWorker.class, List.of(), String.valueOf(port),
                    keys.user().toString(), String.valueOf(sessions));
            client.answer();
            return new RoundTrips("homeport", client, 5_000, 6);
        }

        static RoundTrips ncclient(Keys keys, int port, int sessions) throws IOException {
            var script = keys.directory().resolve("ncclient_worker.py");
            try (var in = Objects.requireNonNull(NetconfBench.class.getResourceAsStream("ncclient_worker.py"))) {
                Files.write(script, in.readAllBytes());
            }
            var client = Worker.run(List.of(PYTHON.toString(), "-W", "ignore", script.toString(),
                    String.valueOf(port), keys.user().toString(), String.valueOf(sessions)));
            client.answer();
            return new RoundTrips("ncclient", client, 500, 1);
        }

        @Override
        public void warmUp() throws IOException {
            for (int i = 0; i < warmUps; i++) {
                client.ask("run " + perRound);
            }
        }

        @Override
        public double round() throws IOException {
            long before = client.cpuNanos();
            client.ask("run " + perRound);
            return perRound * 1e9 / (client.cpuNanos() - before);
        }

        @Override
        public void close() {
            client.close();
        }
    }

    // ---- A reply of 200 MiB

    private List<Row> largeReply() throws Exception {
        try (var feeder = Worker.start(LargeReplyFeeder.class, List.of())) {
            var port = feeder.answer();
            double growth;
            // Room for what is idle and little more: a client that collected the reply would fail.
            try (var small = Worker.start(LargeReplyWorker.class, List.of("-XX:+UseSerialGC", "-Xmx48m"), port)) {
                growth = Double.parseDouble(small.ask("heap")) / 1048576;
            }
            try (var ours = new Reading("session", port); var parser = new Reading("parser", port)) {
                var samples = Rounds.run(ROUNDS, List.of(ours, parser));
                return List.of(
                        row("200 MiB reply: live heap above idle", "MiB").ours(Samples.of(growth))
                                .target(Row.Against.NOTHING, 32, true),
                        row("200 MiB reply read as XML; floor: the parser alone", "MB/s")
                                .ours(Rounds.of(ours, samples)).floor(Rounds.of(parser, samples))
                                .target(Row.Against.FLOOR, 0.5, false));
            }
        }
    }

    /** Reads 200 MiB in one of two ways; a sample is megabytes a second. */
    private record Reading(String name, Worker worker) implements Contender {
        Reading(String name, String port) throws IOException {
            this(name, Worker.start(LargeReplyWorker.class, List.of(), port));
        }

        @Override
        public void warmUp() throws IOException {
            round();
            round();
        }

        @Override
        public double round() throws IOException {
            return Double.parseDouble(worker.ask(name));
        }

        @Override
        public void close() {
            worker.close();
        }
    }

    // ---- Commits among few and many

    private List<Row> commits(Path directory) throws Exception {
        var rows = new ArrayList<Row>();
        try (var few = new Commits("few", 100, "memory"); var many = new Commits("many", 10_000, "memory")) {
            var samples = Rounds.run(ROUNDS, List.of(few, many));
            rows.add(row("edit-config + commit, 10,000 interfaces; floor: 100", "us CPU").ours(Rounds.of(many, samples))
                    .floor(Rounds.of(few, samples)).target(Row.Against.FLOOR, 2, true));
        }
        try (var few = new Commits("few", 100, directory.resolve("few").toString());
                var many = new Commits("many", 10_000, directory.resolve("many").toString())) {
            var samples = Rounds.run(ROUNDS, List.of(few.perSecond(), many.perSecond()));
            rows.add(row("edit-config + commit on disk, 10,000; floor: 100", "1/s").ours(Rounds.of(many, samples))
                    .floor(Rounds.of(few, samples)).target(Row.Against.FLOOR, 0.5, false));
        }
        return rows;
    }

    /** A server with so many interfaces; a sample is processor time, or with {@link #perSecond} how many a second. */
    private record Commits(String name, Worker worker, boolean rate) implements Contender {
        private static final int PER_ROUND = 1_000;
        private static final int WARM_UPS = 8;

        Commits(String name, int interfaces, String where) throws IOException {
            this(name, Worker.start(CommitWorker.class, List.of(), String.valueOf(interfaces), where), false);
            worker.answer();
        }

        Commits perSecond() {
            return new Commits(name, worker, true);
        }

        @Override
        public void warmUp() throws IOException {
            for (int i = 0; i < WARM_UPS; i++) {
                worker.ask("run " + PER_ROUND);
            }
        }

        @Override
        public double round() throws IOException {
            long before = worker.cpuNanos();
            double nanos = Double.parseDouble(worker.ask("run " + PER_ROUND));
            return rate ? PER_ROUND * 1e9 / nanos : (worker.cpuNanos() - before) / 1e3 / PER_ROUND;
        }

        @Override
        public void close() {
            worker.close();
        }
    }
}
