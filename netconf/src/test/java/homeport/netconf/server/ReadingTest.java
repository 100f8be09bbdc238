package homeport.netconf.server;

import static homeport.netconf.server.TestServer.compact;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Ns;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.server.TestServer.Session;
import homeport.netconf.xml.XmlElement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Filters, defaults, state, schemas and NMDA (RFC 6241 §6 and §8.9, RFC 6022, 6243, 8525, 8526). */
class ReadingTest {
    private final TestServer server = new TestServer();
    private final Session session = server.open();

    @BeforeEach
    void someData() {
        session.set("<top xmlns=\"urn:homeport:test\"><plain>p</plain><level>low</level>"
                + "<pair><first>a</first><second>1</second><value>x</value></pair>"
                + "<pair><first>a</first><second>2</second><value>y</value><mtu>1500</mtu></pair>"
                + "<pair><first>b</first><second>1</second><value>x</value></pair>"
                + "<tag>one</tag><tag>two</tag><kind xmlns:x=\"urn:homeport:test\">x:circle</kind></top>");
    }

    private String filtered(String inside) {
        return compact(session.call("<get-config><source><running/></source><filter>" + inside
                + "</filter></get-config>"));
    }

    private String top(String inside) {
        return filtered("<top xmlns=\"urn:homeport:test\">" + inside + "</top>");
    }

    private String xpath(String select) {
        return compact(session.call("<get-config><source><running/></source><filter type=\"xpath\" "
                + "xmlns:t=\"urn:homeport:test\" select=\"" + select + "\"/></get-config>"));
    }

    // RFC 6241 §6.4

    @Test
    void noFilterSelectsEverything() {
        assertTrue(session.running().startsWith("top(kind:"));
    }

    @Test
    void anEmptyFilterSelectsNothing() {
        assertEquals("data", filtered(""));
    }

    @Test
    void aSelectionNodeSelectsItsSubtree() {
        assertEquals("data(top(plain:p))", top("<plain/>"));
        assertEquals("data(top(tag:one tag:two))", top("<tag/>"));
    }

    @Test
    void selectionOfALeafInEntriesKeepsTheirKeys() {
        assertEquals("data(top(pair(first:a second:1 value:x) pair(first:a second:2 value:y) "
                + "pair(first:b second:1 value:x)))", top("<pair><value/></pair>"));
    }

    @Test
    void contentMatchSelectsWholeEntries() {
        assertEquals("data(top(pair(first:a mtu:1500 second:2 value:y)))", top("<pair><value>y</value></pair>"));
    }

    @Test
    void contentMatchOnAllKeysFindsTheEntry() {
        assertEquals("data(top(pair(first:b second:1 value:x)))",
                top("<pair><second>1</second><first> b </first></pair>"));
        assertEquals("data", top("<pair><second>9</second><first>b</first></pair>"));
        assertEquals("data", top("<pair><second>none</second><first>b</first></pair>"));
    }

    @Test
    void contentMatchWithSelectionSelectsOnlyThat() {
        assertEquals("data(top(pair(first:b second:1)))", top("<pair><first>b</first><second/></pair>"));
    }

    @Test
    void severalFiltersOfOneListAreUnited() {
        assertEquals("data(top(pair(first:a second:1 value:x) pair(first:b second:1 value:x)))",
                top("<pair><first>a</first><second>1</second></pair><pair><first>b</first><second>1</second></pair>"));
    }

    @Test
    void contentMatchThatFailsSelectsNothingBesideIt() {
        assertEquals("data", top("<plain>other</plain><tag/>"));
        assertEquals("data(top(plain:p tag:one tag:two))", top("<plain>p</plain><tag/>"));
    }

    @Test
    void contentMatchOfALeafListEntry() {
        assertEquals("data(top(plain:p tag:two))", top("<tag>two</tag><plain/>"));
    }

    @Test
    void contentMatchOfAnIdentityResolvesItsPrefix() {
        assertTrue(top("<kind xmlns:q=\"urn:homeport:test\">q:circle</kind><plain/>").contains("plain:p"));
    }

    @Test
    void aFilterWithoutANamespaceMatchesAny() {
        assertEquals("data(top(plain:p))", filtered("<top xmlns=\"\"><plain/></top>"));
    }

    @Test
    void anotherNamespaceOrAnAttributeMatchesNothing() {
        assertEquals("data", filtered("<top xmlns=\"urn:other\"/>"));
        assertEquals("data", top("<plain colour=\"red\"/>"));
    }

    @Test
    void anUnknownFilterTypeIsABadAttribute() {
        assertEquals(Tag.BAD_ATTRIBUTE,
                session.fails("<get><filter type=\"magic\"/></get>").tag());
        assertEquals(Tag.MISSING_ATTRIBUTE, session.fails("<get><filter type=\"xpath\"/></get>").tag());
    }

    // RFC 6241 §8.9

    @Test
    void xpathSelectsNodesWithTheirAncestorsAndKeys() {
        assertEquals("data(top(pair(first:b second:1 value:x)))", xpath("/t:top/t:pair[t:first='b']"));
        assertEquals("data(top(pair(first:a second:2 value:y)))", xpath("/t:top/t:pair[t:second=2]/t:value"));
        assertEquals("data(top(plain:p tag:one tag:two))", xpath("/t:top/t:plain | //t:tag"));
    }

    @Test
    void xpathFunctionsWork() {
        assertEquals("data(top(pair(first:b second:1 value:x)))", xpath("/t:top/t:pair[last()]"));
        assertEquals("data(top(tag:two))", xpath("/t:top/t:tag[starts-with(., 'tw')]"));
        assertEquals("data(top(plain:p))", xpath("//*[local-name()='plain']"));
        assertEquals("data(top(plain:p))", xpath("/t:top[count(t:pair) = 3]/t:plain"));
        assertEquals("data(top(kind:circle))", xpath("/t:top/t:kind[derived-from(., 't:round')]"));
        assertEquals("data", xpath("/t:top[sum(t:pair/t:second) > 4]/t:plain"));
        assertEquals("data(top(plain:p))", xpath("/t:top[sum(t:pair/t:second) = 4]/t:plain"));
    }

    @Test
    void xpathOfAValueOrOfNoSenseIsInvalid() {
        assertEquals(Tag.INVALID_VALUE, session.fails(
                "<get><filter type=\"xpath\" select=\"1 + 1\"/></get>").tag());
        assertEquals(Tag.INVALID_VALUE, session.fails(
                "<get><filter type=\"xpath\" select=\"/top[\"/></get>").tag());
        assertEquals(Tag.INVALID_VALUE, session.fails(
                "<get><filter type=\"xpath\" select=\"/nobody:top\"/></get>").tag());
    }

    // RFC 6243

    private String defaults(String mode, String filter) {
        return compact(session.call("<get-config><source><running/></source><filter><top xmlns=\"urn:homeport:test\">"
                + filter + "</top></filter><with-defaults xmlns=\"" + Ns.WITH_DEFAULTS + "\">" + mode
                + "</with-defaults></get-config>"));
    }

    @Test
    void explicitTellsWhatWasSet() {
        assertEquals("data(top(level:low))", defaults("explicit", "<level/><speed/>"));
        assertEquals("data(top(level:low))", top("<level/>"));
    }

    @Test
    void trimLeavesOutWhatIsDefault() {
        assertEquals("data", defaults("trim", "<level/>"));
        assertEquals("data(top(pair(first:a second:2 value:y)))",
                defaults("trim", "<pair><first>a</first><second>2</second></pair>"));
    }

    @Test
    void reportAllTellsDefaultsInUse() {
        session.set("<top xmlns=\"urn:homeport:test\"><level nc:operation=\"delete\"/></top>");
        assertEquals("data(top(level:low))", defaults("report-all", "<level/>"));
        assertEquals("data(top(pair(first:b mtu:1500 second:1 value:x)))",
                defaults("report-all", "<pair><first>b</first><second>1</second></pair>"));
        assertEquals("data", defaults("report-all", "<speed/>"), "a default in a case that is not there");
        session.set("<top xmlns=\"urn:homeport:test\"><port>eth0</port></top>");
        assertEquals("data(top(speed:1000))", defaults("report-all", "<speed/>"));
    }

    @Test
    void aModeThatIsNoneIsInvalid() {
        assertEquals(Tag.INVALID_VALUE, session.fails("<get><with-defaults xmlns=\"" + Ns.WITH_DEFAULTS
                + "\">shout</with-defaults></get>").tag());
    }

    // get, monitoring, library

    private XmlElement get(String filter) {
        return session.call("<get><filter>" + filter + "</filter></get>");
    }

    @Test
    void getHasConfigurationAndState() {
        String all = session.call("<get/>").toXml();
        assertTrue(all.contains("<plain>p</plain>"));
        assertTrue(all.contains("netconf-state"));
        assertTrue(all.contains("yang-library"));
        assertTrue(all.contains("denied-operations"));
    }

    @Test
    void getConfigHasNoState() {
        assertFalse(
                session.call("<get-config><source><running/></source></get-config>").toXml().contains("netconf-state"));
    }

    @Test
    void theDevicesOwnStateIsMergedWithItsConfiguration() {
        TestServer device = new TestServer(server.datastores);
        NetconfServer withState = new NetconfServer(ServerSettings
                .of(server.datastores, device.sessions, _ -> true)
                .withState(() -> java.util.List.of(XmlElement.of("urn:homeport:test", "top",
                        XmlElement.leaf("urn:homeport:test", "state", "up")))));
        Session caller = device.open();
        XmlElement rpc = homeport.netconf.xml.Xml.parse("<rpc message-id=\"1\" xmlns=\"" + Ns.BASE
                + "\"><get><filter><top xmlns=\"urn:homeport:test\"><state/><plain/></top></filter></get></rpc>");
        homeport.netconf.RpcReply reply = withState.handle(caller,
                new homeport.netconf.Rpc(rpc, rpc.children().getFirst()));
        assertEquals("data(top(plain:p state:up))",
                compact(TestServer.written(((homeport.netconf.RpcReply.Content) reply).body())));
    }

    @Test
    void monitoringListsSessionsLocksAndSchemas() {
        session.ok("<lock><target><candidate/></target></lock>");
        String state = get("<netconf-state xmlns=\"" + Ns.MONITORING + "\"/>").toXml();
        assertTrue(state.contains("<username>root</username>"), state);
        assertTrue(state.contains("<locked-by-session>" + session.sessionId() + "</locked-by-session>"), state);
        assertTrue(state.contains("<identifier>ietf-netconf-server</identifier>"), state);
        assertTrue(state.contains("<in-rpcs>7</in-rpcs>"), state);
        assertTrue(state.contains("urn:ietf:params:netconf:capability:candidate:1.0"), state);
    }

    @Test
    void getSchemaGivesAModulesText() {
        String call = "<get-schema xmlns=\"" + Ns.MONITORING + "\"><identifier>%s</identifier>%s</get-schema>";
        assertTrue(session.call(call.formatted("homeport-test", "")).text().startsWith("module homeport-test {"));
        assertTrue(session.call(call.formatted("ietf-interfaces", "<version>2018-02-20</version><format>yang</format>"))
                .text().contains("module ietf-interfaces"));
        assertEquals(Tag.INVALID_VALUE, session.fails(call.formatted("nobody", "")).tag());
        assertEquals(Tag.INVALID_VALUE,
                session.fails(call.formatted("ietf-interfaces", "<version>1999-01-01</version>")).tag());
        assertEquals(Tag.INVALID_VALUE,
                session.fails(call.formatted("ietf-interfaces", "<format>yin</format>")).tag());
        assertEquals(Tag.MISSING_ELEMENT, session.fails("<get-schema xmlns=\"" + Ns.MONITORING + "\"/>").tag());
    }

    @Test
    void theLibraryListsModulesFeaturesAndDatastores() {
        XmlElement library = get("<yang-library xmlns=\"" + Ns.YANG_LIBRARY + "\"/>");
        String text = compact(library);
        assertTrue(text.contains("feature:ssh-call-home"), text);
        assertTrue(text.contains("import-only-module(name:ietf-yang-types"), text);
        assertTrue(library.toXml().contains("running</name>"), library.toXml());
        String id = library.children().getFirst().child("content-id").orElseThrow().text();
        assertEquals(id, server.server.capabilities()
                .parameter("urn:ietf:params:netconf:capability:yang-library:1.1", "content-id").orElse(""));
        assertTrue(get("<modules-state xmlns=\"" + Ns.YANG_LIBRARY + "\"/>").toXml().contains("module-set-id"));
    }

    @Test
    void capabilitiesAreThoseOfItsOperations() {
        assertEquals("explicit", server.server.capabilities()
                .parameter("urn:ietf:params:netconf:capability:with-defaults:1.0", "basic-mode").orElse(""));
        assertTrue(server.server.capabilities().hasModule(Ns.MONITORING, "ietf-netconf-monitoring"));
        assertTrue(server.server.capabilities().has("urn:ietf:params:netconf:capability:startup:1.0"));
    }

    // NMDA

    private String getData(String datastore, String more) {
        return compact(session.call("<get-data xmlns=\"" + Ns.NMDA + "\" xmlns:ds=\"" + Ns.DATASTORES
                + "\"><datastore>ds:" + datastore + "</datastore>" + more + "</get-data>"));
    }

    @Test
    void getDataReadsADatastore() {
        String filter = "<subtree-filter><top xmlns=\"urn:homeport:test\"><plain/></top></subtree-filter>";
        for (String name : new String[]{"running", "candidate", "intended", "operational"}) {
            assertEquals("data(top(plain:p))", getData(name, filter));
        }
        assertEquals("data", getData("startup", ""));
        assertEquals("data(top(plain:p))",
                getData("running", "<xpath-filter xmlns:t=\"urn:homeport:test\">/t:top/t:plain</xpath-filter>"));
    }

    @Test
    void configFilterTakesStateAndConfigurationApart() {
        assertFalse(getData("operational", "<config-filter>true</config-filter>").contains("netconf-state"));
        String state = getData("operational", "<config-filter>false</config-filter>");
        assertTrue(state.contains("netconf-state"));
        assertFalse(state.contains("plain:p"), state);
    }

    @Test
    void maxDepthCutsOff() {
        assertEquals("data(top)", getData("running", "<max-depth>1</max-depth>"));
        assertTrue(getData("running", "<max-depth>2</max-depth>").contains("plain:p"));
        assertTrue(getData("running", "<max-depth>2</max-depth>").contains("pair(first:a second:1)"));
    }

    @Test
    void anUnknownDatastoreIsInvalid() {
        assertEquals(Tag.INVALID_VALUE, session.fails("<get-data xmlns=\"" + Ns.NMDA + "\" xmlns:ds=\""
                + Ns.DATASTORES + "\"><datastore>ds:dynamic</datastore></get-data>").tag());
        assertEquals(Tag.INVALID_VALUE, session.fails("<get-data xmlns=\"" + Ns.NMDA
                + "\"><datastore>running</datastore></get-data>").tag());
    }

    @Test
    void editDataEditsADatastore() {
        String edit = "<edit-data xmlns=\"" + Ns.NMDA + "\" xmlns:ds=\"" + Ns.DATASTORES
                + "\"><datastore>ds:%s</datastore><config><top xmlns=\"urn:homeport:test\"><plain>q</plain></top>"
                + "</config></edit-data>";
        session.ok(edit.formatted("candidate"));
        assertTrue(session.config("candidate").contains("plain:q"));
        session.ok(edit.formatted("running"));
        assertTrue(session.running().contains("plain:q"));
        assertEquals(Tag.INVALID_VALUE, session.fails(edit.formatted("operational")).tag());
    }

    // Operations

    @Test
    void anUnknownOperationOrNamespaceIsNamed() {
        assertEquals(Tag.OPERATION_NOT_SUPPORTED, session.fails("<dance/>").tag());
        assertEquals(Tag.UNKNOWN_NAMESPACE, session.fails("<dance xmlns=\"urn:nobody\"/>").tag());
    }

    @Test
    void anUnknownParameterIsNamed() {
        assertEquals(Tag.UNKNOWN_ELEMENT, session.fails("<get><colour/></get>").tag());
    }

    @Test
    void killSessionEndsAnotherAndNotItself() {
        Session other = server.open();
        session.ok("<kill-session><session-id>" + other.sessionId() + "</session-id></kill-session>");
        assertTrue(other.ended.isPresent());
        assertEquals(Tag.INVALID_VALUE, session.fails("<kill-session><session-id>" + session.sessionId()
                + "</session-id></kill-session>").tag());
        assertEquals(Tag.INVALID_VALUE,
                session.fails("<kill-session><session-id>4711</session-id></kill-session>").tag());
    }

    @Test
    void restartRestarts() {
        session.ok("<restart xmlns=\"urn:homeport:device\"/>");
        server.pass(java.time.Duration.ofSeconds(1));
        assertTrue(server.restarted);
    }
}
