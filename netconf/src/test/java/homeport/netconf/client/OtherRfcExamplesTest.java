package homeport.netconf.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Capabilities;
import homeport.netconf.Notification;
import homeport.netconf.Ns;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exchanges of RFC 5277, 5717, 6022, 6243, 8525, 8526, 8639 and 8641, by RFC and section. */
@Timeout(60)
class OtherRfcExamplesTest {
    private static final String MONITORING_CAPABILITY = Ns.MONITORING
            + "?module=ietf-netconf-monitoring&revision=2010-10-04";

    private final BlockingQueue<Notification> came = new LinkedBlockingQueue<>();

    @Test
    void rfc5277Section2_1_1SubscriptionToAllEvents() throws Exception {
        Script script = new Script(Capabilities.NOTIFICATION);
        script.ok(() -> script.client.createSubscription(Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), came::add), "<create-subscription xmlns='" + Ns.NOTIFICATION + "'/>");
    }

    @Test
    void rfc5277Section3_2StreamsAreRead() throws Exception {
        Script script = new Script();
        XmlElement netconf = XmlElement.of(Ns.NOTIFICATION_STREAMS, "netconf",
                XmlElement.of(Ns.NOTIFICATION_STREAMS, "streams"));
        XmlElement data = script.exchange(() -> script.client.get(Filter.subtree(netconf)),
                "<get xmlns='" + Ns.BASE + "'><filter type='subtree'><netconf xmlns='" + Ns.NOTIFICATION_STREAMS
                        + "'><streams/></netconf></filter></get>",
                "<data><netconf xmlns='" + Ns.NOTIFICATION_STREAMS
                        + "'><streams><stream><name>NETCONF</name><description>default NETCONF event stream</description>"
                        + "<replaySupport>true</replaySupport><replayLogCreationTime>2007-07-08T00:00:00Z"
                        + "</replayLogCreationTime></stream></streams></netconf></data>");

        assertEquals("NETCONF", data.children().getFirst().child("streams").flatMap(all -> all.child("stream"))
                .flatMap(stream -> stream.child("name")).orElseThrow().text());
    }

    @Test
    void rfc5277Section3_3ReplayEndsWithReplayComplete() throws Exception {
        Script script = new Script(Capabilities.NOTIFICATION);
        script.ok(
                () -> script.client.createSubscription(Optional.of("NETCONF"), Optional.empty(),
                        Optional.of(Instant.parse("2007-07-28T15:27:36Z")), Optional.empty(), came::add),
                "<create-subscription xmlns='" + Ns.NOTIFICATION
                        + "'><stream>NETCONF</stream><startTime>2007-07-28T15:27:36Z</startTime></create-subscription>");
        script.send("<notification xmlns='" + Ns.NOTIFICATION
                + "'><eventTime>2007-07-28T15:28:00.5+02:00</eventTime><event xmlns='http://example.com/event/1.0'>"
                + "<eventClass>fault</eventClass></event></notification>");
        script.send("<notification xmlns='" + Ns.NOTIFICATION + "'><eventTime>2007-07-28T15:30:00Z</eventTime>"
                + "<replayComplete xmlns='" + Ns.NOTIFICATION_STREAMS + "'/></notification>");

        Notification first = came.poll(10, TimeUnit.SECONDS);
        assertEquals(Instant.parse("2007-07-28T13:28:00.5Z"), first.eventTime().orElseThrow());
        assertTrue(came.poll(10, TimeUnit.SECONDS).content().getFirst().is(Ns.NOTIFICATION_STREAMS, "replayComplete"));
    }

    @Test
    void rfc5277Section5_1SubtreeFilter() throws Exception {
        Script script = new Script(Capabilities.NOTIFICATION);
        XmlElement event = Xml.parse(
                "<event xmlns='http://example.com/event/1.0'><eventClass>fault</eventClass><severity>critical</severity></event>");
        script.ok(() -> script.client.createSubscription(Optional.empty(), Optional.of(Filter.subtree(event)),
                Optional.empty(), Optional.empty(), came::add),
                "<create-subscription xmlns='" + Ns.NOTIFICATION
                        + "'><filter type='subtree'><event xmlns='http://example.com/event/1.0'>"
                        + "<eventClass>fault</eventClass><severity>critical</severity></event></filter></create-subscription>");
    }

    @Test
    void rfc5277Section5_2XPathFilter() throws Exception {
        Script script = new Script(Capabilities.NOTIFICATION, Capabilities.XPATH);
        script.ok(
                () -> script.client.createSubscription(Optional.empty(),
                        Optional.of(Filter.xpath("/ex:event[ex:eventClass='fault']",
                                Map.of("ex", "http://example.com/event/1.0"))),
                        Optional.empty(), Optional.empty(), came::add),
                "<create-subscription xmlns='" + Ns.NOTIFICATION
                        + "'><filter xmlns:ex='http://example.com/event/1.0' type='xpath' select=\""
                        + "/ex:event[ex:eventClass='fault']\"/></create-subscription>");
    }

    @Test
    void rfc5277StopTimeNeedsAStartTime() {
        assertThrows(IllegalArgumentException.class, () -> Operations.createSubscription(Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.of(Instant.EPOCH)));
    }

    @Test
    void rfc5717Section2_4PartialLock() throws Exception {
        Script script = new Script(Capabilities.PARTIAL_LOCK);
        long id = script.exchange(
                () -> script.client.partialLock(List.of("/rte:routing/rte:virtualRouter[rte:routerName='router1']"),
                        Namespaces.of(Map.of("rte", "http://example.com/ns/route"))),
                "<partial-lock xmlns='" + Ns.PARTIAL_LOCK + "' xmlns:rte='http://example.com/ns/route'>"
                        + "<select>/rte:routing/rte:virtualRouter[rte:routerName='router1']</select></partial-lock>",
                "<lock-id xmlns='" + Ns.PARTIAL_LOCK + "'>127</lock-id><locked-node xmlns='" + Ns.PARTIAL_LOCK
                        + "'>/rte:routing</locked-node>");
        assertEquals(127, id);
        script.ok(() -> script.client.partialUnlock(127),
                "<partial-unlock xmlns='" + Ns.PARTIAL_LOCK + "'><lock-id>127</lock-id></partial-unlock>");
    }

    @Test
    void rfc6022Section4_2GetSchema() throws Exception {
        Script script = new Script(MONITORING_CAPABILITY);
        String text = script.exchange(
                () -> script.client.getSchema("bar", Optional.of("2008-06-01"), Optional.of("yang")),
                "<get-schema xmlns='" + Ns.MONITORING
                        + "'><identifier>bar</identifier><version>2008-06-01</version><format>yang</format></get-schema>",
                "<data xmlns='" + Ns.MONITORING + "'>module bar { /* &lt;a&gt; */ }</data>");

        assertEquals("module bar { /* <a> */ }", text);
    }

    @Test
    void rfc6243SectionA_3WithDefaults() throws Exception {
        Script script = new Script(Capabilities.WITH_DEFAULTS + "?basic-mode=explicit&also-supported=report-all,trim");
        script.exchange(() -> script.client.get(Optional.empty(), Optional.of(WithDefaults.REPORT_ALL)),
                "<get xmlns='" + Ns.BASE + "'><with-defaults xmlns='" + Ns.WITH_DEFAULTS
                        + "'>report-all</with-defaults></get>",
                "<data/>");
        script.exchange(
                () -> script.client.getConfig(Datastore.RUNNING, Optional.empty(), Optional.of(WithDefaults.EXPLICIT)),
                "<get-config xmlns='" + Ns.BASE + "'><source><running/></source><with-defaults xmlns='"
                        + Ns.WITH_DEFAULTS + "'>explicit</with-defaults></get-config>",
                "<data/>");
        assertThrows(MissingCapability.class,
                () -> script.client.get(Optional.empty(), Optional.of(WithDefaults.REPORT_ALL_TAGGED)));
    }

    @Test
    void rfc8525YangLibraryIsRead() throws Exception {
        Script script = new Script(Capabilities.YANG_LIBRARY_1_1 + "?revision=2019-01-04&content-id=14");
        YangLibrary library = script.exchange(() -> script.client.yangLibrary().orElseThrow(),
                "<get xmlns='" + Ns.BASE + "'><filter type='subtree'><yang-library xmlns='" + Ns.YANG_LIBRARY
                        + "'/><modules-state xmlns='" + Ns.YANG_LIBRARY + "'/></filter></get>",
                "<data><yang-library xmlns='" + Ns.YANG_LIBRARY + "'><module-set><name>all</name>"
                        + "<module><name>ietf-interfaces</name><revision>2018-02-20</revision>"
                        + "<namespace>urn:ietf:params:xml:ns:yang:ietf-interfaces</namespace><feature>if-mib</feature></module>"
                        + "<import-only-module><name>ietf-yang-types</name><revision>2013-07-15</revision>"
                        + "<namespace>urn:ietf:params:xml:ns:yang:ietf-yang-types</namespace></import-only-module>"
                        + "</module-set><content-id>14</content-id></yang-library></data>");

        assertEquals("14", library.contentId().orElseThrow());
        assertEquals(new YangLibrary.Module("ietf-interfaces", Optional.of("2018-02-20"),
                "urn:ietf:params:xml:ns:yang:ietf-interfaces", List.of("if-mib"), true), library.modules().getFirst());
        assertEquals(List.of(true, false), library.modules().stream().map(YangLibrary.Module::implemented).toList());
    }

    @Test
    void rfc7895ModulesStateIsReadToo() throws Exception {
        Script script = new Script();
        YangLibrary library = script.exchange(() -> script.client.yangLibrary().orElseThrow(),
                "<get xmlns='" + Ns.BASE + "'><filter type='subtree'><yang-library xmlns='" + Ns.YANG_LIBRARY
                        + "'/><modules-state xmlns='" + Ns.YANG_LIBRARY + "'/></filter></get>",
                "<data><modules-state xmlns='" + Ns.YANG_LIBRARY + "'><module-set-id>x</module-set-id><module>"
                        + "<name>a</name><revision/><namespace>urn:a</namespace><conformance-type>implement"
                        + "</conformance-type></module></modules-state></data>");

        assertEquals(new YangLibrary.Module("a", Optional.empty(), "urn:a", List.of(), true),
                library.modules().getFirst());
    }

    @Test
    void rfc8526Section3_1_1GetData() throws Exception {
        Script script = new Script(Capabilities.YANG_LIBRARY_1_1 + "?revision=2019-01-04&content-id=14");
        script.exchange(
                () -> script.client.getData(Nmda.Store.OPERATIONAL,
                        Nmda.Query.ALL.with(Filter.subtree(XmlElement.of("urn:i", "interfaces"))).config(false)
                                .depth(3)),
                "<get-data xmlns='" + Ns.NMDA + "' xmlns:ds='" + Ns.DATASTORES
                        + "'><datastore>ds:operational</datastore><subtree-filter><interfaces xmlns='urn:i'/>"
                        + "</subtree-filter><config-filter>false</config-filter><max-depth>3</max-depth></get-data>",
                "<data xmlns='" + Ns.NMDA + "'/>");
    }

    @Test
    void rfc8526Section3_1_2EditData() throws Exception {
        Script script = new Script(Capabilities.YANG_LIBRARY_1_1);
        script.ok(
                () -> script.client.editData(Nmda.Store.CANDIDATE, Optional.of(EditConfig.DefaultOperation.NONE),
                        XmlElement.of("urn:i", "interfaces")),
                "<edit-data xmlns='" + Ns.NMDA + "' xmlns:ds='" + Ns.DATASTORES
                        + "'><datastore>ds:candidate</datastore><default-operation>none</default-operation>"
                        + "<config><interfaces xmlns='urn:i'/></config></edit-data>");
    }

    @Test
    void rfc8639SubscriptionLives() throws Exception {
        Script script = new Script();
        long id = script.exchange(
                () -> script.client.establishSubscription(
                        new Subscription.Target.Stream("NETCONF",
                                Optional.of(Filter.xpath("/ex:foo", Map.of("ex", "urn:ex"))),
                                Optional.of(Instant.parse("2019-01-01T00:00:00Z"))),
                        Optional.of(Instant.parse("2019-01-02T00:00:00Z")), came::add),
                "<establish-subscription xmlns='" + Ns.SUBSCRIBED
                        + "'><stream-xpath-filter xmlns:ex='urn:ex'>/ex:foo</stream-xpath-filter><stream>NETCONF</stream>"
                        + "<replay-start-time>2019-01-01T00:00:00Z</replay-start-time>"
                        + "<stop-time>2019-01-02T00:00:00Z</stop-time></establish-subscription>",
                "<id xmlns='" + Ns.SUBSCRIBED + "'>22</id>");
        assertEquals(22, id);
        script.ok(
                () -> script.client.modifySubscription(22,
                        new Subscription.Target.Stream("NETCONF", Optional.of(Filter.subtree()), Optional.empty()),
                        Optional.empty()),
                "<modify-subscription xmlns='" + Ns.SUBSCRIBED
                        + "'><id>22</id><stream-subtree-filter/></modify-subscription>");
        script.ok(() -> script.client.deleteSubscription(22),
                "<delete-subscription xmlns='" + Ns.SUBSCRIBED + "'><id>22</id></delete-subscription>");
        script.ok(() -> script.client.killSubscription(23),
                "<kill-subscription xmlns='" + Ns.SUBSCRIBED + "'><id>23</id></kill-subscription>");
    }

    @Test
    void rfc8641PushPeriodicAndOnChange() throws Exception {
        Script script = new Script();
        Optional<Filter> filter = Optional.of(Filter.xpath("/ex:foo", Map.of("ex", "urn:ex")));
        script.exchange(
                () -> script.client.establishSubscription(
                        new Subscription.Target.Push(Nmda.Store.OPERATIONAL, filter,
                                new Subscription.Trigger.Periodic(Duration.ofSeconds(5), Optional.empty())),
                        Optional.empty(), came::add),
                "<establish-subscription xmlns='" + Ns.SUBSCRIBED + "' xmlns:yp='" + Ns.YANG_PUSH + "' xmlns:ds='"
                        + Ns.DATASTORES + "'><yp:datastore>ds:operational</yp:datastore>"
                        + "<yp:datastore-xpath-filter xmlns:ex='urn:ex'>/ex:foo</yp:datastore-xpath-filter>"
                        + "<yp:periodic><yp:period>500</yp:period></yp:periodic></establish-subscription>",
                "<id xmlns='" + Ns.SUBSCRIBED + "'>1011</id>");
        script.exchange(
                () -> script.client.establishSubscription(
                        new Subscription.Target.Push(Nmda.Store.OPERATIONAL, filter,
                                new Subscription.Trigger.OnChange(Optional.of(Duration.ofSeconds(1)), false)),
                        Optional.empty(), came::add),
                "<establish-subscription xmlns='" + Ns.SUBSCRIBED + "' xmlns:yp='" + Ns.YANG_PUSH + "' xmlns:ds='"
                        + Ns.DATASTORES + "'><yp:datastore>ds:operational</yp:datastore>"
                        + "<yp:datastore-xpath-filter xmlns:ex='urn:ex'>/ex:foo</yp:datastore-xpath-filter><yp:on-change>"
                        + "<yp:dampening-period>100</yp:dampening-period><yp:sync-on-start>false</yp:sync-on-start>"
                        + "</yp:on-change></establish-subscription>",
                "<id xmlns='" + Ns.SUBSCRIBED + "'>1012</id>");
        script.send("<notification xmlns='" + Ns.NOTIFICATION + "'><eventTime>2017-10-25T08:00:11.22Z</eventTime>"
                + "<push-update xmlns='" + Ns.YANG_PUSH
                + "'><id>1011</id><datastore-contents/></push-update></notification>");

        assertEquals("1011", came.poll(10, TimeUnit.SECONDS).content().getFirst().child("id").orElseThrow().text());
    }

    @Test
    void anyOtherRpcIsSentAsItIs() throws Exception {
        Script script = new Script();
        List<XmlElement> output = script.exchange(
                () -> script.client.rpc(Xml.parse(
                        "<rock-the-house xmlns='http://example.net/rock/1.0'><zip-code>27606</zip-code></rock-the-house>")),
                "<rock-the-house xmlns='http://example.net/rock/1.0'><zip-code>27606</zip-code></rock-the-house>",
                "<result xmlns='http://example.net/rock/1.0'>rocked</result>");

        assertEquals("rocked", output.getFirst().text());
    }
}
