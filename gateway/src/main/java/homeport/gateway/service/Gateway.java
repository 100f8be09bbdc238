package homeport.gateway.service;

import homeport.callhome.ArrivalSettings;
import homeport.callhome.Refusal;
import homeport.gateway.config.GatewayConfig;
import homeport.gateway.config.GatewayConfig.DatabaseConfig;
import homeport.gateway.desk.Desk;
import homeport.gateway.event.Events;
import homeport.gateway.http.Figures;
import homeport.gateway.http.HttpLimits;
import homeport.gateway.http.HttpService;
import homeport.gateway.http.PublicKeys;
import homeport.gateway.inventory.DatabaseSettings;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.InventoryLimits;
import homeport.gateway.inventory.Role;
import homeport.gateway.live.LiveDevices;
import homeport.gateway.login.DeviceLogin;
import homeport.gateway.login.GatewayKeys;
import homeport.gateway.northbound.OperatorPort;
import homeport.gateway.southbound.DeviceDoor;
import homeport.gateway.southbound.NetconfSessions;
import homeport.net.Gate;
import homeport.net.GateLimits;
import homeport.net.Loops;
import homeport.ssh.Algorithms;
import homeport.ssh.KeepAlive;
import homeport.ssh.Limits;
import homeport.ssh.SshSettings;
import homeport.ssh.key.PublicKeyFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * A running gateway. The directory and the inventory come first, then the loops, then the port that devices dial; they end
 * the other way round.
 */
public final class Gateway implements AutoCloseable {
    /** Who is named in the audit trail for what is done from the gateway's own machine. */
    public static final String LOCAL = "local";

    /** Connections of operators that are not logged in. */
    private static final int MOST_OPERATORS = 1_000;
    private static final int MOST_OPERATORS_FROM_ADDRESS = 100;

    private final GatewayConfig config;
    private final DataDirectory directory;
    private final String localToken;
    private final GatewayKeys keys;
    private final Inventory inventory;
    private final Loops loops;
    private final LiveDevices live = new LiveDevices();
    private final Events events;
    private final RecordWatchers watchers = new RecordWatchers();
    private final DeviceDoor door;
    private final OperatorPort operators;
    private final HttpService http;

    private Gateway(GatewayConfig config, DataDirectory directory, Inventory inventory, Loops loops,
            SecureRandom random, InstantSource clock) throws IOException {
        this.config = config;
        this.directory = directory;
        this.inventory = inventory;
        this.loops = loops;
        this.events = new Events(clock);
        this.keys = GatewayKeys.open(directory.keys(), inventory.inUse(), random);
        this.localToken = directory.newLocalToken(random);
        inventory.devices().allOffline("the gateway was started anew");
        var gate = new Gate(new GateLimits(config.limits().unauthenticated(), config.limits().perAddress()));
        this.door = DeviceDoor.open(doorSettings(config, keys), loops, gate, inventory, new DeviceLogin(keys, random),
                live, events, clock);
        watchers.add(door);
        try {
            this.operators = OperatorPort.open(loops, config.operators().resolve(), operatorSettings(config, keys),
                    new Gate(new GateLimits(MOST_OPERATORS, MOST_OPERATORS_FROM_ADDRESS)), inventory, live, keys,
                    clock);
        } catch (IOException | RuntimeException e) {
            door.close();
            throw e;
        }
        watchers.add(operators);
        try {
            var desk = new Desk(inventory, watchers, events, new NetconfSessions(live, door), this::disconnect, random,
                    clock);
            this.http = HttpService.open(config.http().resolve(), new HttpService.Parts(inventory, desk, events,
                    PublicKeys.of(keys), new Counted(live, gate, door, operators), localToken, version()),
                    HttpLimits.DEFAULT,
                    clock);
        } catch (IOException | RuntimeException e) {
            operators.close();
            door.close();
            throw e;
        }
        watchers.add(http);
    }

    private static String version() {
        var version = Gateway.class.getPackage().getImplementationVersion();
        return version == null ? "from source" : version;
    }

    private boolean disconnect(String id, String detail) {
        var device = live.find(id);
        device.ifPresent(connected -> connected.close(Refusal.CLOSED, detail));
        return device.isPresent();
    }

    /** What is counted, for the metrics. */
    private record Counted(LiveDevices live, Gate gate, DeviceDoor door, OperatorPort operators) implements Figures {
        @Override
        public int online() {
            return live.size();
        }

        @Override
        public int strangers() {
            return gate.strangers();
        }

        @Override
        public Map<String, Long> endings() {
            return gate.counters();
        }

        @Override
        public Map<String, Integer> queues() {
            return Map.of("journal", door.unwritten(), "key-exchanges", door.port().waiting(), "held",
                    door.held());
        }

        @Override
        public Map<String, Long> admissions() {
            return door.tally().outcomes();
        }

        @Override
        public Map<String, Taken> handshakes() {
            var all = new HashMap<String, Taken>();
            door.tally().handshakes()
                    .forEach((design, times) -> all.put(design, new Taken(times.count(), times.seconds())));
            return all;
        }

        @Override
        public Map<String, Long> bytes() {
            return Map.of("to-device", operators.bytesToDevices(), "from-device", operators.bytesFromDevices());
        }
    }

    /**
     * Starts a gateway, and makes what it needs at its first start: directory, keys, database.
     *
     * @param databasePassword for PostgreSQL, from the environment; overwritten
     * @throws IOException when the directory or an address cannot be had
     * @throws homeport.gateway.inventory.InventoryError when the database cannot be opened
     */
    public static Gateway open(GatewayConfig config, Optional<byte[]> databasePassword, InstantSource clock)
            throws IOException {
        var random = new SecureRandom();
        var directory = DataDirectory.take(config.data());
        try {
            var inventory = inventory(config, directory, databasePassword, random, clock);
            try {
                var loops = Loops.open(Runtime.getRuntime().availableProcessors());
                try {
                    return new Gateway(config, directory, inventory, loops, random, clock);
                } catch (IOException | RuntimeException e) {
                    loops.close();
                    throw e;
                }
            } catch (IOException | RuntimeException e) {
                inventory.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static Inventory inventory(GatewayConfig config, DataDirectory directory, Optional<byte[]> password,
            SecureRandom random, InstantSource clock) throws IOException {
        var keyFile = directory.resolve("secrets.key");
        var limits = new InventoryLimits(InventoryLimits.DEFAULT.pendingDevices(),
                InventoryLimits.DEFAULT.waitingKeys(),
                config.journal().entries(), config.journal().age());
        return switch (config.database()) {
            case DatabaseConfig.Sqlite sqlite -> Inventory.open(
                    new DatabaseSettings.Sqlite(directory.resolve("inventory.db")), keyFile, random, limits, clock);
            case DatabaseConfig.Postgresql postgresql -> {
                var secret = postgresql.passwordFile().isPresent()
                        ? Optional.of(firstLine(postgresql.passwordFile().get()))
                        : password;
                try {
                    yield Inventory.open(
                            new DatabaseSettings.Postgresql(postgresql.url(), postgresql.user(), secret), keyFile,
                            random, limits, clock);
                } finally {
                    secret.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
                }
            }
        };
    }

    private static byte[] firstLine(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        int end = 0;
        while (end < all.length && all[end] != '\n' && all[end] != '\r') {
            end++;
        }
        byte[] line = Arrays.copyOf(all, end);
        Arrays.fill(all, (byte) 0);
        return line;
    }

    private static DeviceDoor.Settings doorSettings(GatewayConfig config, GatewayKeys keys) {
        var modern = Algorithms.MODERN.withDeviceKeys();
        return new DeviceDoor.Settings(config.devices().listen().resolve(), config.devices().proxyProtocol(),
                arrivals(config, keys, modern), arrivals(config, keys, modern.withLegacy()), config.holdUnknown(),
                config.limits().channels());
    }

    private static ArrivalSettings arrivals(GatewayConfig config, GatewayKeys keys, Algorithms algorithms) {
        var limits = config.limits();
        var ssh = SshSettings.builder().algorithms(algorithms).hostKeys(List.of(keys.host()))
                .furtherHostKeys(keys.furtherHosts())
                .keepAlive(new KeepAlive(limits.keepAlive(), limits.missed()))
                .limits(Limits.DEFAULT.withLoginTime(limits.loginGrace()).withDecisionTime(limits.loginGrace())
                        .withChannels(Math.max(Limits.DEFAULT.channels(), limits.channels())))
                .build();
        return new ArrivalSettings(ssh, config.devices().designs());
    }

    private static SshSettings operatorSettings(GatewayConfig config, GatewayKeys keys) {
        var limits = config.limits();
        return SshSettings.builder().hostKeys(keys.hosts())
                .keepAlive(new KeepAlive(limits.keepAlive(), limits.missed()))
                .limits(Limits.DEFAULT.withLoginTime(limits.loginGrace())).build();
    }

    // ---- Its parts

    public GatewayConfig config() {
        return config;
    }

    public GatewayKeys keys() {
        return keys;
    }

    public Inventory inventory() {
        return inventory;
    }

    /**
     * Completes when another gateway has taken the database, which needs a moment without a lock on it: see {@link
     * Inventory#lost}. Devices and operators that are connected stay so until this gateway is closed.
     */
    public CompletionStage<InventoryError> lost() {
        return inventory.lost();
    }

    public Loops loops() {
        return loops;
    }

    public LiveDevices live() {
        return live;
    }

    public Events events() {
        return events;
    }

    public DeviceDoor door() {
        return door;
    }

    /** Where operators log in. */
    public InetSocketAddress operatorsAddress() {
        return operators.address();
    }

    /** Where the HTTP API is. */
    public int httpPort() {
        return http.address().getPort();
    }

    /** To be told of every record that is changed, and where to register whoever is to hear of it. */
    public RecordWatchers watchers() {
        return watchers;
    }

    /** By which commands on this machine are let in; never to be logged. */
    public String localToken() {
        return localToken;
    }

    /** Whether nothing was there before this start. */
    public boolean firstStart() {
        return directory.made();
    }

    /** Where devices dial. */
    public InetSocketAddress devicesAddress() {
        return door.port().address();
    }

    /** Adds an operator who may do everything. @return false when there is one of this name, or with one of these keys */
    public boolean addAdmin(String name, List<PublicKeyFile> keys) {
        return inventory.operators().add(name, Role.ADMIN, keys, Map.of(), LOCAL);
    }

    /**
     * Takes over what can be changed while it runs: whether strangers are held, the designs and limits for devices and
     * operators that come from now on. Authorities, operators and devices are in the inventory anyway.
     *
     * @return keys of what has changed and holds from the next start on
     */
    public List<String> reload(GatewayConfig changed) {
        var settings = doorSettings(changed, keys);
        operators.change(operatorSettings(changed, keys));
        door.change(settings,
                new GateLimits(changed.limits().unauthenticated(), changed.limits().perAddress()));
        var left = new ArrayList<String>();
        compare(left, "data", config.data(), changed.data());
        compare(left, "database", config.database(), changed.database());
        compare(left, "devices.listen", config.devices().listen(), changed.devices().listen());
        compare(left, "devices.proxy-protocol", config.devices().proxyProtocol(), changed.devices().proxyProtocol());
        compare(left, "operators", config.operators(), changed.operators());
        compare(left, "http", config.http(), changed.http());
        compare(left, "journal", config.journal(), changed.journal());
        return List.copyOf(left);
    }

    private static void compare(List<String> left, String key, Object before, Object after) {
        if (!before.equals(after)) {
            left.add(key);
        }
    }

    // ---- The end

    /**
     * Takes no more connections, finishes the rpcs that run, tells operators and devices that they may come back, and ends.
     *
     * @param patience for all of it together
     */
    public void drain(Duration patience) throws InterruptedException, IOException {
        long end = System.nanoTime() + patience.toNanos();
        operators.stop();
        door.stop();
        http.drain(patience);
        operators.drain(left(end));
        door.drain(left(end));
        close();
    }

    /** A moment at least, for those who end at once when they are told. */
    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(Duration.ofSeconds(1).toNanos(), end - System.nanoTime()));
    }

    @Override
    public void close() throws IOException {
        http.close();
        operators.close();
        door.close();
        loops.close();
        inventory.close();
        directory.close();
    }
}
