package homeport.netconf.server;

import static homeport.netconf.server.TestServer.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.server.TestServer.Session;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Access control (RFC 8341 §3). */
class NacmTest {
    private final TestServer server = new TestServer();
    private final Session root = server.open();
    private final Session guest = server.open("guest");

    private static String top(String inside) {
        return "<top xmlns=\"urn:homeport:test\">" + inside + "</top>";
    }

    private static String nacm(String inside) {
        return "<nacm xmlns=\"urn:ietf:params:xml:ns:yang:ietf-netconf-acm\">" + inside + "</nacm>";
    }

    private void rules(String... rules) {
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < rules.length; i++) {
            list.append("<rule><name>r").append(i).append("</name>").append(rules[i]).append("</rule>");
        }
        root.set(nacm("<groups><group><name>guests</name><user-name>guest</user-name></group></groups>"
                + "<rule-list nc:operation=\"replace\"><name>guests</name><group>guests</group>" + list
                + "</rule-list>"));
    }

    @BeforeEach
    void someData() {
        root.set(top("<plain>p</plain><small>1</small><pair><first>a</first><second>1</second><value>x</value></pair>"
                + "<pair><first>b</first><second>1</second><value>y</value></pair>"));
    }

    @Test
    void withoutRulesReadingIsAllowedAndWritingIsNot() {
        assertTrue(guest.running().contains("plain:p"));
        RpcError error = guest.refuses(top("<plain>q</plain>"));
        assertEquals(Tag.ACCESS_DENIED, error.tag());
        assertEquals("/t:top/t:plain", path(error));
        assertTrue(root.running().contains("plain:p"));
    }

    @Test
    void recoverySessionsAreNotSubjectToRules() {
        root.set(nacm("<read-default>deny</read-default><exec-default>deny</exec-default>"));
        assertTrue(root.running().contains("plain:p"));
        assertEquals(Tag.ACCESS_DENIED, guest.fails("<get/>").tag());
    }

    @Test
    void switchedOffItAllowsEverything() {
        root.set(nacm("<enable-nacm>false</enable-nacm>"));
        guest.set(top("<plain>q</plain>"));
    }

    @Test
    void readDefaultDenyHidesWithoutAWord() {
        root.set(nacm("<read-default>deny</read-default>"));
        assertEquals("", guest.running());
    }

    @Test
    void aRuleHidesWhatItsPathLeadsTo() {
        rules("<path xmlns:t=\"urn:homeport:test\">/t:top/t:pair[t:first='a']</path><action>deny</action>");
        assertEquals("top(pair(first:b second:1 value:y) plain:p small:1)", guest.running());
        rules("<path xmlns:t=\"urn:homeport:test\">/t:top/t:pair/t:value</path><action>deny</action>");
        assertEquals("top(pair(first:a second:1) pair(first:b second:1) plain:p small:1)", guest.running());
    }

    @Test
    void aFilterDoesNotFindWhatIsHidden() {
        rules("<path xmlns:t=\"urn:homeport:test\">/t:top/t:plain</path><action>deny</action>");
        String filter = "<get-config><source><running/></source><filter><top xmlns=\"urn:homeport:test\">"
                + "<plain>p</plain><small/></top></filter></get-config>";
        assertEquals("data", TestServer.compact(guest.call(filter)));
    }

    @Test
    void theFirstRuleThatMatchesDecides() {
        rules("<path>/t:top/t:plain</path><access-operations>update</access-operations><action>permit</action>",
                "<module-name>homeport-test</module-name><access-operations>create update delete</access-operations>"
                        + "<action>deny</action>");
        guest.set(top("<plain>q</plain>"));
        assertEquals(Tag.ACCESS_DENIED, guest.refuses(top("<small>2</small>")).tag());
    }

    @Test
    void operationsAreToldApart() {
        rules("<path>/t:top</path><access-operations>create</access-operations><action>permit</action>");
        guest.set(top("<tag>new</tag>"));
        assertEquals(Tag.ACCESS_DENIED, guest.refuses(top("<small>2</small>")).tag());
        assertEquals(Tag.ACCESS_DENIED, guest.refuses(top("<tag nc:operation=\"delete\">new</tag>")).tag());
        rules("<path>/t:top</path><access-operations>delete</access-operations><action>permit</action>");
        guest.set(top("<tag nc:operation=\"delete\">new</tag>"));
        assertEquals(Tag.ACCESS_DENIED, guest.refuses(top("<tag>newer</tag>")).tag());
    }

    @Test
    void whatDoesNotChangeNeedsNoPermission() {
        guest.set(top("<plain>p</plain>"));
    }

    @Test
    void deletingATreeNeedsPermissionForAllInIt() {
        rules("<path>/t:top/t:small</path><action>deny</action>",
                "<path>/t:top</path><action>permit</action>");
        assertEquals(Tag.ACCESS_DENIED,
                guest.refuses("<top xmlns=\"urn:homeport:test\" nc:operation=\"delete\"/>").tag());
    }

    @Test
    void aCommitIsCheckedForWhatItChanges() {
        rules("<path>/t:top</path><action>permit</action>");
        guest.ok(guest.edit(top("<plain>q</plain>")));
        rules("<path>/t:top</path><access-operations>read</access-operations><action>permit</action>");
        assertEquals(Tag.ACCESS_DENIED, guest.fails("<commit/>").tag());
        root.ok("<commit/>");
        assertTrue(root.running().contains("plain:q"));
    }

    @Test
    void execRulesNameOperations() {
        rules("<rpc-name>get-config</rpc-name><module-name>ietf-netconf</module-name><access-operations>exec"
                + "</access-operations><action>deny</action>");
        assertEquals(Tag.ACCESS_DENIED,
                guest.fails("<get-config><source><running/></source></get-config>").tag());
        guest.call("<get/>");
    }

    @Test
    void guardedOperationsNeedARule() {
        String kill = "<kill-session><session-id>4711</session-id></kill-session>";
        assertEquals(Tag.ACCESS_DENIED, guest.fails(kill).tag());
        assertEquals(Tag.ACCESS_DENIED, guest.fails("<restart xmlns=\"urn:homeport:device\"/>").tag());
        assertEquals(Tag.ACCESS_DENIED,
                guest.fails("<delete-config><target><startup/></target></delete-config>").tag());
        rules("<rpc-name>kill-session</rpc-name><action>permit</action>");
        assertEquals(Tag.INVALID_VALUE, guest.fails(kill).tag());
    }

    @Test
    void nodesMarkedDefaultDenyAllAreHidden() {
        root.set(nacm("<write-default>permit</write-default>"));
        assertFalse(guest.call("<get/>").toXml().contains("<nacm"));
        assertEquals(Tag.ACCESS_DENIED, guest.refuses(nacm("<enable-nacm>false</enable-nacm>")).tag());
        rules("<module-name>ietf-netconf-acm</module-name><action>permit</action>");
        assertTrue(guest.call("<get/>").toXml().contains("<nacm"));
    }

    @Test
    void groupsComeFromTheTransportUnlessSwitchedOff() {
        root.set(nacm("<rule-list><name>x</name><group>staff</group><rule><name>r</name><action>permit</action></rule>"
                + "</rule-list>"));
        Session staff = server.open("mallory", "staff");
        staff.set(top("<plain>q</plain>"));
        root.set(nacm("<enable-external-groups>false</enable-external-groups>"));
        assertEquals(Tag.ACCESS_DENIED, staff.refuses(top("<plain>r</plain>")).tag());
    }

    @Test
    void aPathThatCannotBeReadDeniesEverywhereAndPermitsNowhere() {
        rules("<path>/t:top[</path><action>permit</action>");
        assertEquals(Tag.ACCESS_DENIED, guest.refuses(top("<plain>q</plain>")).tag());
        rules("<path>/t:top[</path><action>deny</action>");
        assertEquals("", guest.running());
    }

    @Test
    void aCopyCannotCarryWhatItsUserCannotRead() {
        rules("<path>/t:top/t:plain</path><access-operations>read</access-operations><action>deny</action>",
                "<access-operations>*</access-operations><action>permit</action>");
        guest.ok("<copy-config><target><startup/></target><source><running/></source></copy-config>");
        assertFalse(root.config("startup").contains("plain"));
    }

    @Test
    void denialsAreCounted() {
        guest.fails("<restart xmlns=\"urn:homeport:device\"/>");
        guest.refuses(top("<plain>q</plain>"));
        String state = root.call("<get><filter><nacm xmlns=\"urn:ietf:params:xml:ns:yang:ietf-netconf-acm\"/></filter>"
                + "</get>").toXml();
        assertTrue(state.contains("<denied-operations>1</denied-operations>"), state);
        assertTrue(state.contains("<denied-data-writes>1</denied-data-writes>"), state);
    }

    @Test
    void notificationsAreSubjectToRules() {
        rules("<notification-name>netconf-config-change</notification-name><access-operations>read</access-operations>"
                + "<action>deny</action>");
        guest.ok("<create-subscription xmlns=\"urn:ietf:params:xml:ns:netconf:notification:1.0\"/>");
        root.set(top("<plain>q</plain>"));
        server.open();
        assertEquals("netconf-session-start", guest.next().local());
    }
}
