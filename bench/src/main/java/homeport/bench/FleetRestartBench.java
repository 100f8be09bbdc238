package homeport.bench;

import java.util.Arrays;
import java.util.function.Consumer;

/** Thousands of devices at one gateway, listed, approved, and back after the gateway was killed. */
final class FleetRestartBench implements Benchmark {
    private static final int DEVICES = 2_000;
    private static final int MOST_MILLIS = 50;

    @Override
    public String name() {
        return "gateway";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        var result = FleetRestart.run(options.directory(), options.devicesOr(DEVICES));
        var sorted = result.pageMillis();
        Arrays.sort(sorted);
        table.accept(row("a page of 200 of " + result.devices() + " devices, beside writes", "ms")
                .ours(new Samples(sorted)).target(Row.Against.NOTHING, MOST_MILLIS, true));
        table.accept(row("the same, 99th percentile", "ms").ours(Samples.of(sorted[sorted.length * 99 / 100 - 1]))
                .target(Row.Against.NOTHING, MOST_MILLIS, true));
        for (var approval : result.approvals()) {
            table.accept(row(approval.devices() + " approved in one call", "ms").ours(Samples.of(approval.millis())));
        }
        table.accept(row("lost of " + result.written() + " answered writes, after kill -9", "writes")
                .ours(Samples.of(result.lost().size())).target(Row.Against.NOTHING, 0, true));
        table.accept(row("changed of " + result.pins() + " keys on record", "keys")
                .ours(Samples.of(result.changedPins().size())).target(Row.Against.NOTHING, 0, true));
        table.accept(row("not back of " + result.devices() + " devices", "devices")
                .ours(Samples.of(result.devices() - result.back())).target(Row.Against.NOTHING, 0, true));
        table.accept(row("from the kill until the gateway is ready", "s").ours(Samples.of(result.readySeconds())));
        table.accept(row("from the kill until all devices are in service", "s").ours(Samples.of(result.backSeconds())));
    }

    private Row row(String metric, String unit) {
        return Row.of(name(), metric, unit);
    }
}
