package homeport.netconf.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Capabilities;
import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcHandler;
import homeport.netconf.RpcReply;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionError;
import homeport.netconf.SessionTime;
import homeport.netconf.link.PipeLink;
import homeport.netconf.session.ClientSession;
import homeport.netconf.session.ServerSession;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FleetTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void getConfigOverAThousandSessionsReportsEachDevice() throws Exception {
        ServerSessions sessions = new ServerSessions();
        List<NetconfClient> clients = new ArrayList<>();
        List<ServerSession> servers = new ArrayList<>();
        AtomicInteger under = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        for (int i = 0; i < 1000; i++) {
            int number = i;
            RpcHandler handler = (caller, rpc) -> {
                most.accumulateAndGet(under.incrementAndGet(), Math::max);
                try {
                    if (number % 100 == 7) {
                        throw new RpcErrorException(RpcError.Type.APPLICATION, RpcError.Tag.RESOURCE_DENIED, "busy");
                    }
                    return RpcReply.of(XmlElement.of(Ns.BASE, "data", XmlElement.leaf("urn:n", "number", "" + number)));
                } finally {
                    under.decrementAndGet();
                }
            };
            PipeLink.Pair pipe = PipeLink.pair();
            servers.add(ServerSession.serve(pipe.right(), Capabilities.of(Capabilities.BASE_1_1), handler, sessions,
                    Identity.ssh("admin"), Limits.DEFAULT, SessionTime.system(), Instant.EPOCH));
            clients.add(new NetconfClient(ClientSession.connect(pipe.left(), Limits.DEFAULT, SessionTime.system()),
                    LONG));
        }
        clients.get(500).session().abort();

        List<Fleet.Outcome<NetconfClient, String>> outcomes = Fleet.run(clients, 32, LONG,
                client -> client.getConfig(Datastore.RUNNING).children().getFirst().text());

        assertEquals(1000, outcomes.size());
        for (int i = 0; i < 1000; i++) {
            switch (outcomes.get(i)) {
                case Fleet.Outcome.Done<NetconfClient, String>(NetconfClient device, String number) -> {
                    assertEquals(clients.get(i), device);
                    assertEquals(Integer.toString(i), number);
                }
                case Fleet.Outcome.Failed<NetconfClient, String>(NetconfClient _, Throwable failure) -> {
                    if (i == 500) {
                        assertInstanceOf(SessionError.class, failure);
                    } else {
                        assertEquals(7, i % 100);
                        assertInstanceOf(RpcErrorException.class, failure);
                    }
                }
                case Fleet.Outcome.TimedOut<NetconfClient, String> late -> throw new AssertionError(late.toString());
            }
        }
        assertTrue(most.get() <= 32, "at once " + most.get());
        assertEquals(999, sessions.all().size());
    }

    @Test
    void devicesThatTakeTooLongAreReportedAndInterrupted() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(2);
        List<Fleet.Outcome<Integer, Integer>> outcomes = Fleet.run(IntStream.range(0, 5).boxed().toList(), 2,
                Duration.ofMillis(200), device -> {
                    if (device == 0) {
                        return 0;
                    }
                    try {
                        never.await();
                    } catch (InterruptedException late) {
                        interrupted.countDown();
                    }
                    return device;
                });

        assertInstanceOf(Fleet.Outcome.Done.class, outcomes.getFirst());
        assertEquals(4, outcomes.stream().filter(Fleet.Outcome.TimedOut.class::isInstance).count());
        assertEquals(0, interrupted.getCount());
    }
}
