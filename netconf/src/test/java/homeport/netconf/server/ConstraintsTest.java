package homeport.netconf.server;

import static homeport.netconf.server.TestServer.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.server.TestServer.Session;
import homeport.netconf.xml.XmlElement;
import org.junit.jupiter.api.Test;

/** The rules of RFC 7950 §8, with the errors of its §8.3 and §15. */
class ConstraintsTest {
    private final TestServer server = new TestServer();
    private final Session session = server.open();

    private static String top(String inside) {
        return "<top xmlns=\"urn:homeport:test\">" + inside + "</top>";
    }

    private static String rules(String inside) {
        return "<rules xmlns=\"urn:homeport:test\">" + inside + "</rules>";
    }

    private static String server(String name, String more) {
        return rules("<server><name>" + name + "</name>" + more + "</server>");
    }

    @Test
    void mustThatDoesNotHoldIsMustViolation() {
        RpcError error = session.refuses(server("a", "<address>x</address>"));
        assertEquals(Tag.OPERATION_FAILED, error.tag());
        assertEquals("must-violation", error.appTag().orElse(""));
        assertEquals("an address needs a port", error.message().orElseThrow().text());
        assertEquals("/t:rules/t:server[t:name='a']", path(error));
        assertEquals("", session.running());
    }

    @Test
    void mustTellsItsOwnMessageAndTag() {
        RpcError error = session.refuses(server("a", "<weight>101</weight>"));
        assertEquals("too-heavy", error.appTag().orElse(""));
        assertEquals("a weight is at most 100", error.message().orElseThrow().text());
        assertEquals("/t:rules/t:server[t:name='a']/t:weight", path(error));
        session.set(server("a", "<weight>100</weight>"));
    }

    @Test
    void mustIsCheckedWhenWhatItReadsGoes() {
        session.set(server("a", "<address>x</address><port>1</port>"));
        RpcError error = session.refuses(server("a", "<port nc:operation=\"delete\"/>"));
        assertEquals("must-violation", error.appTag().orElse(""));
    }

    @Test
    void mustOfALeafThatReadsOthersIsCheckedWhenTheyChange() {
        session.set(rules("<limit>1</limit>") + "");
        session.set(server("a", ""));
        RpcError error = session.refuses(server("b", ""));
        assertEquals("must-violation", error.appTag().orElse(""));
        assertEquals("/t:rules/t:limit", path(error));
    }

    @Test
    void mustHoldsForADefaultInUse() {
        RpcError error = session.refuses(rules("<limit>0</limit><server><name>a</name></server>"));
        assertEquals("/t:rules/t:limit", path(error));
    }

    @Test
    void whenThatDoesNotHoldIsUnknownElement() {
        RpcError error = session.refuses(server("a", "<mode>plain</mode><detail>x</detail>"));
        assertEquals(Tag.UNKNOWN_ELEMENT, error.tag());
        assertEquals("/t:rules/t:server[t:name='a']/t:detail", path(error));
        session.set(server("a", "<mode>detailed</mode><detail>x</detail>"));
    }

    @Test
    void whatItsConditionLeavesIsDeletedByTheServer() {
        session.set(server("a", "<mode>detailed</mode><detail>x</detail>"));
        session.set(server("a", "<mode>plain</mode>"));
        assertEquals("rules(server(mode:plain name:a))", session.running());
    }

    @Test
    void leafrefWithoutItsTargetIsInstanceRequired() {
        RpcError error = session.refuses(rules("<active>a</active>"));
        assertEquals(Tag.DATA_MISSING, error.tag());
        assertEquals("instance-required", error.appTag().orElse(""));
        assertEquals("/t:rules/t:active", path(error));
        session.set(rules("<active>a</active><server><name>a</name></server>"));
    }

    @Test
    void leafrefsTargetCannotGoAlone() {
        session.set(rules("<active>a</active><server><name>a</name></server>"));
        RpcError error = session
                .refuses(rules("<server nc:operation=\"delete\"><name>a</name></server>"));
        assertEquals("instance-required", error.appTag().orElse(""));
        session.set(rules("<active nc:operation=\"delete\"/><server nc:operation=\"delete\"><name>a</name></server>"));
        assertEquals("", session.running());
    }

    @Test
    void leafrefWithAPredicateFollowsIt() {
        String servers = "<server><name>a</name><port>1</port></server><server><name>b</name><port>2</port></server>";
        session.set(rules(servers + "<active>a</active><active-port>1</active-port>"));
        assertEquals("instance-required", session.refuses(rules("<active-port>2</active-port>")).appTag().orElse(""));
        assertEquals("instance-required", session.refuses(rules("<active>b</active>")).appTag().orElse(""));
        session.set(rules("<active>b</active><active-port>2</active-port>"));
    }

    @Test
    void instanceIdentifierHasToLeadSomewhere() {
        String to = "<anything xmlns:t=\"urn:homeport:test\">/t:top/t:pair[t:first='a'][t:second='1']</anything>";
        RpcError error = session.refuses(rules(to));
        assertEquals(Tag.DATA_MISSING, error.tag());
        assertEquals("instance-required", error.appTag().orElse(""));
        session.set(rules(to) + top("<pair><first>a</first><second>1</second></pair>"));
        assertEquals("instance-required",
                session.refuses("<top xmlns=\"urn:homeport:test\" nc:operation=\"delete\"/>").appTag().orElse(""));
    }

    @Test
    void whatIsNotUniqueIsNamedInEveryEntry() {
        session.set(server("a", "<address>x</address><port>1</port>"));
        RpcError error = session.refuses(server("b", "<address>x</address><port>1</port>"));
        assertEquals(Tag.OPERATION_FAILED, error.tag());
        assertEquals("data-not-unique", error.appTag().orElse(""));
        assertEquals(4, error.info().size());
        assertTrue(error.info().stream().map(XmlElement::text)
                .anyMatch("/t:rules/t:server[t:name='a']/t:address"::equals), error.info().toString());
        session.set(server("b", "<address>x</address><port>2</port>"));
    }

    @Test
    void tooManyEntriesAreTooManyElements() {
        StringBuilder servers = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            servers.append("<server><name>").append(i).append("</name></server>");
        }
        RpcError error = session.refuses(rules(servers.toString()));
        assertEquals(Tag.OPERATION_FAILED, error.tag());
        assertEquals("too-many-elements", error.appTag().orElse(""));
        assertEquals("/t:rules/t:server", path(error));
    }

    @Test
    void tooFewEntriesAreTooFewElements() {
        RpcError error = session.refuses(
                rules("<needs><must-have>x</must-have><this>1</this><two><k>1</k></two></needs>"));
        assertEquals(Tag.OPERATION_FAILED, error.tag());
        assertEquals("too-few-elements", error.appTag().orElse(""));
        assertEquals("/t:rules/t:needs/t:two", path(error));
    }

    @Test
    void noEntriesAreTooFewElements() {
        RpcError error = session.refuses(rules("<needs><must-have>x</must-have><this>1</this></needs>"));
        assertEquals("too-few-elements", error.appTag().orElse(""));
    }

    @Test
    void aMandatoryLeafThatIsNotThereIsDataMissing() {
        RpcError error = session
                .refuses(rules("<needs><this>1</this><two><k>1</k></two><two><k>2</k></two></needs>"));
        assertEquals(Tag.DATA_MISSING, error.tag());
        assertEquals("/t:rules/t:needs/t:must-have", path(error));
    }

    @Test
    void aMandatoryLeafCannotBeTakenAway() {
        session.set(
                rules("<needs><must-have>x</must-have><this>1</this><two><k>1</k></two><two><k>2</k></two></needs>"));
        RpcError error = session.refuses(rules("<needs><must-have nc:operation=\"delete\"/></needs>"));
        assertEquals("/t:rules/t:needs/t:must-have", path(error));
        session.set(rules("<needs nc:operation=\"delete\"/>"));
    }

    @Test
    void aMandatoryChoiceWithoutACaseIsMissingChoice() {
        RpcError error = session.refuses(
                rules("<needs><must-have>x</must-have><two><k>1</k></two><two><k>2</k></two></needs>"));
        assertEquals(Tag.DATA_MISSING, error.tag());
        assertEquals("missing-choice", error.appTag().orElse(""));
        assertEquals("/t:rules/t:needs", path(error));
        assertEquals("one-of", error.info().getFirst().text());
    }

    @Test
    void whatIsMandatoryUnderAConditionIsSoOnlyWhenItHolds() {
        String shaped = "<shaped><name>n</name><kind xmlns:t=\"urn:homeport:test\">t:%s</kind>%s</shaped>";
        session.set(rules(shaped.formatted("square", "")));
        RpcError error = session.refuses(rules(shaped.formatted("circle", "")));
        assertEquals(Tag.DATA_MISSING, error.tag());
        assertEquals("/t:rules/t:shaped[t:name='n']/t:radius", path(error));
        session.set(rules(shaped.formatted("circle", "<radius>3</radius>")));
        session.set(rules(shaped.formatted("square", "")));
        assertTrue(!session.running().contains("radius"), session.running());
    }

    @Test
    void anotherCaseTakesThePlaceOfTheOneThatWasThere() {
        session.set(top("<port>eth0</port><speed>10</speed>"));
        session.set(top("<radio><ssid>net</ssid></radio>"));
        assertEquals("top(radio(ssid:net))", session.running());
        session.set(top("<none/>"));
        assertEquals("top(none)", session.running());
        session.set(top("<speed>7</speed>"));
        session.set(top("<port>eth1</port>"));
        assertEquals("top(port:eth1 speed:7)", session.running());
    }

    @Test
    void twoCasesInOneRequestAreABadElement() {
        RpcError error = session.refuses(top("<port>eth0</port><radio><ssid>net</ssid></radio>"));
        assertEquals(Tag.BAD_ELEMENT, error.tag());
        assertEquals("/t:top/t:radio", path(error));
    }

    @Test
    void whatIsMandatoryInACaseIsSoOnlyInThatCase() {
        session.set(top("<port>eth0</port>"));
        RpcError error = session.refuses(top("<radio><band>5</band></radio>"));
        assertEquals("/t:top/t:radio/t:ssid", path(error));
    }

    @Test
    void everyErrorOfACommitIsTold() {
        session.ok(session.edit(rules("<active>x</active><server><name>a</name><weight>101</weight></server>")));
        RpcError error = session.fails("<validate><source><candidate/></source></validate>");
        assertTrue(error.appTag().isPresent());
        assertEquals(Tag.OPERATION_FAILED, session.fails("<commit/>").tag());
        assertEquals("", session.running());
        assertTrue(session.config("candidate").contains("active:x"));
    }

    @Test
    void theModelsOfTheIetfHoldTheirRules() {
        String interfaces = "<interfaces xmlns=\"urn:ietf:params:xml:ns:yang:ietf-interfaces\"><interface>"
                + "<name>eth0</name>%s</interface></interfaces>";
        RpcError error = session.refuses(interfaces.formatted(""));
        assertEquals(Tag.DATA_MISSING, error.tag());
        assertEquals("/if:interfaces/if:interface[if:name='eth0']/if:type", path(error));
        session.set(interfaces.formatted(
                "<type xmlns:i=\"urn:ietf:params:xml:ns:yang:iana-if-type\">i:ethernetCsmacd</type>"));
    }
}
