package homeport.netconf.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.SessionTime;
import homeport.netconf.link.PipeLink;
import homeport.netconf.session.RawPeer;
import homeport.netconf.session.ServerSession;
import homeport.netconf.xml.XmlElement;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients as controllers, scripts and people with a terminal are: odd, but to be understood; and what is beyond that. */
@Timeout(60)
class OddClientsTest {
    private static final String GET = "<get-config><source><running/></source></get-config>";

    private final TestServer server = new TestServer();
    private final PipeLink.Pair pipe = PipeLink.pair();

    private RawPeer open(boolean chunked, String hello) throws InterruptedException {
        ServerSession.serve(pipe.right(), server.server.capabilities(), server.server, server.sessions,
                Identity.ssh("root"), Limits.DEFAULT, SessionTime.system(), TestServer.NOON);
        RawPeer client = new RawPeer(pipe.left(), chunked);
        client.raw(hello);
        client.next();
        return client;
    }

    private static void answers(RawPeer client) throws InterruptedException {
        XmlElement reply = client.nextXml();
        assertEquals("data", reply.children().getFirst().local(), reply.toXml());
    }

    @ParameterizedTest
    @ValueSource(strings = {
            // OpenDaylight
            "<hello xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\">\n<capabilities>\n"
                    + "<capability>urn:ietf:params:netconf:base:1.0</capability>\n"
                    + "<capability>urn:ietf:params:netconf:capability:exi:1.0?compression=1000&amp;schemas=builtin"
                    + "</capability>\n</capabilities>\n</hello>\n",
            // A prefix, a declaration, comments
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a --><nc:hello "
                    + "xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><nc:capabilities><nc:capability>\n "
                    + "urn:ietf:params:netconf:base:1.0 </nc:capability></nc:capabilities></nc:hello>",
            // No namespace at all
            "<hello><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>"})
    void hellosAreUnderstood(String hello) throws Exception {
        RawPeer client = open(false, hello + "]]>]]>\n");
        // Typed, or pasted with the ends of lines of another system
        client.raw("\r\n<rpc message-id=\"m-0\" xmlns=\"" + Ns.BASE + "\">\r\n  " + GET + "\r\n</rpc>\r\n]]>]]>\r\n");
        answers(client);
        client.raw(
                "<?xml version=\"1.0\"?><nc:rpc xmlns:nc=\"" + Ns.BASE + "\" nc:message-id=\"1\" message-id=\"x\"><nc:"
                        + "get-config><nc:source><nc:running/></nc:source></nc:get-config></nc:rpc>\n]]>]]>\n\n");
        answers(client);
        client.message("<rpc message-id=\"2\" xmlns=\"" + Ns.BASE + "\"><close-session/></rpc>");
        assertTrue(client.next().contains("<ok/>"));
        client.awaitClosed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"m-0", "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", "", " ", "&lt;/rpc-reply>&quot;",
            "18446744073709551616"})
    void anyMessageIdComesBack(String id) throws Exception {
        RawPeer client = open(true, RawPeer.clientHello(RawPeer.BASE_1_0, RawPeer.BASE_1_1));
        client.message("<rpc message-id=\"" + id + "\" xmlns=\"" + Ns.BASE + "\">" + GET + "</rpc>");
        String reply = client.next();
        assertTrue(reply.contains("message-id=\"" + id + "\""), reply);
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "<edit-config><target><candidate/></target><config><top xmlns=\"urn:homeport:test\" "
                    + "xmlns:yang=\"urn:ietf:params:xml:ns:yang:1\"><plain yang:insert=\"first\">a</plain></top></config>"
                    + "</edit-config>",
            "<get><filter type=\"xpath\" select=\"//*[//*[//*[//*[//*[//*]]]]]\"/></get>",
            "<get-config><source><running/></source><filter type=\"xpath\" "
                    + "select=\"((((((((((((((((((((/*))))))))))))))))))))\"/></get-config>",
            "<get><filter type=\"xpath\" select=\"document('file:///etc/passwd')\"/></get>",
            "<edit-config><target><running/></target><url>file:///etc/passwd</url></edit-config>",
            "<copy-config><target><url>ftp://192.0.2.1/</url></target><source><running/></source></copy-config>",
            "<get-schema xmlns=\"urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring\"><identifier>../../etc/passwd"
                    + "</identifier></get-schema>",
            "<commit><persist-id>guessed</persist-id></commit>",
            "<kill-session><session-id>99999999999999999999</session-id></kill-session>"})
    void whatIsAskedInBadFaithIsAnErrorOrNothingAndTheSessionGoesOn(String operation) throws Exception {
        RawPeer client = open(true, RawPeer.clientHello(RawPeer.BASE_1_1));
        client.message("<rpc message-id=\"1\" xmlns=\"" + Ns.BASE + "\">" + operation + "</rpc>");
        String reply = client.next();
        assertTrue(reply.contains("<rpc-error>") || reply.contains("<data"), reply);
        assertTrue(!reply.contains("root:"), reply);
        client.message("<rpc message-id=\"2\" xmlns=\"" + Ns.BASE + "\">" + GET + "</rpc>");
        answers(client);
    }
}
