package homeport.cli;

import homeport.gateway.config.ConfigError;
import homeport.gateway.config.ConfigReader;
import homeport.gateway.config.GatewayConfig;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.service.Gateway;
import homeport.ssh.key.KeyFileError;
import homeport.ssh.key.PublicKeyFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code homeport gateway}: the service, until it is told to end. */
@Command(name = "gateway", mixinStandardHelpOptions = true, //
        description = "Runs the gateway: the one port that devices dial, and operators' SSH.")
final class GatewayCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    /** From SIGTERM to the end. */
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private static final int MOST_KEY_BYTES = 64 << 10;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE", description = "YAML; environment and flags stand above it.")
    private @Nullable Path file;

    @Option(names = "--data", paramLabel = "DIR", description = "Keys, database, token; made at the first start.")
    private @Nullable String data;

    @Option(names = "--devices-listen", paramLabel = "H:P", description = "Where devices dial (0.0.0.0:4334).")
    private @Nullable String devices;

    @Option(names = "--operators-listen", paramLabel = "H:P", description = "Operators' SSH (0.0.0.0:2222).")
    private @Nullable String operators;

    @Option(names = "--http-listen", paramLabel = "H:P", description = "The HTTP API (127.0.0.1:8080).")
    private @Nullable String http;

    @Option(names = "--operator", paramLabel = "NAME=PUBLIC_KEY_FILE", description = "Adds an operator who may do all.")
    private Map<String, Path> admins = new LinkedHashMap<>();

    @Override
    public Integer call() throws InterruptedException {
        var commandLine = Objects.requireNonNull(spec).commandLine();
        try {
            var gateway = Gateway.open(config(), password(), InstantSource.system());
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> drain(gateway)));
            addOperators(gateway);
            greet(gateway, commandLine.getOut());
            new CountDownLatch(1).await(); // until a signal ends the JVM
            return ExitStatus.DONE.code();
        } catch (ConfigError | InventoryError | KeyFileError | IOException | IllegalStateException e) {
            commandLine.getErr().println("homeport: the gateway did not start: " + e.getMessage());
            commandLine.getErr().flush();
            return (e instanceof ConfigError ? ExitStatus.WRONG_USAGE : ExitStatus.FAILED).code();
        }
    }

    private GatewayConfig config() {
        var flags = new LinkedHashMap<String, String>();
        put(flags, "data", data);
        put(flags, "devices.listen", devices);
        put(flags, "operators.listen", operators);
        put(flags, "http.listen", http);
        return ConfigReader.read(Optional.ofNullable(file), System.getenv(), flags);
    }

    private static void put(Map<String, String> flags, String key, @Nullable String value) {
        if (value != null) {
            flags.put(key, value);
        }
    }

    private static Optional<byte[]> password() {
        return Optional.ofNullable(System.getenv("HOMEPORT_DATABASE_PASSWORD"))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    private void addOperators(Gateway gateway) throws IOException {
        for (var admin : admins.entrySet()) {
            var name = admin.getKey();
            byte[] content;
            try (var in = Files.newInputStream(admin.getValue())) {
                content = in.readNBytes(MOST_KEY_BYTES);
            }
            var key = PublicKeyFile.read(admin.getValue().toString(), new String(content, StandardCharsets.UTF_8));
            var there = gateway.inventory().operators().find(name);
            if (there.isPresent() && there.get().keys().containsKey(key.key().fingerprint())) {
                continue; // as at every start but the first
            }
            if (there.isPresent() || !gateway.addAdmin(name, key)) {
                throw new IOException("operator " + name + " cannot be added: the name or the key is taken");
            }
        }
    }

    private static void greet(Gateway gateway, PrintWriter out) {
        var devicesPort = gateway.devicesAddress().getPort();
        var operatorsPort = gateway.operatorsAddress().getPort();
        out.println("Devices dial port " + devicesPort + ", operators log in on port " + operatorsPort + ".");
        if (gateway.inventory().operators().none()) {
            out.println("There is no operator yet. End this, and start it with: --operator NAME=PUBLIC_KEY_FILE");
        } else {
            gateway.inventory().operators().list().stream().findFirst().ifPresent(operator -> out.println(
                    "See who is there:  ssh -p " + operatorsPort + " " + operator.name() + "@localhost"));
        }
        out.println("Let a device in:   homeport device list --state pending, then: homeport device approve ID");
        out.flush();
        LOG.info("the gateway is up: devices {}, operators {}", gateway.devicesAddress(),
                gateway.operatorsAddress());
    }

    /** The hook holds the JVM until the gateway is down, and says that this was no failure, which a signal would be. */
    private static void drain(Gateway gateway) {
        try {
            gateway.drain(DRAIN);
            Runtime.getRuntime().halt(ExitStatus.DONE.code());
        } catch (IOException e) {
            LOG.error("the gateway did not end in good order", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
