package homeport.netconf.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.datastore.Changes.Change;
import homeport.netconf.datastore.ConfigNode;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.server.TestServer.Session;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An operator moves a device to another gateway through {@code ietf-netconf-server} (RFC 9643 family): what is configured
 * can be read, and whoever dials by it is told of every change that was committed.
 */
@Timeout(60)
class CallHomeConfigurationTest {
    private static final String NS = "urn:ietf:params:xml:ns:yang:ietf-netconf-server";
    private static final String KEYSTORE = """
            <keystore xmlns="urn:ietf:params:xml:ns:yang:ietf-keystore"><asymmetric-keys><asymmetric-key>
            <name>device</name>
            <public-key-format xmlns:ct="urn:ietf:params:xml:ns:yang:ietf-crypto-types">ct:ssh-public-key-format</public-key-format>
            <public-key>AAAAC3NzaC1lZDI1NTE5</public-key><hidden-private-key/>
            </asymmetric-key></asymmetric-keys></keystore>""";

    private final TestServer server = new TestServer();
    private final Session session = server.open();
    /** For every time somebody was told: the addresses as they were read then, in their order. */
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private static String gateways(String connection, String... addresses) {
        StringBuilder endpoints = new StringBuilder();
        for (String address : addresses) {
            endpoints.append("<endpoint><name>to-").append(address).append("</name><ssh><tcp-client-parameters>")
                    .append("<remote-address>").append(address).append("</remote-address></tcp-client-parameters>")
                    .append("<ssh-server-parameters><server-identity><host-key><name>own</name><public-key>")
                    .append("<central-keystore-reference>device</central-keystore-reference>")
                    .append("</public-key></host-key></server-identity></ssh-server-parameters></ssh></endpoint>");
        }
        return KEYSTORE + "<netconf-server xmlns=\"" + NS + "\" xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\">"
                + "<call-home><netconf-client nc:operation=\"replace\"><name>centre</name><endpoints>" + endpoints
                + "</endpoints><connection-type>" + connection + "</connection-type></netconf-client></call-home>"
                + "</netconf-server>";
    }

    private static ConfigNode centre(Datastores datastores) {
        return datastores.running(NS, "netconf-server").flatMap(top -> top.child("call-home")).orElseThrow()
                .entries("netconf-client").getFirst();
    }

    private String addresses() {
        return server.datastores.running(NS, "netconf-server").flatMap(top -> top.child("call-home"))
                .map(callHome -> callHome.entries("netconf-client").stream()
                        .flatMap(client -> client.child("endpoints").orElseThrow().entries("endpoint").stream())
                        .map(endpoint -> endpoint.child("ssh").flatMap(ssh -> ssh.child("tcp-client-parameters"))
                                .flatMap(tcp -> tcp.leaf("remote-address")).orElseThrow())
                        .reduce((a, b) -> a + " " + b).orElse(""))
                .orElse("");
    }

    private Datastores.Watch watch() {
        return server.datastores.watch(NS, "netconf-server", changes -> told.add(addresses()));
    }

    @Test
    void whatTheDiallerNeedsIsReadWithItsDefaults() {
        session.set(gateways("<persistent/>", "192.0.2.1", "gateway.example.org"));

        ConfigNode centre = centre(server.datastores);
        assertEquals("192.0.2.1 gateway.example.org", addresses());
        assertEquals("4334", centre.child("endpoints").orElseThrow().entries("endpoint").getFirst().child("ssh")
                .flatMap(ssh -> ssh.child("tcp-client-parameters")).flatMap(tcp -> tcp.leaf("remote-port"))
                .orElseThrow());
        assertTrue(centre.child("connection-type").flatMap(type -> type.child("persistent")).orElseThrow().isSet());
        ConfigNode strategy = centre.child("reconnect-strategy").orElseThrow();
        assertEquals("first-listed", strategy.leaf("start-with").orElseThrow());
        assertEquals("5", strategy.leaf("max-wait").orElseThrow());
        assertEquals("3", strategy.leaf("max-attempts").orElseThrow());
    }

    @Test
    void periodicConnectionsAreReadWithTheirDefaults() {
        session.set(gateways("<periodic><period>30</period></periodic>", "192.0.2.1"));

        ConfigNode periodic = centre(server.datastores).child("connection-type")
                .flatMap(type -> type.child("periodic")).orElseThrow();
        assertTrue(periodic.isSet());
        assertEquals("30", periodic.leaf("period").orElseThrow());
        assertEquals("180", periodic.leaf("idle-timeout").orElseThrow());
    }

    @Test
    void aClientWithoutEndpointsOrConnectionTypeIsRefused() {
        RpcError none = session.refuses(gateways("<persistent/>"));
        assertEquals(Tag.OPERATION_FAILED, none.tag());
        assertEquals("too-few-elements", none.appTag().orElseThrow());
        assertEquals(Tag.DATA_MISSING, session.refuses(gateways("", "192.0.2.1")).tag());
    }

    @Test
    void everyCommittedChangeIsToldAndWhatIsReadThenIsNew() {
        try (Datastores.Watch watch = watch()) {
            session.set(gateways("<persistent/>", "192.0.2.1"));
            session.ok(session.edit(gateways("<persistent/>", "192.0.2.2")));
            assertEquals(List.of("192.0.2.1"), List.copyOf(told), "an edit of the candidate is no change yet");
            session.ok("<commit/>");
            session.set("<top xmlns=\"" + TestServer.T + "\"><plain>x</plain></top>");
            session.ok(session.edit(gateways("<persistent/>", "192.0.2.2")));
            session.ok("<commit/>");
            assertEquals(List.of("192.0.2.1", "192.0.2.2"), List.copyOf(told), "other changes, and none, are not told");
            session.set("<netconf-server xmlns=\"" + NS + "\" nc:operation=\"delete\"/>");
            assertEquals(List.of("192.0.2.1", "192.0.2.2", ""), List.copyOf(told));
        }
        session.set(gateways("<persistent/>", "192.0.2.3"));
        assertEquals(3, told.size(), "told after the watch ended");
    }

    /** The operator who cut the device off by a wrong address gets it back. */
    @Test
    void aMoveThatNobodyConfirmsIsUndoneAndTold() throws Exception {
        session.set(gateways("<persistent/>", "192.0.2.1"));
        try (Datastores.Watch watch = watch()) {
            session.ok(session.edit(gateways("<persistent/>", "192.0.2.66")));
            session.ok("<commit><confirmed/><confirm-timeout>30</confirm-timeout><persist>p</persist></commit>");
            session.drop();
            assertEquals(List.of("192.0.2.66"), List.copyOf(told));
            told.clear();
            server.pass(Duration.ofSeconds(30));
            assertEquals("192.0.2.1", told.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void theChangesThemselvesAreTold() {
        session.set(gateways("<persistent/>", "192.0.2.1"));
        List<String> changes = new ArrayList<>();
        try (Datastores.Watch watch = server.datastores.watch(NS, "netconf-server", all -> {
            for (Change change : all) {
                changes.add(change.kind() + " " + change.path().getLastPathArgument().getNodeType().getLocalName());
            }
        })) {
            session.set("<netconf-server xmlns=\"" + NS + "\"><call-home><netconf-client><name>centre</name>"
                    + "<reconnect-strategy><max-attempts>7</max-attempts></reconnect-strategy>"
                    + "</netconf-client></call-home></netconf-server>");
        }
        assertEquals(List.of("CREATED reconnect-strategy"), changes);
    }

    @Test
    void aWatcherThatFailsUndoesNothingAndOthersAreTold() {
        try (Datastores.Watch bad = server.datastores.watch(NS, "netconf-server", changes -> {
            throw new IllegalStateException("on purpose");
        }); Datastores.Watch watch = watch()) {
            session.set(gateways("<persistent/>", "192.0.2.1"));
            assertEquals(List.of("192.0.2.1"), List.copyOf(told));
        }
    }

    @Test
    void aWatcherMayChangeSomethingAndIsToldOfThatNext() {
        List<String> order = new ArrayList<>();
        try (Datastores.Watch watch = server.datastores.watch(NS, "netconf-server", changes -> {
            order.add("begin " + addresses());
            if (order.size() == 1) {
                session.set(gateways("<persistent/>", "192.0.2.2"));
            }
            order.add("end");
        })) {
            session.set(gateways("<persistent/>", "192.0.2.1"));
        }
        assertEquals(List.of("begin 192.0.2.1", "end", "begin 192.0.2.2", "end"), order);
    }

    @Test
    void whatNoModuleDefinesCannotBeWatched() {
        assertThrows(IllegalArgumentException.class, () -> server.datastores.watch(NS, "no-such", changes -> {}));
    }

    @Test
    void operatorsSeeTheChangeAsANotification() {
        Session watcher = server.open();
        watcher.ok("<create-subscription xmlns=\"urn:ietf:params:xml:ns:netconf:notification:1.0\"/>");
        session.set(gateways("<persistent/>", "192.0.2.1"));
        XmlElement change = watcher.next();
        assertEquals("netconf-config-change", change.local());
        assertTrue(TestServer.compact(change).contains("running"), TestServer.compact(change));
    }
}
