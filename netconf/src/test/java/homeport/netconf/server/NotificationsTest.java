package homeport.netconf.server;

import static homeport.netconf.server.TestServer.compact;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.RpcError.Tag;
import homeport.netconf.SessionEnd;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.TestSchemas;
import homeport.netconf.server.TestServer.Session;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Subscriptions and replay (RFC 5277) of the events of RFC 6470. */
class NotificationsTest {
    private final TestServer server = new TestServer();
    private final Session session = server.open();
    private final Session watcher = server.open();

    private static String subscribe(String inside) {
        return "<create-subscription xmlns=\"urn:ietf:params:xml:ns:netconf:notification:1.0\">" + inside
                + "</create-subscription>";
    }

    private void plain(String value) {
        session.set("<top xmlns=\"urn:homeport:test\"><plain>" + value + "</plain></top>");
    }

    @Test
    void aChangeOfRunningIsTold() {
        watcher.ok(subscribe(""));
        plain("a");
        assertEquals("netconf-config-change(changed-by(session-id:" + session.sessionId()
                + " username:root) datastore:running edit(operation:create target:/t:top))", compact(watcher.next()));
        plain("b");
        assertTrue(compact(watcher.next()).contains("edit(operation:replace target:/t:top/t:plain)"));
        session.set("<top xmlns=\"urn:homeport:test\" nc:operation=\"delete\"/>");
        assertTrue(compact(watcher.next()).contains("edit(operation:delete target:/t:top)"));
    }

    @Test
    void anEditOfTheCandidateIsNotToldAndItsCommitIs() {
        watcher.ok(subscribe(""));
        session.ok(session.edit("<top xmlns=\"urn:homeport:test\"><plain>a</plain></top>"));
        assertTrue(watcher.notifications.isEmpty());
        session.ok("<commit/>");
        assertEquals("netconf-config-change", watcher.next().local());
    }

    @Test
    void whatChangesNothingIsNotTold() {
        plain("a");
        watcher.ok(subscribe(""));
        plain("a");
        assertTrue(watcher.notifications.isEmpty());
    }

    @Test
    void sessionsThatStartAndEndAreTold() {
        watcher.ok(subscribe(""));
        Session third = server.open("someone");
        assertEquals("netconf-session-start(session-id:" + third.sessionId()
                + " source-host:192.0.2.7 username:someone)", compact(watcher.next()));
        session.ok("<kill-session><session-id>" + third.sessionId() + "</session-id></kill-session>");
        assertEquals("netconf-session-end(killed-by:" + session.sessionId() + " session-id:" + third.sessionId()
                + " source-host:192.0.2.7 termination-reason:killed username:someone)", compact(watcher.next()));
    }

    @Test
    void replayTellsWhatWasAndThenWhatIs() {
        plain("a");
        watcher.ok(subscribe("<startTime>2026-11-23T00:00:00Z</startTime>"));
        assertEquals("netconf-session-start", watcher.next().local());
        assertEquals("netconf-session-start", watcher.next().local());
        assertEquals("netconf-config-change", watcher.next().local());
        assertEquals("replayComplete", watcher.next().local());
        plain("b");
        assertEquals("netconf-config-change", watcher.next().local());
    }

    @Test
    void replayBeginsAtItsStartTime() {
        plain("a");
        server.pass(Duration.ofMinutes(10));
        plain("b");
        watcher.ok(subscribe("<startTime>2026-11-23T12:05:00Z</startTime>"));
        assertTrue(watcher.next().toXml().contains("/t:top/t:plain"));
        assertEquals("replayComplete", watcher.next().local());
    }

    @Test
    void aReplayThatStopsInThePastIsCompleteAtOnce() {
        plain("a");
        server.pass(Duration.ofMinutes(10));
        plain("b");
        watcher.ok(subscribe("<filter><netconf-config-change xmlns=\"" + Events.NAMESPACE + "\"/></filter>"
                + "<startTime>2026-11-23T11:00:00Z</startTime><stopTime>2026-11-23T12:05:00Z</stopTime>"));
        assertEquals("netconf-config-change", watcher.next().local());
        assertEquals("replayComplete", watcher.next().local());
        assertEquals("notificationComplete", watcher.next().local());
        plain("c");
        assertTrue(watcher.notifications.isEmpty());
        watcher.ok(subscribe(""));
    }

    @Test
    void aStopTimeInTheFutureEndsTheSubscriptionThen() {
        watcher.ok(subscribe("<startTime>2026-11-23T12:00:00Z</startTime><stopTime>2026-11-23T13:00:00Z</stopTime>"
                + "<filter type=\"subtree\"><netconf-config-change xmlns=\"" + Events.NAMESPACE + "\"/></filter>"));
        assertEquals("replayComplete", watcher.next().local());
        plain("a");
        assertEquals("netconf-config-change", watcher.next().local());
        server.pass(Duration.ofHours(1));
        assertEquals("notificationComplete", watcher.next().local());
        plain("b");
        assertTrue(watcher.notifications.isEmpty());
    }

    @Test
    void theReplayBufferIsBounded() {
        TestServer small = new TestServer(Datastores.inMemory(TestSchemas.SCHEMAS, Datastores.Boot.RUNNING), 3);
        Session writer = small.open();
        for (int i = 0; i < 10; i++) {
            writer.set("<top xmlns=\"urn:homeport:test\"><plain>" + i + "</plain></top>");
        }
        Session late = small.open();
        late.ok(subscribe("<startTime>2026-11-23T00:00:00Z</startTime>"));
        assertEquals(4, late.notifications.size());
        String streams = late
                .call("<get><filter><netconf xmlns=\"urn:ietf:params:xml:ns:netmod:notification\"/></filter>"
                        + "</get>")
                .toXml();
        assertTrue(streams.contains("<replayLogCreationTime>"), streams);
        assertTrue(streams.contains("<name>NETCONF</name>"), streams);
    }

    @Test
    void filtersChooseEvents() {
        watcher.ok(subscribe("<filter><netconf-session-end xmlns=\"" + Events.NAMESPACE
                + "\"><termination-reason>dropped</termination-reason></netconf-session-end></filter>"));
        plain("a");
        server.open().end(new SessionEnd(SessionEnd.Reason.CLOSED, ""));
        server.open().drop();
        assertTrue(compact(watcher.next()).contains("termination-reason:dropped"));
        assertTrue(watcher.notifications.isEmpty());
    }

    @Test
    void xpathFiltersChooseEvents() {
        watcher.ok(subscribe("<filter type=\"xpath\" xmlns:n=\"" + Events.NAMESPACE
                + "\" select=\"/n:netconf-config-change/n:edit[n:operation='delete']\"/>"));
        plain("a");
        session.set("<top xmlns=\"urn:homeport:test\" nc:operation=\"delete\"/>");
        assertTrue(compact(watcher.next()).contains("operation:delete"));
        assertTrue(watcher.notifications.isEmpty());
    }

    @Test
    void wrongTimesAndStreamsAreNamed() {
        assertEquals(Tag.INVALID_VALUE, watcher.fails(subscribe("<stream>OTHER</stream>")).tag());
        assertEquals(Tag.MISSING_ELEMENT,
                watcher.fails(subscribe("<stopTime>2026-11-23T13:00:00Z</stopTime>")).tag());
        assertEquals(Tag.BAD_ELEMENT,
                watcher.fails(subscribe("<startTime>2027-11-23T13:00:00Z</startTime>")).tag());
        assertEquals(Tag.BAD_ELEMENT, watcher.fails(subscribe(
                "<startTime>2026-11-23T11:00:00Z</startTime><stopTime>2026-11-23T10:00:00Z</stopTime>")).tag());
        assertEquals(Tag.BAD_ELEMENT, watcher.fails(subscribe("<startTime>yesterday</startTime>")).tag());
        assertEquals(Tag.INVALID_VALUE,
                watcher.fails(subscribe("<filter type=\"xpath\" select=\"/a[\"/>")).tag());
        watcher.ok(subscribe(""));
        assertEquals(Tag.OPERATION_FAILED, watcher.fails(subscribe("")).tag());
    }

    @Test
    void aSubscriberThatDoesNotTakeAnEventIsNoLongerOne() {
        watcher.ok(subscribe(""));
        watcher.takesNotifications = false;
        plain("a");
        watcher.takesNotifications = true;
        plain("b");
        assertTrue(watcher.notifications.isEmpty());
        watcher.ok(subscribe(""));
    }

    @Test
    void aClosedSessionIsNoLongerTold() {
        watcher.ok(subscribe(""));
        watcher.drop();
        plain("a");
        assertTrue(watcher.notifications.isEmpty());
    }
}
