package homeport.netconf.server;

import static homeport.netconf.server.TestServer.compact;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.server.TestServer.Session;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of RFC 6241 by section, answered by our server from a data model like theirs. */
class Rfc6241ServerExamplesTest {
    private static final String C = "http://example.com/schema/1.2/config";
    private static final Schemas SCHEMAS = Schemas.standardAnd(
            List.of(new Schemas.YangModule("example-config", "2026-11-26", """
                    module example-config {
                      yang-version 1.1;
                      namespace "http://example.com/schema/1.2/config";
                      prefix t;
                      revision 2026-11-26;
                      container top {
                        container users {
                          list user {
                            key "name";
                            leaf name { type string; }
                            leaf type { type string; }
                            leaf full-name { type string; }
                            container company-info {
                              leaf dept { type uint8; }
                              leaf id { type uint8; }
                            }
                          }
                        }
                        list interface {
                          key "name";
                          leaf name { type string; }
                          leaf mtu { type uint16 { range "256..9192"; } }
                        }
                      }
                    }
                    """)),
            List.of());

    private static final String ROOT = "user(company-info(dept:1 id:1) full-name:Charlie Root name:root type:superuser)";
    private static final String FRED = "user(company-info(dept:2 id:2) full-name:Fred Flintstone name:fred type:admin)";
    private static final String BARNEY = "user(company-info(dept:2 id:3) full-name:Barney Rubble name:barney type:admin)";

    private final TestServer server = new TestServer(Datastores.inMemory(SCHEMAS, Datastores.Boot.STARTUP));
    private final Session session = server.open();

    private static String user(String name, String type, String fullName, int dept, int id) {
        return "<user><name>" + name + "</name><type>" + type + "</type><full-name>" + fullName
                + "</full-name><company-info><dept>" + dept + "</dept><id>" + id + "</id></company-info></user>";
    }

    private void theUsers() {
        session.set("<top xmlns=\"" + C + "\"><users>" + user("root", "superuser", "Charlie Root", 1, 1)
                + user("fred", "admin", "Fred Flintstone", 2, 2) + user("barney", "admin", "Barney Rubble", 2, 3)
                + "</users></top>");
    }

    private String get(String filter) {
        return compact(session.call("<get-config><source><running/></source>" + filter + "</get-config>"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "6.4.1 no filter                   | | data(top(users(BARNEY FRED ROOT)))",
            "6.4.2 empty filter                | <filter/> | data",
            "6.4.3 the entire users subtree    | <users/> | data(top(users(BARNEY FRED ROOT)))",
            "6.4.3 the same, by its list       | <users><user/></users> | data(top(users(BARNEY FRED ROOT)))",
            "6.4.4 all names                   | <users><user><name/></user></users> "
                    + "| data(top(users(user(name:barney) user(name:fred) user(name:root))))",
            "6.4.5 one user                    | <users><user><name>fred</name></user></users> "
                    + "| data(top(users(FRED)))",
            "6.4.6 some elements of one user   "
                    + "| <users><user><name>fred</name><type/><full-name/></user></users> "
                    + "| data(top(users(user(full-name:Fred Flintstone name:fred type:admin))))",
            "6.4.7 several subtrees            | <users><user><name>root</name><company-info/></user><user>"
                    + "<name>fred</name><company-info><id/></company-info></user><user><name>barney</name>"
                    + "<type>superuser</type><company-info><dept/></company-info></user></users> "
                    + "| data(top(users(user(company-info(dept:1 id:1) name:root) "
                    + "user(company-info(id:2) name:fred))))"})
    void section6_4SubtreeFilters(String section, String filter, String expected) {
        theUsers();
        String asked = filter == null
                ? ""
                : filter.equals("<filter/>")
                        ? "<filter type=\"subtree\"/>"
                        : "<filter type=\"subtree\"><top xmlns=\"" + C + "\">" + filter + "</top></filter>";
        String wanted = expected.replace("BARNEY", BARNEY).replace("FRED", FRED).replace("ROOT", ROOT);
        assertEquals(sorted(wanted), sorted(get(asked)), section);
    }

    /** The siblings' order is nobody's business. */
    private static List<String> sorted(String compact) {
        return List.of(compact.split("[() ]+", -1)).stream().sorted().toList();
    }

    @Test
    void section7_2EditConfigSetsTheMtu() {
        session.ok(session.edit("running", "merge",
                "<top xmlns=\"" + C + "\"><interface><name>Ethernet0/0</name><mtu>1500</mtu></interface></top>"));
        assertEquals("data(top(interface(mtu:1500 name:Ethernet0/0)))", get(""));
    }

    @Test
    void section7_2EditConfigReplacesAnInterface() {
        section7_2EditConfigSetsTheMtu();
        session.ok(session.edit("running", "merge", "<top xmlns=\"" + C
                + "\"><interface nc:operation=\"replace\"><name>Ethernet0/0</name></interface></top>"));
        assertEquals("data(top(interface(name:Ethernet0/0)))", get(""));
    }

    @Test
    void section7_2EditConfigDeletesAnInterfaceWithDefaultNone() {
        section7_2EditConfigSetsTheMtu();
        session.ok(session.edit("running", "none", "<top xmlns=\"" + C
                + "\"><interface nc:operation=\"delete\"><name>Ethernet0/0</name></interface></top>"));
        assertEquals("data", get(""));
    }

    @Test
    void section4_3TwoValuesOutOfRangeAreErrorsWithTheirPaths() {
        RpcError error = session.refuses("<top xmlns=\"" + C
                + "\"><interface><name>Ethernet0/0</name><mtu>25000</mtu></interface></top>");
        assertEquals(Tag.INVALID_VALUE, error.tag());
        assertEquals("/t:top/t:interface[t:name='Ethernet0/0']/t:mtu", TestServer.path(error));
        assertEquals("data", get(""));
    }

    @Test
    void section7_3And7_4CopyConfigAndDeleteConfig() {
        theUsers();
        session.ok("<copy-config><target><startup/></target><source><running/></source></copy-config>");
        assertTrue(session.call("<get-config><source><startup/></source></get-config>").toXml().contains("Rubble"));
        session.ok("<delete-config><target><startup/></target></delete-config>");
        assertFalse(session.call("<get-config><source><startup/></source></get-config>").toXml().contains("Rubble"));
    }

    @Test
    void section7_5And7_6LockDeniedNamesTheHolderUntilItUnlocks() {
        Session other = server.open();
        String lock = "<lock><target><running/></target></lock>";
        session.ok(lock);
        RpcError error = other.fails(lock);
        assertEquals(Tag.LOCK_DENIED, error.tag());
        assertEquals("session-id:" + session.sessionId(), compact(error.info().getFirst()));
        session.ok("<unlock><target><running/></target></unlock>");
        other.ok(lock);
    }

    @Test
    void section8_4ConfirmedCommitIsConfirmedByItsPersistId() {
        session.ok(session.edit("candidate", "merge", "<top xmlns=\"" + C
                + "\"><interface><name>Ethernet0/0</name><mtu>1500</mtu></interface></top>"));
        session.ok("<commit><confirmed/><confirm-timeout>120</confirm-timeout><persist>IQ,d4668</persist></commit>");
        server.open().ok("<commit><persist-id>IQ,d4668</persist-id></commit>");
        server.pass(Duration.ofMinutes(5));
        assertEquals("data(top(interface(mtu:1500 name:Ethernet0/0)))", get(""));
    }

    @Test
    void section8_9XPathSelectsOneUser() {
        theUsers();
        assertEquals("data(top(users(" + FRED + ")))", get("<filter xmlns:t=\"" + C
                + "\" type=\"xpath\" select=\"/t:top/t:users/t:user[t:name='fred']\"/>"));
    }
}
