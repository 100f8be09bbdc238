package homeport.gateway.http;

import homeport.gateway.desk.Desk;
import homeport.gateway.desk.DeskError;
import homeport.gateway.inventory.DeviceQuery;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.Operator;
import homeport.gateway.inventory.Role;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.wire.ProtocolError;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API under {@code /api/v1}, and {@code /health}. Every request but those for health carries a bearer token; every
 * error is a problem of RFC 9457.
 */
public final class HttpService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    private static final int MOST_BODY_BYTES = 1 << 20;
    private static final int MOST_HEADER_BYTES = 16 << 10;
    private static final int IDLE_SECONDS = 60;
    private static final int PAGE = 100;
    private static final long CLOSE_SECONDS = 10;

    private final Desk desk;
    private final Inventory inventory;
    private final byte[] localToken;
    private final Operator local;
    private final Vertx vertx;
    private final HttpServer server;

    private HttpService(InetSocketAddress address, Desk desk, Inventory inventory, String localToken, String localName)
            throws IOException {
        this.desk = desk;
        this.inventory = inventory;
        this.localToken = localToken.getBytes(StandardCharsets.US_ASCII);
        this.local = new Operator(localName, Role.ADMIN, Map.of(), Map.of());
        this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        this.server = vertx
                .createHttpServer(new HttpServerOptions().setMaxHeaderSize(MOST_HEADER_BYTES)
                        .setIdleTimeout(IDLE_SECONDS).setIdleTimeoutUnit(TimeUnit.SECONDS))
                .requestHandler(router());
        try {
            server.listen(io.vertx.core.net.SocketAddress.inetSocketAddress(address)).await(CLOSE_SECONDS,
                    TimeUnit.SECONDS);
        } catch (Exception e) {
            close();
            throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /**
     * Opens the port.
     *
     * @param localToken lets in whoever may read the data directory, as {@code localName} with the role admin
     * @throws IOException when the address is taken or not ours
     */
    public static HttpService open(InetSocketAddress address, Desk desk, Inventory inventory, String localToken,
            String localName) throws IOException {
        return new HttpService(address, desk, inventory, localToken, localName);
    }

    public int port() {
        return server.actualPort();
    }

    // ---- What there is

    private Router router() {
        var router = Router.router(vertx);
        router.get("/health/live").handler(context -> answer(context, 200, new JsonObject().put("status", "up")));
        router.get("/health/ready").handler(context -> beside(context, () -> {
            inventory.check();
            return new JsonObject().put("status", "up");
        }));
        router.route("/api/v1/*").handler(BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES));
        router.get("/api/v1/devices").handler(asked(this::devices));
        router.post("/api/v1/devices").handler(asked(this::add));
        router.post("/api/v1/devices/approve").handler(asked(this::approvePending));
        router.get("/api/v1/devices/:id").handler(
                asked(request -> DeviceJson.of(desk.device(request.operator(), request.path("id")))));
        router.delete("/api/v1/devices/:id").handler(asked(request -> {
            desk.remove(request.operator(), request.path("id"));
            return new JsonObject();
        }));
        router.post("/api/v1/devices/:id/approve").handler(asked(request -> {
            desk.approve(request.operator(), request.path("id"), request.text("fingerprint").map(HttpService::key));
            return DeviceJson.of(desk.device(request.operator(), request.path("id")));
        }));
        router.post("/api/v1/devices/:id/refuse").handler(asked(request -> {
            desk.refuse(request.operator(), request.path("id"), request.text("reason").orElse(""));
            return DeviceJson.of(desk.device(request.operator(), request.path("id")));
        }));
        router.post("/api/v1/devices/:id/disconnect").handler(asked(request -> {
            desk.disconnect(request.operator(), request.path("id"));
            return new JsonObject();
        }));
        router.get("/api/v1/attempts").handler(asked(this::attempts));
        router.get("/api/v1/audit").handler(asked(this::audit));
        router.errorHandler(404, context -> problem(context, 404, "not-found", "there is nothing at this path"));
        router.errorHandler(405, context -> problem(context, 405, "invalid", "not by this method"));
        router.errorHandler(413, context -> problem(context, 413, "too-large",
                "a body has at most " + MOST_BODY_BYTES + " bytes"));
        router.errorHandler(400, context -> problem(context, 400, "invalid", "the request cannot be read"));
        router.errorHandler(500, context -> {
            LOG.error("a request failed: {}", context.request().path(), context.failure());
            problem(context, 500, "failed", "the gateway failed; its log says more");
        });
        return router;
    }

    /** A request whose sender is known. */
    private record Request(Operator operator, RoutingContext context, JsonObject body) {
        String path(String name) {
            return String.valueOf(context.pathParam(name));
        }

        Optional<String> query(String name) {
            return Optional.ofNullable(context.request().getParam(name));
        }

        Optional<String> text(String name) {
            var value = body.getValue(name);
            if (value != null && !(value instanceof String)) {
                throw new DeskError(DeskError.Kind.INVALID, name + " is a text");
            }
            return Optional.ofNullable((String) value);
        }

        int number(String name, int standard, int most) {
            return query(name).map(text -> {
                if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > most) {
                    throw new DeskError(DeskError.Kind.INVALID, name + " is 1 to " + most);
                }
                return Integer.parseInt(text);
            }).orElse(standard);
        }

        long position(String name, long standard) {
            return query(name).map(text -> {
                if (!text.matches("[0-9]{1,18}")) {
                    throw new DeskError(DeskError.Kind.INVALID, name + " is a number");
                }
                return Long.parseLong(text);
            }).orElse(standard);
        }
    }

    private static Fingerprint key(String text) {
        try {
            return Fingerprint.parse(text);
        } catch (ProtocolError e) {
            throw new DeskError(DeskError.Kind.INVALID, "a fingerprint is SHA256:… as ssh-keygen -l shows it");
        }
    }

    // ---- Devices

    private JsonObject devices(Request request) {
        int limit = request.number("limit", PAGE, DeviceQuery.MOST);
        var labels = new HashMap<String, Set<String>>();
        for (var label : request.context().request().params().getAll("label")) {
            int equals = label.indexOf('=');
            if (equals < 1) {
                throw new DeskError(DeskError.Kind.INVALID, "label is NAME=VALUE");
            }
            labels.put(label.substring(0, equals), Set.of(label.substring(equals + 1)));
        }
        var query = new DeviceQuery(request.query("state").map(HttpService::state),
                request.query("online").map(Boolean::valueOf), request.query("design"), labels,
                request.query("cursor"), limit);
        var page = desk.devices(request.operator(), query);
        var items = new JsonArray();
        page.forEach(device -> items.add(DeviceJson.of(device)));
        return new JsonObject().put("items", items).put("next", page.size() < limit ? null : page.getLast().id());
    }

    private static DeviceState state(String text) {
        try {
            return DeviceState.ofText(text);
        } catch (IllegalArgumentException e) {
            throw new DeskError(DeskError.Kind.INVALID, "state is pending, admitted or refused");
        }
    }

    private JsonObject add(Request request) {
        var id = request.text("id").orElseThrow(() -> new DeskError(DeskError.Kind.INVALID, "an id is due"));
        try {
            var device = request.text("fingerprint").map(text -> NewDevice.pinned(id, key(text)))
                    .or(() -> request.text("secret")
                            .map(text -> NewDevice.withSecret(id, text.getBytes(StandardCharsets.UTF_8))))
                    .orElseGet(() -> NewDevice.expected(id));
            return DeviceJson.of(desk.add(request.operator(), device));
        } catch (IllegalArgumentException e) {
            throw new DeskError(DeskError.Kind.INVALID, "device: " + e.getMessage());
        }
    }

    private JsonObject approvePending(Request request) {
        var result = new JsonObject();
        desk.approvePending(request.operator(), request.number("limit", Desk.MOST_APPROVED, Desk.MOST_APPROVED))
                .forEach((id, approval) -> result.put(id, approval.name().toLowerCase(java.util.Locale.ROOT)));
        return new JsonObject().put("results", result);
    }

    // ---- What happened

    private JsonObject attempts(Request request) {
        int limit = request.number("limit", PAGE, DeviceQuery.MOST);
        var page = desk.attempts(request.operator(), request.query("about"),
                request.position("before", Long.MAX_VALUE), limit);
        var items = new JsonArray();
        page.forEach(attempt -> items.add(DeviceJson.of(attempt)));
        return new JsonObject().put("items", items).put("next", page.size() < limit ? null : page.getLast().number());
    }

    private JsonObject audit(Request request) {
        int limit = request.number("limit", PAGE, DeviceQuery.MOST);
        Instant since;
        try {
            since = request.query("since").map(Instant::parse).orElse(Instant.EPOCH);
        } catch (DateTimeParseException e) {
            throw new DeskError(DeskError.Kind.INVALID, "since is a time such as 2026-01-31T12:00:00Z");
        }
        var page = desk.audit(request.operator(), request.position("after", 0), request.query("device"), since, limit);
        var items = new JsonArray();
        page.forEach(entry -> items.add(DeviceJson.of(entry)));
        return new JsonObject().put("items", items).put("next", page.size() < limit ? null : page.getLast().number());
    }

    // ---- Who asks, and the answer

    private io.vertx.core.Handler<RoutingContext> asked(Function<Request, JsonObject> work) {
        return context -> beside(context, () -> {
            var operator = operator(context)
                    .orElseThrow(() -> new Unknown("a bearer token is due: homeport operator token NAME"));
            return work.apply(new Request(operator, context, body(context)));
        });
    }

    private static final class Unknown extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unknown(String message) {
            super(message, null, false, false);
        }
    }

    private Optional<Operator> operator(RoutingContext context) {
        var header = context.request().getHeader("Authorization");
        if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return Optional.empty();
        }
        byte[] token = header.substring(7).strip().getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(token, localToken)
                ? Optional.of(local)
                : inventory.operators().byToken(token);
    }

    private static JsonObject body(RoutingContext context) {
        var bytes = context.body().buffer();
        if (bytes == null || bytes.length() == 0) {
            return new JsonObject();
        }
        try {
            return new JsonObject(bytes);
        } catch (DecodeException | ClassCastException e) {
            throw new DeskError(DeskError.Kind.INVALID, "the body is a JSON object");
        }
    }

    /** The inventory is asked on a virtual thread; the answer goes out on the request's own. */
    private void beside(RoutingContext context, java.util.concurrent.Callable<JsonObject> work) {
        var home = vertx.getOrCreateContext();
        Thread.ofVirtual().name("http").start(() -> {
            Runnable answer;
            try {
                var result = work.call();
                answer = () -> answer(context, 200, result);
            } catch (DeskError e) {
                answer = () -> problem(context, status(e.kind()), type(e.kind()), String.valueOf(e.getMessage()));
            } catch (Unknown e) {
                answer = () -> problem(context, 401, "not-allowed", String.valueOf(e.getMessage()));
            } catch (InventoryError e) {
                answer = () -> problem(context, 503, "unavailable", String.valueOf(e.getMessage()));
            } catch (Exception e) {
                answer = () -> context.fail(500, e);
            }
            var last = answer;
            home.runOnContext(unused -> last.run());
        });
    }

    private static int status(DeskError.Kind kind) {
        return switch (kind) {
            case INVALID -> 400;
            case NOT_ALLOWED -> 403;
            case NOT_FOUND -> 404;
            case CONFLICT, OFFLINE -> 409;
        };
    }

    private static String type(DeskError.Kind kind) {
        return switch (kind) {
            case INVALID -> "invalid";
            case NOT_ALLOWED -> "not-allowed";
            case NOT_FOUND -> "not-found";
            case CONFLICT -> "conflict";
            case OFFLINE -> "offline";
        };
    }

    private static void answer(RoutingContext context, int status, JsonObject body) {
        send(context, status, "application/json", body);
    }

    private static void problem(RoutingContext context, int status, String type, String detail) {
        send(context, status, "application/problem+json", new JsonObject().put("type", "/problems/" + type)
                .put("title", type).put("status", status).put("detail", detail));
    }

    private static void send(RoutingContext context, int status, String type, JsonObject body) {
        var response = context.response();
        if (!response.ended() && !response.closed()) {
            var unused = response.setStatusCode(status).putHeader("Content-Type", type)
                    .putHeader("Cache-Control", "no-store").end(body.toBuffer());
        }
    }

    @Override
    public void close() {
        try {
            vertx.close().await(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            LOG.error("the HTTP port did not close in good order", e);
        }
    }
}
