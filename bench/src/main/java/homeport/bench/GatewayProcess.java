package homeport.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * {@code homeport gateway} as it is shipped, in a process of its own, and its HTTP API. It may be killed and started again
 * on the same directory and ports.
 */
final class GatewayProcess implements AutoCloseable {
    /** All devices of a run come from one address, and those that are held wait longer than a strange one would. */
    static final Map<String, String> MANY_DEVICES = Map.of("HOMEPORT_LIMITS_UNAUTHENTICATED", "20000",
            "HOMEPORT_LIMITS_PER_ADDRESS", "20000", "HOMEPORT_LIMITS_LOGIN_GRACE", "300s");
    /** As the launcher has them. */
    private static final List<String> OPTIONS = List.of("-XX:+UseCompactObjectHeaders",
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
    private static final int PATIENCE_SECONDS = 60;
    private static final int MOST_APPROVALS = 1_000;
    private static final int PAGE = 200;
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

    private final Path data;
    private final List<String> command;
    private final Map<String, String> environment;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int devicesPort;
    private final int operatorsPort;
    private final int httpPort;
    private Process process;
    private String token = "";

    private GatewayProcess(Path data, List<String> options, Map<String, String> environment, List<String> flags)
            throws IOException {
        this.data = data;
        this.environment = environment;
        try (var one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var two = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var three = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            devicesPort = one.getLocalPort();
            operatorsPort = two.getLocalPort();
            httpPort = three.getLocalPort();
        }
        command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OPTIONS);
        command.addAll(options);
        // As the launcher takes them: for a flight recording, say.
        command.addAll(Arrays.stream(System.getenv().getOrDefault("HOMEPORT_JAVA_OPTIONS", "").split(" ", -1))
                .filter(option -> !option.isEmpty()).toList());
        command.addAll(List.of("-cp", classPath(), "homeport.cli.Main", "gateway", "--data", data.toString(),
                "--devices-listen", "127.0.0.1:" + devicesPort, "--operators-listen", "127.0.0.1:" + operatorsPort,
                "--http-listen", "127.0.0.1:" + httpPort));
        command.addAll(flags);
        process = launch();
    }

    /** Starts one, and waits until it is ready. */
    static GatewayProcess start(Path directory, List<String> options, Map<String, String> environment, String... flags)
            throws IOException, InterruptedException {
        var gateway = new GatewayProcess(directory.resolve("gateway"), options, environment, List.of(flags));
        gateway.awaitReady();
        return gateway;
    }

    /** This one's, with the command's own part first, so that its logging holds and not the benchmark's. */
    private static String classPath() {
        var entries = new ArrayList<>(List.of(System.getProperty("surefire.test.class.path",
                System.getProperty("java.class.path")).split(File.pathSeparator, -1)));
        entries.sort(Comparator.comparing(entry -> !entry.contains("homeport-cli") && !entry.contains("cli/target")));
        return String.join(File.pathSeparator, entries);
    }

    private Path log() {
        return data.resolveSibling("gateway.log");
    }

    private Process launch() throws IOException {
        var builder = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (true) {
            try {
                if (client.send(HttpRequest.newBuilder(uri("/health/ready")).build(),
                        HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    token = Files.readString(data.resolve("local-token")).strip();
                    return;
                }
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new IOException("the gateway is not ready: " + Files.readString(log()), e);
                }
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Ends it as a power failure would. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Starts it anew after {@link #kill}. */
    void again() throws IOException, InterruptedException {
        process = launch();
        awaitReady();
    }

    int devicesPort() {
        return devicesPort;
    }

    int operatorsPort() {
        return operatorsPort;
    }

    Path data() {
        return data;
    }

    long cpuNanos() {
        return ProcessCpu.nanos(process.pid());
    }

    /** Of what is left after a full collection. */
    long liveHeapBytes() throws IOException, InterruptedException {
        var jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(process.pid()), "GC.class_histogram").redirectErrorStream(true).start();
        var text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        var total = TOTAL.matcher(text);
        if (jcmd.waitFor() != 0 || !total.find()) {
            throw new IOException("no histogram: " + text);
        }
        return Long.parseLong(total.group(1));
    }

    // ---- Its API

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + httpPort + path);
    }

    HttpResponse<String> send(String method, String path, String body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(uri("/api/v1" + path)).timeout(Duration.ofSeconds(PATIENCE_SECONDS))
                .header("Authorization", "Bearer " + token)
                .method(method, body.isEmpty()
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", body.startsWith("<") ? "application/xml" : "application/json");
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String good(HttpResponse<String> answer) throws IOException {
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(answer.uri() + " answers " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    /** Approves up to a thousand that wait, in one call. @return their ids */
    List<String> approve(int limit) throws IOException, InterruptedException {
        var body = new JsonObject().put("pending", true).put("limit", Math.min(limit, MOST_APPROVALS)).encode();
        var approved = new JsonObject(good(send("POST", "/devices/approve", body))).getJsonArray("approved");
        return strings(approved);
    }

    private static List<String> strings(JsonArray array) {
        var all = new ArrayList<String>();
        array.forEach(one -> all.add(one.toString()));
        return all;
    }

    /** Approves whoever waits until so many are in service. */
    void admit(int devices) throws IOException, InterruptedException {
        long end = System.nanoTime() + 3L * PATIENCE_SECONDS * 1_000_000_000L;
        for (int admitted = 0; admitted < devices;) {
            admitted += approve(MOST_APPROVALS).size();
            if (System.nanoTime() > end) {
                throw new IOException("only " + admitted + " of " + devices + " devices came to be approved");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** A page of the list, and how long it took. */
    record Page(JsonArray items, String next, long nanos) {}

    /** @param filter such as {@code online=true&}, or nothing */
    Page page(String filter, String cursor) throws IOException, InterruptedException {
        long start = System.nanoTime();
        var body = good(send("GET", "/devices?" + filter + "limit=" + PAGE
                + (cursor.isEmpty() ? "" : "&cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8)), ""));
        long nanos = System.nanoTime() - start;
        var page = new JsonObject(body);
        return new Page(page.getJsonArray("items"), page.getString("next", ""), nanos);
    }

    /** All devices by id, with their state. */
    Map<String, JsonObject> devices(String filter) throws IOException, InterruptedException {
        var all = new HashMap<String, JsonObject>();
        var cursor = "";
        do {
            var page = page(filter, cursor);
            for (int i = 0; i < page.items().size(); i++) {
                var device = page.items().getJsonObject(i);
                all.put(device.getString("id"), device);
            }
            cursor = page.next();
        } while (!cursor.isEmpty());
        return all;
    }

    /** Waits until the list has so many. */
    void awaitDevices(String filter, int count) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        for (int there = devices(filter).size(); there < count; there = devices(filter).size()) {
            if (System.nanoTime() > end) {
                throw new IOException("of " + count + " devices there are " + there + " with " + filter);
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
        client.close();
    }
}
