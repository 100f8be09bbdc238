package homeport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.agent.ReconnectRules.StartWith;
import homeport.callhome.Design;
import homeport.callhome.SessionStart;
import homeport.net.ChannelStreams;
import homeport.netconf.Limits;
import homeport.netconf.SessionTime;
import homeport.netconf.client.Confirm;
import homeport.netconf.client.Datastore;
import homeport.netconf.client.EditConfig;
import homeport.netconf.client.NetconfClient;
import homeport.netconf.link.StreamLink;
import homeport.netconf.session.ClientSession;
import homeport.netconf.xml.Xml;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PrivateKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which gateways the agent calls: as YAML, and changed over NETCONF by an operator who is logged in through one. */
@Timeout(120)
class CallHomeConfigurationTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration PATIENCE = Duration.ofSeconds(TestGateway.PATIENCE_SECONDS);

    @TempDir
    private Path directory;
    private final BlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>();

    private AgentConfig config(Design design, TestGateway... gateways) throws Exception {
        return TestAgents.embedded(directory, design, gateways);
    }

    private Agent start(AgentConfig config) {
        return Agent.start(config, events::add, InstantSource.system(), RANDOM);
    }

    private static NetconfClient netconf(TestGateway.Linked device) throws Exception {
        var streams = new ChannelStreams(device.connection().loop());
        device.connection().loop()
                .execute(() -> device.link().open(new SessionStart.Subsystem("netconf"), streams));
        streams.opened().get(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
        streams.dropErrors();
        return new NetconfClient(ClientSession.connect(new StreamLink(streams.input(), streams.output(), streams),
                Limits.DEFAULT, SessionTime.system()), PATIENCE);
    }

    /** The one gateway's endpoint is set to another port. */
    private static EditConfig moveTo(Datastore target, int port) {
        return EditConfig.of(target, Xml.parse("""
                <netconf-server xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-server"><call-home><netconf-client>
                <name>gateway1</name><endpoints><endpoint><name>only</name><ssh><tcp-client-parameters>
                <remote-port>%d</remote-port></tcp-client-parameters></ssh></endpoint></endpoints>
                </netconf-client></call-home></netconf-server>""".formatted(port)));
    }

    private void await(Class<? extends AgentEvent> type) throws InterruptedException {
        var event = events.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
        while (event != null && !type.isInstance(event)) {
            event = events.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertNotNull(event, type::getSimpleName);
    }

    // ---- Changed over NETCONF

    @ParameterizedTest
    @EnumSource(Design.class)
    void operatorMovesTheDeviceToAnotherGatewayAndItStaysThere(Design design) throws Exception {
        try (var first = new TestGateway(); var second = new TestGateway(first.key, 0)) {
            var config = config(design, first);
            try (var agent = start(config)) {
                var before = first.await();
                var client = netconf(before);
                assertTrue(client.getConfig(Datastore.RUNNING).toXml().contains(">" + first.portNumber() + "<"),
                        "what is called can be read");
                client.editConfig(moveTo(Datastore.RUNNING, second.portNumber()));
                assertEquals(0, second.await().exec("true").exit());
                assertTrue(client.session().isOpen(), "the session that asked for it goes on");
                client.close();
                var end = first.ended.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertNotNull(end, "the old connection ends when nobody uses it");
                assertNotNull(agent.publicKey());
            }
            try (var again = start(config)) {
                assertEquals(0, second.await().exec("true").exit());
                assertTrue(first.linked.isEmpty());
                assertFalse(again.identityMade());
            }
        }
    }

    /** A wrong address does not cut the device off: nobody confirms, so it comes back. */
    @Test
    void moveThatNobodyConfirmsIsUndone() throws Exception {
        try (var first = new TestGateway();
                var second = new TestGateway(first.key, 0);
                var agent = start(config(Design.CALL_HOME, first))) {
            var client = netconf(first.await());
            client.editConfig(moveTo(Datastore.CANDIDATE, second.portNumber()));
            client.commit(Confirm.within(Duration.ofSeconds(600)));
            second.await();
            client.session().abort(); // not confirmed, and gone: undone at once (RFC 6241 §8.4.1)
            assertEquals(0, first.await().exec("true").exit());
            assertNotNull(agent.publicKey());
        }
    }

    @Test
    void changeThatKeepsTheEndpointKeepsTheConnection() throws Exception {
        try (var gateway = new TestGateway(); var agent = start(config(Design.SERVER_CHANNELS, gateway))) {
            var client = netconf(gateway.await());
            client.editConfig(EditConfig.of(Datastore.RUNNING, Xml.parse("""
                    <netconf-server xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-server"><call-home><netconf-client>
                    <name>gateway1</name><reconnect-strategy><max-attempts>7</max-attempts></reconnect-strategy>
                    </netconf-client></call-home></netconf-server>""")));
            assertTrue(client.getConfig(Datastore.RUNNING).toXml().contains("<max-attempts>7<"));
            client.close();
            var kept = AgentConfigFile.readKept(directory.resolve("identity.call-home"));
            assertEquals(7, kept.changed().getFirst().reconnect().maxAttempts());
            assertTrue(gateway.linked.isEmpty() && gateway.ended.isEmpty());
            assertNotNull(agent.publicKey());
        }
    }

    @Test
    void gatewaysAreAddedAndTakenAway() throws Exception {
        try (var first = new TestGateway();
                var second = new TestGateway(first.key, 0);
                var agent = start(config(Design.CALL_HOME, first))) {
            var before = first.await();
            var client = netconf(before);
            var home = client.getConfig(Datastore.RUNNING).toXml();
            var entry = home.substring(home.indexOf("<netconf-client>"), home.indexOf("</call-home>"));
            client.editConfig(EditConfig.of(Datastore.RUNNING, Xml.parse(
                    "<netconf-server xmlns=\"urn:ietf:params:xml:ns:yang:ietf-netconf-server\"><call-home>"
                            + entry.replace("gateway1", "another").replace(">" + first.portNumber() + "<",
                                    ">" + second.portNumber() + "<")
                            + "</call-home></netconf-server>")));
            var added = second.await();
            assertEquals(0, added.exec("true").exit());
            assertEquals(0, before.exec("true").exit());
            client.editConfig(EditConfig.of(Datastore.RUNNING, Xml.parse("""
                    <netconf-server xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-server"
                    xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0"><call-home>
                    <netconf-client nc:operation="delete"><name>another</name></netconf-client></call-home>
                    </netconf-server>""")));
            assertNotNull(second.ended.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS));
            client.close();
            assertNotNull(agent.publicKey());
        }
    }

    /** Nobody could ever reach it again: what it was started with holds then. */
    @Test
    void deviceWithoutAnyGatewayCallsThoseItWasStartedWith() throws Exception {
        try (var first = new TestGateway();
                var second = new TestGateway(first.key, 0);
                var agent = start(config(Design.CALL_HOME, first))) {
            var client = netconf(first.await());
            client.editConfig(moveTo(Datastore.RUNNING, second.portNumber()));
            var moved = netconf(second.await());
            client.close();
            moved.editConfig(EditConfig.of(Datastore.RUNNING, Xml.parse("""
                    <netconf-server xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-server"
                    xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="delete"/>""")));
            assertEquals(0, first.await().exec("true").exit());
            moved.close();
            assertNotNull(agent.publicKey());
        }
    }

    @Test
    void startWithOtherGatewaysHasTheLastWord() throws Exception {
        try (var first = new TestGateway();
                var second = new TestGateway(first.key, 0);
                var third = new TestGateway(first.key, 0)) {
            try (var agent = start(config(Design.CALL_HOME, first))) {
                var client = netconf(first.await());
                client.editConfig(moveTo(Datastore.RUNNING, second.portNumber()));
                second.await();
                client.close();
                assertNotNull(agent.publicKey());
            }
            try (var agent = start(config(Design.CALL_HOME, third))) {
                var client = netconf(third.await());
                assertTrue(client.getConfig(Datastore.RUNNING).toXml().contains(">" + third.portNumber() + "<"));
                client.close();
                assertNotNull(agent.publicKey());
            }
            assertTrue(second.linked.isEmpty());
        }
    }

    /** The process was killed after the commit was on disk and before the agent's own file was. */
    @Test
    void changeThatOnlyTheDatastoreKnowsIsFollowedAtTheNextStart() throws Exception {
        try (var first = new TestGateway(); var second = new TestGateway(first.key, 0)) {
            var config = config(Design.CALL_HOME, first);
            var kept = directory.resolve("identity.call-home");
            byte[] before;
            try (var agent = start(config)) {
                var client = netconf(first.await());
                before = Files.readAllBytes(kept);
                client.editConfig(moveTo(Datastore.RUNNING, second.portNumber()));
                second.await();
                assertNotNull(agent.publicKey());
            }
            Files.write(kept, before);
            Files.createFile(directory.resolve("identity.netconf-open"));
            try (var agent = start(config)) {
                assertEquals(0, second.await().exec("true").exit());
                assertNotNull(agent.publicKey());
            }
        }
    }

    // ---- As YAML

    @Test
    void whatIsWrittenIsReadBackTheSame() throws Exception {
        var anchor = Optional.of(Instant.parse("2026-01-01T00:30:00Z"));
        var gateways = List.of(
                new CalledGateway("a \"quoted\" \\ näme\n", List.of(new Endpoint("one: x", "2001:db8::1", 7804),
                        new Endpoint("two", "gateway.example.net", 4334)), new ConnectionType.Persistent(),
                        ReconnectRules.of(StartWith.RANDOM_SELECTION, Duration.ofSeconds(9), 4)),
                new CalledGateway("b", List.of(new Endpoint("one", "192.0.2.1", 4334)),
                        new ConnectionType.Periodic(Duration.ofMinutes(15), anchor, Duration.ZERO),
                        ReconnectRules.DEFAULT));
        var file = directory.resolve("gateways.yaml");
        Files.writeString(file, AgentConfigFile.write(gateways));
        assertEquals(gateways, AgentConfigFile.read(file));
    }

    @Test
    void damagedFileOfItsOwnDoesNotKeepTheAgentFromStarting() throws Exception {
        Files.writeString(directory.resolve("identity.call-home"), "given: [");
        try (var gateway = new TestGateway(PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM), 0);
                var agent = start(config(Design.CALL_HOME, gateway))) {
            await(AgentEvent.Registered.class);
            assertEquals(0, gateway.await().exec("true").exit());
            assertNotNull(agent.publicKey());
        }
    }
}
