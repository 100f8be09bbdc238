package homeport.cli.api;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Calls to one gateway's HTTP API, as one operator. For one thread at a time. */
public final class ApiClient implements AutoCloseable {
    private static final Duration CONNECT_TIME = Duration.ofSeconds(10);
    private static final Duration CALL_TIME = Duration.ofSeconds(60);
    /** What the gateway is given beyond the time that it gives a device. */
    private static final Duration RPC_MARGIN = Duration.ofSeconds(10);
    /** A page of a thousand devices has some 1 MiB; a whole configuration that an rpc brings may have more. */
    private static final long MOST_ANSWER_BYTES = 64 << 20;
    private static final int MOST_PROBLEM_BYTES = 64 << 10;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_TIME)
            .followRedirects(HttpClient.Redirect.NEVER).version(HttpClient.Version.HTTP_1_1).build();
    private final URI server;
    private final String token;

    /**
     * @param server scheme, host and port; a path before {@code /api/v1} may be there
     * @param token a bearer token
     */
    public ApiClient(URI server, String token) {
        this.server = server;
        this.token = token;
    }

    /** A part of a path, or a value of a query: whatever stands in it stays in it. */
    public static String part(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    public JsonObject get(String path) {
        return json(request(path).GET().build());
    }

    /** All pages of a listing, up to {@code most} items. @param path with or without a query */
    public JsonArray list(String path, int most) {
        var all = new JsonArray();
        var cursor = "";
        do {
            var page = get(path + (path.indexOf('?') < 0 ? '?' : '&') + "limit=" + Math.min(1000, most - all.size())
                    + (cursor.isEmpty() ? "" : "&cursor=" + part(cursor)));
            var items = page.getJsonArray("items", new JsonArray());
            if (items.isEmpty()) {
                break;
            }
            all.addAll(items);
            var next = page.getValue("next");
            cursor = next == null ? "" : next.toString();
        } while (!cursor.isEmpty() && all.size() < most);
        return all;
    }

    /** The key lets the gateway see that a call that was sent again is the same one. */
    public JsonObject post(String path, JsonObject body) {
        return json(request(path).header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.ofString(body.encode())).build());
    }

    /** What takes nothing but its path. */
    public JsonObject post(String path) {
        return json(request(path).header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.noBody()).build());
    }

    public JsonObject patch(String path, JsonObject body) {
        return json(request(path).header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body.encode())).build());
    }

    public void delete(String path) {
        send(request(path).DELETE().build());
    }

    /** One NETCONF rpc. @return the device's {@code rpc-reply} */
    public String rpc(String device, String xml, Duration patience) {
        return send(request("/devices/" + part(device) + "/rpc?timeout=" + patience.toSeconds())
                .timeout(patience.plus(RPC_MARGIN)).header("Content-Type", "application/xml")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.ofString(xml)).build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server + "/api/v1" + path)).timeout(CALL_TIME).header("Authorization",
                "Bearer " + token);
    }

    private JsonObject json(HttpRequest request) {
        var text = send(request);
        try {
            return text.isEmpty() ? new JsonObject() : new JsonObject(text);
        } catch (DecodeException e) {
            throw new ApiError(ApiError.Kind.FAILED, "what answers at " + server
                    + " is no gateway: its answer is not JSON; check --server");
        }
    }

    private String send(HttpRequest request) {
        try {
            var response = http.send(request,
                    BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MOST_ANSWER_BYTES));
            if (response.statusCode() >= 300) {
                throw problem(response.statusCode(), response.body());
            }
            return response.body();
        } catch (HttpTimeoutException e) {
            throw new ApiError(ApiError.Kind.NO_GATEWAY, "the gateway at " + server + " does not answer in time");
        } catch (IOException e) {
            throw noGateway(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private ApiError noGateway(IOException cause) {
        return new ApiError(ApiError.Kind.NO_GATEWAY, cause instanceof ConnectException
                ? "no gateway answers at " + server + ": start one with homeport gateway, or say --server URL"
                : "the connection to the gateway at " + server + " broke off: try again");
    }

    private static ApiError interrupted() {
        Thread.currentThread().interrupt();
        return new ApiError(ApiError.Kind.FAILED, "interrupted");
    }

    /** Of a problem's type (RFC 9457), or of the status where what answers knows no types of ours. */
    private static ApiError problem(int status, String body) {
        JsonObject problem;
        try {
            problem = new JsonObject(body);
        } catch (DecodeException e) {
            problem = new JsonObject();
        }
        var kind = switch (text(problem, "type")) {
            case "/problems/no-token" -> ApiError.Kind.NO_TOKEN;
            case "/problems/not-allowed" -> ApiError.Kind.NOT_ALLOWED;
            case "/problems/not-found" -> ApiError.Kind.NOT_FOUND;
            case "/problems/offline", "/problems/timeout" -> ApiError.Kind.DEVICE_NOT_REACHED;
            case "/problems/invalid", "/problems/media-type", "/problems/too-large" -> ApiError.Kind.INVALID;
            default -> switch (status) {
                case 401 -> ApiError.Kind.NO_TOKEN;
                case 403 -> ApiError.Kind.NOT_ALLOWED;
                default -> ApiError.Kind.FAILED;
            };
        };
        var detail = text(problem, "detail");
        return new ApiError(kind, detail.isEmpty()
                ? "the gateway answers with status " + status + ": check --server"
                : detail);
    }

    private static String text(JsonObject object, String name) {
        return object.getValue(name) instanceof String text ? text : "";
    }

    // ---- Events

    /** Who is told of events, and of pauses between connections. */
    public interface Watcher extends Consumer<ServerEvent> {
        /** The stream ended; it is resumed after the last event that was told. */
        void broken(String reason, Duration pause);
    }

    /**
     * Tells of events until the gateway no longer lets us, or the thread is interrupted. A connection that ends is made
     * again after a pause, and goes on where the last one ended.
     *
     * @throws ApiError when the first connection is not had, or a later one is refused
     */
    public void watch(Watcher watcher) {
        var lastId = "";
        var pause = FIRST_PAUSE;
        boolean had = false;
        while (true) {
            String reason;
            try {
                var request = HttpRequest.newBuilder(URI.create(server + "/api/v1/events"))
                        .header("Authorization", "Bearer " + token).header("Accept", "text/event-stream");
                if (!lastId.isEmpty()) {
                    request.header("Last-Event-ID", lastId);
                }
                var response = http.send(request.GET().build(), BodyHandlers.ofInputStream());
                try (var body = new BufferedInputStream(response.body())) {
                    refuse(response, body, had);
                    had = true;
                    var reader = new EventReader(body, lastId);
                    Optional<ServerEvent> event;
                    while ((event = reader.next()).isPresent()) {
                        watcher.accept(event.get());
                        lastId = reader.lastId();
                        pause = FIRST_PAUSE;
                    }
                    reason = "the gateway ended the stream";
                }
            } catch (IOException e) {
                if (!had) {
                    throw noGateway(e);
                }
                reason = "the connection to the gateway broke off";
            } catch (InterruptedException e) {
                throw interrupted();
            }
            watcher.broken(reason, pause);
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                throw interrupted();
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    /** A gateway that was there and is too busy, or starts, is asked again, which an {@code IOException} says. */
    private static void refuse(HttpResponse<?> response, InputStream body, boolean had) throws IOException {
        int status = response.statusCode();
        if (had && (status == 429 || status >= 500)) {
            throw new IOException("status " + status);
        }
        if (status != 200) {
            throw problem(status, new String(body.readNBytes(MOST_PROBLEM_BYTES), StandardCharsets.UTF_8));
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
