package homeport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Design;
import homeport.callhome.SessionStart;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.KnownHosts;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.wire.ChannelRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The agent against a gateway's device port of ours: each design, with the embedded servers. */
class AgentTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String LOOPBACK = "127.0.0.1";
    private static final String HELLO = """
            <hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>\
            <capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>]]>]]>\
            <rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="1"><get><filter type="subtree">\
            <device xmlns="urn:homeport:device"/></filter></get></rpc>]]>]]>\
            <rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="2"><close-session/></rpc>]]>]]>""";

    @TempDir
    private Path directory;
    private final BlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>();

    private AgentConfig config(Design design, TestGateway gateway, AgentConfig.Trust trust) throws Exception {
        var operators = directory.resolve("operators");
        Files.writeString(operators, new PublicKeyFile(gateway.key.publicKey(), "gateway").write());
        boolean logsIn = design == Design.SERVER_CHANNELS || design == Design.TUNNEL;
        return new AgentConfig("device1", design, List.of(called(gateway.portNumber())), directory.resolve("identity"),
                Optional.empty(), Optional.empty(), Optional.empty(), logsIn ? trust : AgentConfig.Trust.NONE,
                Optional.of(operators), new AgentConfig.Service.Embedded(), Optional.empty(), AgentConfig.KEEP_ALIVE);
    }

    private static CalledGateway called(int port) {
        return new CalledGateway("dc", List.of(new Endpoint("one", LOOPBACK, port)), new ConnectionType.Persistent(),
                ReconnectRules.DEFAULT.withBackOff(Duration.ofMillis(10), Duration.ofMillis(50)));
    }

    private AgentConfig.Trust pinned(TestGateway gateway, PlainSigner key) throws Exception {
        var file = directory.resolve("known_hosts");
        Files.writeString(file, KnownHosts.line(LOOPBACK, gateway.portNumber(), key.publicKey()));
        return new AgentConfig.Trust(Optional.of(file), false);
    }

    private Agent start(AgentConfig config) {
        return Agent.start(config, events::add, InstantSource.system(), RANDOM);
    }

    private <T extends AgentEvent> T await(Class<T> type, Predicate<T> good) throws InterruptedException {
        for (var event = poll(); event != null; event = poll()) {
            if (type.isInstance(event) && good.test(type.cast(event))) {
                return type.cast(event);
            }
        }
        throw new AssertionError("no such event came: " + type.getSimpleName());
    }

    private AgentEvent poll() throws InterruptedException {
        return events.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    // ---- What a gateway can do with it

    @ParameterizedTest
    @EnumSource(Design.class)
    void embeddedServesCommandsTerminalsAndNetconf(Design design) throws Exception {
        try (var gateway = new TestGateway();
                var agent = start(config(design, gateway, pinned(gateway, gateway.key)))) {
            var device = gateway.await();
            assertEquals(design, device.link().design());
            assertEquals(new TestGateway.Result("hello\n", 3), device.exec("echo hello; exit 3"));
            assertEquals(new TestGateway.Result("", 0), device.exec("test -z \"$HOMEPORT_CLAIM\""));
            var terminal = new ChannelRequest.Pty("xterm", 101, 33, 0, 0, new byte[]{0});
            var size = device.run(handler -> device.link()
                    .open(new SessionStart.Exec(new ChannelRequest.Exec("stty size"), Optional.of(terminal)), handler),
                    "");
            assertTrue(size.text().contains("33 101"), size.text());
            var netconf = device.run(
                    handler -> device.link().open(new SessionStart.Subsystem("netconf"), handler), HELLO);
            assertTrue(netconf.text().contains("boot-datetime") && netconf.text().contains("message-id=\"2\""),
                    netconf.text());
            assertNotNull(agent.publicKey());
        }
    }

    /** The request is granted before the server opens, so what fails then is told on the channel. */
    @Test
    void netconfThatDoesNotOpenSaysWhyAndEndsTheChannel() throws Exception {
        try (var gateway = new TestGateway()) {
            var config = config(Design.SERVER_CHANNELS, gateway, pinned(gateway, gateway.key));
            Files.writeString(config.beside(".netconf"), "not a directory");
            try (var agent = start(config)) {
                var told = gateway.await();
                var result = told.run(handler -> told.link().open(new SessionStart.Subsystem("netconf"), handler),
                        HELLO);
                assertEquals(1, result.exit(), result.text());
                assertTrue(result.text().startsWith("the device's NETCONF server does not open: "), result.text());
                assertNotNull(agent.publicKey());
            }
        }
    }

    @Test
    void comesBackToAGatewayThatWasRestarted() throws Exception {
        var key = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
        var first = new TestGateway(key, 0);
        int port = first.portNumber();
        try (var agent = start(config(Design.SERVER_CHANNELS, first, pinned(first, key)))) {
            first.await();
            first.close();
            await(AgentEvent.Ended.class, event -> true);
            await(AgentEvent.Failed.class, event -> true);
            try (var second = new TestGateway(key, port)) {
                assertEquals(0, second.await().exec("true").exit());
            }
            assertFalse(agent.publicKey().blob().length == 0);
        }
    }

    // ---- Whom the agent believes

    @ParameterizedTest
    @EnumSource(Design.class)
    void fakeGatewayLearnsNothing(Design design) throws Exception {
        var right = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
        try (var fake = new TestGateway()) {
            var config = config(design, fake, pinned(fake, right));
            Files.writeString(config.operatorsKey().orElseThrow(),
                    new PublicKeyFile(right.publicKey(), "the real gateway").write());
            try (var agent = start(config)) {
                var failed = await(AgentEvent.Failed.class, event -> true);
                var end = fake.ended.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertNotNull(end, "the fake gateway's connection ends: " + failed);
                assertTrue(fake.linked.isEmpty(), "the fake gateway has no device");
                if (design == Design.SERVER_CHANNELS || design == Design.TUNNEL) {
                    assertTrue(fake.asked.isEmpty(), "neither name nor key was shown");
                    assertTrue(failed.reason().contains("HAS CHANGED"), failed.reason());
                } else {
                    var shown = fake.asked.element().evidence();
                    assertEquals(Optional.of(agent.publicKey().fingerprint()), shown.fingerprint());
                }
            }
        }
    }

    @Test
    void trustOnceThenAChangedKeyIsRefused() throws Exception {
        var once = new AgentConfig.Trust(Optional.empty(), true);
        var first = new TestGateway();
        int port = first.portNumber();
        var config = config(Design.SERVER_CHANNELS, first, once);
        try (var agent = start(config)) {
            first.await();
            assertTrue(Files.readString(directory.resolve("identity.gateways")).contains(":" + port));
            first.close();
            try (var other = new TestGateway(PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM), port)) {
                var failed = await(AgentEvent.Failed.class, event -> event.reason().contains("HAS CHANGED"));
                assertEquals("dc", failed.gateway());
                assertTrue(other.linked.isEmpty() && other.asked.isEmpty());
            }
            assertNotNull(agent.publicKey());
        }
    }

    // ---- Its identity

    @Test
    void identityIsMadeOnceForItsOwnerAlone() throws Exception {
        var file = directory.resolve("new/identity");
        var made = DeviceIdentity.open(file, RANDOM);
        var again = DeviceIdentity.open(file, RANDOM);
        assertTrue(made.made() && !again.made());
        assertEquals(made.key().publicKey(), again.key().publicKey());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertTrue(assertThrows(AgentError.class, () -> DeviceIdentity.open(file, RANDOM)).getMessage()
                .contains("chmod 600"));
    }

    @Test
    void identityHalfWrittenByAKilledProcessIsNotTakenForOne() throws Exception {
        var file = directory.resolve("identity");
        Files.writeString(directory.resolve(".identity123.new"), "-----BEGIN OPENSSH");
        var made = DeviceIdentity.open(file, RANDOM);
        assertTrue(made.made());
        assertEquals(made.key().publicKey(), DeviceIdentity.open(file, RANDOM).key().publicKey());
    }

    // ---- What it is told

    @Test
    void configurationHasTheShapeOfTheModel() throws Exception {
        var file = directory.resolve("agent.yaml");
        Files.writeString(file, """
                call-home:
                  netconf-client:
                    - name: dc
                      endpoints:
                        endpoint:
                          - name: east
                            ssh: {tcp-client-parameters: {remote-address: east.example.net}}
                          - name: west
                            ssh: {tcp-client-parameters: {remote-address: west.example.net, remote-port: 7804}}
                      connection-type: {periodic: {period: 15, idle-timeout: 0}}
                      reconnect-strategy: {start-with: last-connected, max-attempts: 5}
                """);
        var gateway = AgentConfigFile.read(file).getFirst();
        assertEquals(List.of(4334, 7804), gateway.endpoints().stream().map(Endpoint::port).toList());
        var periodic = assertInstanceOf(ConnectionType.Periodic.class, gateway.type());
        assertEquals(Duration.ofMinutes(15), periodic.period());
        assertEquals(Duration.ZERO, periodic.idleTimeout());
        assertEquals(ReconnectRules.of(ReconnectRules.StartWith.LAST_CONNECTED, Duration.ofSeconds(5), 5),
                gateway.reconnect());
        Files.writeString(file, Files.readString(file).replace("max-attempts", "max-atempts"));
        var error = assertThrows(AgentError.class, () -> AgentConfigFile.read(file));
        assertTrue(error.getMessage().contains("line 11") && error.getMessage().contains("max-atempts"),
                error.getMessage());
    }
}
