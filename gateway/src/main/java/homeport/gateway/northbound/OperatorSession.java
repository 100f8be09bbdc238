package homeport.gateway.northbound;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.InnerLink;
import homeport.callhome.LinkChannel;
import homeport.callhome.Refusal;
import homeport.callhome.SessionStart;
import homeport.callhome.SharedOutput;
import homeport.callhome.SshLink;
import homeport.gateway.access.Access;
import homeport.gateway.access.Action;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.Operator;
import homeport.gateway.live.LiveDevice;
import homeport.net.Connection;
import homeport.net.Movable;
import homeport.net.Splice;
import homeport.ssh.Event;
import homeport.ssh.KeepAlive;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.OpenFailure;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of an operator. Its events come on its loop; what asks the inventory runs on virtual threads, and its
 * answers go back to the loop.
 *
 * <pre>
 *  ssh alice+router1@gateway     session, direct-tcpip  ─▶ the same at router1
 *  ssh -J alice@gateway router1  direct-tcpip "router1" ─▶ router1's own SSH server, where it came by a tunnel;
 *                                                          else an SSH server of ours in the channel, and on as above
 * </pre>
 */
final class OperatorSession implements Movable {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    private static final LoginDecision REFUSED = new LoginDecision.Refuse(List.of("publickey", "password"));
    /**
     * Requests after which the device opens channels back. It opens none here; and its side of them would be everybody's who
     * uses the device, as all share one connection: another's agent could be asked to sign.
     */
    private static final List<String> BACKWARDS = List.of("auth-agent-req@openssh.com", "x11-req");
    private static final String NO_FORWARDING = "your certificate does not permit port forwarding";
    private static final String SILENT_INVENTORY = "the gateway's inventory does not answer";
    /** What either end may send before the other has taken it, for each channel. */
    private static final int WINDOW = 256 << 10;
    /** SSH servers of ours inside one connection; each costs as much as a connection. */
    private static final int MOST_JUMPS = 16;

    /** Exit statuses, as the commands have them. */
    private static final int FAILED = 1;
    private static final int NO_SUCH_DEVICE = 3;
    private static final int NOT_ALLOWED = 4;
    private static final int NOT_REACHED = 5;

    private final OperatorPort port;
    private final Connection connection;
    private final SshLink link;
    /** Channels that are joined to a device's. */
    private final Map<Splice, Watch> splices = new ConcurrentHashMap<>();
    /** SSH servers of ours in place of a device's, with the device's id. */
    private final Map<InnerLink, String> jumps = new ConcurrentHashMap<>();
    /** By what the login that is being decided was let in. On the loop only, until it is over. */
    private volatile @Nullable Grant grant;
    private volatile @Nullable Target target;
    /** As whom the last login that was refused came, and how many were. On the loop only. */
    private String refused = "";
    private int refusals;

    OperatorSession(OperatorPort port, Connection connection) {
        this.port = port;
        this.connection = connection;
        this.link = SshLink.as(Role.SERVER, port.settings(), connection.loop().environment(),
                connection.loop().output(), connection, this::on);
    }

    /** Empty before the login. */
    Optional<String> operator() {
        var known = target;
        return known == null ? Optional.empty() : Optional.of(known.operator());
    }

    boolean uses(String device) {
        return jumps.containsValue(device)
                || splices.values().stream().anyMatch(watch -> watch.device.id().equals(device));
    }

    // ---- The connection's machine: the link, and the time of those inside

    @Override
    public void start() {
        link.start();
    }

    @Override
    public void receive(byte[] array, int offset, int length) {
        link.receive(array, offset, length);
    }

    @Override
    public void endOfStream() {
        link.endOfStream();
    }

    @Override
    public boolean wantsInput() {
        return link.wantsInput();
    }

    @Override
    public void outputWritable() {
        link.outputWritable();
    }

    @Override
    public long deadline() {
        long next = link.deadline();
        for (var jump : jumps.keySet()) {
            next = Math.min(next, jump.deadline());
        }
        return next;
    }

    @Override
    public void tick() {
        link.tick();
        jumps.keySet().forEach(InnerLink::tick);
    }

    @Override
    public boolean mayMove() {
        return splices.isEmpty() && jumps.isEmpty();
    }

    @Override
    public void moveTo(SharedOutput output) {
        link.moveTo(output);
    }

    @Override
    public void close(Refusal refusal, String detail) {
        connection.execute(() -> {
            if (!link.isClosed()) {
                link.close(refusal, detail);
            }
        });
    }

    @Override
    public boolean isClosed() {
        return link.isClosed();
    }

    // ---- What happens, on the loop

    private void on(Event event) {
        switch (event) {
            case Question.LoginRequested asked -> {
                var name = Target.of(asked.user()).operator();
                login(link, asked, name);
            }
            case Event.Authenticated authenticated -> loggedIn(Target.of(authenticated.user()));
            case Question.OpenRequested asked -> {
                var known = target;
                if (known != null) {
                    asked.whenOverdue(time -> link.refuse(asked, silentInventory(time)));
                    blocking(link, () -> open(known, asked),
                            () -> link.refuse(asked, ChannelRefusal.notReached(SILENT_INVENTORY)));
                }
            }
            case Question.GlobalRequested asked -> link.connection().decide(asked, false);
            case Event.Closed closed -> {
                if (target == null && !refused.isEmpty()) {
                    LOG.atInfo().addKeyValue("operator", refused).log("no login as {} from {} after {} refused: {}",
                            refused, connection.peer(), refusals, Printable.of(closed.reason().text()));
                }
                port.closed(this, connection, closed.reason().rule().isEmpty() && !closed.reason().byPeer());
            }
            case Event other -> {
                // Nothing that changes what we do.
            }
        }
    }

    private void loggedIn(Target who) {
        target = who;
        port.loggedIn(this, connection);
        var by = grant;
        LOG.atInfo().addKeyValue("operator", who.operator()).log("operator {} from {} is logged in by {}",
                who.operator(), connection.peer(), by == null ? "nothing" : by.text());
        // Records may have changed since the decision, when this session was not known to be the operator's.
        blocking(link, this::recheck, () -> link.close(Refusal.REFUSED, SILENT_INVENTORY));
    }

    /** Runs what asks the inventory beside the loop; where that fails, {@code instead} runs on the loop. */
    private void blocking(SshLink on, Runnable work, Runnable instead) {
        Thread.ofVirtual().name("operator").start(() -> {
            try {
                work.run();
            } catch (InventoryError e) {
                LOG.error("operator's session from {}: {}", connection.peer(), e.getMessage());
                onLoop(on, instead);
            } catch (RuntimeException e) {
                LOG.error("operator's session from {}", connection.peer(), e);
                onLoop(on, instead);
            }
        });
    }

    private void onLoop(SshLink on, Runnable work) {
        connection.execute(() -> on.run(() -> {
            if (!on.isClosed() && !link.isClosed()) {
                work.run();
            }
        }));
    }

    /** As {@link #onLoop}, if it can be on the device's own loop: what they say to each other then stays on one thread. */
    private void beside(LiveDevice device, SshLink on, Runnable work) {
        connection.move(device.loop(), () -> onLoop(on, work));
    }

    /** @param name of the operator that it must be */
    private void login(SshLink on, Question.LoginRequested asked, String name) {
        blocking(on, () -> {
            var found = port.login().check(name, asked.credential(), address());
            onLoop(on, () -> {
                if (found.isPresent() && on == link) {
                    grant = found.get();
                } else if (found.isEmpty() && on == link && !(asked.credential() instanceof Question.Credential.None)) {
                    refused = Printable.of(name);
                    refusals++;
                }
                on.connection().decide(asked, found.isPresent() ? new LoginDecision.Accept() : REFUSED);
            });
        }, () -> on.connection().decide(asked, new LoginDecision.Disconnect(SILENT_INVENTORY)));
    }

    private Optional<InetAddress> address() {
        return Optional.ofNullable(connection.peer().getAddress());
    }

    // ---- Channels, on virtual threads

    private void open(Target known, Question.OpenRequested asked) {
        long before = port.changes();
        var operator = port.inventory().operators().find(known.operator());
        if (operator.isEmpty()) {
            close(Refusal.REFUSED, "no longer an operator");
            return;
        }
        switch (asked.type()) {
            case ChannelType.Session session when known.device().isEmpty() -> {
                var listing = DeviceListing.of(port.inventory(), operator.get());
                onLoop(link, () -> link.accept(asked, WINDOW, Notice.listing(listing)));
            }
            case ChannelType.DirectTcpip tcp when known.device().isEmpty() -> jump(operator.get(), tcp.host(), asked,
                    before);
            case ChannelType type -> pass(link, operator.get(), known.device().orElse(""), asked, before);
        }
    }

    /** To a device, from the connection itself or from one inside. */
    private void pass(SshLink on, Operator operator, String id, Question.OpenRequested asked, long before) {
        switch (asked.type()) {
            case ChannelType.Session session -> {
                switch (reach(operator, id)) {
                    case Reach.There there -> join(on, operator, there.device(), asked, "session",
                            handler -> there.device().open(new SessionStart.Bare(), WINDOW, handler), before);
                    case Reach.Not not -> onLoop(on,
                            () -> on.accept(asked, WINDOW, Notice.error(not.line(), not.status())));
                }
            }
            case ChannelType.DirectTcpip tcp -> {
                if (tcp.port() < 1 || tcp.port() > 65_535) {
                    refuse(on, asked, OpenFailure.CONNECT_FAILED, "a port is 1 to 65535");
                } else if (!forwards()) {
                    refuse(on, asked, OpenFailure.ADMINISTRATIVELY_PROHIBITED, NO_FORWARDING);
                } else {
                    switch (reach(operator, id)) {
                        case Reach.There there -> join(on, operator, there.device(), asked,
                                "port " + Printable.of(tcp.host()) + ":" + tcp.port(), handler -> there.device()
                                        .openTcp(tcp.host(), (int) tcp.port(), WINDOW, handler),
                                before);
                        case Reach.Not not -> refuse(on, asked, not.failure(), not.line());
                    }
                }
            }
            case ChannelType other -> refuse(on, asked, OpenFailure.UNKNOWN_CHANNEL_TYPE, "sessions, -L and -J only");
        }
    }

    private boolean forwards() {
        var by = grant;
        return by != null && by.forwards();
    }

    private boolean terminals() {
        var by = grant;
        return by != null && by.terminals();
    }

    /** Whether an operator gets to a device now. */
    private sealed interface Reach {
        record There(LiveDevice device) implements Reach {}

        /** @param status as the commands have it */
        record Not(String line, int status) implements Reach {
            OpenFailure failure() {
                return status == NOT_ALLOWED ? OpenFailure.ADMINISTRATIVELY_PROHIBITED : OpenFailure.CONNECT_FAILED;
            }
        }
    }

    private Reach reach(Operator operator, String id) {
        var record = Device.isId(id) ? port.inventory().devices().find(id) : Optional.<Device>empty();
        var access = record.map(device -> Access.toDevice(operator, Action.CONNECT, device.labels()))
                .orElse(new Access.Denied("", true));
        if (access instanceof Access.Denied denied) {
            // What is hidden is not there, in the same words.
            return denied.hidden()
                    ? new Reach.Not(noSuchDevice(id), NO_SUCH_DEVICE)
                    : new Reach.Not(denied.reason(), NOT_ALLOWED);
        }
        return port.live().find(id).filter(LiveDevice::isOpen).<Reach>map(Reach.There::new)
                .orElseGet(() -> new Reach.Not(id + " is offline: homeport why " + id, NOT_REACHED));
    }

    private static String noSuchDevice(String name) {
        return "there is no device " + name;
    }

    private void refuse(SshLink on, Question.OpenRequested asked, OpenFailure failure, String reason) {
        onLoop(on, () -> on.refuse(asked, new ChannelRefusal(failure, Printable.of(reason))));
    }

    private static ChannelRefusal silentInventory(Duration time) {
        return ChannelRefusal.notReached(SILENT_INVENTORY + " within " + time.toSeconds() + " s: try again");
    }

    private void join(SshLink on, Operator operator, LiveDevice device, Question.OpenRequested asked, String kind,
            Splice.Opener opener, long before) {
        var watch = new Watch(operator.name(), device, kind, asked.type() instanceof ChannelType.Session);
        beside(device, on, () -> {
            var splice = Splice.join(connection.loop(), on, asked, device.loop(), opener, WINDOW, watch);
            splices.put(splice, watch);
            if (watch.over) {
                splices.remove(splice); // it was refused at once, before it was known here
            }
            recheckIfChanged(before);
        });
    }

    /** What was read before a change on record is looked at again: whoever made the change did not see the channel. */
    private void recheckIfChanged(long before) {
        if (port.changes() != before) {
            blocking(link, this::recheck, () -> link.close(Refusal.REFUSED, SILENT_INVENTORY));
        }
    }

    /** {@code ssh -J}: the host that is asked for is the device, whatever the port. */
    private void jump(Operator operator, String host, Question.OpenRequested asked, long before) {
        if (!forwards()) {
            refuse(link, asked, OpenFailure.ADMINISTRATIVELY_PROHIBITED, NO_FORWARDING);
            return;
        }
        switch (reach(operator, named(host))) {
            // In the words that were typed: how a hidden device spells itself is hidden too.
            case Reach.Not not -> refuse(link, asked, not.failure(),
                    not.status() == NO_SUCH_DEVICE ? noSuchDevice(host) : not.line());
            case Reach.There there when there.device().reachesRaw() -> join(link, operator, there.device(), asked,
                    "jump", handler -> there.device().openRaw(WINDOW, handler), before);
            case Reach.There there -> jumpInside(operator.name(), there.device(), asked, before);
        }
    }

    /** Clients ask in lower case, whatever was typed: then the one device that is there and differs in that alone. */
    private String named(String host) {
        if (port.live().find(host).isPresent()) {
            return host;
        }
        var alike = port.live().list().stream().map(LiveDevice::id).filter(host::equalsIgnoreCase).toList();
        return alike.size() == 1 ? alike.getFirst() : host;
    }

    private void jumpInside(String operator, LiveDevice device, Question.OpenRequested asked, long before) {
        var id = device.id();
        var hostKeys = port.certificates().of(id);
        if (hostKeys.isEmpty()) {
            refuse(link, asked, OpenFailure.ADMINISTRATIVELY_PROHIBITED,
                    "no host certificate can be made for this name: use " + operator + "+DEVICE");
            return;
        }
        var outer = port.settings();
        var settings = SshSettings.builder().hostKeys(hostKeys.get()).algorithms(outer.algorithms())
                .limits(outer.limits()).keepAlive(KeepAlive.OFF).announceHostKeys(false).build();
        beside(device, link, () -> {
            if (jumps.size() >= MOST_JUMPS) {
                link.refuse(asked, ChannelRefusal.full("more than " + MOST_JUMPS + " jumps on one connection"));
                return;
            }
            var inner = new InnerLink(Role.SERVER, settings, connection.loop().environment(),
                    connection.loop().output(), new Jump(operator, id));
            jumps.put(inner, id);
            link.accept(asked, WINDOW, inner);
            recheckIfChanged(before);
        });
    }

    /** The SSH server of ours that stands for a device behind a jump. It takes the same operator's login once more. */
    private final class Jump implements InnerLink.Owner {
        private final String operator;
        private final String device;

        Jump(String operator, String device) {
            this.operator = operator;
            this.device = device;
        }

        @Override
        public void on(SshLink inner, Event event) {
            switch (event) {
                // As whom, is the device's matter, and the gateway logs in there: what counts is whose key it is.
                case Question.LoginRequested asked -> login(inner, asked, operator);
                case Question.OpenRequested asked -> {
                    asked.whenOverdue(time -> inner.refuse(asked, silentInventory(time)));
                    blocking(inner, () -> {
                        long before = port.changes();
                        var known = port.inventory().operators().find(operator);
                        if (known.isPresent()) {
                            pass(inner, known.get(), device, asked, before);
                        } else {
                            close(Refusal.REFUSED, "no longer an operator");
                        }
                    }, () -> inner.refuse(asked, ChannelRefusal.notReached(SILENT_INVENTORY)));
                }
                case Question.GlobalRequested asked -> inner.connection().decide(asked, false);
                case Event other -> {
                    // Nothing that changes what we do.
                }
            }
        }

        @Override
        public void over(InnerLink inner) {
            jumps.remove(inner);
        }
    }

    /** Keeps who used which device, for what, and how much. On this session's loop. */
    private final class Watch implements Splice.Watcher {
        private final String operator;
        private final LiveDevice device;
        private final boolean session;
        private String kind;
        private boolean told;
        private boolean over;
        /** Whether the device did not answer in time. */
        private boolean silent;

        Watch(String operator, LiveDevice device, String kind, boolean session) {
            this.operator = operator;
            this.device = device;
            this.kind = kind;
            this.session = session;
        }

        @Override
        public void opened(Splice splice) {
            if (!session) {
                tell();
            }
        }

        /** What a command says is not kept: it may hold a secret. */
        @Override
        public boolean requested(Splice splice, ChannelRequest request) {
            var begins = switch (request) {
                case ChannelRequest.Shell shell -> "shell";
                case ChannelRequest.Exec exec -> "command";
                case ChannelRequest.Subsystem subsystem -> "subsystem " + Printable.of(subsystem.name());
                case ChannelRequest other -> "";
            };
            if (!begins.isEmpty() && session && !told) {
                kind = begins;
                tell();
            }
            return switch (request) {
                case ChannelRequest.Pty pty -> terminals();
                case ChannelRequest.Unknown unknown -> !BACKWARDS.contains(unknown.type());
                case ChannelRequest other -> true;
            };
        }

        private void tell() {
            told = true;
            log("operator {} on device {}: {} opened");
            port.audit().add(operator, "session.open", device.id(), kind);
        }

        private void log(String text) {
            LOG.atInfo().addKeyValue("operator", operator).addKeyValue("device", device.id()).log(text, operator,
                    device.id(), kind);
        }

        @Override
        public Optional<ChannelHandler> instead(ChannelRefusal refusal) {
            return session
                    ? Optional.of(Notice.error(refusal.text(), device.isOpen() && !silent ? FAILED : NOT_REACHED))
                    : Optional.empty();
        }

        @Override
        public String silent(Duration time) {
            silent = true;
            return device.id() + " has not answered within " + time.toSeconds()
                    + " s, though its connection is up: try again, or homeport device disconnect " + device.id()
                    + " for a new one";
        }

        @Override
        public void unanswered(Splice splice, LinkChannel north, Question.ChannelRequested question, Duration time) {
            if (Notice.begins(question.request())) {
                Notice.error(silent(time), NOT_REACHED).answerAndEnd(north, question);
                splice.close();
            }
        }

        @Override
        public void refused(Splice splice, ChannelRefusal refusal) {
            over = true;
            splices.remove(splice);
            LOG.atInfo().addKeyValue("operator", operator).addKeyValue("device", device.id()).log(
                    "operator {} on device {}: {} refused: {}", operator, device.id(), kind,
                    Printable.of(refusal.text()));
        }

        @Override
        public void cut(LinkChannel north) {
            if (session) {
                Notice.error("the connection of " + device.id() + " ended: homeport why " + device.id(), NOT_REACHED)
                        .sayAndEnd(north);
            }
        }

        @Override
        public void closed(Splice splice) {
            over = true;
            splices.remove(splice);
            log("operator {} on device {}: {} closed");
            port.carried(splice.southBytes(), splice.northBytes());
            port.audit().add(operator, "session.close", device.id(),
                    kind + ", " + splice.southBytes() + " bytes sent, " + splice.northBytes() + " received");
        }
    }

    /**
     * Ends the channels to devices that the operator reaches no more, or all of it when the operator is gone or what they
     * were let in by is no longer good. May block.
     */
    void recheck() {
        var known = target;
        var by = grant;
        if (known == null) {
            return;
        }
        var operator = port.inventory().operators().find(known.operator());
        if (operator.isEmpty()) {
            close(Refusal.REFUSED, "no longer an operator");
        } else if (by == null || !port.login().holds(operator.get(), by, address())) {
            close(Refusal.REFUSED, "what you logged in by is no longer good");
        } else {
            splices.forEach((splice, watch) -> {
                if (!mayStay(operator.get(), watch.device.id())) {
                    splice.close();
                }
            });
            jumps.forEach((inner, id) -> {
                if (!mayStay(operator.get(), id)) {
                    connection.execute(() -> inner.close(Refusal.REFUSED, "this device is out of reach now"));
                }
            });
        }
    }

    private boolean mayStay(Operator operator, String id) {
        return port.inventory().devices().find(id).filter(device -> Access.toDevice(operator, Action.CONNECT,
                device.labels()) instanceof Access.Allowed).isPresent();
    }
}
