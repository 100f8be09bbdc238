package homeport.gateway.southbound;

import homeport.callhome.Admission;
import homeport.callhome.Arrival;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.ArrivalSettings;
import homeport.callhome.Design;
import homeport.callhome.Ended;
import homeport.callhome.Evidence;
import homeport.callhome.Presence;
import homeport.callhome.Proof;
import homeport.callhome.Refusal;
import homeport.gateway.admission.Reason;
import homeport.gateway.event.Events;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.AlarmKind;
import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.AttemptOutcome;
import homeport.gateway.inventory.AttemptStage;
import homeport.gateway.inventory.Change;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.Sighting;
import homeport.gateway.journal.SessionCode;
import homeport.gateway.live.LiveDevice;
import homeport.gateway.live.LiveDevices;
import homeport.gateway.live.RecordWatcher;
import homeport.gateway.login.DeviceLogin;
import homeport.net.Connection;
import homeport.net.DevicePort;
import homeport.net.Gate;
import homeport.net.GateLimits;
import homeport.net.Loops;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.PlainKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one open port with what stands behind it: who dials is judged, whoever may is let in, and what was decided on
 * record meanwhile takes effect on connections that are there.
 *
 * <p>Events come on a connection's loop. What reads or writes the database runs on a virtual thread, at most one for each
 * connection, and its answer goes back to the loop.
 */
public final class DeviceDoor implements DevicePort.Owner, RecordWatcher, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    /** Decisions at once: each waits for the database, and that has but a few connections. */
    private static final int MOST_JUDGES = 16;
    private static final int MOST_REJUDGES = 4;
    /** Well within the time that the gate remembers those who left. */
    private static final Duration READ_ADDRESSES_AFTER = Duration.ofMinutes(4);
    /** A device that is displaced sooner than this from another address was live in two places. */
    private static final Duration TWO_PLACES = Duration.ofSeconds(60);

    /**
     * What a door is for.
     *
     * @param legacyArrivals the same with SHA-1 and CBC behind what is good, in force while a record allows them
     * @param channels that may be open on one device at once
     */
    public record Settings(InetSocketAddress listen, boolean proxyProtocol, ArrivalSettings arrivals,
            ArrivalSettings legacyArrivals, boolean holdUnknown, int channels) {}

    private final Admissions admissions;
    private final Inventory inventory;
    private final LiveDevices live;
    private final Events events;
    private final Chronicle chronicle;
    private final InstantSource clock;
    private volatile int channels;
    private volatile ArrivalSettings arrivals;
    private volatile ArrivalSettings legacyArrivals;
    /**
     * Whether a record allows legacy algorithms. Which device it is, is known after they were chosen: so they are offered to
     * all then, behind the good ones, and whoever took them without being allowed to is refused before any login.
     */
    private volatile boolean legacy;
    private final Gate gate;
    private final Tally tally = new Tally();
    private final RecordChanges changes = new RecordChanges();
    private final HourlyNews news = new HourlyNews();
    private final Map<Arrival, Visit> visits = new ConcurrentHashMap<>();
    private final Waiting waiting = new Waiting();
    /** Of devices that are in. */
    private final Map<LiveDevice, Visit> linked = new ConcurrentHashMap<>();
    private volatile @Nullable Company company;
    /** A fleet that comes back would otherwise wait for the database's connections longer than these let it. */
    private final Semaphore judges = new Semaphore(MOST_JUDGES, true);
    /** For those that an operator has decided about: they do not queue behind a rush of strangers. */
    private final Semaphore rejudges = new Semaphore(MOST_REJUDGES, true);
    /** Who is there and what is written of it change together, or a device that comes back in an instant stays gone. */
    private final ReentrantLock presence = new ReentrantLock();
    private final DevicePort port;
    private final Thread addresses;

    private DeviceDoor(Settings settings, Loops loops, Gate gate, Inventory inventory, DeviceLogin login,
            LiveDevices live, Events events, InstantSource clock) throws IOException {
        this.inventory = inventory;
        this.live = live;
        this.events = events;
        this.clock = clock;
        this.channels = settings.channels();
        this.arrivals = settings.arrivals();
        this.legacyArrivals = settings.legacyArrivals();
        this.legacy = inventory.devices().anyLegacy();
        this.gate = gate;
        this.admissions = new Admissions(inventory, login, clock, settings.holdUnknown());
        this.chronicle = new Chronicle(inventory, clock);
        try {
            this.port = DevicePort.open(loops, settings.listen(), settings.proxyProtocol(), gate,
                    () -> legacy ? legacyArrivals : arrivals, this);
        } catch (IOException | RuntimeException e) {
            chronicle.close();
            throw e;
        }
        this.addresses = Thread.ofVirtual().name("known-addresses").start(this::readAddresses);
    }

    /**
     * Beside the start: devices are let in meanwhile, and only the order in a rush hangs on it. And again before the gate
     * forgets who left: a power cut may last longer.
     */
    private void readAddresses() {
        try {
            while (true) {
                try {
                    gate.know(KnownAddresses.of(inventory));
                } catch (InventoryError e) {
                    LOG.warn("where devices were is not known, so they do not go before strangers: {}",
                            e.getMessage());
                }
                // By the clock: that the gate forgets somebody is an event for nobody. The door's end interrupts it.
                Thread.sleep(READ_ADDRESSES_AFTER);
            }
        } catch (InterruptedException e) {
            LOG.debug("the door closes");
        }
    }

    /** Opens the port. @throws IOException when the address is taken or not ours */
    public static DeviceDoor open(Settings settings, Loops loops, Gate gate, Inventory inventory, DeviceLogin login,
            LiveDevices live, Events events, InstantSource clock) throws IOException {
        return new DeviceDoor(settings, loops, gate, inventory, login, live, events, clock);
    }

    /** The port itself, for its address and counters. */
    public DevicePort port() {
        return port;
    }

    /** What came of those who dialled. */
    public Tally tally() {
        return tally;
    }

    /** Entries of the journal and sightings that wait to be written. */
    public int unwritten() {
        return chronicle.waiting();
    }

    /** Waits until what has happened is written. @return whether it is */
    public boolean flush(Duration patience) throws InterruptedException {
        return chronicle.flush(patience);
    }

    /** What holds from now on: for connections that come, and where strangers are concerned, for all. */
    public void change(Settings settings, GateLimits limits) {
        arrivals = settings.arrivals();
        legacyArrivals = settings.legacyArrivals();
        channels = settings.channels();
        gate.limit(limits);
        admissions.holdUnknown(settings.holdUnknown());
    }

    /** Connections that wait for an operator. */
    public int held() {
        return waiting.size();
    }

    /** Keeps what came of a session with a device that is in. */
    void note(LiveDevice device, SessionCode code, String detail) {
        var evidence = device.link().evidence();
        chronicle.add(new Attempt(0, clock.instant(), Visit.address(device.address()), device.design().text(),
                device.id(), evidence.fingerprint().map(Fingerprint::toString).orElse(""), AttemptStage.HELLO,
                AttemptOutcome.FAILED, code.code(), detail));
    }

    // ---- What arrivals tell, on their loop

    @Override
    public void on(Connection connection, Arrival arrival, ArrivalEvent event) {
        switch (event) {
            case ArrivalEvent.AdmissionAsked asked -> {
                var visit = visits.computeIfAbsent(arrival, key -> new Visit(connection, arrival));
                if (!asked.inner()) {
                    if (visit.evidence == null) {
                        tally.handshake(asked.evidence().design().map(Design::text).orElse("login"),
                                connection.loop().environment().nanoTime().getAsLong() - arrival.startedAt());
                    }
                    visit.evidence = asked.evidence();
                }
                Thread.ofVirtual().name("admission").start(() -> judge(visit, asked, judges));
            }
            case ArrivalEvent.Linked linked -> {
                var visit = visits.computeIfAbsent(arrival, key -> new Visit(connection, arrival));
                linked(visit, new LiveDevice(connection, linked.link(), channels, clock.instant()));
            }
            case ArrivalEvent.Closed closed -> {
                var visit = visits.remove(arrival);
                if (visit != null) {
                    waiting.remove(visit);
                }
                closed(visit == null ? new Visit(connection, arrival) : visit, closed.ended());
            }
        }
    }

    @Override
    public void keptOut(InetSocketAddress peer, Refusal refusal) {
        var address = Visit.address(peer);
        var now = clock.instant();
        if (news.isNews(address + " " + refusal.code(), now)) {
            chronicle.add(new Attempt(0, now, address, "", "", "", AttemptStage.CONNECTED, AttemptOutcome.REFUSED,
                    refusal.code(), ""));
        }
    }

    // ---- Judging, on virtual threads

    private void judge(Visit visit, ArrivalEvent.AdmissionAsked asked, Semaphore turns) {
        // What is behind a tunnel is a question of its own, and nobody asks it again.
        if (!asked.inner() && !visit.beginJudging()) {
            return; // whoever judges it looks at the records again when they have changed meanwhile
        }
        boolean waited = visit.held != null;
        var before = visit.decision;
        Decision decision;
        turns.acquireUninterruptibly();
        long count = changes.count();
        try {
            decision = decide(visit, asked);
        } catch (InventoryError e) {
            LOG.error("device {} cannot be judged: {}", asked.evidence().name(), e.getMessage());
            decision = broken(asked, "the gateway's inventory does not answer");
        } catch (RuntimeException e) {
            LOG.error("device {} cannot be judged", asked.evidence().name(), e);
            decision = broken(asked, "the gateway failed");
        } finally {
            turns.release();
        }
        // A client whose key was refused asks for a password next, whoever sits there: the key is what was wrong.
        boolean told = false;
        if (before != null && before.admission() instanceof Admission.Refuse
                && decision.code().equals(Reason.NO_TOKEN.code())) {
            decision = before;
            told = true;
        }
        boolean holds = decision.admission() instanceof Admission.Hold;
        if (!asked.inner()) {
            visit.judgedAt = count;
            visit.decision = decision;
            visit.held = holds ? asked : null;
            if (holds) {
                hold(visit);
            } else {
                waiting.remove(visit);
            }
            visit.endJudging();
        }
        if (!holds || !waited) {
            answer(visit, asked, decision, told);
        }
        if (holds && !asked.inner() && changes.since(count, visit.names())) {
            judge(visit, asked, rejudges);
        }
    }

    private void hold(Visit visit) {
        waiting.add(visit);
        if (visits.get(visit.arrival) != visit) {
            waiting.remove(visit); // it has left meanwhile, and whoever noted that came too early
        }
    }

    private static Decision broken(ArrivalEvent.AdmissionAsked asked, String reason) {
        return new Decision(new Admission.Refuse(reason), asked.evidence().name(), Refusal.CLOSED.code(), reason,
                Map.of(),
                List.of());
    }

    private Decision decide(Visit visit, ArrivalEvent.AdmissionAsked asked) {
        var device = visit.device;
        if (asked.inner()) {
            return admissions.decideInner(device == null ? visit.name() : device.id(), asked.evidence(),
                    asked.legacy());
        }
        var decision = admissions.decide(asked.evidence(), asked.legacy(),
                Optional.ofNullable(visit.connection.peer().getAddress()), visit.shown());
        shownKey(asked.evidence()).ifPresent(visit::show);
        return decision;
    }

    private static Optional<PlainKey> shownKey(Evidence evidence) {
        return switch (evidence.proof()) {
            case Proof.HoldsKey holds -> Optional.of(holds.key());
            case Proof.HoldsCertificate holds -> Optional.of(holds.certificate().key());
            case Proof.HoldsChain holds -> Optional.of(holds.chain().key());
            case Proof.SecretToCheck secret -> Optional.empty();
            case Proof.Token token -> Optional.empty();
        };
    }

    /** @param told whether it stands in the journal already, from an earlier question of the same connection */
    private void answer(Visit visit, ArrivalEvent.AdmissionAsked asked, Decision decision, boolean told) {
        if (!told) {
            tell(visit, asked, decision);
        }
        visit.connection.loop().execute(() -> visit.arrival.decide(asked, decision.admission()));
    }

    private void tell(Visit visit, ArrivalEvent.AdmissionAsked asked, Decision decision) {
        for (var alarm : decision.alarms()) {
            publish(alarm, decision.labels());
        }
        if (decision.admission() instanceof Admission.Hold) {
            chronicle.addHeard(heard(visit, decision.name(), asked.evidence()));
            events.publish(GatewayEvent.Type.DEVICE_PENDING, decision.name(), decision.labels(),
                    Map.of("reason", decision.code(), "address", visit.address()));
        }
        if (decision.outcome() != AttemptOutcome.FAILED) {
            journal(visit, AttemptStage.IDENTITY, decision.outcome(), decision.code(), decision.detail());
        }
        tally.decided(tag(decision.admission()));
        LOG.atInfo().addKeyValue("device", decision.name()).log("device {} from {}: {} ({})", decision.name(),
                visit.address(), word(decision.admission()), decision.code());
    }

    private static String tag(Admission admission) {
        return switch (admission) {
            case Admission.Admit admit -> "admitted";
            case Admission.AdmitWithSecret admit -> "admitted";
            case Admission.Hold hold -> "held";
            case Admission.Refuse refuse -> "refused";
        };
    }

    private static String word(Admission admission) {
        return switch (admission) {
            case Admission.Admit admit -> "admitted";
            case Admission.AdmitWithSecret admit -> "admitted if its proof is right";
            case Admission.Hold hold -> "held";
            case Admission.Refuse refuse -> "refused";
        };
    }

    private void publish(Change.RaiseAlarm alarm, Map<String, String> labels) {
        events.publish(GatewayEvent.Type.ALARM, alarm.device(), labels, Map.of("kind", alarm.kind().text(), "detail",
                alarm.detail(), "fingerprint", alarm.fingerprint()));
    }

    /** For those who do not stay alone. */
    void company(Company value) {
        company = value;
    }

    // ---- Coming and going, on the loop

    private void linked(Visit visit, LiveDevice device) {
        visit.device = device;
        visit.held = null;
        waiting.remove(visit);
        linked.put(device, visit);
        Presence.Outcome<LiveDevice> outcome;
        presence.lock();
        try {
            outcome = live.arrived(device, true);
            if (!(outcome instanceof Presence.Outcome.KeptOut<LiveDevice>)) {
                chronicle.add(sighting(visit, device, true, ""));
                events.publish(GatewayEvent.Type.DEVICE_ONLINE, device.id(), visit.labels(),
                        Map.of("design", device.design().text(), "address", visit.address(), "software",
                                device.software(), "grounds", grounds(visit), "identity",
                                identity(device.link().evidence()).getValue()));
            }
        } finally {
            presence.unlock();
        }
        switch (outcome) {
            case Presence.Outcome.Added<LiveDevice> added -> {
            }
            case Presence.Outcome.Displaced<LiveDevice> displaced -> displaced(visit, displaced.old());
            case Presence.Outcome.KeptOut<LiveDevice> keptOut -> {
                device.close(Refusal.REFUSED, "the device is here on another connection");
                return;
            }
        }
        journal(visit, AttemptStage.LINKED, AttemptOutcome.JOINED, SessionCode.JOINED.code(), "");
        var with = company;
        if (with != null) {
            with.arrived(device);
        }
        if (changes.since(visit.judgedAt, visit.names())) {
            Thread.ofVirtual().name("admission").start(() -> recheck(device));
        }
    }

    /** What proved who it is, as one word. */
    private static String grounds(Visit visit) {
        var decision = visit.decision;
        return decision == null ? "" : decision.detail().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private void displaced(Visit visit, LiveDevice old) {
        old.close(Refusal.DISPLACED, "");
        boolean elsewhere = !old.address().getAddress().equals(visit.connection.peer().getAddress());
        if (elsewhere && old.since().plus(TWO_PLACES).isAfter(clock.instant())) {
            var alarm = new Change.RaiseAlarm(AlarmKind.KEY_IN_TWO_PLACES, old.id(), "",
                    Visit.address(old.address()) + " and " + visit.address());
            Thread.ofVirtual().name("alarm").start(() -> raise(alarm, visit.labels()));
        }
    }

    private void raise(Change.RaiseAlarm alarm, Map<String, String> labels) {
        try {
            if (inventory.alarms().raise(alarm)) {
                publish(alarm, labels);
            }
        } catch (InventoryError e) {
            LOG.error("an alarm about device {} could not be kept: {}", alarm.device(), e.getMessage());
        }
    }

    private void closed(Visit visit, Ended ended) {
        var device = visit.device;
        if (device == null) {
            if (ended.cause() == Refusal.PROBED && !news.isNews(visit.address(), clock.instant())) {
                return;
            }
            var decision = visit.decision;
            if (decision == null || decision.outcome() == AttemptOutcome.FAILED) {
                // Who was held or refused has an entry since then.
                journal(visit, AttemptStage.of(ended.stage()), AttemptOutcome.FAILED, ended.cause().code(),
                        ended.text());
            }
            return;
        }
        linked.remove(device);
        var with = company;
        if (with != null) {
            with.left(device, ended, clock.instant());
        }
        if (ended.cause() != Refusal.DRAINING) {
            journal(visit, AttemptStage.LINKED, AttemptOutcome.FAILED, ended.cause().code(), ended.text());
        }
        presence.lock();
        try {
            if (live.left(device)) {
                chronicle.add(sighting(visit, device, false, ended.text()));
                events.publish(GatewayEvent.Type.DEVICE_OFFLINE, device.id(), visit.labels(),
                        Map.of("reason", ended.cause().code(), "detail", ended.text()));
            }
        } finally {
            presence.unlock();
        }
        LOG.atInfo().addKeyValue("device", device.id()).log("device {} from {} is gone: {}", device.id(),
                visit.address(), ended.text());
    }

    private void journal(Visit visit, AttemptStage stage, AttemptOutcome outcome, String code, String detail) {
        var evidence = visit.evidence;
        chronicle.add(new Attempt(0, clock.instant(), visit.address(),
                evidence == null ? "" : evidence.design().map(Design::text).orElse(""), visit.name(),
                evidence == null ? "" : evidence.fingerprint().map(Fingerprint::toString).orElse(""), stage, outcome,
                code, detail));
    }

    private Sighting sighting(Visit visit, LiveDevice device, boolean online, String reason) {
        Instant now = clock.instant();
        var identity = identity(device.link().evidence());
        return new Sighting(device.id(), online, device.design().text(), identity.getKey(), identity.getValue(),
                visit.address(), device.software(), now, now, reason);
    }

    /** By the key, where it has shown one: that is what an operator lets in. */
    private Sighting heard(Visit visit, String id, Evidence evidence) {
        Instant now = clock.instant();
        var identity = evidence.fingerprint().map(key -> Map.entry("fingerprint", key.toString()))
                .orElseGet(() -> identity(evidence));
        return new Sighting(id, false, evidence.design().map(Design::text).orElse(""), identity.getKey(),
                identity.getValue(), visit.address(), evidence.software(), now, now, "");
    }

    private static Map.Entry<String, String> identity(Evidence evidence) {
        return switch (evidence.proof()) {
            case Proof.HoldsChain chain -> Map.entry("subject",
                    chain.chain().certificates().getFirst().getSubjectX500Principal().getName());
            case Proof.SecretToCheck secret -> Map.entry("keyId", secret.keyId().keyId());
            case Proof.HoldsKey holds -> Map.entry("fingerprint", holds.key().fingerprint().toString());
            case Proof.HoldsCertificate holds -> Map.entry("fingerprint", holds.certificate().fingerprint().toString());
            case Proof.Token token -> Map.entry("fingerprint", "");
        };
    }

    // ---- What was changed on record

    @Override
    public void deviceChanged(String id) {
        changes.changed(id);
        noteLegacy(id);
        live.find(id).ifPresent(this::recheck);
        waiting.called(id).forEach(this::rejudge);
    }

    private void noteLegacy(String id) {
        try {
            boolean allowed = inventory.devices().find(id).filter(Device::legacyAllowed).isPresent();
            if (allowed || legacy) {
                legacy = allowed || inventory.devices().anyLegacy();
            }
        } catch (InventoryError e) {
            LOG.error("whether legacy algorithms are still allowed could not be read: {}", e.getMessage());
        }
    }

    private void recheck(LiveDevice device) {
        var visit = linked.get(device);
        if (visit == null) {
            return; // gone
        }
        try {
            if (!admissions.mayStay(device.id(), device.link().evidence(),
                    Optional.ofNullable(visit.connection.peer().getAddress()), visit.shown())) {
                device.close(Refusal.REFUSED, "no longer admitted");
            }
        } catch (InventoryError e) {
            // It stays: a database that fails must not cost a fleet its connections.
            LOG.atError().addKeyValue("device", device.id()).log("device {} could not be looked at again: {}",
                    device.id(), e.getMessage());
        }
    }

    /** Beside whoever changed the record, who waits for no device. */
    private void rejudge(Visit visit) {
        var asked = visit.held;
        if (asked != null) {
            Thread.ofVirtual().name("admission").start(() -> judge(visit, asked, rejudges));
        }
    }

    @Override
    public void trustChanged() {
        changes.allChanged();
        try {
            admissions.refresh();
        } catch (InventoryError e) {
            LOG.error("the authorities could not be read, and until then nobody is let in: {}", e.getMessage());
            return;
        }
        waiting.all().forEach(this::rejudge);
        for (var device : linked.keySet()) {
            if (hangsOnAuthorities(device.link().evidence().proof())) {
                recheck(device);
            }
        }
    }

    private static boolean hangsOnAuthorities(Proof proof) {
        return switch (proof) {
            case Proof.HoldsCertificate certificate -> true;
            case Proof.HoldsChain chain -> true;
            case Proof.HoldsKey key -> false;
            case Proof.SecretToCheck secret -> false;
            case Proof.Token token -> false;
        };
    }

    // ---- The end

    /** Takes no more connections; those there are go on. */
    public void stop() {
        port.stop();
    }

    /** Takes no more connections, tells devices that they may come back, waits for their end, and writes the last of it. */
    public void drain(Duration patience) throws InterruptedException {
        addresses.interrupt();
        port.drain(patience);
        chronicle.close();
    }

    @Override
    public void close() {
        addresses.interrupt();
        port.close();
        chronicle.close();
    }
}
