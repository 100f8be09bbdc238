package homeport.agent;

import homeport.agent.AgentConfig.Service;
import homeport.callhome.ByteMachine;
import homeport.callhome.Cause;
import homeport.callhome.Departure;
import homeport.callhome.Design;
import homeport.callhome.Ended;
import homeport.callhome.Refusal;
import homeport.callhome.Stage;
import homeport.net.Connection;
import homeport.net.Dialler;
import homeport.net.Loop;
import homeport.net.StreamPipe;
import homeport.ssh.key.PlainKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One gateway being called: does what its {@link ReconnectStrategy} says. All on one loop. */
final class GatewayCall implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayCall.class);
    /** No timer is longer, so that a sleep or a jump of the calendar is noticed within this time. */
    private static final Duration LONGEST_TIMER = Duration.ofSeconds(30);
    /** A relayed connection that ends sooner was of no use: the gateway did not let us in. */
    private static final Duration USEFUL = Duration.ofSeconds(2);

    private final CalledGateway gateway;
    private final Device device;
    private final Loop loop;
    private final ScheduledExecutorService timers;
    private final AgentEvent.Watcher watcher;
    private final InstantSource clock;
    private final ReconnectStrategy strategy;
    private @Nullable Future<?> timer;
    private @Nullable Try current;
    private boolean closed;

    GatewayCall(CalledGateway gateway, Device device, Loop loop, ScheduledExecutorService timers,
            AgentEvent.Watcher watcher, InstantSource clock, RandomGenerator random) {
        this.gateway = gateway;
        this.device = device;
        this.loop = loop;
        this.timers = timers;
        this.watcher = watcher;
        this.clock = clock;
        this.strategy = new ReconnectStrategy(gateway, random, now());
    }

    private ReconnectStrategy.Now now() {
        return new ReconnectStrategy.Now(clock.instant(), System.nanoTime());
    }

    void start() {
        loop.execute(this::step);
    }

    private void step() {
        if (closed) {
            return;
        }
        switch (strategy.next(now())) {
            case ReconnectStrategy.Step.Dial dial -> dial(dial);
            case ReconnectStrategy.Step.Wait wait -> {
                watcher.on(new AgentEvent.Waiting(gateway.name(), wait.time()));
                var time = wait.time().compareTo(LONGEST_TIMER) < 0 ? wait.time() : LONGEST_TIMER;
                timer = after(time, this::step);
            }
            case ReconnectStrategy.Step.Busy busy -> LOG.trace("{} is being called already", gateway.name());
        }
    }

    private Future<?> after(Duration time, Runnable action) {
        return timers.schedule(() -> loop.execute(action), time.toNanos(), TimeUnit.NANOSECONDS);
    }

    // ---- One try

    /** One try and what comes of it; over once {@link #end} was called. */
    private final class Try implements DeviceConnection.Owner, StreamPipe.Watcher {
        private final Endpoint endpoint;
        private final Activity activity = new Activity();
        private final long begun = System.nanoTime();
        private @Nullable Connection connection;
        private @Nullable ByteMachine machine;
        private @Nullable Future<?> limit;
        private boolean registered;
        private boolean idle;
        private boolean over;

        Try(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        void connected(Connection made) {
            if (over) {
                made.cut(); // too late: this try has failed meanwhile
                return;
            }
            connection = made;
            cancelLimit();
        }

        private void cancelLimit() {
            if (limit != null) {
                limit.cancel(false);
                limit = null;
            }
        }

        @Override
        public void registered() {
            if (over || registered) {
                return;
            }
            registered = true;
            device.registered();
            strategy.registered(now());
            LOG.info("{}: {} has us", gateway.name(), endpoint);
            watcher.on(new AgentEvent.Registered(gateway.name(), endpoint));
            watchIdle();
        }

        /** Persistent connections are never idle. */
        private void watchIdle() {
            if (!(gateway.type() instanceof ConnectionType.Periodic periodic) || periodic.idleTimeout().isZero()) {
                return;
            }
            long left = periodic.idleTimeout().toNanos() - activity.idleNanos();
            if (left > 0) {
                limit = after(Duration.ofNanos(left), () -> {
                    if (!over) {
                        watchIdle();
                    }
                });
                return;
            }
            idle = true;
            LOG.info("{}: nobody used the connection for {}: it ends until the next time", gateway.name(),
                    periodic.idleTimeout());
            hangUp("idle until the next time");
        }

        void hangUp(String detail) {
            if (machine != null) {
                machine.close(Refusal.CLOSED, detail);
            } else if (connection != null) {
                connection.cut(); // a relayed one: what is inside it is not ours to close
            }
        }

        @Override
        public void ended(Ended ended, boolean unfinished) {
            boolean graceful = idle
                    || (ended.stage() == Stage.LINKED && !(ended.cause() instanceof Cause.BrokenRule) && !unfinished);
            end(ended.text(), graceful);
        }

        @Override
        public Activity activity() {
            return activity;
        }

        // A relayed connection: what happens inside it we do not see.

        @Override
        public void moved() {
            activity.touch();
        }

        @Override
        public void ended() {
            if (!registered && System.nanoTime() - begun >= USEFUL.toNanos()) {
                strategy.registered(now());
                registered = true;
            }
            end("the connection ended", true);
        }

        void end(String reason, boolean graceful) {
            if (over) {
                return;
            }
            over = true;
            cancelLimit();
            current = null;
            if (registered) {
                strategy.ended(now(), graceful);
                LOG.info("{}: the connection to {} is over: {}", gateway.name(), endpoint, reason);
                watcher.on(new AgentEvent.Ended(gateway.name(), endpoint, reason));
            } else {
                strategy.failed(now());
                LOG.warn("{}: {} was not reached: {}", gateway.name(), endpoint, reason);
                watcher.on(new AgentEvent.Failed(gateway.name(), endpoint, reason));
            }
            step();
        }
    }

    private void dial(ReconnectStrategy.Step.Dial dial) {
        var attempt = new Try(dial.endpoint());
        current = attempt;
        watcher.on(new AgentEvent.Dialling(gateway.name(), dial.endpoint()));
        // The dialler's own limit does not cover the look-up of a name.
        attempt.limit = after(dial.patience(),
                () -> {
                    if (attempt.connection == null) {
                        attempt.end("no connection within " + dial.patience(), false);
                    }
                });
        var design = device.config.design();
        boolean whole = design == Design.BOOTSTRAP || design == Design.CALL_HOME;
        var dialled = whole && device.config.service() instanceof Service.Relay relay
                ? join(attempt, dial, design, relay.to())
                : Dialler.dial(loop, dial.endpoint().address(), dial.patience(),
                        connection -> machine(connection, attempt));
        var unused = dialled.whenComplete((connection, failure) -> loop.execute(() -> {
            if (failure == null) {
                attempt.connected(connection);
            } else {
                attempt.end(reason(failure), false);
            }
        }));
    }

    private ByteMachine machine(Connection connection, Try attempt) {
        var owner = new DeviceConnection(device, loop, attempt.endpoint, connection.peer().getAddress(), attempt);
        var machine = new Departure(device.departure(), loop.environment(), loop.output(), connection, owner);
        attempt.machine = machine;
        return machine;
    }

    /** The gateway meets the device's own SSH server. In bootstrap with a secret the message speaks for that one's key. */
    private CompletableFuture<Connection> join(Try attempt, ReconnectStrategy.Step.Dial dial, Design design,
            Endpoint to) {
        var hostKey = design == Design.BOOTSTRAP && device.keys.secret().isPresent()
                ? HostKeyScan.of(loop, to, dial.patience()).thenApply(Optional::of)
                : CompletableFuture.completedFuture(Optional.<PlainKey>empty());
        return hostKey.thenCompose(key -> {
            byte[] preface = design == Design.BOOTSTRAP
                    ? device.keys.message(device.config.id(), key).encode()
                    : new byte[0];
            return StreamPipe.join(loop, dial.endpoint().address(), preface, to.address(), dial.patience(), attempt);
        });
    }

    private static String reason(Throwable failure) {
        var cause = failure;
        while (cause.getCause() != null && cause instanceof java.util.concurrent.CompletionException) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    @Override
    public void close() {
        loop.execute(() -> {
            closed = true;
            if (timer != null) {
                timer.cancel(false);
            }
            if (current != null) {
                current.hangUp("the agent ends");
            }
        });
    }
}
