package homeport.netconf.server;

import static homeport.netconf.server.TestServer.compact;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.Notification;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcErrorException;
import homeport.netconf.SessionTime;
import homeport.netconf.client.Filter;
import homeport.netconf.client.NetconfClient;
import homeport.netconf.client.Nmda;
import homeport.netconf.client.Subscription;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Edit;
import homeport.netconf.link.PipeLink;
import homeport.netconf.server.TestServer.Session;
import homeport.netconf.session.ClientSession;
import homeport.netconf.session.ServerSession;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dynamic subscriptions of our server (RFC 8639, 8640) and what YANG push sends (RFC 8641). */
@Timeout(60)
class SubscriptionsTest {
    private static final String DS = " xmlns:ds=\"" + Ns.DATASTORES + "\" xmlns:yp=\"" + Ns.YANG_PUSH + "\"";
    private static final String ON_CHANGE = "<yp:datastore>ds:running</yp:datastore><yp:datastore-subtree-filter>"
            + "<top xmlns=\"urn:homeport:test\"/></yp:datastore-subtree-filter>";

    private final TestServer server = new TestServer();
    private final Session session = server.open();
    private final Session watcher = server.open();

    private static String operation(String name, String inside) {
        return "<" + name + " xmlns=\"" + Ns.SUBSCRIBED + "\"" + DS + ">" + inside + "</" + name + ">";
    }

    private static String establish(String inside) {
        return operation("establish-subscription", inside);
    }

    private static String onChange(String inside) {
        return establish(ON_CHANGE + "<yp:on-change>" + inside + "</yp:on-change>");
    }

    private static String id(Session of, String establish) {
        XmlElement reply = of.call(establish);
        return (reply.is(Ns.SUBSCRIBED, "id") ? reply : reply.child(Ns.SUBSCRIBED, "id").orElseThrow()).text();
    }

    private void top(String inside) {
        session.set("<top xmlns=\"urn:homeport:test\">" + inside + "</top>");
    }

    private static String reason(RpcError error) {
        XmlElement reason = error.info().getFirst().children().getFirst();
        assertEquals("reason", reason.local());
        return reason.text().substring(reason.text().indexOf(':') + 1);
    }

    // Streams

    @Test
    void severalSubscriptionsOfOneSessionEachHaveTheirFilter() {
        String first = id(watcher, establish("<stream-subtree-filter><netconf-config-change xmlns=\""
                + Events.NAMESPACE + "\"/></stream-subtree-filter><stream>NETCONF</stream>"));
        String second = id(watcher, establish("<stream-xpath-filter xmlns:n=\"" + Events.NAMESPACE
                + "\">/n:netconf-session-start</stream-xpath-filter><stream>NETCONF</stream>"));
        assertFalse(first.equals(second));
        server.open();
        assertEquals("netconf-session-start", watcher.next().local());
        top("<plain>a</plain>");
        assertEquals("netconf-config-change", watcher.next().local());
        assertTrue(watcher.notifications.isEmpty());
        watcher.ok(operation("delete-subscription", "<id>" + first + "</id>"));
        top("<plain>b</plain>");
        assertTrue(watcher.notifications.isEmpty());
    }

    @Test
    void replayIsToldCompletedByTheSubscriptionsId() {
        top("<plain>a</plain>");
        server.pass(Duration.ofMinutes(1));
        String id = id(watcher, establish(
                "<stream>NETCONF</stream><replay-start-time>2026-11-23T11:00:00Z</replay-start-time>"));
        assertEquals("netconf-session-start", watcher.next().local());
        assertEquals("netconf-session-start", watcher.next().local());
        assertEquals("netconf-config-change", watcher.next().local());
        assertEquals("replay-completed(id:" + id + ")", compact(watcher.next()));
        top("<plain>b</plain>");
        assertEquals("netconf-config-change", watcher.next().local());
    }

    @Test
    void replayThatBeginsLaterThanAskedSaysSo() {
        XmlElement reply = watcher.call(establish(
                "<stream>NETCONF</stream><replay-start-time>2020-01-01T00:00:00Z</replay-start-time>"));
        assertEquals("2026-11-23T12:00:00Z",
                reply.child(Ns.SUBSCRIBED, "replay-start-time-revision").orElseThrow().text());
    }

    @Test
    void aStopTimeCompletesAndAModifiedOneIsKeptTo() {
        String id = id(watcher, establish("<stream>NETCONF</stream><stop-time>2026-11-23T13:00:00Z</stop-time>"));
        watcher.ok(operation("modify-subscription", "<id>" + id + "</id><stop-time>2026-11-23T14:00:00Z</stop-time>"
                + "<stream-subtree-filter><nothing xmlns=\"urn:x\"/></stream-subtree-filter>"));
        server.pass(Duration.ofMinutes(90));
        top("<plain>a</plain>");
        assertTrue(watcher.notifications.isEmpty());
        server.pass(Duration.ofMinutes(30));
        assertEquals("subscription-completed(id:" + id + ")", compact(watcher.next()));
        assertEquals("no-such-subscription",
                reason(watcher.fails(operation("delete-subscription", "<id>" + id + "</id>"))));
    }

    @Test
    void oneSessionHasSubscriptionsOfOneKind() {
        String create = "<create-subscription xmlns=\"" + Ns.NOTIFICATION + "\"/>";
        watcher.ok(create);
        assertEquals(Tag.OPERATION_NOT_SUPPORTED, watcher.fails(establish("<stream>NETCONF</stream>")).tag());
        id(session, establish("<stream>NETCONF</stream>"));
        assertEquals(Tag.OPERATION_NOT_SUPPORTED, session.fails(create).tag());
    }

    @Test
    void aSubscriptionIsItsSessionsAndKillIsGuarded() {
        String id = id(watcher, establish("<stream>NETCONF</stream>"));
        String delete = operation("delete-subscription", "<id>" + id + "</id>");
        RpcError error = session.fails(delete);
        assertEquals("no-such-subscription", reason(error));
        assertEquals(Optional.of("ietf-subscribed-notifications:no-such-subscription"), error.appTag());
        assertEquals(Tag.ACCESS_DENIED,
                server.open("someone").fails(operation("kill-subscription", "<id>" + id + "</id>")).tag());
        watcher.notifications.clear();
        session.ok(operation("kill-subscription", "<id>" + id + "</id>"));
        assertEquals("subscription-terminated(id:" + id + " reason:sn:no-such-subscription)",
                compact(watcher.next()));
        top("<plain>a</plain>");
        assertTrue(watcher.notifications.isEmpty());
    }

    @Test
    void aSessionsEndEndsItsSubscriptions() {
        id(watcher, establish("<stream>NETCONF</stream>"));
        id(watcher, onChange(""));
        watcher.next();
        watcher.drop();
        watcher.notifications.clear();
        top("<plain>a</plain>");
        assertTrue(watcher.notifications.isEmpty());
        assertEquals("no-such-subscription",
                reason(session.fails(operation("kill-subscription", "<id>1</id>"))));
    }

    // Push

    @Test
    void onChangeSendsAllAndThenWhatChanged() {
        top("<plain>a</plain><pair><first>x/y</first><second>1</second></pair>");
        String id = id(watcher, onChange(""));
        assertEquals("push-update(datastore-contents(top(pair(first:x/y second:1) plain:a)) id:" + id + ")",
                compact(watcher.next()));
        top("<plain>b</plain><pair nc:operation=\"delete\"><first>x/y</first><second>1</second></pair>"
                + "<pair><first>z</first><second>2</second></pair>");
        XmlElement patch = watcher.next().child(Ns.YANG_PUSH, "datastore-changes").orElseThrow()
                .child(Ns.YANG_PUSH, "yang-patch").orElseThrow();
        String told = patch.children(Ns.YANG_PUSH, "edit").map(TestServer::compact)
                .map(edit -> edit.replaceFirst("edit-id:edit\\d ", "")).sorted().reduce("", (a, b) -> a + "\n" + b);
        assertEquals("""

                edit(operation:create target:/homeport-test:top/pair=z,2 value(pair(first:z second:2)))
                edit(operation:delete target:/homeport-test:top/pair=x%2Fy,1)
                edit(operation:replace target:/homeport-test:top/plain value(plain:b))""", told);
    }

    @Test
    void whatIsNotSelectedIsNotTold() {
        id(watcher, onChange("<yp:sync-on-start>false</yp:sync-on-start>"));
        session.set("<interfaces xmlns=\"urn:ietf:params:xml:ns:yang:ietf-interfaces\"><interface><name>e</name><type "
                + "xmlns:i=\"urn:ietf:params:xml:ns:yang:iana-if-type\">i:ethernetCsmacd</type></interface></interfaces>");
        top("<plain>a</plain>");
        String told = watcher.next().toXml();
        assertTrue(told.contains("/homeport-test:top"), told);
        assertFalse(told.contains("interface"), told);
    }

    @Test
    void whatAUserOrdersIsToldWhole() {
        top("<step>one</step><step>two</step>");
        id(watcher, onChange(""));
        watcher.next();
        top("<step yang:insert=\"first\">zero</step>");
        XmlElement told = watcher.next();
        assertEquals("push-update", told.local());
        assertTrue(compact(told).contains("step:zero step:one step:two"), compact(told));
    }

    @Test
    void dampeningGathersChanges() {
        top("<plain>a</plain>");
        id(watcher, onChange("<yp:dampening-period>1000</yp:dampening-period>"));
        watcher.next();
        top("<plain>b</plain>");
        top("<plain>c</plain>");
        assertTrue(watcher.notifications.isEmpty());
        server.pass(Duration.ofSeconds(10));
        String told = watcher.next().toXml();
        assertTrue(told.contains(">c<") && !told.contains(">b<"), told);
    }

    @Test
    void excludedChangesAreNotTold() {
        top("<plain>a</plain>");
        id(watcher, onChange("<yp:sync-on-start>false</yp:sync-on-start>"
                + "<yp:excluded-change>replace</yp:excluded-change>"));
        top("<plain>b</plain><small>3</small>");
        String told = watcher.next().toXml();
        assertTrue(told.contains("/homeport-test:top/small") && !told.contains("plain"), told);
    }

    @Test
    void aRollBackIsAChangeToo() {
        top("<plain>a</plain>");
        id(watcher, onChange(""));
        watcher.next();
        session.ok(session.edit("<top xmlns=\"urn:homeport:test\"><plain>b</plain></top>"));
        session.ok("<commit><confirmed/><confirm-timeout>5</confirm-timeout></commit>");
        assertTrue(watcher.next().toXml().contains(">b<"));
        server.pass(Duration.ofSeconds(5));
        assertTrue(watcher.next().toXml().contains(">a<"));
    }

    @Test
    void periodicPushesComeByThePeriodAndTheAnchor() {
        top("<plain>a</plain>");
        String filter = "<yp:datastore>ds:operational</yp:datastore><yp:datastore-xpath-filter xmlns:t=\"urn:homeport:test\">"
                + "/t:top/t:plain</yp:datastore-xpath-filter>";
        String id = id(watcher, establish(filter + "<yp:periodic><yp:period>500</yp:period></yp:periodic>"));
        String all = "push-update(datastore-contents(top(plain:a)) id:" + id + ")";
        assertEquals(all, compact(watcher.next()));
        server.pass(Duration.ofSeconds(5));
        assertEquals(all, compact(watcher.next()));
        watcher.ok(operation("delete-subscription", "<id>" + id + "</id>"));

        id(watcher, establish(filter + "<yp:periodic><yp:period>6000</yp:period>"
                + "<yp:anchor-time>2026-11-23T11:00:30Z</yp:anchor-time></yp:periodic>"));
        server.pass(Duration.ofSeconds(24));
        assertTrue(watcher.notifications.isEmpty());
        server.pass(Duration.ofSeconds(1));
        assertEquals("push-update", watcher.next().local());
    }

    @Test
    void aPushHoldsWhatItsUserMayRead() {
        server.datastores.edit(Datastores.Name.RUNNING, Xml.parse("""
                <config><nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"><rule-list><name>l</name>
                <group>*</group><rule><name>r</name><path xmlns:t="urn:homeport:test">/t:top/t:small</path>
                <access-operations>*</access-operations><action>deny</action></rule></rule-list></nacm></config>"""),
                Edit.Operation.MERGE, false, Datastores.Test.SET,
                Datastores.Guard.NONE);
        Session someone = server.open("someone", "people");
        id(someone, onChange("<yp:sync-on-start>false</yp:sync-on-start>"));
        top("<plain>a</plain><small>7</small>");
        String told = someone.next().toXml();
        assertTrue(told.contains("plain") && !told.contains("small"), told);
    }

    @Test
    void aRuleOnItsModuleStopsAPush() {
        server.datastores.edit(Datastores.Name.RUNNING, Xml.parse("""
                <config><nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"><rule-list><name>l</name>
                <group>*</group><rule><name>r</name><module-name>ietf-yang-push</module-name>
                <action>deny</action></rule></rule-list></nacm></config>"""),
                Edit.Operation.MERGE, false, Datastores.Test.SET,
                Datastores.Guard.NONE);
        Session someone = server.open("someone", "people");
        String id = id(someone, onChange(""));
        assertTrue(someone.notifications.isEmpty());
        assertEquals(Tag.ACCESS_DENIED, someone.fails("<resync-subscription xmlns=\"" + Ns.YANG_PUSH + "\"><id>" + id
                + "</id></resync-subscription>").tag());
    }

    @Test
    void resyncSendsAllAgain() {
        String id = id(watcher, onChange("<yp:sync-on-start>false</yp:sync-on-start>"));
        String resync = "<resync-subscription xmlns=\"" + Ns.YANG_PUSH + "\"><id>" + id + "</id></resync-subscription>";
        watcher.ok(resync);
        assertEquals("push-update", watcher.next().local());
        assertEquals("no-such-subscription-resync", reason(session.fails(resync)));
    }

    @Test
    void aReceiverThatTakesNoMoreLosesItsSubscription() {
        String id = id(watcher, onChange(""));
        watcher.next();
        watcher.takesNotifications = false;
        watcher.ok("<resync-subscription xmlns=\"" + Ns.YANG_PUSH + "\"><id>" + id + "</id></resync-subscription>");
        // Told on a thread of its own.
        Optional<RpcError> gone = Optional.empty();
        while (gone.isEmpty()) {
            try {
                watcher.ok(operation("modify-subscription", "<id>" + id + "</id>"));
                Thread.yield();
            } catch (RpcErrorException error) {
                gone = error.errors().stream().findFirst();
            }
        }
        assertEquals("no-such-subscription", reason(gone.get()));
    }

    // What is refused

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "INVALID_VALUE | encoding-unsupported | <stream>NETCONF</stream><encoding>encode-json</encoding>",
            "INVALID_VALUE | filter-unsupported | <stream>NETCONF</stream><stream-filter-name>f</stream-filter-name>",
            "INVALID_VALUE | filter-unsupported | <stream>NETCONF</stream><stream-xpath-filter>/a[</stream-xpath-filter>",
            "INVALID_VALUE | filter-unsupported | <yp:datastore>ds:running</yp:datastore>"
                    + "<yp:datastore-xpath-filter>/a[</yp:datastore-xpath-filter><yp:on-change/>",
            "INVALID_VALUE | datastore-not-subscribable | <yp:datastore>ds:startup</yp:datastore><yp:on-change/>",
            "OPERATION_NOT_SUPPORTED | on-change-unsupported | <yp:datastore>ds:operational</yp:datastore><yp:on-change/>",
            "INVALID_VALUE | period-unsupported | <yp:datastore>ds:running</yp:datastore>"
                    + "<yp:periodic><yp:period>1</yp:period></yp:periodic>"})
    void whatCannotBeHasTheModulesReason(Tag tag, String why, String inside) {
        RpcError error = watcher.fails(establish(inside));
        assertEquals(tag, error.tag());
        assertEquals(why, reason(error));
        assertEquals(RpcError.Type.APPLICATION, error.type());
        assertTrue(error.appTag().orElseThrow().endsWith(":" + why));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"MISSING_ELEMENT | <stop-time>2027-01-01T00:00:00Z</stop-time>",
            "INVALID_VALUE | <stream>OTHER</stream>",
            "INVALID_VALUE | <stream>NETCONF</stream><stop-time>2025-01-01T00:00:00Z</stop-time>",
            "INVALID_VALUE | <stream>NETCONF</stream><replay-start-time>2027-01-01T00:00:00Z</replay-start-time>",
            "BAD_ELEMENT | <stream>NETCONF</stream><stop-time>tomorrow</stop-time>",
            "MISSING_ELEMENT | <yp:datastore>ds:running</yp:datastore>",
            "MISSING_ELEMENT | <yp:datastore>ds:running</yp:datastore><yp:periodic/>",
            "BAD_ELEMENT | <yp:datastore>ds:running</yp:datastore><yp:periodic><yp:period>500</yp:period></yp:periodic>"
                    + "<yp:on-change/>",
            "INVALID_VALUE | <yp:datastore>ds:running</yp:datastore><yp:on-change><yp:excluded-change>x"
                    + "</yp:excluded-change></yp:on-change>",
            "UNKNOWN_ELEMENT | <stream>NETCONF</stream><dscp>3</dscp>"})
    void whatIsWrongIsNamed(Tag tag, String inside) {
        assertEquals(tag, watcher.fails(establish(inside)).tag());
    }

    @Test
    void aSessionCannotHaveAnyNumber() {
        for (int i = 0; i < 32; i++) {
            id(watcher, establish("<stream>NETCONF</stream>"));
        }
        RpcError error = watcher.fails(establish("<stream>NETCONF</stream>"));
        assertEquals(Tag.RESOURCE_DENIED, error.tag());
        assertEquals("insufficient-resources", reason(error));
        id(session, establish("<stream>NETCONF</stream>"));
    }

    // What a client sees of it

    @Test
    void theLibraryAndTheStreamsListIt() {
        String library = session.call("<get><filter><yang-library xmlns=\"" + Ns.YANG_LIBRARY + "\"/></filter></get>")
                .toXml();
        assertTrue(library.contains("<name>ietf-subscribed-notifications</name>"), library);
        assertTrue(library.contains("<deviation>homeport-deviations</deviation>"), library);
        String streams = session.call("<get><filter><streams xmlns=\"" + Ns.SUBSCRIBED + "\"/></filter></get>").toXml();
        assertTrue(streams.contains("<name>NETCONF</name>") && streams.contains("replay-support"), streams);
    }

    /** Over a session: the reply with the id is there before the first push, and the client's own words are understood. */
    @Test
    void ourClientSubscribesToOurServer() throws Exception {
        PipeLink.Pair pipe = PipeLink.pair();
        ServerSession.serve(pipe.right(), server.server.capabilities(), server.server, server.sessions,
                Identity.ssh("root"), Limits.DEFAULT, SessionTime.system(), TestServer.NOON);
        BlockingQueue<Notification> came = new LinkedBlockingQueue<>();
        try (NetconfClient client = new NetconfClient(
                ClientSession.connect(pipe.left(), Limits.DEFAULT, SessionTime.system()), Duration.ofSeconds(20))) {
            top("<plain>a</plain>");
            long push = client.establishSubscription(
                    new Subscription.Target.Push(Nmda.Store.RUNNING,
                            Optional.of(Filter.xpath("/t:top/t:plain", Map.of("t", TestServer.T))),
                            new Subscription.Trigger.OnChange(Optional.empty(), true)),
                    Optional.empty(), came::add);
            assertEquals("push-update(datastore-contents(top(plain:a)) id:" + push + ")", next(came));
            top("<plain>b</plain>");
            assertTrue(next(came).contains("value(plain:b)"));
            client.deleteSubscription(push);
        }
    }

    private static String next(BlockingQueue<Notification> came) throws InterruptedException {
        Notification next = came.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no notification came");
        }
        return compact(next.content().getFirst());
    }
}
