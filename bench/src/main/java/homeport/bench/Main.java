package homeport.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code bench/run NAME [--json] [--devices N]}. */
@SuppressWarnings("SystemOut")
public final class Main {
    private static final List<Benchmark> ALL = List.of(new HandshakeBench(), new IdleBench(),
            new ThroughputBench(), new DesignsBench(), new FleetBench(), new NetconfBench(), new SpliceBench(),
            new LatencyBench(), new StartBench(), new GatewayHeapBench(), new FleetRestartBench());
    private static final int WRONG_USAGE = 2;

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        var chosen = new ArrayList<Benchmark>();
        boolean json = false;
        int devices = 0;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--json" -> json = true;
                case "--devices" -> devices = i + 1 < arguments.length ? number(arguments[++i]) : usage("N is missing");
                default -> chosen.addAll(named(arguments[i]));
            }
        }
        if (chosen.isEmpty()) {
            usage("no NAME");
        }
        var directory = Files.createTempDirectory("homeport-bench");
        try {
            for (var benchmark : chosen) {
                print(benchmark, new Benchmark.Options(directory, devices), json);
            }
        } finally {
            delete(directory);
        }
        System.exit(0);
    }

    private static void print(Benchmark benchmark, Benchmark.Options options, boolean json) throws Exception {
        if (json) {
            benchmark.run(options, row -> System.out.println(row.json()));
            return;
        }
        System.out.println(benchmark.name());
        System.out.println(Row.header());
        benchmark.run(options, row -> System.out.println(row.line()));
    }

    private static List<Benchmark> named(String name) {
        if (name.equals("all")) {
            return ALL;
        }
        var found = ALL.stream().filter(b -> b.name().equals(name)).toList();
        if (found.isEmpty()) {
            usage("no benchmark " + name);
        }
        return found;
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return usage(text + " is no number");
        }
    }

    private static int usage(String what) {
        System.err.println("bench: " + what + "; usage: bench/run NAME [--json] [--devices N], NAME one of "
                + String.join(" ", ALL.stream().map(Benchmark::name).toList()) + " all");
        System.exit(WRONG_USAGE);
        return 0;
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
