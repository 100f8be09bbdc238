package homeport.gateway.northbound;

import homeport.callhome.ByteMachine;
import homeport.callhome.Refusal;
import homeport.callhome.SessionStart;
import homeport.callhome.SshLink;
import homeport.gateway.access.Access;
import homeport.gateway.access.Action;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.Operator;
import homeport.gateway.live.LiveDevice;
import homeport.net.Connection;
import homeport.net.Splice;
import homeport.ssh.Event;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.wire.ChannelType;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of an operator. Its events come on its loop; what asks the inventory runs on virtual threads. */
final class OperatorSession {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    /** What either end may send before the other has taken it, for each channel. */
    private static final int WINDOW = 256 << 10;
    private static final int NO_SUCH_DEVICE = 3;
    private static final int NOT_ALLOWED = 4;
    private static final int NOT_REACHED = 5;

    private final OperatorPort port;
    private final Connection connection;
    private final SshLink link;
    /** Channels that are joined to a device's, with the device's id. */
    private final Map<Splice, String> splices = new ConcurrentHashMap<>();
    private volatile @Nullable Target target;

    OperatorSession(OperatorPort port, Connection connection, SshSettings settings) {
        this.port = port;
        this.connection = connection;
        this.link = SshLink.as(Role.SERVER, settings, connection.loop().environment(), connection.loop().output(),
                connection, this::on);
    }

    ByteMachine machine() {
        return link;
    }

    /** Empty before the login. */
    Optional<String> operator() {
        var known = target;
        return known == null ? Optional.empty() : Optional.of(known.operator());
    }

    boolean uses(String device) {
        return splices.containsValue(device);
    }

    void close(Refusal refusal, String detail) {
        connection.loop().execute(() -> link.close(refusal, detail));
    }

    private void on(Event event) {
        switch (event) {
            case Question.LoginRequested asked -> blocking(() -> login(asked),
                    () -> link.connection().decide(asked, new LoginDecision.Disconnect("the gateway's inventory does"
                            + " not answer")));
            case Event.Authenticated authenticated -> {
                target = Target.of(authenticated.user());
                port.loggedIn(this, connection);
                LOG.info("operator {} from {} is logged in", Target.of(authenticated.user()).operator(),
                        connection.peer());
            }
            case Question.OpenRequested asked -> {
                var known = target;
                if (known != null) {
                    blocking(() -> open(known, asked),
                            () -> link.refuse(asked, "the gateway's inventory does not answer"));
                }
            }
            case Question.GlobalRequested asked -> link.connection().decide(asked, false);
            case Event.Closed closed -> port.closed(this, connection);
            case Event other -> {
                // Nothing that changes what we do.
            }
        }
    }

    /** Runs what asks the inventory beside the loop; where that fails, {@code instead} runs on the loop. */
    private void blocking(Runnable work, Runnable instead) {
        Thread.ofVirtual().name("operator").start(() -> {
            try {
                work.run();
            } catch (InventoryError e) {
                LOG.error("operator's session from {}: {}", connection.peer(), e.getMessage());
                onLoop(instead);
            } catch (RuntimeException e) {
                LOG.error("operator's session from {}", connection.peer(), e);
                onLoop(instead);
            }
        });
    }

    private void onLoop(Runnable work) {
        connection.loop().execute(() -> link.run(() -> {
            if (!link.isClosed()) {
                work.run();
            }
        }));
    }

    private void login(Question.LoginRequested asked) {
        var decision = port.login().decide(asked, Optional.ofNullable(connection.peer().getAddress()));
        onLoop(() -> link.connection().decide(asked, decision));
    }

    // ---- Channels, on virtual threads

    private void open(Target known, Question.OpenRequested asked) {
        var operator = port.inventory().operators().find(known.operator());
        if (operator.isEmpty()) {
            close(Refusal.REFUSED, "no longer an operator");
            return;
        }
        switch (asked.type()) {
            case ChannelType.Session session when known.device().isEmpty() -> {
                var listing = DeviceListing.of(port.inventory(), operator.get());
                onLoop(() -> link.accept(asked, WINDOW, Notice.answer(listing)));
            }
            case ChannelType.Session session -> reach(operator.get(), known.device().get(), asked, true,
                    device -> handler -> device.open(new SessionStart.Bare(), WINDOW, handler));
            case ChannelType.DirectTcpip tcp when known.device().isPresent() -> {
                if (tcp.port() < 1 || tcp.port() > 65_535) {
                    refuse(asked, "a port is 1 to 65535");
                } else {
                    reach(operator.get(), known.device().get(), asked, false, device -> handler -> device
                            .openTcp(tcp.host(), (int) tcp.port(), WINDOW, handler));
                }
            }
            case ChannelType.DirectTcpip jump -> jump(operator.get(), jump.host(), asked);
            case ChannelType other -> refuse(asked, "sessions, -L and -J only");
        }
    }

    /** {@code ssh -J}: the host that is asked for is the device, whatever the port. */
    private void jump(Operator operator, String id, Question.OpenRequested asked) {
        reach(operator, id, asked, false, device -> handler -> device.openRaw(WINDOW, handler));
    }

    /** How a channel to a device is opened. */
    private interface Way {
        Splice.Opener to(LiveDevice device);
    }

    private void reach(Operator operator, String id, Question.OpenRequested asked, boolean session, Way way) {
        var record = port.inventory().devices().find(id);
        var access = record.map(device -> Access.toDevice(operator, Action.CONNECT, device.labels()))
                .orElse(new Access.Denied("there is no such device", true));
        if (access instanceof Access.Denied denied) {
            explain(asked, session, denied.hidden() ? "there is no device " + id : denied.reason(),
                    denied.hidden() ? NO_SUCH_DEVICE : NOT_ALLOWED);
            return;
        }
        var live = port.live().find(id);
        if (live.isEmpty()) {
            explain(asked, session, id + " is offline: homeport why " + id, NOT_REACHED);
            return;
        }
        var device = live.get();
        onLoop(() -> splices.put(Splice.join(connection.loop(), link, asked, device.loop(), way.to(device), WINDOW,
                new Watch(operator.name(), id, asked.type().name())), id));
    }

    private void explain(Question.OpenRequested asked, boolean session, String line, int status) {
        if (session) {
            onLoop(() -> link.accept(asked, WINDOW, Notice.error(line, status)));
        } else {
            refuse(asked, line);
        }
    }

    private void refuse(Question.OpenRequested asked, String reason) {
        onLoop(() -> link.refuse(asked, reason));
    }

    /** Keeps who used which device, and for how much. On this session's loop. */
    private final class Watch implements Splice.Watcher {
        private final String operator;
        private final String device;
        private final String kind;

        Watch(String operator, String device, String kind) {
            this.operator = operator;
            this.device = device;
            this.kind = kind;
        }

        @Override
        public void opened(Splice splice) {
            LOG.info("operator {} on device {}: {}", operator, device, kind);
            port.audit(operator, "session.open", device, kind);
        }

        @Override
        public void refused(Splice splice, String reason) {
            splices.remove(splice);
            LOG.info("operator {} on device {}: {} refused: {}", operator, device, kind, reason);
        }

        @Override
        public void closed(Splice splice) {
            if (splices.remove(splice) != null) {
                port.audit(operator, "session.close", device,
                        kind + ", " + splice.southBytes() + " bytes sent, " + splice.northBytes() + " received");
            }
        }
    }

    /**
     * Ends the channels to devices that the operator reaches no more, or all of it when the operator is gone. May block.
     */
    void recheck() {
        var known = target;
        if (known == null) {
            return;
        }
        var operator = port.inventory().operators().find(known.operator());
        if (operator.isEmpty()) {
            close(Refusal.REFUSED, "no longer an operator");
            return;
        }
        splices.forEach((splice, id) -> {
            var record = port.inventory().devices().find(id);
            if (record.isEmpty() || Access.toDevice(operator.get(), Action.CONNECT,
                    record.get().labels()) instanceof Access.Denied) {
                splice.close();
            }
        });
    }
}
