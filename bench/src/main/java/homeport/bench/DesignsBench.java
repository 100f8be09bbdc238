package homeport.bench;

import homeport.callhome.Design;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The four designs in figures: what each costs on the wire, in processor time at the gateway, and in its heap. */
final class DesignsBench implements Benchmark {
    private static final int HEAP_DEVICES = 1_500;
    private static final int HEAP_BATCHES = 3;
    private static final int WARM_UP = 3_000;
    private static final int ROUNDS = 5;
    private static final int PER_ROUND = 300;
    private static final int AT_ONCE = 16;
    private static final int MEBIBYTES = 64;
    static final List<String> PLAIN = List.of("-XX:+UseSerialGC", "-Xmx2g", "-XX:SoftRefLRUPolicyMSPerMB=0");

    @Override
    public String name() {
        return "designs";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        var keys = Keys.make(options.directory());
        for (var design : Design.values()) {
            var flights = DesignFlights.of(design, keys);
            table.accept(row(design, "round trips to NETCONF, after TCP's", "round trips")
                    .ours(Samples.of(flights.roundTrips())));
            table.accept(row(design, "bytes to NETCONF, both ways", "bytes").ours(Samples.of(flights.bytes())));
        }
        processor(keys).forEach(table);
        heap(keys, options.devicesOr(HEAP_DEVICES)).forEach(table);
    }

    private Row row(Design design, String metric, String unit) {
        return Row.of(name(), design.text() + ": " + metric, unit);
    }

    // ---- Processor time

    private List<Row> processor(Keys keys) throws Exception {
        Map<Design, Row> connections = new EnumMap<>(Design.class);
        Map<Design, Row> bytes = new EnumMap<>(Design.class);
        try (var gateway = GatewayWorker.launch("homeport", List.of(), keys)) {
            var contenders = new ArrayList<Contender>();
            var carriers = new ArrayList<Contender>();
            for (var design : Design.values()) {
                contenders.add(new Connections(design, gateway, PER_ROUND));
                carriers.add(new Carrying(design, gateway));
            }
            try {
                gateway.worker().ask("mode netconf");
                var samples = Rounds.run(ROUNDS, contenders);
                gateway.worker().ask("mode hold");
                var carried = Rounds.run(ROUNDS, carriers);
                for (var design : Design.values()) {
                    connections.put(design, row(design, "gateway's CPU to NETCONF's first byte", "us CPU")
                            .ours(Rounds.of(contenders.get(design.ordinal()), samples)));
                    bytes.put(design, row(design, "gateway's CPU per MiB from the device", "us CPU")
                            .ours(Rounds.of(carriers.get(design.ordinal()), carried)));
                }
            } finally {
                for (var contender : contenders) {
                    contender.close();
                }
                for (var carrier : carriers) {
                    carrier.close();
                }
            }
        }
        var rows = new ArrayList<>(connections.values());
        rows.addAll(bytes.values());
        return rows;
    }

    /** A sample is the gateway's processor time for one device, from its dialling to NETCONF's first byte. */
    private static final class Connections implements Contender {
        private final Design design;
        private final GatewayWorker.Started gateway;
        private final Worker devices;

        Connections(Design design, GatewayWorker.Started gateway, int count) throws IOException {
            this.design = design;
            this.gateway = gateway;
            this.devices = DevicesWorker.launch();
            devices.ask("new " + design.name() + " " + count);
        }

        @Override
        public String name() {
            return design.text();
        }

        @Override
        public void warmUp() throws Exception {
            for (int i = 0; i < WARM_UP / PER_ROUND; i++) {
                serve(PER_ROUND);
            }
        }

        @Override
        public double round() throws Exception {
            long before = gateway.worker().cpuNanos();
            serve(PER_ROUND);
            return (gateway.worker().cpuNanos() - before) / 1e3 / PER_ROUND;
        }

        private void serve(int count) throws IOException {
            allIn(devices.ask("serve " + gateway.port() + " " + count + " " + AT_ONCE), count);
        }

        @Override
        public void close() {
            devices.close();
        }
    }

    /** A sample is the gateway's processor time for one MiB that a device sends. */
    private static final class Carrying implements Contender {
        private final Design design;
        private final GatewayWorker.Started gateway;
        private final Worker devices;

        Carrying(Design design, GatewayWorker.Started gateway) throws IOException {
            this.design = design;
            this.gateway = gateway;
            this.devices = DevicesWorker.launch();
            devices.ask("new " + design.name() + " 1");
        }

        @Override
        public String name() {
            return design.text();
        }

        @Override
        public void warmUp() throws Exception {
            for (int i = 0; i < 4; i++) {
                round();
            }
        }

        @Override
        public double round() throws Exception {
            gateway.worker().ask("mode hold");
            allIn(devices.ask("dial " + gateway.port() + " 0 1 1"), 1);
            gateway.awaitLinked(1);
            gateway.worker().ask("carry " + (1 << 20));
            long before = gateway.worker().cpuNanos();
            gateway.worker().ask("carry " + ((long) MEBIBYTES << 20));
            double result = (gateway.worker().cpuNanos() - before) / 1e3 / MEBIBYTES;
            devices.ask("cut");
            gateway.awaitLinked(0);
            return result;
        }

        @Override
        public void close() {
            devices.close();
        }
    }

    /** Answers of {@link DevicesWorker}: how many are in, lost, and the nanoseconds. @return the nanoseconds */
    static long allIn(String answer, int expected) throws IOException {
        var words = answer.split(" ", -1);
        if (Integer.parseInt(words[0]) != expected || Integer.parseInt(words[1]) != 0) {
            throw new IOException("of " + expected + " devices " + words[0] + " were in and " + words[1] + " lost");
        }
        return Long.parseLong(words[2]);
    }

    // ---- Heap

    private List<Row> heap(Keys keys, int count) throws Exception {
        var rows = new ArrayList<Row>();
        for (var design : Design.values()) {
            try (var gateway = GatewayWorker.launch("homeport", PLAIN, keys); var devices = DevicesWorker.launch()) {
                warm(gateway, devices, design);
                devices.ask("new " + design.name() + " " + count);
                var idle = perDevice(gateway, devices, count, HEAP_BATCHES);
                rows.add(row(design, "heap of an idle device", "bytes").ours(idle));
                if (design == Design.TUNNEL) {
                    long before = Long.parseLong(gateway.worker().ask("heap"));
                    gateway.worker().ask("open");
                    restless();
                    double more = Long.parseLong(gateway.worker().ask("heap")) - before;
                    rows.add(row(design, "the same, with NETCONF open inside", "bytes")
                            .ours(Samples.of(idle.median() + more / gateway.linked())));
                }
            }
        }
        return rows;
    }

    /** Classes and caches are not counted. */
    static void warm(GatewayWorker.Started gateway, Worker devices, Design design) throws IOException {
        devices.ask("new " + design.name() + " 300");
        allIn(devices.ask("visit " + gateway.port() + " 300 " + AT_ONCE), 300);
        gateway.awaitLinked(0);
        gateway.worker().ask("mode hold");
    }

    /** The growth of the heap by each batch of devices. */
    static Samples perDevice(GatewayWorker.Started gateway, Worker devices, int count, int batches) throws IOException {
        int batch = count / batches;
        var growth = new double[batches];
        long before = Long.parseLong(gateway.worker().ask("heap"));
        for (int i = 0; i < batches; i++) {
            allIn(devices.ask("dial " + gateway.port() + " " + i * batch + " " + batch + " " + AT_ONCE), batch);
            gateway.awaitLinked((i + 1) * batch);
            restless();
            long after = Long.parseLong(gateway.worker().ask("heap"));
            growth[i] = (double) (after - before) / batch;
            before = after;
        }
        return new Samples(growth);
    }

    /** A connection gives up what it can make again after five quiet seconds. */
    private static void restless() {
        java.util.concurrent.locks.LockSupport.parkNanos(5_500_000_000L);
    }
}
