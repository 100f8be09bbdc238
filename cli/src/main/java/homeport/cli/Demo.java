package homeport.cli;

import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.InventoryError;
import homeport.gateway.live.LiveDevice;
import homeport.netconf.datastore.Schemas;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code homeport demo}: the real gateway in a directory that goes with it, and a device for each design and each way to
 * say who it is. Each dials over a wire on which is counted; each is asked for its name and how long it runs; one setting
 * is changed. Then it stays up for whoever wants to try, until Ctrl-C removes everything.
 */
@Command(name = "demo", mixinStandardHelpOptions = true, //
        description = "A gateway and a device for each design, on this machine only; Ctrl-C removes everything.")
final class Demo implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String STRANGER = "new1";
    private static final String LOCATION = "rack 7, third from below";
    private static final int MOST_DEVICES = 9_999;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--once", description = "Prove it, print the table, exit with 0, or with 1 and the reason.")
    private boolean once;

    @Option(names = "--devices", paramLabel = "N", description = "So many simulated devices more, up to 9999.")
    private int simulated;

    @Option(names = "--json", description = "JSON instead of text.")
    private boolean json;

    @Override
    public Integer call() {
        if (simulated < 0 || simulated > MOST_DEVICES) {
            throw new Failure(ExitStatus.WRONG_USAGE, "--devices is 1 to " + MOST_DEVICES + ", not " + simulated);
        }
        if (System.getProperty("homeport.level") == null) {
            // Who waits for an operator is told below; a log between the lines of a tour helps nobody. Before any logger is
            // made, so this class has none.
            System.setProperty("homeport.level", "ERROR");
        }
        var leftovers = new Leftovers();
        // The hook does not halt the JVM: libraries have files of their own to delete at its end.
        var end = Thread.ofPlatform().name("demo-end").unstarted(leftovers::close);
        Runtime.getRuntime().addShutdownHook(end);
        try (leftovers) {
            // Inside: what is caught after the resource was closed could not tell who closed it.
            try {
                show(leftovers);
            } catch (IOException | InventoryError | IllegalStateException e) {
                if (!leftovers.isClosed()) {
                    throw new Failure(ExitStatus.FAILED, "the demo failed: " + e.getMessage());
                }
                // Ctrl-C took away what it stood on
            }
            return ExitStatus.DONE.code();
        } catch (InterruptedException e) {
            // Who runs this command inside a program of theirs ends it so.
            Thread.currentThread().interrupt();
            return ExitStatus.DONE.code();
        } finally {
            forget(end);
        }
    }

    private static void forget(Thread end) {
        try {
            Runtime.getRuntime().removeShutdownHook(end);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook is what ended us.
            LoggerFactory.getLogger(Demo.class).debug("the demo was told to end: {}", e.getMessage());
        }
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    private void say(String line) {
        if (!json) {
            out().println(line);
            out().flush();
        }
    }

    // ---- The tour

    private void show(Leftovers leftovers) throws IOException, InterruptedException {
        var random = new SecureRandom();
        var models = CompletableFuture.supplyAsync(Schemas::standard); // takes a second, beside the rest
        var directory = leftovers.directory("homeport-demo");
        var gateway = leftovers.add(DemoGateway.open(directory, 2 * SimulatedDevices.UNDER_WAY, random));
        say("One port for devices, " + gateway.devices().getPort() + ", on the loopback address. Devices dial it:");
        var devices = Files.createDirectory(directory.resolve("devices"));
        var ours = new OurDevices(devices, gateway, random);
        models.join();
        pend(leftovers, gateway, ours.stranger(STRANGER));
        var all = new ArrayList<>(ours.all());
        all.addAll(new StockDevices(devices, gateway, random).all());
        var visits = new ArrayList<DemoVisit>();
        for (var device : all) {
            visits.add(visit(leftovers, gateway, device));
        }
        var changed = all.get(1).name();
        DemoVisit.relocate(live(gateway, changed), LOCATION);
        var fleet = simulated == 0
                ? Optional.<SimulatedDevices.Outcome>empty()
                : Optional.of(fleet(leftovers, gateway, random));
        var lines = once ? new DemoLines(List.of()) : lines(gateway, all);
        if (json) {
            out().println(json(visits, changed, fleet, lines).encode());
            out().flush();
        } else {
            print(visits, changed, fleet, lines);
        }
        if (!once) {
            new CountDownLatch(1).await(); // until a signal ends the JVM
        }
    }

    private static void pend(Leftovers leftovers, DemoGateway gateway, DemoDevice stranger)
            throws IOException, InterruptedException {
        var expected = gateway.expect(stranger.name());
        leftovers.add(stranger.start().dial(gateway.devices()));
        if (gateway.await(expected, stranger.name(), PATIENCE).type() != GatewayEvent.Type.DEVICE_PENDING) {
            throw new IOException(stranger.name() + " was let in, and nobody knows it");
        }
    }

    private static DemoVisit visit(Leftovers leftovers, DemoGateway gateway, DemoDevice device)
            throws IOException, InterruptedException {
        device.enrolment().enrol(gateway.gateway());
        var wire = leftovers.add(Wire.to(gateway.devices()));
        var expected = gateway.expect(device.name());
        leftovers.add(device.start().dial(wire.address()));
        var event = gateway.await(expected, device.name(), PATIENCE);
        if (event.type() != GatewayEvent.Type.DEVICE_ONLINE) {
            throw new IOException(device.name() + " was held, and is on record");
        }
        return DemoVisit.of(device, event, live(gateway, device.name()), wire);
    }

    private static LiveDevice live(DemoGateway gateway, String name) throws IOException {
        return gateway.gateway().live().find(name).orElseThrow(() -> new IOException(name + " is gone again"));
    }

    private SimulatedDevices.Outcome fleet(Leftovers leftovers, DemoGateway gateway, SecureRandom random)
            throws IOException, InterruptedException {
        var console = System.console();
        var where = json ? Objects.requireNonNull(spec).commandLine().getErr() : out();
        var progress = new Progress(where, console != null && console.isTerminal(), "simulated devices", simulated);
        return leftovers.add(new SimulatedDevices(gateway, random)).run(simulated, progress);
    }

    private DemoLines lines(DemoGateway gateway, List<DemoDevice> all) throws IOException {
        var environment = Main.of(Objects.requireNonNull(spec)).environment();
        return DemoLines.of(environment, gateway, names(all, true), names(all, false), STRANGER);
    }

    private static List<String> names(List<DemoDevice> all, boolean netconf) {
        return all.stream().filter(device -> device.netconf() == netconf).map(DemoDevice::name).toList();
    }

    // ---- Showing it

    private void print(List<DemoVisit> visits, String changed, Optional<SimulatedDevices.Outcome> fleet,
            DemoLines lines) {
        var table = new Table("DEVICE", "DESIGN", "SAYS WHO IT IS BY", "ADMITTED BY", "ROUND TRIPS", "NETCONF AFTER",
                "HOSTNAME", "UP", "SOFTWARE");
        for (var visit : visits) {
            table.add(visit.device().name(), visit.design(), visit.device().identified(), visit.grounds(),
                    Integer.toString(visit.roundTrips()),
                    visit.firstByte().toMillis() + " ms" + (visit.device().netconf() ? "" : " *"),
                    visit.hostname().orElse("(none)"), visit.uptime().toSeconds() + " s", visit.software());
        }
        table.add(STRANGER, "bootstrap", "an id it claims", "(pending)", "", "", "", "", "");
        say("\n" + table);
        say("Round trips were counted on each device's wire, from its dialling to the first byte of NETCONF.");
        if (visits.stream().anyMatch(visit -> !visit.device().netconf())) {
            say("* As it comes it has a shell and no NETCONF: to the first byte of a command's answer.");
        }
        say(changed + ": its location is now \"" + LOCATION + "\", by a confirmed commit that was confirmed.");
        fleet.ifPresent(outcome -> say(outcome.toString()));
        if (once) {
            say("All is as it should be. Without --once it stays up, and prints what to type in another terminal.");
        } else {
            say("\nIn another terminal:\n");
            lines.lines().forEach(line -> say("  " + line));
            say("\nCtrl-C ends it and removes everything.");
        }
    }

    private static JsonObject json(List<DemoVisit> visits, String changed, Optional<SimulatedDevices.Outcome> fleet,
            DemoLines lines) {
        var devices = new JsonArray();
        visits.forEach(visit -> devices.add(visit.toJson()));
        var all = new JsonObject().put("devices", devices).put("pending", new JsonArray().add(STRANGER))
                .put("changed", new JsonObject().put("device", changed).put("location", LOCATION)
                        .put("by", "confirmed-commit"))
                .put("commands", new JsonArray(lines.lines()));
        fleet.ifPresent(outcome -> all.put("simulated", outcome.toJson()));
        return all;
    }
}
