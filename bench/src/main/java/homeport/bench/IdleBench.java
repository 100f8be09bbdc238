package homeport.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Live heap of an idle, authenticated session, at the server. */
final class IdleBench implements Benchmark {
    private static final int SESSIONS = 1_500;
    private static final int BATCHES = 5;
    private static final int LIMIT_BYTES = 5 * 1024;
    /** Logged in and out before the first measurement, so that classes and caches are not counted. */
    private static final int FIRST = 200;
    /** No fragments of regions in the figures, and no soft references, which Bouncy Castle's signed jar leaves many of. */
    private static final List<String> PLAIN = List.of("-XX:+UseSerialGC", "-Xmx1g", "-XX:SoftRefLRUPolicyMSPerMB=0");
    private static final List<String> COMPACT = List.of("-XX:+UseSerialGC", "-Xmx1g", "-XX:SoftRefLRUPolicyMSPerMB=0",
            "-XX:+UseCompactObjectHeaders");

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        var keys = Keys.make(options.directory());
        var load = new Load(keys);
        int sessions = options.devicesOr(SESSIONS);
        for (var headers : List.of(PLAIN, COMPACT)) {
            var how = headers == PLAIN ? "" : ", compact headers";
            var engine = engine(keys, sessions, headers);
            var loop = server("homeport", keys, load, sessions, headers);
            var mina = server("mina", keys, load, sessions, headers);
            var small = server("mina-small-buffer", keys, load, sessions, headers);
            table.accept(row("engine; peer: MINA as it comes" + how).ours(engine).peer(mina) //
                    .target(Row.Against.NOTHING, LIMIT_BYTES, true));
            table.accept(row("engine; peer: MINA, 2 KiB read buffer" + how).ours(engine).peer(small) //
                    .target(Row.Against.NOTHING, LIMIT_BYTES, true));
            table.accept(row("with socket and selector key; peer: MINA, 2 KiB" + how).ours(loop).peer(small));
        }
    }

    private Row row(String metric) {
        return Row.of(name(), metric, "bytes");
    }

    private static Samples engine(Keys keys, int sessions, List<String> jvm) throws Exception {
        // On the JDK's crypto: an engine at rest holds none, and Corretto's leavings are collected too late to be measured by.
        var options = new ArrayList<>(jvm);
        options.add("-Dhomeport.crypto=jdk");
        try (var worker = Worker.start(EngineHeap.class, options, keys.host().toString(), keys.user().toString())) {
            worker.answer();
            return perSession(worker, sessions / BATCHES, () -> {
                worker.ask("more " + sessions / BATCHES);
            });
        }
    }

    private static Samples server(String kind, Keys keys, Load load, int sessions, List<String> jvm) throws Exception {
        var open = new ArrayList<Load.Session>();
        try (var server = ServerWorker.launch(kind, jvm, keys)) {
            load.handshakes(server.port(), FIRST);
            return perSession(server.worker(), sessions / BATCHES,
                    () -> open.addAll(load.sessions(server.port(), sessions / BATCHES)));
        } finally {
            for (var session : open) {
                session.socket().close();
            }
        }
    }

    /** Opens more sessions. */
    private interface Batch {
        void open() throws Exception;
    }

    /**
     * Growth of the heap by each batch: the median of these is a session's, whatever a library lets go of once in
     * between.
     */
    private static Samples perSession(Worker worker, int batch, Batch more) throws Exception {
        var growth = new double[BATCHES];
        long before = Long.parseLong(worker.ask("heap"));
        for (int i = 0; i < BATCHES; i++) {
            more.open();
            long after = Long.parseLong(worker.ask("heap"));
            growth[i] = (double) (after - before) / batch;
            before = after;
        }
        return new Samples(growth);
    }
}
