package homeport.cli;

import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code homeport demo}: the main job in small, on real input. One listening port; a device for each design dials it, and
 * OpenSSH as it comes; the gateway finds out which design it is, checks who it is, runs a command and shows what came back.
 */
@Command(name = "demo", description = "Shows devices that dial in and are then logged in to, on this machine only.")
final class Demo implements Callable<Integer> {
    private static final String COMMAND = "uname -n && uptime";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--once", description = "Prove it, print the table, exit with 0, or with 1 and the reason.")
    private boolean once;

    @Override
    public Integer call() throws IOException {
        var commandLine = Objects.requireNonNull(spec).commandLine();
        var directory = Files.createTempDirectory("homeport-demo");
        try {
            return run(directory, commandLine.getOut(), commandLine.getErr());
        } finally {
            deleteAll(directory);
        }
    }

    private int run(Path directory, PrintWriter out, PrintWriter err) throws IOException {
        PlainSigner gatewayKey = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, new SecureRandom());
        var devices = new ArrayList<DemoDevice>();
        try (var gateway = DemoGateway.listen(devices, gatewayKey)) {
            devices.addAll(new OurDevices(gateway.hostKey(), gateway.loops().next(), COMMAND).all());
            devices.addAll(new StockDevices(directory, gateway.hostKey()).all());
            out.println("The gateway listens on 127.0.0.1:" + gateway.address().getPort() + "; " + devices.size()
                    + " devices dial it, one after the other.");
            out.printf("%n%-9s %-16s %-27s %-42s %s%n", "DEVICE", "DESIGN", "ADMITTED BY", "SOFTWARE", "ANSWERED IN");
            out.flush();
            for (var device : devices) {
                var visit = gateway.visit(device, COMMAND);
                out.printf("%-9s %-16s %-27s %-42s %d ms%n", visit.link().deviceId(), visit.link().design().text(),
                        device.recognised(), visit.link().software(), visit.time().toMillis());
                out.print(visit.output().indent(4));
                out.flush();
                check(device, visit);
            }
        } catch (IOException e) {
            err.println("homeport: the demo failed: " + e.getMessage());
            err.flush();
            return ExitStatus.FAILED.code();
        } finally {
            gatewayKey.destroy();
        }
        if (!once) {
            out.println("That was all of it for now; the demo ends here with or without --once.");
        }
        out.flush();
        return ExitStatus.DONE.code();
    }

    /** The table says what was detected; that has to be what the device is. */
    private static void check(DemoDevice device, DemoGateway.Visit visit) throws IOException {
        var link = visit.link();
        if (!link.deviceId().equals(device.name()) || !link.design().text().equals(device.design())) {
            throw new IOException(device.name() + " was taken for " + link);
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
