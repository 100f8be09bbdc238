package homeport.gateway.http;

import homeport.gateway.desk.Desk;
import homeport.gateway.desk.DeskError;
import homeport.gateway.event.Events;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.Operator;
import homeport.gateway.live.RecordWatcher;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP API, health and metrics, on Vert.x's own event loops. Whatever may block runs on a virtual thread of its own.
 *
 * <p>A request's body is not read before it is known who sends it and that it may be that long.
 */
public final class HttpService implements RecordWatcher, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpService.class);
    private static final String WATCH = "watchEvents";
    private static final String RPC = "rpc";
    private static final int EVENT_LOOPS = 2;
    /** While a request is under way: above the longest wait for a device's answer, which is ten minutes. */
    private static final int IDLE_SECONDS = 660;
    private static final int FIRST_LINE_BYTES = 8 << 10;
    private static final int HEADER_BYTES = 16 << 10;
    /** Of a body that is too large this much is thrown away, so that its sender comes to read why. */
    private static final int MOST_DISCARDED = 64 << 20;
    private static final long DISCARD_MILLIS = 5_000;
    private static final long RECHECK_MILLIS = 10_000;
    private static final int LARGE_BODY_BYTES = 64 << 10;
    private static final int BURST = 10;
    private static final Duration START_TIME = Duration.ofSeconds(20);

    private final InetSocketAddress listen;
    private final HttpLimits limits;
    private final Contract contract = Contract.load();
    private final Map<String, Operation> operations = new HashMap<>();
    private final Doorkeeper doorkeeper;
    private final Buckets operatorRate;
    private final Buckets addressRate;
    private final Buckets wrongTokens;
    private final Repeats repeats;
    private final EventStreams streams;
    private final Metrics metrics;
    private final TimelyAnswer<Reply> ready;
    private final ExecutorService mayBlock = Executors.newVirtualThreadPerTaskExecutor();
    private final Connections connections;
    /** Octets of bodies in memory, by operator. */
    private final Shares<String> bodies;
    /** What a large body says is looked at one at a time: it takes a tenth of a second, and others are to go on. */
    private final Semaphore large = new Semaphore(1);
    private final Vertx vertx;
    private final Patience patience;
    private final HttpServer server;

    /** What an operation of the contract does. */
    private interface Operation {
        Reply on(Call call) throws InterruptedException;
    }

    /**
     * What it serves.
     *
     * @param localToken by which commands on the gateway's own machine are let in
     * @param version of this program
     */
    public record Parts(Inventory inventory, Desk desk, Events events, PublicKeys keys, Figures figures,
            String localToken, String version) {
        @Override
        public String toString() {
            return "Parts[" + version + "]";
        }
    }

    private HttpService(InetSocketAddress listen, Parts parts, HttpLimits limits, InstantSource clock)
            throws IOException {
        this.listen = listen;
        this.limits = limits;
        this.connections = new Connections(limits.connections());
        this.bodies = new Shares<>(limits.bodiesBytes());
        this.doorkeeper = new Doorkeeper(parts.inventory().operators(), parts.localToken());
        this.operatorRate = new Buckets(limits.perOperator(), (double) limits.perOperator() * BURST,
                System::nanoTime);
        this.addressRate = new Buckets(limits.perAddress(), (double) limits.perAddress() * BURST, System::nanoTime);
        this.wrongTokens = new Buckets(limits.wrongTokens() / 60.0, limits.wrongTokens(), System::nanoTime);
        this.repeats = new Repeats(parts.inventory().answers(), limits, clock);
        byte[] run = new byte[6];
        new SecureRandom().nextBytes(run);
        this.streams = new EventStreams(parts.events(), doorkeeper, limits, mayBlock, HexFormat.of().formatHex(run));
        this.metrics = new Metrics(new TimelyAnswer<>(parts.inventory().devices()::tally, mayBlock), parts.figures(),
                streams);
        this.ready = new TimelyAnswer<>(() -> {
            parts.inventory().check();
            return Reply.text(200, "text/plain", "ready\n");
        }, mayBlock);
        register(new DeviceOperations(parts.desk()),
                new GatewayOperations(parts.desk(), parts.keys(), parts.version()));
        // No files are served or kept: without this Vert.x makes a directory for them.
        this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(EVENT_LOOPS).setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1).setFileSystemOptions(
                        new FileSystemOptions().setClassPathResolvingEnabled(false).setFileCachingEnabled(false)));
        this.patience = new Patience(vertx, limits);
        this.server = vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false)
                .setIdleTimeout(IDLE_SECONDS).setMaxInitialLineLength(FIRST_LINE_BYTES)
                .setMaxHeaderSize(HEADER_BYTES));
        server.connectionHandler(this::connected);
        server.requestHandler(this::request);
        server.exceptionHandler(failure -> LOG.debug("a connection failed: {}", failure.toString()));
        try {
            await(() -> server.listen(listen.getPort(), listen.getAddress().getHostAddress()));
        } catch (IOException e) {
            close();
            throw new IOException("the HTTP service cannot listen on " + listen + ": " + e.getMessage()
                    + "; end what listens there, or set http.listen", e);
        }
        vertx.setPeriodic(RECHECK_MILLIS, nothing -> streams.recheck(Optional.empty()));
    }

    /** Opens the port. @throws IOException when the address is taken or not ours */
    public static HttpService open(InetSocketAddress listen, Parts parts, HttpLimits limits, InstantSource clock)
            throws IOException {
        return new HttpService(listen, parts, limits, clock);
    }

    private static <T> T await(Supplier<io.vertx.core.Future<T>> start) throws IOException {
        try {
            return start.get().toCompletionStage().toCompletableFuture().get(START_TIME.toSeconds(),
                    TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause() == null ? e.toString() : e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer in " + START_TIME.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void register(DeviceOperations devices, GatewayOperations gateway) {
        operations.put("listDevices", devices::list);
        operations.put("addDevice", devices::add);
        operations.put("approveDevices", devices::approveMany);
        operations.put("showDevice", devices::show);
        operations.put("changeDevice", devices::change);
        operations.put("removeDevice", devices::remove);
        operations.put("approveDevice", devices::approve);
        operations.put("refuseDevice", devices::refuse);
        operations.put("disconnectDevice", devices::disconnect);
        operations.put("rpc", devices::rpc);
        operations.put("listAttempts", gateway::attempts);
        operations.put("listAudit", gateway::audit);
        operations.put("listAlarms", gateway::alarms);
        operations.put("listOperators", gateway::operators);
        operations.put("addOperator", gateway::addOperator);
        operations.put("changeOperator", gateway::changeOperator);
        operations.put("removeOperator", gateway::removeOperator);
        operations.put("issueToken", gateway::issueToken);
        operations.put("listTrust", gateway::trust);
        operations.put("addTrust", gateway::addTrust);
        operations.put("removeTrust", gateway::removeTrust);
        operations.put("showKeys", gateway::keys);
        operations.put("showVersion", gateway::version);
    }

    /** Operations of the contract that are here; {@code watchEvents} is one that has no single answer. */
    Set<String> operations() {
        var all = new TreeSet<>(operations.keySet());
        all.add(WATCH);
        return all;
    }

    /** How many watch events now. */
    int watchers() {
        return streams.size();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return new InetSocketAddress(listen.getAddress(), server.actualPort());
    }

    // ---- A connection

    private void connected(HttpConnection connection) {
        var address = InetAddress.ofLiteral(connection.remoteAddress().hostAddress());
        if (!connections.come(address)) {
            connection.close();
            return;
        }
        connection.closeHandler(nothing -> {
            connections.gone(address);
            patience.end(connection);
        });
        patience.begin(connection);
    }

    // ---- A request: on its event loop, until it is known who sends it

    private void request(HttpServerRequest request) {
        long begun = System.nanoTime();
        if (!patience.asked(request.connection())) {
            return; // one connection too many, which is being closed
        }
        var context = vertx.getOrCreateContext();
        var exchange = new Exchange(request, context, begun);
        request.exceptionHandler(failure -> {
            LOG.debug("a request failed: {}", failure.toString());
            exchange.release();
        });
        try {
            RequestHead.check(request);
        } catch (Problem e) {
            exchange.endAll(e.reply());
            return;
        }
        try {
            check(addressRate.take(exchange.address()), "requests from this address");
            switch (request.path()) {
                case "/health/live" -> exchange.answerGet(() -> Reply.text(200, "text/plain", "live\n"));
                case "/health/ready" -> exchange.answerGet(ready::get);
                case "/metrics" -> exchange.answerGet(() -> Reply.text(200,
                        "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
                case "/openapi.yaml" -> exchange
                        .answerGet(() -> Reply.text(200, "application/yaml", contract.text()));
                case null -> throw Problem.invalid("a request without a path");
                default -> exchange.api();
            }
        } catch (Problem e) {
            exchange.end(e.reply());
        }
    }

    private static void check(Optional<Duration> wait, String what) {
        if (wait.isPresent()) {
            long seconds = wait.get().toSeconds() + 1;
            throw new Problem(Problem.Type.RATE_LIMITED, "too many " + what + ": try again in " + seconds + " s",
                    Map.of("Retry-After", String.valueOf(seconds)));
        }
    }

    /** A request and its answer. Its methods run on its event loop but where they say so. */
    private final class Exchange {
        private final HttpServerRequest request;
        private final Context loop;
        private final long begun;
        /** For the metrics. */
        private String operation = "none";
        private boolean known;
        /** Whose body it is, and how much of it is in memory. */
        private String sender = "";
        private int held;

        Exchange(HttpServerRequest request, Context loop, long begun) {
            this.request = request;
            this.loop = loop;
            this.begun = begun;
        }

        String address() {
            return request.remoteAddress().hostAddress();
        }

        /** Whose answer is wanted: a HEAD's is a GET's without its body, which Vert.x leaves out. */
        private String method() {
            return request.method().equals(HttpMethod.HEAD) ? "GET" : request.method().name();
        }

        /** Of what needs no token. */
        void answerGet(Work work) {
            if (!method().equals("GET")) {
                throw new Problem(Problem.Type.NO_SUCH_METHOD, "this path has GET, HEAD", Map.of("Allow", "GET, HEAD"));
            }
            mayBlock.execute(() -> {
                var reply = reply(work);
                loop.runOnContext(nothing -> end(reply));
            });
        }

        void api() {
            byte[] token = Doorkeeper.token(request.getHeader("Authorization"));
            request.pause();
            mayBlock.execute(() -> {
                Optional<Operator> operator;
                try {
                    operator = doorkeeper.who(token);
                } catch (RuntimeException e) {
                    var reply = reply(() -> {
                        throw e;
                    });
                    loop.runOnContext(nothing -> end(reply));
                    return;
                }
                loop.runOnContext(nothing -> known(operator, token));
            });
        }

        private void known(Optional<Operator> operator, byte[] token) {
            try {
                if (operator.isEmpty()) {
                    // Only these wait: behind a proxy, all who have good tokens come from one address with them.
                    check(wrongTokens.take(address()), "wrong tokens from this address");
                    throw Doorkeeper.noToken("this token is not known, or it has expired: ask an admin for a new one");
                }
                known = true;
                sender = operator.get().name();
                check(operatorRate.take(operator.get().name()), "requests of " + operator.get().name());
                var match = contract.match(method(), request.path());
                operation = match.operation().id();
                readBody(match.operation(), body -> mayBlock.execute(() -> act(match, operator.get(), token, body)));
            } catch (Problem e) {
                end(e.reply());
            }
        }

        private void readBody(Contract.Operation wanted, Consumer<Buffer> reader) {
            int most = wanted.id().equals(RPC) ? limits.rpcBytes() : limits.bodyBytes();
            var announced = request.getHeader("Content-Length");
            if (announced != null && (announced.length() > 10 || Long.parseLong(announced) > most)) {
                throw tooLarge(most);
            }
            if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
                request.response().writeContinue();
            }
            var body = Buffer.buffer();
            var late = new boolean[1];
            long timer = vertx.setTimer(limits.bodyTime().toMillis(), nothing -> {
                late[0] = true;
                request.connection().close();
            });
            request.handler(part -> {
                if (body.length() + part.length() > most) {
                    vertx.cancelTimer(timer);
                    end(tooLarge(most).reply());
                } else if (!bodies.take(sender, part.length())) {
                    vertx.cancelTimer(timer);
                    end(new Problem(Problem.Type.RATE_LIMITED, "too much is being sent at once, in all or by " + sender
                            + ": send large bodies one after another", Map.of("Retry-After", "1")).reply());
                } else {
                    held += part.length();
                    body.appendBuffer(part);
                }
            });
            request.endHandler(nothing -> {
                vertx.cancelTimer(timer);
                if (!late[0] && !request.response().ended()) {
                    reader.accept(body);
                }
            });
            request.resume();
        }

        /** The body is needed no more. */
        void release() {
            bodies.give(sender, held);
            held = 0;
        }

        private static Problem tooLarge(int most) {
            return new Problem(Problem.Type.TOO_LARGE, "a body here has at most " + (most >> 20) + " MiB");
        }

        /** Where it may block. */
        private void act(Contract.Match match, Operator operator, byte[] token, Buffer body) {
            var last = new String[1];
            var reply = reply(() -> {
                var call = look(match, operator, body);
                if (operation.equals(WATCH)) {
                    if (request.method().equals(HttpMethod.HEAD)) {
                        return Reply.text(200, "text/event-stream", "");
                    }
                    var after = call.header("last-event-id").orElse("");
                    streams.take(operator);
                    last[0] = after;
                    return Reply.nothing();
                }
                return repeated(call, match, token, body);
            });
            if (last[0] == null) {
                loop.runOnContext(nothing -> end(reply));
            } else {
                loop.runOnContext(nothing -> request.response()
                        .endHandler(ended -> patience.answered(request.connection())));
                streams.open(loop, request.response(), operator, token,
                        Optional.of(last[0]).filter(id -> !id.isEmpty()));
            }
        }

        private Call look(Contract.Match match, Operator operator, Buffer body) throws InterruptedException {
            if (body.length() < LARGE_BODY_BYTES) {
                return call(match, operator, body);
            }
            large.acquire();
            try {
                return call(match, operator, body);
            } finally {
                large.release();
            }
        }

        private Call call(Contract.Match match, Operator operator, Buffer body) {
            var wanted = match.operation();
            wanted.checkPath(match.path());
            var query = wanted.query(request.query() == null ? Map.of() : PercentText.query(request.query()));
            var headers = wanted.headers(name -> request.headers().getAll(name));
            var sent = Body.read(wanted, request::getHeader, body);
            return new Call(operator, match.path(), query, headers, sent.mediaType(), sent.json(), sent.text());
        }

        /**
         * Runs it, but for a repeated request, which is answered as the first was. What is repeated is not run, so nothing
         * asks for its rights again: it must come from the same operator, with the same token and rights.
         */
        private Reply repeated(Call call, Contract.Match match, byte[] token, Buffer body)
                throws InterruptedException {
            var act = operations.get(operation);
            if (act == null) {
                throw new IllegalStateException("the contract has " + operation + ", and nothing does it");
            }
            var text = call.header("idempotency-key");
            if (text.isEmpty()) {
                return act.on(call);
            }
            var key = new Repeats.Key(call.operator().name(), text.get());
            var hash = HexFormat.of().formatHex(Doorkeeper.sha256(
                    Doorkeeper.standing(call.operator(), token),
                    (match.operation().method() + ' ' + request.uri() + '\n').getBytes(StandardCharsets.UTF_8),
                    body.getBytes()));
            var before = repeats.begin(key, hash);
            if (before.isPresent()) {
                return before.get().with("Idempotency-Replayed", "true");
            }
            boolean done = false;
            try {
                var reply = act.on(call);
                repeats.done(key, reply);
                done = true;
                return reply;
            } finally {
                if (!done) {
                    repeats.failed(key);
                }
            }
        }

        // ---- The answer

        /** Where it may block; whatever goes wrong becomes a problem. */
        private Reply reply(Work work) {
            try {
                return work.run();
            } catch (Problem e) {
                return e.reply();
            } catch (DeskError e) {
                return Problem.of(e).reply();
            } catch (InventoryError e) {
                LOG.warn("{}: {}{}", operation, e.getMessage(), ownWords(e));
                return Problem.of(e).reply();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Problem(Problem.Type.UNREADY, "the gateway is ending").reply();
            } catch (RuntimeException e) {
                LOG.error("{} failed", operation, e);
                return Problem.internal().reply();
            }
        }

        /** Answers, and takes nothing more from this connection. */
        void endAll(Reply reply) {
            var connection = request.connection();
            request.response().putHeader("Connection", "close").endHandler(nothing -> connection.close());
            end(reply);
        }

        private void end(Reply reply) {
            release();
            var response = request.response();
            if (response.ended() || response.closed()) {
                return;
            }
            metrics.request(operation, reply.status(), Duration.ofNanos(System.nanoTime() - begun));
            response.setStatusCode(reply.status()).putHeader("Cache-Control", "no-store")
                    .putHeader("X-Content-Type-Options", "nosniff");
            reply.headers().forEach(response::putHeader);
            if (!reply.mediaType().isEmpty()) {
                response.putHeader("Content-Type", reply.mediaType());
            }
            var written = response.end(reply.body());
            if (known) {
                // A long answer may take its time to be read.
                written.onComplete(nothing -> patience.answered(request.connection()));
            } else {
                patience.answered(request.connection());
            }
            if (!request.isEnded()) {
                discard();
            }
        }

        /** The rest of a body that nobody wants. Closing at once would reset the connection before its answer is read. */
        private void discard() {
            var connection = request.connection();
            long timer = vertx.setTimer(DISCARD_MILLIS, nothing -> connection.close());
            var discarded = new int[1];
            request.handler(part -> {
                discarded[0] += part.length();
                if (discarded[0] > MOST_DISCARDED) {
                    connection.close();
                }
            });
            request.endHandler(nothing -> {
                vertx.cancelTimer(timer);
            });
            request.resume();
        }
    }

    /**
     * What the database said to what we have no words for. Only the driver's first line: what is around it quotes what was
     * to be written, and so do the lines below.
     */
    static String ownWords(InventoryError error) {
        if (error.problem() != InventoryError.Problem.OTHER) {
            return "";
        }
        Throwable innermost = error;
        for (int depth = 0; innermost.getCause() != null && depth < 16; depth++) {
            innermost = innermost.getCause();
        }
        return innermost.equals(error)
                ? ""
                : ": " + String.valueOf(innermost.getMessage()).lines().findFirst().orElse(innermost.toString());
    }

    /** What may block, and fail. */
    private interface Work {
        Reply run() throws InterruptedException;
    }

    // ---- Records that change

    @Override
    public void operatorChanged(String name) {
        streams.recheck(Optional.of(name));
    }

    // ---- The end

    /** Takes no more connections, ends the streams of events, and waits until what was asked is answered. */
    public void drain(Duration patience) {
        streams.close();
        try {
            server.shutdown(patience.toMillis(), TimeUnit.MILLISECONDS).toCompletionStage().toCompletableFuture()
                    .get(patience.toMillis() + DISCARD_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("requests that were under way are cut off: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        streams.close();
        try {
            await(vertx::close);
        } catch (IOException e) {
            LOG.warn("the HTTP service does not end: {}", e.getMessage());
        }
        mayBlock.shutdownNow();
        metrics.close();
    }
}
