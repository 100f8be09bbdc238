package homeport.netconf.server;

import static homeport.netconf.server.TestServer.path;
import static org.junit.jupiter.api.Assertions.assertEquals;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.server.TestServer.Session;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists and leaf-lists that their user orders (RFC 7950 §7.7.7, §7.7.9, §7.8.6). */
class OrderedByUserTest {
    private final TestServer server = new TestServer();
    private final Session session = server.open();

    private static String top(String inside) {
        return "<top xmlns=\"urn:homeport:test\">" + inside + "</top>";
    }

    private static String item(String attributes, String name) {
        return "<item " + attributes + "><name>" + name + "</name></item>";
    }

    @BeforeEach
    void threeItemsAndSteps() {
        session.set(top(item("", "b") + item("", "a") + item("", "c") + "<step>2</step><step>1</step><step>3</step>"));
    }

    private String names() {
        return session.running().replaceAll("top\\(|item\\(name:|\\)|step:", "").strip();
    }

    @Test
    void entriesStandInTheOrderTheyCame() {
        assertEquals("b a c 2 1 3", names());
    }

    @Test
    void aNewEntryGoesLast() {
        session.set(top(item("", "d")));
        assertEquals("b a c d 2 1 3", names());
    }

    @Test
    void insertFirst() {
        session.set(top(item("yang:insert=\"first\"", "d") + "<step yang:insert=\"first\">9</step>"));
        assertEquals("d b a c 9 2 1 3", names());
    }

    @Test
    void insertLastMovesAnEntry() {
        session.set(top(item("yang:insert=\"last\"", "b") + "<step yang:insert=\"last\">2</step>"));
        assertEquals("a c b 1 3 2", names());
    }

    @Test
    void insertBefore() {
        session.set(top("<item yang:insert=\"before\" yang:key=\"[t:name='a']\" xmlns:t=\"urn:homeport:test\">"
                + "<name>d</name></item><step yang:insert=\"before\" yang:value=\"1\">9</step>"));
        assertEquals("b d a c 2 9 1 3", names());
    }

    @Test
    void insertAfterWithOtherOperations() {
        session.set(top("<item nc:operation=\"create\" yang:insert=\"after\" yang:key=\"[name='b']\">"
                + "<name>d</name><value>v</value></item>"
                + "<step nc:operation=\"create\" yang:insert=\"after\" yang:value=\"3\">9</step>"));
        assertEquals("b dvalue:v a c 2 1 3 9", names().replace(" value", "value"));
    }

    @Test
    void aMoveSurvivesTheCommitOfACandidate() {
        session.ok(session.edit(top(item("yang:insert=\"first\"", "c"))));
        session.ok("<commit/>");
        assertEquals("c b a 2 1 3", names());
    }

    @Test
    void anEntryToStandBesideThatIsNotThereIsMissingInstance() {
        RpcError error = session.refuses(
                top("<item yang:insert=\"after\" yang:key=\"[name='x']\"><name>d</name></item>"));
        assertEquals(Tag.BAD_ATTRIBUTE, error.tag());
        assertEquals("missing-instance", error.appTag().orElse(""));
        assertEquals("/t:top/t:item[t:name='d']", path(error));
        assertEquals("b a c 2 1 3", names());
    }

    @Test
    void insertBeforeNeedsToSayBeforeWhat() {
        assertEquals(Tag.MISSING_ATTRIBUTE, session.refuses(top(item("yang:insert=\"before\"", "d"))).tag());
    }

    @Test
    void aKeyThatIsNoneIsABadAttribute() {
        assertEquals(Tag.BAD_ATTRIBUTE, session
                .refuses(top("<item yang:insert=\"before\" yang:key=\"[value='x']\"><name>d</name></item>")).tag());
        assertEquals(Tag.BAD_ATTRIBUTE,
                session.refuses(top("<item yang:insert=\"sideways\"><name>d</name></item>")).tag());
    }

    @Test
    void insertOnWhatTheSystemOrdersIsAnUnknownAttribute() {
        assertEquals(Tag.UNKNOWN_ATTRIBUTE, session.refuses(top("<tag yang:insert=\"first\">x</tag>")).tag());
    }
}
