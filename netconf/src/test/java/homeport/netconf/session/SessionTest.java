package homeport.netconf.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import homeport.netconf.Capabilities;
import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.RpcHandler;
import homeport.netconf.RpcReply;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionEnd;
import homeport.netconf.SessionTime;
import homeport.netconf.link.PipeLink;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    @ParameterizedTest
    @ValueSource(strings = {Capabilities.BASE_1_0, Capabilities.BASE_1_1})
    void requestsAreAnsweredAndTheSessionCloses(String base) throws Exception {
        PipeLink.Pair pipe = PipeLink.pair();
        RpcHandler echo = (caller, rpc) -> RpcReply.of(XmlElement.of(Ns.BASE, "data", rpc.operation()));
        ServerSession server = ServerSession.serve(pipe.right(), Capabilities.of(base), echo, new ServerSessions(),
                Identity.ssh("admin"), Limits.DEFAULT, SessionTime.system(), Instant.EPOCH);
        ClientSession client = ClientSession.connect(pipe.left(), Limits.DEFAULT, SessionTime.system());

        assertEquals(1, client.sessionId());
        XmlElement operation = XmlElement.leaf("urn:x", "say", "hi");
        assertEquals(operation.toXml(),
                client.call(operation, LONG).content("data").children().getFirst().toXml());
        client.close(LONG);
        assertEquals(SessionEnd.Reason.CLOSED, server.ended().get(10, TimeUnit.SECONDS).reason());
    }
}
