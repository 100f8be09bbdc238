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
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code homeport gateway}: the service, until it is told to end. SIGHUP reads the configuration again; SIGTERM and SIGINT
 * end it in good order, with exit status 0.
 */
@Command(name = "gateway", mixinStandardHelpOptions = true, //
        description = "Runs the gateway: the one port that devices dial, operators' SSH, and the HTTP API.")
final class GatewayCommand implements Callable<Integer> {
    /** From SIGTERM to the end. */
    private static final Duration DRAIN = Duration.ofSeconds(10);
    private static final int MOST_KEY_BYTES = 64 << 10;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--config", paramLabel = "FILE", //
            description = "YAML; environment and flags stand above it. Else HOMEPORT_CONFIG.")
    private @Nullable Path file;

    @Option(names = "--data", paramLabel = "DIR", description = "Keys, database, token; made at the first start.")
    private @Nullable String data;

    @Option(names = "--devices-listen", paramLabel = "H:P", description = "Where devices dial (0.0.0.0:4334).")
    private @Nullable String devices;

    @Option(names = "--operators-listen", paramLabel = "H:P", description = "Operators' SSH (0.0.0.0:2222).")
    private @Nullable String operators;

    @Option(names = "--http-listen", paramLabel = "H:P", description = "The HTTP API (127.0.0.1:8080).")
    private @Nullable String http;

    @Option(names = "--operator", paramLabel = "NAME=PUBLIC_KEY_FILE", description = "Adds an operator who may do all, by the keys of the file.")
    private Map<String, Path> admins = new LinkedHashMap<>();

    @Option(names = "--log", paramLabel = "FORM", description = "text (as it is without) or json, on standard error.")
    private String log = "text";

    @Override
    public Integer call() {
        if (!log.equals("text") && !log.equals("json")) {
            throw new Failure(ExitStatus.WRONG_USAGE, "--log is text or json, not " + log);
        }
        // Read by logback.xml when the first logger is made, which is below.
        System.setProperty("homeport.log", log);
        System.setProperty("homeport.level", "INFO");
        Gateway gateway;
        try {
            gateway = Gateway.open(config(), password(), InstantSource.system());
        } catch (ConfigError e) {
            throw notStarted(ExitStatus.WRONG_USAGE, e);
        } catch (InventoryError | KeyFileError | IOException | UncheckedIOException | IllegalStateException e) {
            throw notStarted(ExitStatus.FAILED, e);
        }
        var logger = LoggerFactory.getLogger("homeport.gateway");
        try {
            addOperators(gateway, logger);
            where(gateway).write(gateway.config().data());
        } catch (KeyFileError | IOException e) {
            close(gateway, logger);
            throw notStarted(ExitStatus.FAILED, e);
        }
        return run(gateway, logger);
    }

    private static Failure notStarted(ExitStatus status, Exception e) {
        var what = e instanceof NoSuchFileException ? "there is no file " + e.getMessage() : e.getMessage();
        return new Failure(status, "the gateway did not start: " + what);
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    // ---- Its configuration

    private Map<String, String> environment() {
        return Main.of(Objects.requireNonNull(spec)).environment();
    }

    private GatewayConfig config() {
        var flags = new LinkedHashMap<String, String>();
        put(flags, "data", data);
        put(flags, "devices.listen", devices);
        put(flags, "operators.listen", operators);
        put(flags, "http.listen", http);
        var named = Optional.ofNullable(environment().get("HOMEPORT_CONFIG")).filter(text -> !text.isBlank());
        return ConfigReader.read(Optional.ofNullable(file).or(() -> named.map(Path::of)), environment(), flags);
    }

    private static void put(Map<String, String> flags, String key, @Nullable String value) {
        if (value != null) {
            flags.put(key, value);
        }
    }

    private Optional<byte[]> password() {
        return Optional.ofNullable(environment().get("HOMEPORT_DATABASE_PASSWORD"))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    private void addOperators(Gateway gateway, Logger logger) throws IOException {
        for (var admin : admins.entrySet()) {
            var name = admin.getKey();
            byte[] content;
            try (var in = Files.newInputStream(admin.getValue())) {
                content = in.readNBytes(MOST_KEY_BYTES);
            } catch (NoSuchFileException e) {
                throw e;
            } catch (IOException e) {
                // A file's own failure has its name and no reason, a stream's a reason and no name.
                throw new IOException("the public key of operator " + name + " cannot be read from " + admin.getValue()
                        + ": " + (e instanceof FileSystemException ? "check its owner and mode" : e.getMessage()), e);
            }
            var keys = PublicKeyFile.readAll(admin.getValue().toString(), new String(content, StandardCharsets.UTF_8));
            var there = gateway.inventory().operators().find(name);
            if (there.isPresent()) {
                // As at every start but the first. What is on record counts: a key that was taken away stays away.
                var known = there.get().keys().keySet();
                var others = keys.stream().filter(key -> !known.contains(key.key().fingerprint())).count();
                var told = "operator " + name + " is on record without " + others + " of the keys in "
                        + admin.getValue()
                        + "; to add them: homeport operator set " + name + " --add-key "
                        + Shell.word(admin.getValue().toString());
                if (others == keys.size()) {
                    throw new IOException(told + ", after a start without --operator");
                } else if (others > 0) {
                    logger.warn(told);
                }
                continue;
            }
            if (!gateway.addAdmin(name, keys)) {
                throw new IOException("operator " + name + " cannot be added: a key in " + admin.getValue()
                        + " is another operator's");
            }
        }
    }

    /** Where commands on this machine find it; a wildcard address is found at the loopback one. */
    private static LocalGateway where(Gateway gateway) {
        var host = gateway.config().http().host();
        boolean all = host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
        var shown = all ? "127.0.0.1" : host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return new LocalGateway("http://" + shown + ":" + gateway.httpPort(), gateway.operatorsAddress().getPort(),
                gateway.devicesAddress().getPort());
    }

    // ---- Its life

    private int run(Gateway gateway, Logger logger) {
        var status = new AtomicInteger(ExitStatus.DONE.code());
        var end = Thread.ofPlatform().name("drain").unstarted(() -> drain(gateway, status, logger));
        Runtime.getRuntime().addShutdownHook(end);
        gateway.lost().thenAcceptAsync(error -> {
            logger.error("the gateway ends: {}", error.getMessage());
            status.set(ExitStatus.FAILED.code());
            System.exit(ExitStatus.FAILED.code());
        }, task -> Thread.ofPlatform().name("lost").start(task));
        var hangUp = HangUp.handle(() -> reload(gateway, logger));
        var steps = new FirstSteps(gateway, data == null ? "" : " --data " + Shell.word(data));
        try {
            out().print(steps.greeting());
            out().flush();
            logger.info("the gateway is up: devices {}, operators {}", gateway.devicesAddress(),
                    gateway.operatorsAddress());
            while (true) { // until a signal ends the JVM
                out().print(steps.arrival());
                out().flush();
            }
        } catch (InterruptedException e) {
            // Who runs this command inside a program of theirs ends it so.
            Runtime.getRuntime().removeShutdownHook(end);
            close(gateway, logger);
            Thread.currentThread().interrupt();
            return ExitStatus.DONE.code();
        } finally {
            steps.close();
            hangUp.close();
        }
    }

    /** What is wrong in the new configuration is logged, and the old one stays. */
    private void reload(Gateway gateway, Logger logger) {
        try {
            var left = gateway.reload(config());
            logger.info("the configuration was read again{}", left.isEmpty()
                    ? ""
                    : "; a new start is due for what changed in " + String.join(", ", left));
        } catch (ConfigError e) {
            logger.error("the configuration stays as it was: {}", e.getMessage());
        }
    }

    /**
     * The hook holds the JVM until the gateway is down, and says that this was no failure, which a signal would be; but for
     * one that has lost its database.
     */
    private static void drain(Gateway gateway, AtomicInteger status, Logger logger) {
        try {
            gateway.drain(DRAIN);
            Runtime.getRuntime().halt(status.get());
        } catch (IOException e) {
            logger.error("the gateway did not end in good order", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Gateway gateway, Logger logger) {
        try {
            gateway.close();
        } catch (IOException e) {
            logger.error("the gateway did not end in good order", e);
        }
    }
}
