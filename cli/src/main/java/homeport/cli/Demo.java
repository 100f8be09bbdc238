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
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code homeport demo}: the main job in small, on real input. One listening port; devices dial it and are then the SSH
 * servers; the gateway's side checks each host key, logs in, runs a command and shows what came back.
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
        var random = new SecureRandom();
        PlainSigner gatewayKey = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, random);
        var devices = new ArrayList<DemoDevice>();
        devices.add(DemoDevice.ours("router1", gatewayKey.publicKey(), COMMAND, random));
        if (DemoDevice.sshdIsInstalled()) {
            devices.add(DemoDevice.sshd("router2", gatewayKey.publicKey(), directory, random));
        }
        try (var gateway = DemoGateway.listen(devices, gatewayKey)) {
            out.println("The gateway listens on 127.0.0.1:" + gateway.port() + "; " + devices.size()
                    + " devices dial it.");
            out.flush();
            var visits = new ArrayList<DemoGateway.Visit>();
            for (var device : devices) {
                try (var _ = device.dial(gateway.port())) {
                    visits.add(gateway.visit(COMMAND));
                }
            }
            print(visits, out);
        } catch (IOException e) {
            err.println("homeport: the demo failed: " + e.getMessage());
            err.flush();
            return ExitStatus.FAILED.code();
        } finally {
            gatewayKey.destroy();
        }
        if (!once) {
            out.println("That was all of it for now; the demo ends here with or without --once.");
            out.flush();
        }
        return ExitStatus.DONE.code();
    }

    private static void print(List<DemoGateway.Visit> visits, PrintWriter out) {
        out.printf("%n%-10s %-10s %-55s %-32s %s%n", "DEVICE", "DESIGN", "HOST KEY, PINNED", "SOFTWARE", "ANSWERED IN");
        for (var visit : visits) {
            out.printf("%-10s %-10s %-55s %-32s %d ms%n", visit.device(), "call-home", visit.fingerprint(),
                    visit.software(), visit.time().toMillis());
        }
        for (var visit : visits) {
            out.printf("%n%s$ %s%n%s", visit.device(), COMMAND, visit.output());
        }
        out.flush();
    }

    private static void deleteAll(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
