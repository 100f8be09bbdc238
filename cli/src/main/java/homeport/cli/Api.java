package homeport.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command reaches its gateway: options that all such commands share, and the calls. */
final class Api {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MOST_TOKEN_BYTES = 4096;

    @Option(names = "--server", paramLabel = "URL", defaultValue = "${env:HOMEPORT_SERVER:-http://127.0.0.1:8080}", //
            description = "The gateway's HTTP API; also HOMEPORT_SERVER.")
    private @Nullable String server;

    @Option(names = "--data", paramLabel = "DIR", defaultValue = "${env:HOMEPORT_DATA:-/var/lib/homeport}", //
            description = "The local gateway's data directory, for its token; HOMEPORT_TOKEN stands above it.")
    private @Nullable Path data;

    @Option(names = "--json", description = "JSON instead of a table.")
    boolean json;

    JsonObject get(String path) {
        return call("GET", path, null);
    }

    JsonObject post(String path, JsonObject body) {
        return call("POST", path, body);
    }

    JsonObject delete(String path) {
        return call("DELETE", path, null);
    }

    /** A part of a path, or a value of a query: whatever stands in it stays in it. */
    static String part(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private JsonObject call(String method, String path, @Nullable JsonObject body) {
        URI uri;
        HttpRequest request;
        try {
            uri = URI.create(server + "/api/v1" + path);
            request = HttpRequest.newBuilder(uri).timeout(PATIENCE).header("Authorization", "Bearer " + token())
                    .header("Content-Type", "application/json")
                    .method(method, body == null
                            ? HttpRequest.BodyPublishers.noBody()
                            : HttpRequest.BodyPublishers.ofString(body.encode()))
                    .build();
        } catch (IllegalArgumentException e) {
            throw new Failure(ExitStatus.WRONG_USAGE, "not a URL of a gateway: " + server);
        }
        try (var client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            return read(client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new Failure(ExitStatus.NOT_REACHED, "no gateway answers at " + server
                    + ": start one with homeport gateway, or say --server URL");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(ExitStatus.FAILED, "interrupted");
        }
    }

    private static final Map<String, ExitStatus> STATUS = Map.of("/problems/not-found", ExitStatus.NOT_FOUND,
            "/problems/not-allowed", ExitStatus.NOT_ALLOWED, "/problems/offline", ExitStatus.NOT_REACHED,
            "/problems/unavailable", ExitStatus.NOT_REACHED, "/problems/invalid", ExitStatus.WRONG_USAGE);

    private static JsonObject read(HttpResponse<String> response) {
        JsonObject body;
        try {
            body = new JsonObject(response.body());
        } catch (DecodeException e) {
            throw new Failure(ExitStatus.FAILED, response.uri() + " is no gateway's: it answers without JSON, status "
                    + response.statusCode());
        }
        if (response.statusCode() < 300) {
            return body;
        }
        throw new Failure(STATUS.getOrDefault(body.getString("type", ""), ExitStatus.FAILED),
                body.getString("detail", "status " + response.statusCode()));
    }

    private String token() {
        var said = System.getenv("HOMEPORT_TOKEN");
        if (said != null && !said.isBlank()) {
            return said.strip();
        }
        var file = String.valueOf(data) + "/local-token";
        try (var in = Files.newInputStream(Path.of(file))) {
            return new String(in.readNBytes(MOST_TOKEN_BYTES), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw new Failure(ExitStatus.NOT_ALLOWED, "no token: set HOMEPORT_TOKEN, or name the data directory of a"
                    + " gateway that runs here with --data DIR (" + file + " cannot be read)");
        }
    }
}
