package homeport.gateway.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.Credentials;
import homeport.callhome.LinkChannel;
import homeport.gateway.config.ConfigReader;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.AuditEntry;
import homeport.gateway.inventory.DeviceChange;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.Role;
import homeport.gateway.northbound.OperatorPort;
import homeport.net.Gate;
import homeport.net.GateLimits;
import homeport.net.Loops;
import homeport.ssh.Limits;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Operators with OpenSSH's own client, through a whole gateway, on devices of ours. */
class OperatorPortTest {
    private static final int SECONDS = 20;

    @TempDir
    private Path directory;
    private Gateway gateway;
    private Loops deviceLoops;
    private final List<TestDevice> devices = new ArrayList<>();

    private record Result(int status, String out, String err) {}

    @BeforeEach
    void open() throws IOException {
        var ssh = Files.isExecutable(Path.of("/usr/bin/ssh"));
        if (System.getenv("CI") == null) {
            Assumptions.assumeTrue(ssh, "OpenSSH's client is not installed");
        }
        deviceLoops = Loops.open(1);
        var config = ConfigReader.read(Optional.empty(), Map.of(), Map.of("data", directory.resolve("data").toString(),
                "devices.listen", "127.0.0.1:0", "http.listen", "127.0.0.1:0", "operators.listen", "127.0.0.1:0"));
        gateway = Gateway.open(config, Optional.empty(), InstantSource.system());
    }

    @AfterEach
    void close() throws IOException {
        devices.forEach(TestDevice::close);
        gateway.close();
        deviceLoops.close();
    }

    private Path operator(String name, Role role, Map<String, Set<String>> selectors) throws IOException {
        PlainSigner key = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, new SecureRandom());
        var file = directory.resolve("key-" + name);
        Files.write(file, PrivateKeys.write(key, name, new SecureRandom()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        var line = key.publicKey().type() + " " + Base64.getEncoder().encodeToString(key.publicKey().blob());
        assertTrue(gateway.inventory().operators().add(name, role, List.of(PublicKeyFile.read(name, line)), selectors,
                "test"));
        return file;
    }

    private void device(String id) throws InterruptedException {
        var key = TestDevice.key();
        online(id, key,
                () -> TestDevice.serverChannels(deviceLoops, gateway.devicesAddress(), Credentials.byKey(id, key)));
    }

    private void online(String id, PlainSigner key, Supplier<TestDevice> dial) throws InterruptedException {
        gateway.inventory().devices().add(NewDevice.pinned(id, key.publicKey().fingerprint()), "test");
        var online = new CountDownLatch(1);
        try (var watch = gateway.events().watch(Optional.empty(), event -> {
            if (event.type() == GatewayEvent.Type.DEVICE_ONLINE && event.device().equals(id)) {
                online.countDown();
            }
        }).orElseThrow()) {
            devices.add(dial.get());
            assertTrue(online.await(SECONDS, TimeUnit.SECONDS));
        }
    }

    private Process start(Path key, String user, String... words) throws IOException {
        return start(gateway.operatorsAddress().getPort(), key, user, words);
    }

    private static Process start(int port, Path key, String user, String... words) throws IOException {
        var command = new ArrayList<>(List.of("/usr/bin/ssh", "-F", "none", "-i", key.toString(), "-o",
                "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null", "-o", "LogLevel=INFO", "-p",
                String.valueOf(port), user + "@127.0.0.1"));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).start();
    }

    private Result ssh(Path key, String user, String... words) throws Exception {
        return end(start(key, user, words));
    }

    private static Result end(Process process) throws Exception {
        process.getOutputStream().close();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS));
        return new Result(process.exitValue(), out, err);
    }

    @Test
    void aCommandRunsOnTheDeviceAndIsInTheAuditTrail() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        device("router1");
        var result = ssh(alice, "alice+router1", "who");
        assertEquals(0, result.status(), result.err());
        assertEquals("router1", result.out());
        OperatedGateway.until(() -> gateway.inventory().audit().list(0, Optional.of("router1"), Instant.EPOCH, 100)
                .stream().map(AuditEntry::action).anyMatch("session.open"::equals), "the session is in the trail");
    }

    @Test
    void withoutADeviceThereIsAListingOfThoseWithinReach() throws Exception {
        var bob = operator("bob", Role.OPERATOR, Map.of("site", Set.of("rome")));
        device("router1");
        device("router2");
        gateway.inventory().devices().change("router2", DeviceChange.NOTHING.withLabels(Map.of("site", "rome")),
                Optional.empty(), "test");
        var listing = ssh(bob, "bob");
        assertEquals(0, listing.status());
        assertTrue(listing.out().contains("router2"), listing.out());
        assertFalse(listing.out().contains("router1"), listing.out());
    }

    /** A script that forgot the device: the listing would pass for its command's output. */
    @Test
    void withoutADeviceNoCommandSucceeds() throws Exception {
        var bob = operator("bob", Role.OPERATOR, Map.of());
        for (var words : List.of(List.of("uptime"), List.of("-s", "netconf"))) {
            var result = ssh(bob, "bob", words.toArray(String[]::new));
            assertEquals(2, result.status(), result.out());
            assertEquals("", result.out());
            assertTrue(result.err().contains("OPERATOR+DEVICE"), result.err());
        }
    }

    @Test
    void whoseDeviceIsCutOffInTheMiddleOfACommandReadsSo() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        device("router1");
        var process = start(alice, "alice+router1", "hold");
        assertEquals("held", process.inputReader(StandardCharsets.UTF_8).readLine());
        devices.getLast().close();
        var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS));
        assertEquals(5, process.exitValue(), err);
        assertTrue(err.contains("the connection of router1 ended"), err);
    }

    /** The device's end of it would be a socket that all who use the device share. */
    @Test
    void anAgentIsNotForwardedToADevice() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        device("router1");
        var agent = new ProcessBuilder("/usr/bin/ssh-agent", "-D", "-a", directory.resolve("agent").toString()).start();
        try {
            OperatedGateway.until(() -> Files.exists(directory.resolve("agent")), "the agent is up");
            var builder = new ProcessBuilder("/usr/bin/ssh", "-v", "-A", "-F", "none", "-i", alice.toString(), "-o",
                    "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
                    "UserKnownHostsFile=/dev/null", "-p", String.valueOf(gateway.operatorsAddress().getPort()),
                    "alice+router1@127.0.0.1", "who");
            builder.environment().put("SSH_AUTH_SOCK", directory.resolve("agent").toString());
            var process = builder.start();
            process.getOutputStream().close();
            // The test's device would say that it was asked.
            assertEquals("router1", new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(err.contains("Requesting authentication agent forwarding"), err);
        } finally {
            agent.destroy();
        }
    }

    @Test
    void whoMayNotIsToldWhyAndWhatIsHiddenIsNotThere() throws Exception {
        var viewer = operator("vera", Role.VIEWER, Map.of());
        var bob = operator("bob", Role.OPERATOR, Map.of("site", Set.of("rome")));
        device("router1");
        var denied = ssh(viewer, "vera+router1", "who");
        assertEquals(4, denied.status());
        assertTrue(denied.err().contains("needs the role operator"), denied.err());
        var hidden = ssh(bob, "bob+router1", "who");
        var absent = ssh(bob, "bob+router9", "who");
        assertEquals(3, hidden.status());
        assertEquals(hidden.err().replace("router1", "X"), absent.err().replace("router9", "X"));
    }

    @Test
    void aDeviceThatIsOfflineIsSaidToBe() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        gateway.inventory().devices().add(NewDevice.expected("router1"), "test");
        var offline = ssh(alice, "alice+router1", "who");
        assertEquals(5, offline.status());
        assertTrue(offline.err().contains("router1 is offline"), offline.err());
    }

    // ---- Host keys

    @Test
    void anOldClientOrOneWithoutEd25519FindsAHostKeyThatItKnows() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        for (var algorithm : List.of("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256")) {
            var result = ssh(alice, "alice", "-v", "-o", "HostKeyAlgorithms=" + algorithm);
            assertEquals(0, result.status(), result.err());
            assertTrue(result.err().contains("kex: host key algorithm: " + algorithm), result.err());
        }
        // SHA-1 is not offered, and who has no wish is shown what everybody was shown before there were others.
        assertEquals(255, ssh(alice, "alice", "-o", "HostKeyAlgorithms=ssh-rsa").status());
        assertTrue(ssh(alice, "alice", "-v").err().contains("kex: host key algorithm: ssh-ed25519"));
    }

    /** OpenSSH's UpdateHostKeys: whoever knows one key learns the others, and never sees one that it does not know. */
    @Test
    void whoKnowsTheFirstHostKeyLearnsTheOthers() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        device("router1");
        var host = "[127.0.0.1]:" + gateway.operatorsAddress().getPort();
        var known = Files.writeString(directory.resolve("known"),
                host + " " + new PublicKeyFile(gateway.keys().host().publicKey(), "").write());
        var strict = List.of("/usr/bin/ssh", "-F", "none", "-i", alice.toString(), "-o", "IdentitiesOnly=yes", "-o",
                "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=" + known, "-p",
                String.valueOf(gateway.operatorsAddress().getPort()));
        var learning = new ArrayList<>(strict);
        learning.addAll(List.of("-o", "UpdateHostKeys=yes", "alice+router1@127.0.0.1", "hold"));
        var session = new ProcessBuilder(learning).start();
        try {
            OperatedGateway.until(() -> lines(known) == gateway.keys().hosts().size(), "the keys are not learned");
        } finally {
            session.destroy();
        }
        for (var algorithm : List.of("ecdsa-sha2-nistp384", "rsa-sha2-256", "ssh-ed25519")) {
            var words = new ArrayList<>(strict);
            words.addAll(List.of("-o", "HostKeyAlgorithms=" + algorithm, "alice@127.0.0.1"));
            var result = run(words.toArray(String[]::new));
            assertEquals(0, result.status(), result.err());
        }
    }

    private static long lines(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    // ---- Programs that are no ssh(1)

    private static final String REASON = "homeport: router1 is offline: homeport why router1";

    private static Result run(String... command) throws Exception {
        return end(new ProcessBuilder(command).start());
    }

    /** {@code scp} and {@code sftp} with {@code words} behind what they need. */
    private Result copy(String program, Path key, String... words) throws Exception {
        var command = new ArrayList<>(List.of("/usr/bin/" + program, "-i", key.toString(), "-o", "IdentitiesOnly=yes",
                "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
                "LogLevel=INFO", "-P", String.valueOf(gateway.operatorsAddress().getPort())));
        command.addAll(List.of(words));
        return run(command.toArray(String[]::new));
    }

    @Test
    void aFileThatIsCopiedToADeviceThatIsOfflineIsToldWhy() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        gateway.inventory().devices().add(NewDevice.expected("router1"), "test");
        var file = Files.writeString(directory.resolve("file"), "text");
        var remote = "alice+router1@127.0.0.1:file";
        for (var copied : List.of(copy("scp", alice, "-O", file.toString(), remote),
                copy("scp", alice, "-O", remote, file.toString()), copy("scp", alice, file.toString(), remote),
                copy("scp", alice, remote, file.toString()), copy("sftp", alice, remote))) {
            assertTrue(copied.status() > 0, copied.err());
            assertTrue(copied.err().contains(REASON), copied.err());
        }
        assertEquals(5, ssh(alice, "alice+router1", "-s", "sftp").status());
        assertEquals(5, ssh(alice, "alice+router1", "scp", "-v", "-r", "-f", "file").status());
        // Words that only look like it.
        for (var command : List.of("scp", "scp file -t", "scpx -t file")) {
            assertTrue(ssh(alice, "alice+router1", command).err().contains(REASON), command);
        }
    }

    @Test
    void asyncsshHasTheReasonInItsError() throws Exception {
        var python = "/usr/bin/python3";
        Assumptions.assumeTrue(run(python, "-c", "import asyncssh").status() == 0, "AsyncSSH is not installed");
        var alice = operator("alice", Role.OPERATOR, Map.of());
        gateway.inventory().devices().add(NewDevice.expected("router1"), "test");
        var script = Files.writeString(directory.resolve("script.py"), """
                import asyncio, asyncssh, sys
                port, key = int(sys.argv[1]), sys.argv[2]
                async def main():
                    async with asyncssh.connect('127.0.0.1', port, username='alice+router1', client_keys=[key],
                            known_hosts=None) as c:
                        done = await c.run('show version')
                        print(done.exit_status, done.stderr)
                        for source, target in ((c, 'file'), key + '.copy'), (key, (c, 'file')):
                            try:
                                await asyncssh.scp(source, target)
                            except asyncssh.Error as e:
                                print(e)
                asyncio.run(main())
                """);
        var result = run(python, script.toString(), String.valueOf(gateway.operatorsAddress().getPort()),
                alice.toString());
        assertEquals("5 %1$s\r\n\n%1$s\n%1$s\n".formatted(REASON), result.out(), result.err());
    }

    /** A second operators' port, at which devices have a second for each answer. */
    private OperatorPort impatient() throws IOException {
        var settings = SshSettings.builder().hostKeys(List.of(gateway.keys().host()))
                .limits(Limits.DEFAULT.withDecisionTime(Duration.ofSeconds(1))).build();
        return OperatorPort.open(gateway.loops(), new InetSocketAddress("127.0.0.1", 0), settings,
                new Gate(GateLimits.DEFAULT), gateway.inventory(), gateway.live(), gateway.keys(),
                InstantSource.system());
    }

    /** Opens its channel, and says nothing to what is asked for on it. */
    private static final class Mute implements ChannelHandler {
        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {}

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            channel.consumed(length);
        }

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {}

        @Override
        public void closed(LinkChannel channel) {}
    }

    @Test
    void aDeviceThatOpensASessionAndSaysNothingMoreIsNamedToo() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        var key = TestDevice.key();
        online("router1", key, () -> TestDevice.callHome(deviceLoops, gateway.devicesAddress(), key, Mute::new));
        try (var port = impatient()) {
            for (var words : List.of(List.of("who"), List.of("-s", "netconf"), List.<String>of())) {
                var result = end(start(port.address().getPort(), alice, "alice+router1",
                        words.toArray(String[]::new)));
                assertEquals(5, result.status(), result.err());
                assertTrue(result.err().contains("router1 has not answered within 1 s"), result.err());
            }
        }
        OperatedGateway.until(() -> gateway.live().find("router1").orElseThrow().channels() == 0,
                "the device's channels are closed");
    }

    /** A link that is up tells nothing of who is behind it. */
    @Test
    void aDeviceThatDoesNotAnswerIsNamedWithTheTimeThatItHad() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        var key = TestDevice.key();
        var hangs = new CountDownLatch(1);
        online("router1", key, () -> TestDevice.callHome(deviceLoops, gateway.devicesAddress(), key, () -> {
            try {
                hangs.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new SharedDeviceTest.Quiet();
        }));
        try (var port = impatient()) {
            int number = port.address().getPort();
            var session = end(start(number, alice, "alice+router1", "who"));
            assertEquals(5, session.status(), session.err());
            assertTrue(session.err().contains("router1 has not answered within 1 s, though its connection is up"),
                    session.err());
            var forward = end(start(number, alice, "alice+router1", "-W", "127.0.0.1:22"));
            assertTrue(forward.err().contains("connect failed: router1 has not answered within 1 s"), forward.err());
        } finally {
            hangs.countDown();
        }
    }

    /** curl and others by libssh2: it waits for an SFTP server's first word for ever, on a channel that has ended. */
    @Test
    void whoSpeaksSftpOrScpByLibssh2IsNotLeftWaiting() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl"))
                && run("/usr/bin/curl", "--version").out().contains("libssh2"), "there is no curl with libssh2");
        var alice = operator("alice", Role.OPERATOR, Map.of());
        gateway.inventory().devices().add(NewDevice.expected("router1"), "test");
        for (var user : List.of("alice+router1", "alice+nosuch", "alice")) {
            for (var scheme : List.of("sftp", "scp")) {
                var url = scheme + "://" + user + "@127.0.0.1:" + gateway.operatorsAddress().getPort() + "/file";
                for (var words : List.of(List.of(), List.of("-T", alice.toString()))) {
                    var command = new ArrayList<>(List.of("/usr/bin/curl", "-sS", "-k", "--max-time", "15", "--key",
                            alice.toString(), url));
                    command.addAll(words.stream().map(String::valueOf).toList());
                    var result = run(command.toArray(String[]::new));
                    assertTrue(result.status() != 0, url + words + ": " + result);
                    assertTrue(result.status() != 28, "it timed out: " + url + words);
                }
            }
        }
    }

    @Test
    void aStrangersKeyAnotherOperatorsKeyAndADevicesNameDoNotGetIn() throws Exception {
        operator("alice", Role.ADMIN, Map.of());
        var bob = operator("bob", Role.OPERATOR, Map.of());
        device("router1");
        for (var user : List.of("alice", "alice+router1", "nobody", "router1", "+router1")) {
            var result = ssh(bob, user, "who");
            assertEquals(255, result.status(), user);
            assertTrue(result.err().contains("Permission denied (publickey,password)"), user + ": " + result.err());
        }
    }

    /** For who asks why an operator does not get in, and for programs that shut out who guesses. */
    @Test
    void whoDoesNotGetInIsInTheLogOnceForEachConnection() throws Exception {
        operator("alice", Role.ADMIN, Map.of());
        var bob = operator("bob", Role.OPERATOR, Map.of());
        var lines = new LinkedBlockingQueue<String>();
        var logger = (Logger) LoggerFactory.getLogger("homeport.gateway");
        var appender = new AppenderBase<ILoggingEvent>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getFormattedMessage().startsWith("no login as ")) {
                    lines.add(event.getFormattedMessage());
                }
            }
        };
        appender.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
        try {
            assertEquals(255, ssh(bob, "alice", "who").status());
            var line = lines.poll(SECONDS, TimeUnit.SECONDS);
            assertTrue(line != null && line.startsWith("no login as alice from ") && line.contains("127.0.0.1")
                    && line.contains("after 1 refused"), line);
            assertEquals(0, ssh(bob, "bob").status());
            assertEquals(List.of(), List.copyOf(lines));
        } finally {
            logger.detachAppender(appender);
        }
    }

    /** docs/decisions/0008: what they say to each other stays on one thread, whichever one the operator came on. */
    @Test
    void anOperatorsConnectionGoesOnOnTheDevicesLoop() throws Exception {
        Assumptions.assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "there is one loop alone");
        var alice = operator("alice", Role.OPERATOR, Map.of());
        device("router1");
        var loop = new CompletableFuture<String>();
        gateway.live().find("router1").orElseThrow().loop().execute(
                () -> loop.complete(Thread.currentThread().getName()));
        var threads = new LinkedBlockingQueue<String>();
        var logger = (Logger) LoggerFactory.getLogger("homeport.gateway");
        var appender = new AppenderBase<ILoggingEvent>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getFormattedMessage().equals("operator alice on device router1: command opened")) {
                    threads.add(event.getThreadName());
                }
            }
        };
        appender.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
        try {
            // Connections come on all loops in turn.
            for (int i = 0; i < 6; i++) {
                assertEquals("router1", ssh(alice, "alice+router1", "who").out());
                assertEquals(loop.join(), threads.poll(SECONDS, TimeUnit.SECONDS));
            }
        } finally {
            logger.detachAppender(appender);
        }
    }

    @Test
    void theGatewaysOwnNetworkIsOutOfReach() throws Exception {
        var alice = operator("alice", Role.ADMIN, Map.of());
        device("router1");
        // -W asks the gateway for a TCP connection to itself; a device refuses the same.
        var port = String.valueOf(gateway.operatorsAddress().getPort());
        var direct = ssh(alice, "alice", "-W", "127.0.0.1:" + port);
        assertEquals(255, direct.status());
        assertTrue(direct.err().contains("there is no device 127.0.0.1"), direct.err());
        assertEquals(255, ssh(alice, "alice", "-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:22")
                .status());
    }

    @Test
    void aRemovedOperatorsSessionEndsAtOnce() throws Exception {
        var alice = operator("alice", Role.OPERATOR, Map.of());
        device("router1");
        var process = start(alice, "alice+router1", "-N", "-v");
        try {
            var log = process.errorReader(StandardCharsets.UTF_8);
            var line = log.readLine();
            while (line != null && !line.contains("Entering interactive session")) {
                line = log.readLine();
            }
            assertTrue(gateway.inventory().operators().remove("alice", "test"));
            long start = System.nanoTime();
            gateway.watchers().operatorChanged("alice");
            assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS));
            assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 1000);
            assertEquals(255, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }
}
