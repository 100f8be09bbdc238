package homeport.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers commands as the API's contract says, from a script, and keeps what it was asked. */
final class ScriptedGateway implements AutoCloseable {
    static final String TOKEN = "token-of-the-test";

    private final HttpServer server;
    private final Map<String, Queue<Answer>> answers = new HashMap<>();
    /** {@code METHOD path body}, in order. */
    final List<String> asked = new CopyOnWriteArrayList<>();
    /** Of each: the Last-Event-ID, or nothing. */
    final List<String> resumed = new CopyOnWriteArrayList<>();

    private record Answer(int status, String type, String body) {}

    record Result(int status, String out, String err) {}

    ScriptedGateway() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    /** What the next request of this kind is answered with; the last one stays. @param request {@code METHOD path} */
    ScriptedGateway on(String request, int status, String body) {
        var type = status >= 400
                ? "application/problem+json"
                : request.endsWith("/events") ? "text/event-stream" : "application/json";
        synchronized (answers) {
            answers.computeIfAbsent(request, key -> new ArrayDeque<>()).add(new Answer(status, type, body));
        }
        return this;
    }

    ScriptedGateway problem(String request, int status, String type, String detail) {
        return on(request, status, new JsonObject().put("type", "/problems/" + type).put("title", type)
                .put("status", status).put("detail", detail).encode());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var path = exchange.getRequestURI().getRawPath().substring("/api/v1".length());
            var query = exchange.getRequestURI().getRawQuery();
            var request = exchange.getRequestMethod() + " " + path;
            asked.add(request + (query == null ? "" : "?" + query) + (body.isEmpty() ? "" : " " + body));
            var last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
            resumed.add(last == null ? "" : last);
            var answer = answer(request);
            if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                answer = new Answer(401, "application/problem+json",
                        "{\"type\":\"/problems/no-token\",\"detail\":\"this token is not known\"}");
            }
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Answer answer(String request) {
        synchronized (answers) {
            var queue = answers.getOrDefault(request, new ArrayDeque<>());
            var first = queue.size() > 1 ? queue.poll() : queue.peek();
            return first == null ? new Answer(500, "application/json", "{\"detail\":\"not in the script\"}") : first;
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Runs a command against it. */
    Result run(String... words) {
        return run(Map.of("HOMEPORT_SERVER", url(), "HOMEPORT_TOKEN", TOKEN, "HOMEPORT_DATA", "/nonexistent"), "",
                words);
    }

    static Result run(Map<String, String> environment, String in, String... words) {
        var out = new StringWriter();
        var err = new StringWriter();
        var all = Arrays.copyOf(words, words.length);
        int status = Main.commandLine(environment, new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)))
                .setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(all);
        return new Result(status, out.toString(), err.toString());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
