package homeport.bench;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What an idle admitted device costs the whole gateway in heap: connection, record, presence, all of it. Beside it stands
 * what OpenDaylight's call-home server was measured to need for a session alone, without an inventory.
 */
final class GatewayHeapBench implements Benchmark {
    private static final int DEVICES = 10_000;
    private static final int WARM_UP = 300;
    private static final int LIMIT_BYTES = 10 << 10;
    private static final int OPENDAYLIGHT_BYTES = 26 << 10;
    /** A connection gives up what it can make again after five quiet seconds. */
    private static final int REST_SECONDS = 8;
    private static final int PATIENCE_SECONDS = 300;

    @Override
    public String name() {
        return "gateway-heap";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        int count = options.devicesOr(DEVICES);
        try (var gateway = GatewayProcess.start(options.directory(), List.of("-Xmx2g"), GatewayProcess.MANY_DEVICES);
                var warm = DevicesWorker.launch();
                var devices = DevicesWorker.launch()) {
            // Classes, pools and caches are not a device's.
            join(gateway, warm, WARM_UP);
            TimeUnit.SECONDS.sleep(REST_SECONDS);
            long before = gateway.liveHeapBytes();
            join(gateway, devices, count);
            gateway.awaitDevices("online=true&", count + WARM_UP);
            TimeUnit.SECONDS.sleep(REST_SECONDS);
            double each = (double) (gateway.liveHeapBytes() - before) / count;
            table.accept(Row
                    .of(name(), "heap of an idle device of " + count + "; peer: OpenDaylight's, published", "bytes")
                    .ours(Samples.of(each)).peer(Samples.of(OPENDAYLIGHT_BYTES))
                    .target(Row.Against.NOTHING, LIMIT_BYTES, true));
        }
    }

    /** New devices come, are approved, and stay. */
    static void join(GatewayProcess gateway, Worker devices, int count) throws Exception {
        devices.ask("new CALL_HOME " + count);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var coming = threads
                    .submit(() -> devices.ask("dial " + gateway.devicesPort() + " 0 " + count + " " + count));
            gateway.admit(count);
            DesignsBench.allIn(coming.get(PATIENCE_SECONDS, TimeUnit.SECONDS), count);
        }
    }
}
