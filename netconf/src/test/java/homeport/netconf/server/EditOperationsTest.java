package homeport.netconf.server;

import static homeport.netconf.server.TestServer.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcErrorException;
import homeport.netconf.server.TestServer.Session;
import org.junit.jupiter.api.Test;

/** {@code edit-config} operations on containers, lists and leaves (RFC 6241 §7.2, RFC 7950 §7.5.8, §7.6.7, §7.8.6). */
class EditOperationsTest {
    private final TestServer server = new TestServer();
    private final Session session = server.open();

    private static String top(String inside) {
        return "<top xmlns=\"urn:homeport:test\">" + inside + "</top>";
    }

    @Test
    void mergeAddsToWhatIsThere() {
        session.set(top("<plain>a</plain>"));
        session.set(top("<small>3</small>"));
        assertEquals("top(plain:a small:3)", session.running());
    }

    @Test
    void mergeReplacesALeafsValue() {
        session.set(top("<plain>a</plain>"));
        session.set(top("<plain>b</plain>"));
        assertEquals("top(plain:b)", session.running());
    }

    @Test
    void replaceTakesAwayWhatIsNotGiven() {
        session.set(top("<plain>a</plain><small>3</small>"));
        session.set("<top xmlns=\"urn:homeport:test\" nc:operation=\"replace\"><small>4</small></top>");
        assertEquals("top(small:4)", session.running());
    }

    @Test
    void defaultOperationReplaceReplacesOnlyWhatTheConfigNames() {
        session.set(top("<plain>a</plain><small>3</small>"));
        session.set("<rules xmlns=\"urn:homeport:test\"><limit>5</limit></rules>");
        session.ok(session.edit("running", "replace", top("<small>4</small>")));
        assertEquals("rules(limit:5)top(small:4)", session.running());
    }

    @Test
    void createOfWhatIsThereIsDataExists() {
        session.set(top("<plain>a</plain>"));
        RpcError error = session.refuses(top("<plain nc:operation=\"create\">b</plain>"));
        assertEquals(Tag.DATA_EXISTS, error.tag());
        assertEquals("/t:top/t:plain", path(error));
        assertEquals("urn:homeport:test", TestServer.prefixes(error).resolve("t"));
        assertEquals("top(plain:a)", session.running());
    }

    @Test
    void createOfAContainerThatHasContentIsDataExists() {
        session.set(top("<plain>a</plain>"));
        assertEquals(Tag.DATA_EXISTS, session
                .refuses("<top xmlns=\"urn:homeport:test\" nc:operation=\"create\"><small>1</small></top>").tag());
    }

    @Test
    void deleteOfWhatIsNotThereIsDataMissing() {
        RpcError error = session.refuses(top("<plain nc:operation=\"delete\"/>"));
        assertEquals(Tag.DATA_MISSING, error.tag());
        assertEquals("/t:top/t:plain", path(error));
    }

    @Test
    void removeOfWhatIsNotThereIsSilent() {
        session.set(top("<plain nc:operation=\"remove\"/>"));
        assertEquals("", session.running());
    }

    @Test
    void deleteTakesALeafAndLeavesTheRest() {
        session.set(top("<plain>a</plain><small>3</small>"));
        session.set(top("<plain nc:operation=\"delete\">anything</plain>"));
        assertEquals("top(small:3)", session.running());
    }

    @Test
    void entriesAreNamedByAllTheirKeys() {
        session.set(top("<pair><first>a</first><second>1</second><value>x</value></pair>"
                + "<pair><first>a</first><second>2</second><value>y</value></pair>"));
        session.set(top("<pair nc:operation=\"delete\"><second>1</second><first>a</first></pair>"));
        assertEquals("top(pair(first:a second:2 value:y))", session.running());
    }

    @Test
    void deleteOfAnEntryThatIsNotThereNamesItInItsPath() {
        RpcError error = session
                .refuses(top("<pair nc:operation=\"delete\"><first>it's</first><second>1</second></pair>"));
        assertEquals(Tag.DATA_MISSING, error.tag());
        assertEquals("/t:top/t:pair[t:first=\"it's\"][t:second='1']", path(error));
    }

    @Test
    void replaceOfAnEntryDropsItsOtherLeaves() {
        session.set(top("<pair><first>a</first><second>1</second><value>x</value><mtu>9</mtu></pair>"));
        session.set(top("<pair nc:operation=\"replace\"><first>a</first><second>1</second><mtu>8</mtu></pair>"));
        assertEquals("top(pair(first:a mtu:8 second:1))", session.running());
    }

    @Test
    void operationsNestInsideOneAnother() {
        session.set(top("<pair><first>a</first><second>1</second><value>x</value></pair><plain>p</plain>"));
        session.set(top("<pair><first>a</first><second>1</second><value nc:operation=\"delete\"/><mtu>7</mtu></pair>"
                + "<plain nc:operation=\"replace\">q</plain>"));
        assertEquals("top(pair(first:a mtu:7 second:1) plain:q)", session.running());
    }

    @Test
    void aKeyThatIsNotGivenIsMissingElement() {
        RpcError error = session.refuses(top("<pair><first>a</first><value>x</value></pair>"));
        assertEquals(Tag.MISSING_ELEMENT, error.tag());
        assertEquals("second", error.info().getFirst().text());
        assertEquals("/t:top/t:pair", path(error));
    }

    @Test
    void leafListEntriesAreNamedByTheirValue() {
        session.set(top("<tag>a</tag><tag>b</tag>"));
        assertEquals(Tag.DATA_EXISTS, session.refuses(top("<tag nc:operation=\"create\">a</tag>")).tag());
        assertEquals(Tag.DATA_MISSING, session.refuses(top("<tag nc:operation=\"delete\">c</tag>")).tag());
        session.set(top("<tag nc:operation=\"delete\">a</tag><tag nc:operation=\"create\">c</tag>"));
        assertEquals("top(tag:b tag:c)", session.running());
    }

    @Test
    void defaultOperationNoneChangesNothingByItself() {
        session.set(top("<plain>a</plain>"));
        session.ok(session.edit("running", "none", top("<plain>b</plain>")));
        assertEquals("top(plain:a)", session.running());
    }

    @Test
    void defaultOperationNoneNeedsTheLevelsItNames() {
        RpcError error = session.fails(session.edit("running", "none",
                top("<pair><first>a</first><second>1</second><value nc:operation=\"create\">x</value></pair>")));
        assertEquals(Tag.DATA_MISSING, error.tag());
    }

    @Test
    void defaultOperationNoneWithACreateInsideCreates() {
        session.ok(session.edit("running", "none", top("<plain nc:operation=\"create\">a</plain>")));
        assertEquals("top(plain:a)", session.running());
    }

    @Test
    void anUnknownElementIsNamed() {
        RpcError error = session.refuses(top("<nowhere>1</nowhere>"));
        assertEquals(Tag.UNKNOWN_ELEMENT, error.tag());
        assertEquals("/t:top", path(error));
        assertEquals("nowhere", error.info().getFirst().text());
    }

    @Test
    void anUnknownNamespaceIsNamed() {
        RpcError error = session.refuses("<top xmlns=\"urn:nowhere\"/>");
        assertEquals(Tag.UNKNOWN_NAMESPACE, error.tag());
        assertEquals("urn:nowhere", error.info().get(1).text());
    }

    @Test
    void stateCannotBeEdited() {
        assertEquals(Tag.UNKNOWN_ELEMENT, session.refuses(top("<state>up</state>")).tag());
    }

    @Test
    void anUnknownOperationIsABadAttribute() {
        RpcError error = session.refuses(top("<plain nc:operation=\"mangle\">b</plain>"));
        assertEquals(Tag.BAD_ATTRIBUTE, error.tag());
        assertEquals("operation", error.info().getFirst().text());
    }

    @Test
    void anUnknownAttributeIsRefused() {
        assertEquals(Tag.UNKNOWN_ATTRIBUTE, session.refuses(top("<plain colour=\"red\">b</plain>")).tag());
    }

    @Test
    void aValueOutOfRangeIsInvalid() {
        RpcError error = session.refuses(top("<small>11</small>"));
        assertEquals(Tag.INVALID_VALUE, error.tag());
        assertEquals("/t:top/t:small", path(error));
    }

    @Test
    void aValueInsideAnEntryIsFoundThere() {
        RpcError error = session.refuses(top("<pair><first>a</first><second>1</second><mtu>x</mtu></pair>"));
        assertEquals(Tag.INVALID_VALUE, error.tag());
        assertEquals("/t:top/t:pair[t:first='a'][t:second='1']/t:mtu", path(error));
    }

    @Test
    void aRestrictionsOwnMessageAndTagAreTold() {
        RpcError error = session.refuses(top("<plain>far too long a text</plain>"));
        assertEquals(Tag.INVALID_VALUE, error.tag());
        assertEquals("bad-length", error.appTag().orElse(""));
        assertEquals("between one and eight characters", error.message().orElseThrow().text());
    }

    @Test
    void anEnumThatIsNoneIsInvalid() {
        assertEquals(Tag.INVALID_VALUE, session.refuses(top("<level>middling</level>")).tag());
    }

    @Test
    void anIdentityOfAnotherPrefixIsTheSame() {
        session.set(top("<kind xmlns:x=\"urn:homeport:test\">x:circle</kind>"));
        assertTrue(session.running().endsWith("circle)"), session.running());
        assertEquals(Tag.INVALID_VALUE,
                session.refuses(top("<kind xmlns:x=\"urn:homeport:test\">x:triangle</kind>")).tag());
    }

    @Test
    void aLeafGivenTwiceIsABadElement() {
        RpcError error = session.refuses(top("<plain>a</plain><plain>b</plain>"));
        assertEquals(Tag.BAD_ELEMENT, error.tag());
        assertEquals("/t:top/t:plain", path(error));
    }

    @Test
    void anErrorLeavesNothingBehind() {
        session.set(top("<plain>a</plain>"));
        for (String option : new String[]{"stop-on-error", "rollback-on-error"}) {
            RpcError error = session.fails("<edit-config><target><running/></target><error-option>" + option
                    + "</error-option><config>" + top("<plain>b</plain><small>1</small><nowhere/>")
                    + "</config></edit-config>");
            assertEquals(Tag.UNKNOWN_ELEMENT, error.tag());
            assertEquals("top(plain:a)", session.running());
        }
    }

    @Test
    void continueOnErrorDoesTheRestAndTellsEachError() {
        RpcErrorException errors = assertThrows(RpcErrorException.class,
                () -> session
                        .call("<edit-config><target><running/></target><error-option>continue-on-error</error-option>"
                                + "<config>" + top("<plain>b</plain><nowhere/><small>77</small><level>high</level>")
                                + "</config></edit-config>"));
        assertEquals(2, errors.errors().size());
        assertEquals("top(level:high plain:b)", session.running());
    }

    @Test
    void testOnlyChecksAndSetsNothing() {
        session.ok("<edit-config><target><running/></target><test-option>test-only</test-option><config>"
                + top("<plain>b</plain>") + "</config></edit-config>");
        assertEquals("", session.running());
        assertEquals(Tag.DATA_MISSING, session.fails(
                "<edit-config><target><candidate/></target><test-option>test-only</test-option><config>"
                        + "<rules xmlns=\"urn:homeport:test\"><active>x</active></rules></config></edit-config>")
                .tag());
        assertEquals("", session.config("candidate"));
    }

    @Test
    void testThenSetOfTheCandidateChecksAllRules() {
        String edit = "<edit-config><target><candidate/></target><test-option>%s</test-option><config>"
                + "<rules xmlns=\"urn:homeport:test\"><active>x</active></rules></config></edit-config>";
        assertEquals(Tag.DATA_MISSING, session.fails(edit.formatted("test-then-set")).tag());
        assertEquals("", session.config("candidate"));
        session.ok(edit.formatted("set"));
        assertEquals("rules(active:x)", session.config("candidate"));
    }

    @Test
    void aMissingTargetOrConfigIsNamed() {
        assertEquals("target", session.fails("<edit-config><config/></edit-config>").info().getFirst().text());
        assertEquals("config",
                session.fails("<edit-config><target><running/></target></edit-config>").info().getFirst().text());
    }

    @Test
    void anEmptyContainerIsNoContent() {
        session.set(top(""));
        assertEquals("", session.running());
    }

    @Test
    void deletingTheLastNodeEmptiesTheDatastore() {
        session.set(top("<plain>a</plain>"));
        session.set("<top xmlns=\"urn:homeport:test\" nc:operation=\"delete\"/>");
        assertEquals("", session.running());
    }
}
