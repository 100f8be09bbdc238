package homeport.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * From the command to a gateway that is ready, with a warm disk: the launcher, the JVM, keys and database, the three ports.
 * What it says on standard output comes once all are open.
 */
final class StartBench implements Benchmark {
    private static final int ROUNDS = 9;
    private static final double LIMIT_SECONDS = 1.5;

    @Override
    public String name() {
        return "start";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        var launcher = Path.of(System.getProperty("homeport.root", "."), "homeport").toAbsolutePath();
        if (!Files.isExecutable(launcher)) {
            throw new IOException("there is no launcher at " + launcher + ": bench/run says where it is");
        }
        build(launcher);
        var asShipped = new Starts("as shipped", launcher, options.directory().resolve("shipped"), "");
        var plain = new Starts("without AOT cache", launcher, options.directory().resolve("plain"), "-XX:AOTMode=off");
        var first = asShipped.once();
        var samples = Rounds.run(ROUNDS, List.of(asShipped, plain));
        table.accept(row("start to ready; peer: without the AOT cache").ours(Rounds.of(asShipped, samples))
                .peer(Rounds.of(plain, samples)).target(Row.Against.NOTHING, LIMIT_SECONDS, true));
        table.accept(Row.of(name(), "CPU of a start; peer: without the AOT cache", "s").ours(asShipped.cpu())
                .peer(plain.cpu()));
        table.accept(row("the first start of all, which makes keys and database").ours(Samples.of(first)));
    }

    /** The launcher builds what is missing or old, which is not a start. */
    private static void build(Path launcher) throws IOException, InterruptedException {
        int status = new ProcessBuilder(launcher.toString(), "--version")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.INHERIT).start()
                .waitFor();
        if (status != 0) {
            throw new IOException(launcher + " ended with " + status);
        }
    }

    private Row row(String metric) {
        return Row.of(name(), metric, "s");
    }

    private static final class Starts implements Contender {
        private final String name;
        private final Path launcher;
        private final Path data;
        private final Map<String, String> environment;
        private final List<Double> cpuSeconds = new ArrayList<>();

        Starts(String name, Path launcher, Path data, String javaOptions) {
            this.name = name;
            this.launcher = launcher;
            this.data = data;
            this.environment = javaOptions.isEmpty() ? Map.of() : Map.of("HOMEPORT_JAVA_OPTIONS", javaOptions);
        }

        @Override
        public String name() {
            return name;
        }

        Samples cpu() {
            return new Samples(cpuSeconds.stream().mapToDouble(Double::doubleValue).toArray());
        }

        @Override
        public void warmUp() throws Exception {
            once();
            once();
            cpuSeconds.clear();
        }

        @Override
        public double round() throws Exception {
            return once();
        }

        double once() throws IOException, InterruptedException {
            var builder = new ProcessBuilder(launcher.toString(), "gateway", "--data", data.toString(),
                    "--devices-listen", "127.0.0.1:0", "--operators-listen", "127.0.0.1:0",
                    "--http-listen", "127.0.0.1:0").redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().putAll(environment);
            long start = System.nanoTime();
            var process = builder.start();
            try {
                var line = process.inputReader(StandardCharsets.UTF_8).readLine();
                double seconds = (System.nanoTime() - start) / 1e9;
                if (line == null || !line.startsWith("Devices dial port")) {
                    throw new IOException("the gateway did not start: " + line);
                }
                cpuSeconds.add(ProcessCpu.nanos(process.pid()) / 1e9);
                return seconds;
            } finally {
                process.destroy();
                process.waitFor();
            }
        }
    }
}
