package homeport.netconf.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.RpcError.Tag;
import homeport.netconf.server.TestServer.Session;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Confirmed commit (RFC 6241 §8.4): roll-back by time, by loss of the session, and by request. */
class ConfirmedCommitTest {
    private final TestServer server = new TestServer();
    private final Session session = server.open();
    private final Session other = server.open();
    private final Session watcher = server.open();

    private static String plain(String value) {
        return "<top xmlns=\"urn:homeport:test\"><plain>" + value + "</plain></top>";
    }

    @BeforeEach
    void runningHasOld() {
        session.set(plain("old"));
        watcher.ok("<create-subscription xmlns=\"urn:ietf:params:xml:ns:netconf:notification:1.0\"/>");
    }

    private void confirmed(String more) {
        session.ok(session.edit(plain("new")));
        session.ok("<commit><confirmed/>" + more + "</commit>");
        assertEquals("top(plain:new)", session.running());
        assertEquals("start", event());
    }

    /** The next confirmed-commit event; running has changed by then. */
    private String event() {
        while (true) {
            XmlElement next = watcher.next();
            if (next.local().equals("netconf-confirmed-commit")) {
                return next.child("confirm-event").orElseThrow().text();
            }
        }
    }

    @Test
    void withoutConfirmationItIsUndoneInTime() {
        confirmed("<confirm-timeout>60</confirm-timeout>");
        server.pass(Duration.ofSeconds(59));
        assertEquals("top(plain:new)", session.running());
        server.pass(Duration.ofSeconds(1));
        assertEquals("timeout", event());
        assertEquals("top(plain:old)", session.running());
    }

    @Test
    void theTimeoutIsTenMinutesUnlessSaid() {
        confirmed("");
        server.pass(Duration.ofSeconds(599));
        assertEquals("top(plain:new)", session.running());
        server.pass(Duration.ofSeconds(1));
        assertEquals("timeout", event());
    }

    @Test
    void aSecondCommitConfirms() {
        confirmed("");
        session.ok("<commit/>");
        assertEquals("complete", event());
        server.pass(Duration.ofHours(1));
        assertEquals("top(plain:new)", session.running());
    }

    @Test
    void aFollowUpExtendsTheTimeAndKeepsTheFirstState() {
        confirmed("<confirm-timeout>60</confirm-timeout>");
        server.pass(Duration.ofSeconds(50));
        session.ok(session.edit(plain("newer")));
        session.ok("<commit><confirmed/><confirm-timeout>60</confirm-timeout></commit>");
        assertEquals("extend", event());
        server.pass(Duration.ofSeconds(50));
        assertEquals("top(plain:newer)", session.running());
        server.pass(Duration.ofSeconds(10));
        assertEquals("timeout", event());
        assertEquals("top(plain:old)", session.running());
    }

    @Test
    void theLossOfItsSessionUndoesIt() {
        confirmed("");
        session.drop();
        assertEquals("cancel", event());
        assertEquals("top(plain:old)", other.running());
    }

    @Test
    void cancelCommitUndoesIt() {
        confirmed("");
        session.ok("<cancel-commit/>");
        assertEquals("cancel", event());
        assertEquals("top(plain:old)", session.running());
        assertEquals(Tag.OPERATION_FAILED, session.fails("<cancel-commit/>").tag());
    }

    @Test
    void onlyItsSessionConfirmsOrCancels() {
        confirmed("");
        assertEquals(Tag.IN_USE, other.fails("<commit/>").tag());
        assertEquals(Tag.IN_USE, other.fails("<cancel-commit/>").tag());
        assertEquals(Tag.LOCK_DENIED, other.fails("<lock><target><running/></target></lock>").tag());
        assertEquals(Tag.INVALID_VALUE, session.fails("<commit><persist-id>x</persist-id></commit>").tag());
    }

    @Test
    void persistOutlivesItsSessionAndAnybodyConfirmsByItsId() {
        confirmed("<persist>IQ,d4668</persist>");
        session.drop();
        assertEquals("top(plain:new)", other.running());
        assertEquals(Tag.INVALID_VALUE, other.fails("<commit/>").tag());
        assertEquals(Tag.INVALID_VALUE, other.fails("<commit><persist-id>wrong</persist-id></commit>").tag());
        other.ok("<commit><persist-id>IQ,d4668</persist-id></commit>");
        assertEquals("complete", event());
        server.pass(Duration.ofHours(1));
        assertEquals("top(plain:new)", other.running());
    }

    @Test
    void persistIsStillUndoneInTime() {
        confirmed("<persist>id</persist><confirm-timeout>30</confirm-timeout>");
        session.drop();
        server.pass(Duration.ofSeconds(30));
        assertEquals("timeout", event());
        assertEquals("top(plain:old)", other.running());
    }

    @Test
    void anybodyCancelsByThePersistId() {
        confirmed("<persist>id</persist>");
        assertEquals(Tag.INVALID_VALUE, other.fails("<cancel-commit><persist-id>x</persist-id></cancel-commit>").tag());
        assertEquals(Tag.INVALID_VALUE, other.fails("<cancel-commit/>").tag());
        other.ok("<cancel-commit><persist-id>id</persist-id></cancel-commit>");
        assertEquals("top(plain:old)", other.running());
    }

    @Test
    void aTimerThatWasReplacedUndoesNothing() {
        confirmed("<confirm-timeout>10</confirm-timeout>");
        session.ok("<commit/>");
        assertEquals("complete", event());
        session.ok(session.edit(plain("third")));
        session.ok("<commit><confirmed/><confirm-timeout>100</confirm-timeout></commit>");
        assertEquals("start", event());
        server.pass(Duration.ofSeconds(20));
        assertEquals("top(plain:third)", session.running());
        server.pass(Duration.ofSeconds(80));
        assertEquals("timeout", event());
        assertEquals("top(plain:new)", session.running());
    }

    @Test
    void theChangesOfARollBackAreTold() {
        confirmed("");
        session.ok("<cancel-commit/>");
        XmlElement last = watcher.next();
        while (!last.toXml().contains("netconf-config-change")) {
            last = watcher.next();
        }
        assertTrue(last.toXml().contains("/t:top/t:plain"), last.toXml());
    }

    @Test
    void timeoutsAndPersistNeedConfirmed() {
        assertEquals(Tag.BAD_ELEMENT, session.fails("<commit><persist>x</persist></commit>").tag());
        assertEquals(Tag.BAD_ELEMENT, session.fails("<commit><confirm-timeout>5</confirm-timeout></commit>").tag());
        assertEquals(Tag.INVALID_VALUE,
                session.fails("<commit><confirmed/><confirm-timeout>0</confirm-timeout></commit>").tag());
    }

    @Test
    void aCommitThatFailsLeavesWhatWaits() {
        confirmed("<confirm-timeout>60</confirm-timeout>");
        session.ok(session.edit("<rules xmlns=\"urn:homeport:test\"><active>x</active></rules>"));
        assertEquals(Tag.DATA_MISSING, session.fails("<commit/>").tag());
        server.pass(Duration.ofSeconds(60));
        assertEquals("timeout", event());
        assertEquals("top(plain:old)", session.running());
    }
}
