package homeport.gateway.service;

import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.gateway.config.ConfigReader;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.Role;
import homeport.net.Loops;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.key.SshPublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Assumptions;

/** A gateway with operators who use OpenSSH's own client, and devices of ours. */
final class OperatedGateway implements AutoCloseable {
    static final int SECONDS = 30;
    private static final SecureRandom RANDOM = new SecureRandom();

    final Gateway gateway;
    final Loops deviceLoops = Loops.open(1);
    private final Path directory;
    private final List<AutoCloseable> open = new ArrayList<>();

    OperatedGateway(Path directory, Map<String, String> settings) throws IOException {
        if (System.getenv("CI") == null) {
            Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/ssh")), "OpenSSH's client is not installed");
        }
        this.directory = directory;
        var all = new HashMap<>(Map.of("data", directory.resolve("data").toString(), "devices.listen", "127.0.0.1:0",
                "operators.listen", "127.0.0.1:0", "http.listen", "127.0.0.1:0"));
        all.putAll(settings);
        gateway = Gateway.open(ConfigReader.read(Optional.empty(), Map.of(), all), Optional.empty(),
                InstantSource.system());
        Files.writeString(directory.resolve("known_hosts"), "[127.0.0.1]:" + gateway.operatorsAddress().getPort() + ' '
                + line(gateway.keys().host().publicKey()) + "\n");
    }

    private static String line(SshPublicKey key) {
        return key.type() + " " + Base64.getEncoder().encodeToString(key.blob());
    }

    /** Adds an operator. @return the file with the key */
    Path operator(String name) throws IOException {
        var key = TestDevice.key();
        assertTrue(gateway.inventory().operators().add(name, Role.OPERATOR,
                List.of(PublicKeyFile.read(name, line(key.publicKey()))), Map.of(), "test"));
        var file = directory.resolve("key-" + name);
        Files.write(file, PrivateKeys.write(key, name, RANDOM));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    /** Lets a device come, and waits until it is in. */
    TestDevice device(String id, Function<PlainSigner, TestDevice> dial) throws InterruptedException {
        var key = TestDevice.key();
        gateway.inventory().devices().add(NewDevice.pinned(id, key.publicKey().fingerprint()), "test");
        return online(id, () -> dial.apply(key));
    }

    interface Dial {
        TestDevice now();
    }

    /** The same for a device that is on record. */
    TestDevice online(String id, Dial dial) throws InterruptedException {
        var online = new CountDownLatch(1);
        try (var watch = gateway.events().watch(Optional.empty(), event -> {
            if (event.type() == GatewayEvent.Type.DEVICE_ONLINE && event.device().equals(id)) {
                online.countDown();
            }
        }).orElseThrow()) {
            var device = dial.now();
            open.add(device);
            assertTrue(online.await(SECONDS, TimeUnit.SECONDS), id + " did not come");
            return device;
        }
    }

    /** Starts OpenSSH's client as {@code operator} on {@code device}; {@code words} are options, then the command. */
    Process ssh(Path key, String operator, String device, List<String> options, String... command) throws IOException {
        var words = new ArrayList<>(List.of("/usr/bin/ssh", "-F", "none", "-i", key.toString(), "-o",
                "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o",
                "UserKnownHostsFile=" + directory.resolve("known_hosts"), "-o", "UpdateHostKeys=no", "-o",
                "LogLevel=INFO", "-p", String.valueOf(gateway.operatorsAddress().getPort()), "-l",
                operator + "+" + device));
        words.addAll(options);
        words.add("127.0.0.1");
        words.addAll(List.of(command));
        var process = new ProcessBuilder(words).start();
        open.add(process::destroyForcibly);
        return process;
    }

    /** Waits for what comes about on threads that tell nobody. */
    static void until(java.util.function.BooleanSupplier holds, String what) {
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what);
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() throws Exception {
        for (var one : open) {
            one.close();
        }
        gateway.close();
        deviceLoops.close();
    }
}
