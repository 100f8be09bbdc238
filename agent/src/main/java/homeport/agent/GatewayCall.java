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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
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
    /** As long as a commit waits to be confirmed when nothing else is said (RFC 6241 §8.4.1). */
    static final Duration RETIRED_MOST = Duration.ofMinutes(10);
    private static final String RETIRED = "this gateway is not called any more";

    private final Device device;
    private final Loop loop;
    private final AgentTime time;
    private final AgentEvent.Watcher watcher;
    private CalledGateway gateway;
    private ReconnectStrategy strategy;
    private @Nullable Future<?> timer;
    private @Nullable Try current;
    /** Connections that stay only for those who use them. */
    private final Set<Try> retired = new HashSet<>();
    private boolean closed;

    GatewayCall(CalledGateway gateway, Device device, Loop loop, AgentTime time, AgentEvent.Watcher watcher,
            RandomGenerator random) {
        this.gateway = gateway;
        this.device = device;
        this.loop = loop;
        this.time = time;
        this.watcher = watcher;
        this.strategy = new ReconnectStrategy(gateway, random, now());
    }

    private ReconnectStrategy.Now now() {
        return time.now();
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
                cancelTimer();
                timer = after(wait.time().compareTo(LONGEST_TIMER) < 0 ? wait.time() : LONGEST_TIMER, this::step);
                watcher.on(new AgentEvent.Waiting(gateway.name(), wait.time()));
            }
            case ReconnectStrategy.Step.Busy busy -> LOG.trace("{} is being called already", gateway.name());
        }
    }

    private Future<?> after(Duration wait, Runnable action) {
        return time.after(wait, () -> loop.execute(action));
    }

    // ---- A change of the configuration

    /** The gateway's configuration has changed: a connection that fits it goes on, another is retired. */
    void change(CalledGateway next) {
        loop.execute(() -> {
            if (closed || next.equals(gateway)) {
                return;
            }
            gateway = next;
            cancelTimer();
            var going = current;
            if (going != null && strategy.fits(next)) {
                strategy = strategy.changed(next);
                going.typeChanged();
            } else {
                strategy = strategy.begunAnew(next, now());
                current = null;
                if (going != null) {
                    going.retire();
                }
            }
            step();
        });
    }

    /** The gateway is not called any more; nothing follows but the end of the connection, once nobody uses it. */
    void retire() {
        loop.execute(() -> {
            closed = true;
            cancelTimer();
            var going = current;
            current = null;
            if (going != null) {
                going.retire();
            }
        });
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    // ---- One try

    /** One try and what comes of it; over once {@link #end} was called. */
    private final class Try implements DeviceConnection.Owner, StreamPipe.Watcher {
        private final Endpoint endpoint;
        private final Activity activity = new Activity(time);
        private final long begun = now().nanos();
        private @Nullable Connection connection;
        private @Nullable ByteMachine machine;
        private @Nullable Future<?> limit;
        private boolean registered;
        private boolean idle;
        private boolean over;
        private boolean isRetired;
        private int channels;

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

        @Override
        public void channelOpened() {
            channels++;
        }

        @Override
        public void channelClosed() {
            channels--;
            if (isRetired && channels == 0) {
                hangUp(RETIRED);
            }
        }

        /** Whoever uses it may go on for a while: the change was most likely asked for on this very connection. */
        void retire() {
            isRetired = true;
            cancelLimit();
            if (!registered) {
                end(RETIRED, true);
                if (connection != null) {
                    connection.cut();
                }
            } else if (channels == 0) {
                retired.add(this);
                hangUp(RETIRED);
            } else {
                retired.add(this);
                LOG.info("{}: the connection to {} stays until nobody uses it, {} at the most", gateway.name(),
                        endpoint,
                        RETIRED_MOST);
                limit = after(RETIRED_MOST, () -> {
                    if (!over) {
                        hangUp(RETIRED);
                    }
                });
            }
        }

        void typeChanged() {
            if (registered) {
                cancelLimit();
                watchIdle();
            }
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
            if (!registered && !isRetired && now().nanos() - begun >= USEFUL.toNanos()) {
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
            if (current == this) { // a retired one has a successor
                current = null;
            }
            if (isRetired) {
                retired.remove(this);
                LOG.info("{}: the connection to {}, which is not called any more, is over: {}", gateway.name(),
                        endpoint,
                        reason);
                watcher.on(new AgentEvent.Ended(gateway.name(), endpoint, reason));
                return;
            }
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
        // The dialler's own limit does not cover the look-up of a name.
        attempt.limit = after(dial.patience(),
                () -> {
                    if (attempt.connection == null) {
                        attempt.end("no connection within " + dial.patience(), false);
                    }
                });
        watcher.on(new AgentEvent.Dialling(gateway.name(), dial.endpoint()));
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
            cancelTimer();
            List.copyOf(retired).forEach(each -> each.hangUp("the agent ends"));
            if (current != null) {
                current.hangUp("the agent ends");
            }
        });
    }
}
