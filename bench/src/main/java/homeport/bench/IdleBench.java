package homeport.bench;

import java.util.List;

/** Live heap of an idle, authenticated session, at the server. */
final class IdleBench implements Benchmark {
    private static final int SESSIONS = 1_000;
    /** Logged in and out before the first measurement, so that classes and caches are not counted. */
    private static final int FIRST = 200;
    /** Without fragments of regions in the figures. */
    private static final List<String> JVM = List.of("-XX:+UseSerialGC", "-Xmx1g");

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public List<Row> run(Options options) throws Exception {
        var keys = Keys.make(options.directory());
        int sessions = options.devicesOr(SESSIONS);
        try (var load = new MinaLoad(keys)) {
            return List.of(
                    Row.of(name(), "idle authenticated session; peer: MINA as it comes", "bytes")
                            .peer(measure("mina", keys, load, sessions)).target(Row.Against.NOTHING, 5 * 1024, true),
                    Row.of(name(), "idle authenticated session; peer: MINA, 2 KiB buffer", "bytes")
                            .peer(measure("mina-small-buffer", keys, load, sessions))
                            .target(Row.Against.NOTHING, 5 * 1024, true));
        }
    }

    private static Samples measure(String kind, Keys keys, MinaLoad load, int sessions) throws Exception {
        try (var server = ServerWorker.launch(kind, JVM, keys)) {
            load.handshakes(server.port(), FIRST);
            long before = Long.parseLong(server.worker().ask("heap"));
            int had = Integer.parseInt(server.worker().ask("sessions"));
            var open = load.sessions(server.port(), sessions);
            long after = Long.parseLong(server.worker().ask("heap"));
            int more = Integer.parseInt(server.worker().ask("sessions")) - had;
            open.forEach(session -> session.close(true));
            return Samples.of((double) (after - before) / more);
        }
    }
}
