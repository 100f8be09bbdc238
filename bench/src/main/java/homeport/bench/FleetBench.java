package homeport.bench;

import homeport.callhome.Design;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** A fleet of call-home devices at one gateway: what each costs, and what happens when all come back at once. */
final class FleetBench implements Benchmark {
    private static final int DEVICES = 10_000;
    private static final int BATCHES = 3;
    private static final int LIMIT_BYTES = 8 << 10;
    private static final int AT_ONCE = 32;
    /** A long way until the compiler rests, whose time would count as the gateway's. */
    private static final int WARM_UP = 60_000;
    private static final int ROUNDS = 5;
    private static final int PER_ROUND = 2_000;
    private static final int STORMS = 2;
    /** The kind of the gateway, and the word for its devices, that speak no SSH. */
    private static final String BARE = "bare";

    @Override
    public String name() {
        return "fleet";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        var keys = Keys.make(options.directory());
        int devices = options.devicesOr(DEVICES);
        admitted(keys).forEach(table);
        heap(keys, devices).forEach(table);
        storm(keys, devices).forEach(table);
    }

    private Row row(String metric, String unit) {
        return Row.of(name(), metric, unit);
    }

    // ---- Devices admitted per CPU-second

    private List<Row> admitted(Keys keys) throws Exception {
        try (var bare = new Visits(BARE, List.of(), keys);
                var ours = new Visits("homeport", List.of(), keys);
                var asItComes = new Visits("mina", List.of(), keys);
                var onCorretto = new Visits("mina", List.of(CorrettoForMina.OPTION), keys)) {
            var samples = Rounds.run(ROUNDS, List.of(bare, ours, asItComes, onCorretto));
            return List.of(
                    row("admitted per CPU-second; peer: MINA as it comes", "devices/s")
                            .ours(Rounds.of(ours, samples)).peer(Rounds.of(asItComes, samples))
                            .floor(Rounds.of(bare, samples)).target(Row.Against.PEER, 3, false),
                    row("admitted per CPU-second; peer: MINA on Corretto", "devices/s")
                            .ours(Rounds.of(ours, samples)).peer(Rounds.of(onCorretto, samples))
                            .floor(Rounds.of(bare, samples)).target(Row.Against.PEER, 3, false));
        }
    }

    /** Devices come and go; a sample is how many a second of the gateway's processor time admits. */
    private static final class Visits implements Contender {
        private final String name;
        private final String command;
        private final GatewayWorker.Started gateway;
        private final Worker devices;

        Visits(String kind, List<String> options, Keys keys) throws IOException {
            name = kind + options;
            command = kind.equals(BARE) ? BARE : "visit";
            gateway = GatewayWorker.launch(kind, options, keys);
            devices = DevicesWorker.launch();
            devices.ask("new CALL_HOME " + PER_ROUND);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void warmUp() throws Exception {
            for (int i = 0; i < WARM_UP / PER_ROUND; i++) {
                visit(PER_ROUND);
            }
        }

        @Override
        public double round() throws Exception {
            long before = gateway.worker().cpuNanos();
            long admitted = Long.parseLong(gateway.worker().ask("admitted"));
            visit(PER_ROUND);
            gateway.awaitLinked(0);
            double seconds = (gateway.worker().cpuNanos() - before) / 1e9;
            return (Long.parseLong(gateway.worker().ask("admitted")) - admitted) / seconds;
        }

        private void visit(int count) throws IOException {
            DesignsBench.allIn(devices.ask(command + " " + gateway.port() + " " + count + " " + AT_ONCE), count);
        }

        @Override
        public void close() {
            devices.close();
            gateway.close();
        }
    }

    // ---- Heap

    private List<Row> heap(Keys keys, int devices) throws Exception {
        var ours = heap("homeport", keys, devices);
        var mina = heap("mina", keys, devices);
        var small = heap("mina-small-buffer", keys, devices);
        return List.of(
                row("heap of an idle device, all included; peer: MINA", "bytes").ours(ours).peer(mina)
                        .target(Row.Against.NOTHING, LIMIT_BYTES, true),
                row("the same; peer: MINA, 2 KiB read buffer", "bytes").ours(ours).peer(small)
                        .target(Row.Against.NOTHING, LIMIT_BYTES, true));
    }

    private static Samples heap(String kind, Keys keys, int count) throws Exception {
        try (var gateway = GatewayWorker.launch(kind, DesignsBench.PLAIN, keys);
                var devices = DevicesWorker.launch()) {
            DesignsBench.warm(gateway, devices, Design.CALL_HOME);
            devices.ask("new CALL_HOME " + count);
            return DesignsBench.perDevice(gateway, devices, count, BATCHES);
        }
    }

    // ---- All at once

    private List<Row> storm(Keys keys, int count) throws Exception {
        try (var gateway = GatewayWorker.launch("homeport", List.of("-Xmx2g"), keys);
                var devices = DevicesWorker.launch()) {
            devices.ask("new CALL_HOME " + count);
            var unloaded = new double[STORMS];
            var loaded = new double[STORMS];
            var unloadedByCpu = new double[STORMS];
            var loadedByCpu = new double[STORMS];
            var lost = new double[STORMS];
            // The first turn only warms up.
            for (int round = -1; round < STORMS; round++) {
                long before = gateway.worker().cpuNanos();
                var few = devices.ask("dial " + gateway.port() + " 0 " + count + " " + AT_ONCE);
                gateway.awaitLinked(count);
                double fewByCpu = count / ((gateway.worker().cpuNanos() - before) / 1e9);
                devices.ask("cut");
                gateway.awaitLinked(0);
                before = gateway.worker().cpuNanos();
                var all = devices.ask("dial " + gateway.port() + " 0 " + count + " " + count).split(" ", -1);
                double allByCpu = Integer.parseInt(all[0]) / ((gateway.worker().cpuNanos() - before) / 1e9);
                if (round >= 0) {
                    unloaded[round] = count / (DesignsBench.allIn(few, count) / 1e9);
                    loaded[round] = Integer.parseInt(all[0]) / (Long.parseLong(all[2]) / 1e9);
                    unloadedByCpu[round] = fewByCpu;
                    loadedByCpu[round] = allByCpu;
                    lost[round] = Double.parseDouble(all[1]);
                }
                devices.ask("cut");
                gateway.awaitLinked(0);
            }
            return List.of(
                    row(count + " reconnect at once; floor: " + AT_ONCE + " at a time", "devices/s")
                            .ours(new Samples(loaded)).floor(new Samples(unloaded))
                            .target(Row.Against.FLOOR, 0.8, false),
                    // The devices are on the same processors, and ten thousand at once cost them more than us.
                    row("the same by the gateway's CPU time", "devices/s").ours(new Samples(loadedByCpu))
                            .floor(new Samples(unloadedByCpu)).target(Row.Against.FLOOR, 0.8, false),
                    row("lost of them", "devices").ours(new Samples(lost)).target(Row.Against.NOTHING, 0, true),
                    row("refused of them", "devices").ours(Samples.of(refused(gateway.worker().ask("refusals"))))
                            .target(Row.Against.NOTHING, 0, true));
        }
    }

    /** The sum of {@code code=count,code=count}. */
    private static long refused(String counters) {
        long sum = 0;
        for (var one : counters.split(",", -1)) {
            if (!one.isEmpty()) {
                sum += Long.parseLong(one.substring(one.indexOf('=') + 1));
            }
        }
        return sum;
    }
}
