package homeport.netconf.server;

import static homeport.netconf.server.TestServer.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.TestSchemas;
import homeport.netconf.server.TestServer.Session;
import org.junit.jupiter.api.Test;

/** Candidate, startup, copies, validation and locks (RFC 6241 §7.3 to §7.6, §8.3, §8.6, §8.7). */
class CandidateTest {
    private final TestServer server = new TestServer();
    private final Session session = server.open();
    private final Session other = server.open();

    private static String top(String inside) {
        return "<top xmlns=\"urn:homeport:test\">" + inside + "</top>";
    }

    private static String lock(String datastore) {
        return "<lock><target><" + datastore + "/></target></lock>";
    }

    private static String unlock(String datastore) {
        return "<unlock><target><" + datastore + "/></target></unlock>";
    }

    private static String copy(String source, String target) {
        return "<copy-config><target><" + target + "/></target><source>" + source + "</source></copy-config>";
    }

    @Test
    void theCandidateBeginsAsRunningAndCommitMakesItRunning() {
        session.set(top("<plain>a</plain>"));
        session.ok(session.edit(top("<small>1</small>")));
        assertEquals("top(plain:a small:1)", session.config("candidate"));
        assertEquals("top(plain:a)", session.running());
        session.ok("<commit/>");
        assertEquals("top(plain:a small:1)", session.running());
    }

    @Test
    void discardChangesForgetsTheCandidate() {
        session.ok(session.edit(top("<small>1</small>")));
        session.ok("<discard-changes/>");
        assertEquals("", session.config("candidate"));
    }

    @Test
    void aCommitOfNothingIsOk() {
        session.ok("<commit/>");
    }

    @Test
    void theCandidateMayBeIncompleteUntilItsCommit() {
        session.ok(session.edit("<rules xmlns=\"urn:homeport:test\"><needs/></rules>"));
        assertEquals(Tag.DATA_MISSING, session.fails("<commit/>").tag());
        session.ok(session.edit("<rules xmlns=\"urn:homeport:test\"><needs><must-have>x</must-have><this>1</this>"
                + "<two><k>1</k></two></needs></rules>"));
        assertEquals("too-few-elements", session.fails("<commit/>").appTag().orElse(""));
        session.ok(session.edit("<rules xmlns=\"urn:homeport:test\"><needs><two><k>2</k></two></needs></rules>"));
        session.ok("<commit/>");
    }

    @Test
    void severalEditsAreCommittedAsOne() {
        session.set(top("<plain>a</plain>"));
        session.ok(session.edit("candidate", "merge", "<top xmlns=\"urn:homeport:test\" nc:operation=\"delete\"/>"));
        session.ok(session.edit(top("<plain>b</plain><pair><first>x</first><second>1</second></pair>")));
        session.ok(session.edit(top("<pair nc:operation=\"delete\"><first>x</first><second>1</second></pair>")));
        session.ok("<commit/>");
        assertEquals("top(plain:b)", session.running());
    }

    @Test
    void aCandidateBesideAChangedRunningIsCommittedAsItIs() {
        session.ok(session.edit(top("<small>1</small>")));
        session.set(top("<plain>a</plain>"));
        assertEquals("top(small:1)", session.config("candidate"));
        session.ok("<commit/>");
        assertEquals("top(small:1)", session.running());
    }

    @Test
    void validateChecksTheCandidateAndInlineConfig() {
        session.ok(session.edit("<rules xmlns=\"urn:homeport:test\"><active>x</active></rules>"));
        RpcError error = session.fails("<validate><source><candidate/></source></validate>");
        assertEquals("instance-required", error.appTag().orElse(""));
        assertEquals("/t:rules/t:active", path(error));
        session.ok("<validate><source><running/></source></validate>");
        assertEquals("instance-required", session.fails("<validate><source><config><rules "
                + "xmlns=\"urn:homeport:test\"><active>x</active></rules></config></source></validate>").appTag()
                .orElse(""));
        session.ok("<validate><source><config>" + top("<small>1</small>") + "</config></source></validate>");
    }

    @Test
    void copyConfigReplacesTheWholeTarget() {
        session.set(top("<plain>a</plain>"));
        session.ok(copy("<running/>", "startup"));
        session.set(top("<plain>b</plain><small>1</small>"));
        assertEquals("top(plain:a)", session.config("startup"));
        session.ok(copy("<startup/>", "running"));
        assertEquals("top(plain:a)", session.running());
        session.ok(copy("<config>" + top("<small>9</small>") + "</config>", "candidate"));
        assertEquals("top(small:9)", session.config("candidate"));
        session.ok("<commit/>");
        assertEquals("top(small:9)", session.running());
    }

    @Test
    void copyConfigOfWhatIsNotValidChangesNothing() {
        session.set(top("<plain>a</plain>"));
        String bad = "<config><rules xmlns=\"urn:homeport:test\"><active>x</active></rules></config>";
        assertEquals("instance-required", session.fails(copy(bad, "running")).appTag().orElse(""));
        assertEquals("instance-required", session.fails(copy(bad, "startup")).appTag().orElse(""));
        assertEquals("top(plain:a)", session.running());
    }

    @Test
    void copyConfigOntoItselfIsInvalid() {
        assertEquals(Tag.INVALID_VALUE, session.fails(copy("<running/>", "running")).tag());
    }

    @Test
    void anEmptyConfigEmptiesTheTarget() {
        session.set(top("<plain>a</plain>"));
        session.ok(copy("<config/>", "running"));
        assertEquals("", session.running());
    }

    @Test
    void deleteConfigEmptiesStartupOnly() {
        session.set(top("<plain>a</plain>"));
        session.ok(copy("<running/>", "startup"));
        session.ok("<delete-config><target><startup/></target></delete-config>");
        assertEquals("", session.config("startup"));
        assertEquals(Tag.INVALID_VALUE,
                session.fails("<delete-config><target><running/></target></delete-config>").tag());
    }

    @Test
    void startupIsNoDatastoreOfAServerThatBootsFromRunning() {
        TestServer plain = new TestServer(Datastores.inMemory(TestSchemas.SCHEMAS, Datastores.Boot.RUNNING));
        assertEquals(Tag.OPERATION_NOT_SUPPORTED, plain.open().fails(copy("<running/>", "startup")).tag());
        assertTrue(!plain.server.capabilities().has("urn:ietf:params:netconf:capability:startup:1.0"));
    }

    @Test
    void urlsAreNotSupported() {
        assertEquals(Tag.OPERATION_NOT_SUPPORTED,
                session.fails(copy("<url>file:///etc/passwd</url>", "running")).tag());
    }

    @Test
    void aLockKeepsOthersFromWriting() {
        session.ok(lock("running"));
        RpcError denied = other.fails(lock("running"));
        assertEquals(Tag.LOCK_DENIED, denied.tag());
        assertEquals(String.valueOf(session.sessionId()), denied.info().getFirst().text());
        assertEquals(Tag.IN_USE, other.refuses(top("<plain>a</plain>")).tag());
        assertEquals(Tag.IN_USE, other.fails("<commit/>").tag());
        session.set(top("<plain>a</plain>"));
        session.ok(unlock("running"));
        other.set(top("<plain>b</plain>"));
    }

    @Test
    void aLockedCandidateIsInUse() {
        session.ok(lock("candidate"));
        assertEquals(Tag.IN_USE, other.fails(other.edit(top("<plain>a</plain>"))).tag());
        assertEquals(Tag.IN_USE, other.fails("<commit/>").tag());
        assertEquals(Tag.IN_USE, other.fails("<discard-changes/>").tag());
        session.ok(session.edit(top("<plain>a</plain>")));
        session.ok("<commit/>");
    }

    @Test
    void aModifiedCandidateCannotBeLocked() {
        other.ok(other.edit(top("<plain>a</plain>")));
        RpcError denied = session.fails(lock("candidate"));
        assertEquals(Tag.LOCK_DENIED, denied.tag());
        assertEquals("0", denied.info().getFirst().text());
        other.ok("<discard-changes/>");
        session.ok(lock("candidate"));
    }

    @Test
    void unlockingTheCandidateDiscardsItsChanges() {
        session.ok(lock("candidate"));
        session.ok(session.edit(top("<plain>a</plain>")));
        session.ok(unlock("candidate"));
        assertEquals("", session.config("candidate"));
    }

    @Test
    void aLostSessionsLocksAndCandidateAreGone() {
        session.ok(lock("candidate"));
        session.ok(lock("running"));
        session.ok(session.edit(top("<plain>a</plain>")));
        session.drop();
        assertEquals("", other.config("candidate"));
        other.ok(lock("candidate"));
        other.ok(lock("running"));
    }

    @Test
    void onlyTheHolderUnlocks() {
        assertEquals(Tag.OPERATION_FAILED, session.fails(unlock("running")).tag());
        session.ok(lock("running"));
        assertEquals(Tag.OPERATION_FAILED, other.fails(unlock("running")).tag());
        assertEquals(Tag.LOCK_DENIED, session.fails(lock("running")).tag());
    }

    private static String partial(String select) {
        return "<partial-lock xmlns=\"urn:ietf:params:xml:ns:netconf:partial-lock:1.0\" xmlns:t=\"urn:homeport:test\">"
                + "<select>" + select + "</select></partial-lock>";
    }

    @Test
    void aPartialLockKeepsOthersFromItsNodesOnly() {
        session.set(top("<plain>a</plain><pair><first>x</first><second>1</second></pair>"));
        String reply = session.call(partial("/t:top/t:pair[t:first='x']")).toXml();
        assertTrue(reply.contains("<lock-id xmlns=\"urn:ietf:params:xml:ns:netconf:partial-lock:1.0\">1</lock-id>"),
                reply);
        assertTrue(reply.contains("/t:top/t:pair[t:first='x'][t:second='1']"), reply);
        String touch = top("<pair><first>x</first><second>1</second><value>v</value></pair>");
        assertEquals(Tag.IN_USE, other.refuses(touch).tag());
        assertEquals(Tag.IN_USE, other.refuses("<top xmlns=\"urn:homeport:test\" nc:operation=\"delete\"/>").tag());
        other.set(top("<plain>b</plain>"));
        session.set(touch);
        assertEquals(Tag.LOCK_DENIED, other.fails(lock("running")).tag());
        assertEquals(Tag.LOCK_DENIED, other.fails(partial("/t:top")).tag());
        session.ok("<partial-unlock xmlns=\"urn:ietf:params:xml:ns:netconf:partial-lock:1.0\"><lock-id>1</lock-id>"
                + "</partial-unlock>");
        other.ok(lock("running"));
    }

    @Test
    void aPartialLockOfNothingHasNoMatches() {
        assertEquals("no-matches", session.fails(partial("/t:top/t:pair")).appTag().orElse(""));
        assertEquals(Tag.INVALID_VALUE, session.fails(partial("1 + 1")).tag());
        assertEquals(Tag.INVALID_VALUE, session.fails(partial("/t:top[")).tag());
    }

    @Test
    void aLostSessionsPartialLocksAreGone() {
        session.set(top("<plain>a</plain>"));
        session.call(partial("/t:top"));
        session.drop();
        other.ok(lock("running"));
    }
}
