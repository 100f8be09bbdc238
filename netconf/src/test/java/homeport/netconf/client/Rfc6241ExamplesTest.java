package homeport.netconf.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import homeport.netconf.Capabilities;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exchanges of RFC 6241 by section: what the client writes, and what it makes of the answer. */
@Timeout(60)
class Rfc6241ExamplesTest {
    private static final String BASE = "xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"";
    private static final String CONFIG = "http://example.com/schema/1.2/config";
    private static final String STATS = "http://example.com/schema/1.2/stats";

    private static XmlElement config(String local, XmlElement... content) {
        return XmlElement.of(CONFIG, local, content);
    }

    private static XmlElement leaf(String local, String text) {
        return XmlElement.leaf(CONFIG, local, text);
    }

    @Test
    void section4_3ErrorOfAMissingMessageIdIsAnError() throws Exception {
        Script script = new Script();
        RpcErrorException failed = assertThrows(RpcErrorException.class, () -> script.exchange(
                () -> script.client.getConfig(Datastore.RUNNING),
                "<get-config " + BASE + "><source><running/></source></get-config>",
                """
                        <rpc-error>
                          <error-type>rpc</error-type>
                          <error-tag>missing-attribute</error-tag>
                          <error-severity>error</error-severity>
                          <error-info><bad-attribute>message-id</bad-attribute><bad-element>rpc</bad-element></error-info>
                        </rpc-error>"""));

        assertEquals(RpcError.Tag.MISSING_ATTRIBUTE, failed.errors().getFirst().tag());
        assertEquals("message-id", failed.errors().getFirst().info().getFirst().text());
    }

    @Test
    void section4_3SeveralErrorsComeInOneReply() throws Exception {
        Script script = new Script(Capabilities.WRITABLE_RUNNING);
        RpcErrorException failed = assertThrows(RpcErrorException.class, () -> script.exchange(() -> {
            script.client.editConfig(EditConfig.of(Datastore.RUNNING, config("top")));
            return 0;
        }, "<edit-config " + BASE + "><target><running/></target><config><top xmlns='" + CONFIG
                + "'/></config></edit-config>",
                """
                        <rpc-error>
                          <error-type>application</error-type><error-tag>invalid-value</error-tag>
                          <error-severity>error</error-severity>
                          <error-path xmlns:t="http://example.com/schema/1.2/config">/t:top/t:interface[t:name="Ethernet0/0"]/t:mtu</error-path>
                          <error-message xml:lang="en">MTU value 25000 is not within range 256..9192</error-message>
                        </rpc-error>
                        <rpc-error>
                          <error-type>application</error-type><error-tag>invalid-value</error-tag>
                          <error-severity>error</error-severity>
                          <error-path xmlns:t="http://example.com/schema/1.2/config">/t:top/t:interface[t:name="Ethernet1/0"]/t:address/t:name</error-path>
                          <error-message xml:lang="en">Invalid IP address for interface Ethernet1/0</error-message>
                        </rpc-error>"""));

        assertEquals(2, failed.errors().size());
        assertEquals("MTU value 25000 is not within range 256..9192",
                failed.errors().getFirst().message().orElseThrow().text());
        assertEquals("/t:top/t:interface[t:name=\"Ethernet1/0\"]/t:address/t:name",
                failed.errors().get(1).path().orElseThrow().xpath());
    }

    @Test
    void section6_4_1NoFilterSelectsAll() throws Exception {
        Script script = new Script();
        XmlElement data = script.exchange(() -> script.client.get(Optional.empty(), Optional.empty()),
                "<get " + BASE + "/>", "<data><top xmlns='" + CONFIG + "'><users/></top></data>");

        assertEquals("top", data.children().getFirst().local());
    }

    @Test
    void section6_4_2EmptyFilterSelectsNothing() throws Exception {
        Script script = new Script();
        XmlElement data = script.exchange(() -> script.client.get(Filter.subtree()),
                "<get " + BASE + "><filter type='subtree'/></get>", "<data/>");

        assertEquals(0, data.children().size());
    }

    @Test
    void section6_4_3SelectTheEntireUsersSubtree() throws Exception {
        Script script = new Script();
        XmlElement data = script.exchange(
                () -> script.client.getConfig(Datastore.RUNNING, Filter.subtree(config("top", config("users")))),
                "<get-config " + BASE + "><source><running/></source><filter type='subtree'><top xmlns='" + CONFIG
                        + "'><users/></top></filter></get-config>",
                "<data><top xmlns='" + CONFIG
                        + "'><users><user><name>root</name><type>superuser</type><full-name>Charlie Root</full-name>"
                        + "<company-info><dept>1</dept><id>1</id></company-info></user></users></top></data>");

        assertEquals("Charlie Root", data.child(CONFIG, "top").flatMap(top -> top.child("users"))
                .flatMap(users -> users.child("user")).flatMap(user -> user.child("full-name")).orElseThrow().text());
    }

    @Test
    void section6_4_5OneSpecificUser() throws Exception {
        Script script = new Script();
        script.exchange(
                () -> script.client.getConfig(Datastore.RUNNING,
                        Filter.subtree(config("top", config("users", config("user", leaf("name", "fred")))))),
                "<get-config " + BASE + "><source><running/></source><filter type='subtree'><top xmlns='" + CONFIG
                        + "'><users><user><name>fred</name></user></users></top></filter></get-config>",
                "<data/>");
    }

    @Test
    void section6_4_4AllNames() throws Exception {
        users(config("users", config("user", config("name"))), "<users><user><name/></user></users>");
    }

    @Test
    void section6_4_6SomeElementsOfOneUser() throws Exception {
        users(config("users", config("user", leaf("name", "fred"), config("type"), config("full-name"))),
                "<users><user><name>fred</name><type/><full-name/></user></users>");
    }

    @Test
    void section6_4_7SeveralSubtrees() throws Exception {
        users(config("users", config("user", leaf("name", "root"), config("company-info")),
                config("user", leaf("name", "fred"), config("company-info", config("id"))),
                config("user", leaf("name", "barney"), leaf("type", "superuser"),
                        config("company-info", config("dept")))),
                "<users><user><name>root</name><company-info/></user><user><name>fred</name><company-info><id/>"
                        + "</company-info></user><user><name>barney</name><type>superuser</type><company-info><dept/>"
                        + "</company-info></user></users>");
    }

    private static void users(XmlElement filter, String written) throws Exception {
        Script script = new Script();
        XmlElement data = script.exchange(
                () -> script.client.getConfig(Datastore.RUNNING, Filter.subtree(config("top", filter))),
                "<get-config " + BASE + "><source><running/></source><filter type='subtree'><top xmlns='" + CONFIG
                        + "'>"
                        + written + "</top></filter></get-config>",
                "<data><top xmlns='" + CONFIG + "'>" + written + "</top></data>");

        assertEquals(filter.children().size(),
                data.children().getFirst().children().getFirst().children().size());
    }

    @Test
    void section6_4_8AttributesInAFilter() throws Exception {
        Script script = new Script();
        XmlElement top = Xml.parse("<t:top xmlns:t='" + STATS
                + "'><t:interfaces><t:interface t:ifName='eth0'/></t:interfaces></t:top>");
        script.exchange(() -> script.client.get(Filter.subtree(top)), "<get " + BASE
                + "><filter type='subtree'><t:top xmlns:t='" + STATS
                + "'><t:interfaces><t:interface t:ifName='eth0'/></t:interfaces></t:top></filter></get>", "<data/>");
    }

    @Test
    void section7_2EditConfigSetsTheMtu() throws Exception {
        Script script = new Script(Capabilities.WRITABLE_RUNNING);
        script.ok(
                () -> script.client.editConfig(EditConfig.of(Datastore.RUNNING,
                        config("top", config("interface", leaf("name", "Ethernet0/0"), leaf("mtu", "1500"))))),
                "<edit-config " + BASE + "><target><running/></target><config><top xmlns='" + CONFIG
                        + "'><interface><name>Ethernet0/0</name><mtu>1500</mtu></interface></top></config></edit-config>");
    }

    @Test
    void section7_2EditConfigReplacesAnInterface() throws Exception {
        Script script = new Script(Capabilities.WRITABLE_RUNNING);
        script.ok(
                () -> script.client.editConfig(EditConfig.of(Datastore.RUNNING,
                        config("top", Edit.replace(config("interface", leaf("name", "Ethernet0/0"), leaf("mtu", "1500"),
                                config("address", leaf("name", "192.0.2.4"), leaf("prefix-length", "24"))))))),
                "<edit-config " + BASE + "><target><running/></target>"
                        + "<config xmlns:xc='urn:ietf:params:xml:ns:netconf:base:1.0'><top xmlns='" + CONFIG
                        + "'><interface xc:operation='replace'><name>Ethernet0/0</name><mtu>1500</mtu><address>"
                        + "<name>192.0.2.4</name><prefix-length>24</prefix-length></address></interface></top></config>"
                        + "</edit-config>");
    }

    @Test
    void section7_2EditConfigDeletesAnInterfaceWithDefaultNone() throws Exception {
        Script script = new Script(Capabilities.WRITABLE_RUNNING);
        script.ok(
                () -> script.client.editConfig(EditConfig
                        .of(Datastore.RUNNING,
                                config("top", Edit.delete(config("interface", leaf("name", "Ethernet0/0")))))
                        .with(EditConfig.DefaultOperation.NONE)),
                "<edit-config " + BASE
                        + "><target><running/></target><default-operation>none</default-operation>"
                        + "<config xmlns:xc='urn:ietf:params:xml:ns:netconf:base:1.0'><top xmlns='" + CONFIG
                        + "'><interface xc:operation='delete'><name>Ethernet0/0</name></interface></top></config>"
                        + "</edit-config>");
    }

    @Test
    void section7_2EveryOptionOfEditConfig() throws Exception {
        Script script = new Script(Capabilities.CANDIDATE, Capabilities.VALIDATE_1_1, Capabilities.ROLLBACK_ON_ERROR);
        script.ok(
                () -> script.client.editConfig(EditConfig.of(Datastore.CANDIDATE, config("top"))
                        .with(EditConfig.DefaultOperation.REPLACE).with(EditConfig.TestOption.TEST_ONLY)
                        .with(EditConfig.ErrorOption.ROLLBACK_ON_ERROR)),
                "<edit-config " + BASE
                        + "><target><candidate/></target><default-operation>replace</default-operation>"
                        + "<test-option>test-only</test-option><error-option>rollback-on-error</error-option>"
                        + "<config><top xmlns='" + CONFIG + "'/></config></edit-config>");
    }

    @Test
    void section7_3CopyConfigFromAUrl() throws Exception {
        Script script = new Script(Capabilities.WRITABLE_RUNNING, Capabilities.URL + "?scheme=http,https,file");
        script.ok(
                () -> script.client.copyConfig(
                        new Datastore.Url("https://user:password@example.com/cfg/new.txt"), Datastore.RUNNING),
                "<copy-config " + BASE + "><target><running/></target><source>"
                        + "<url>https://user:password@example.com/cfg/new.txt</url></source></copy-config>");
        assertThrows(MissingCapability.class,
                () -> script.client.copyConfig(new Datastore.Url("ftp://example.com/x"), Datastore.RUNNING));
    }

    @Test
    void section7_4DeleteConfig() throws Exception {
        Script script = new Script(Capabilities.STARTUP);
        script.ok(() -> script.client.deleteConfig(Datastore.STARTUP),
                "<delete-config " + BASE + "><target><startup/></target></delete-config>");
        assertThrows(IllegalArgumentException.class, () -> script.client.deleteConfig(Datastore.RUNNING));
    }

    @Test
    void section7_5LockDeniedNamesTheHolder() throws Exception {
        Script script = new Script();
        RpcErrorException denied = assertThrows(RpcErrorException.class, () -> script.exchange(() -> {
            script.client.lock(Datastore.Named.RUNNING);
            return 0;
        }, "<lock " + BASE + "><target><running/></target></lock>", """
                <rpc-error>
                  <error-type>protocol</error-type><error-tag>lock-denied</error-tag>
                  <error-severity>error</error-severity>
                  <error-message>Lock failed, lock is already held</error-message>
                  <error-info><session-id>454</session-id></error-info>
                </rpc-error>"""));

        assertEquals(RpcError.Tag.LOCK_DENIED, denied.errors().getFirst().tag());
        assertEquals("454", denied.errors().getFirst().info().getFirst().text());
    }

    @Test
    void section7_6Unlock() throws Exception {
        Script script = new Script();
        script.ok(() -> script.client.unlock(Datastore.Named.RUNNING),
                "<unlock " + BASE + "><target><running/></target></unlock>");
    }

    @Test
    void section7_7GetStatistics() throws Exception {
        Script script = new Script();
        script.exchange(
                () -> script.client.get(Filter.subtree(XmlElement.of(STATS, "top", XmlElement.of(STATS, "interfaces",
                        XmlElement.of(STATS, "interface", XmlElement.leaf(STATS, "ifName", "eth0")))))),
                "<get " + BASE + "><filter type='subtree'><top xmlns='" + STATS
                        + "'><interfaces><interface><ifName>eth0</ifName></interface></interfaces></top></filter></get>",
                "<data/>");
    }

    @Test
    void section7_8CloseSession() throws Exception {
        Script script = new Script();
        script.ok(() -> script.client.close(), "<close-session " + BASE + "/>");
    }

    @Test
    void section7_9KillSession() throws Exception {
        Script script = new Script();
        script.ok(() -> script.client.killSession(4),
                "<kill-session " + BASE + "><session-id>4</session-id></kill-session>");
    }

    @Test
    void section8_3CommitAndDiscard() throws Exception {
        Script script = new Script(Capabilities.CANDIDATE);
        script.ok(() -> script.client.commit(), "<commit " + BASE + "/>");
        script.ok(() -> script.client.discardChanges(), "<discard-changes " + BASE + "/>");
    }

    @Test
    void section8_4ConfirmedCommitWithPersist() throws Exception {
        Script script = new Script(Capabilities.CANDIDATE, Capabilities.CONFIRMED_COMMIT_1_1);
        script.ok(() -> script.client.commit(Confirm.within(Duration.ofSeconds(120)).persist("IQ,d4668")),
                "<commit " + BASE
                        + "><confirmed/><confirm-timeout>120</confirm-timeout><persist>IQ,d4668</persist></commit>");
        script.ok(() -> script.client.confirmCommit("IQ,d4668"),
                "<commit " + BASE + "><persist-id>IQ,d4668</persist-id></commit>");
        script.ok(() -> script.client.cancelCommit(Optional.of("IQ,d4668")),
                "<cancel-commit " + BASE + "><persist-id>IQ,d4668</persist-id></cancel-commit>");
        script.ok(() -> script.client.cancelCommit(Optional.empty()), "<cancel-commit " + BASE + "/>");
    }

    @Test
    void section8_6Validate() throws Exception {
        Script script = new Script(Capabilities.CANDIDATE, Capabilities.VALIDATE_1_0);
        script.ok(() -> script.client.validate(Datastore.CANDIDATE),
                "<validate " + BASE + "><source><candidate/></source></validate>");
    }

    @Test
    void section8_7CopyToStartup() throws Exception {
        Script script = new Script(Capabilities.STARTUP);
        script.ok(() -> script.client.copyConfig(Datastore.RUNNING, Datastore.STARTUP),
                "<copy-config " + BASE + "><target><startup/></target><source><running/></source></copy-config>");
    }

    @Test
    void section8_9XPathSelect() throws Exception {
        Script script = new Script(Capabilities.XPATH);
        script.exchange(
                () -> script.client.getConfig(Datastore.RUNNING,
                        Filter.xpath("/t:top/t:users/t:user[t:name='fred']", Map.of("t", CONFIG))),
                "<get-config " + BASE + "><source><running/></source><filter xmlns:t='" + CONFIG
                        + "' type='xpath' select=\"/t:top/t:users/t:user[t:name='fred']\"/></get-config>",
                "<data/>");
    }

    @Test
    void section8OperationsNeedTheirCapability() throws Exception {
        NetconfClient client = new Script().client;
        MissingCapability missing = assertThrows(MissingCapability.class, client::commit);
        assertEquals("commit", missing.operation());
        assertEquals(Capabilities.CANDIDATE, missing.missing());
        assertThrows(MissingCapability.class, () -> client.validate(Datastore.RUNNING));
        assertThrows(MissingCapability.class, () -> client.lock(Datastore.Named.STARTUP));
        assertThrows(MissingCapability.class, () -> client.cancelCommit(Optional.empty()));
        assertThrows(MissingCapability.class, () -> client.get(Filter.xpath("/a", Map.of())));
        assertThrows(MissingCapability.class,
                () -> client.editConfig(EditConfig.of(Datastore.RUNNING, config("top"))));
        assertThrows(MissingCapability.class,
                () -> client.get(Optional.empty(), Optional.of(WithDefaults.REPORT_ALL)));
        assertThrows(MissingCapability.class, () -> client.getData(Nmda.Store.OPERATIONAL, Nmda.Query.ALL));
        NetconfClient candidate = new Script(Capabilities.CANDIDATE, Capabilities.CONFIRMED_COMMIT_1_0).client;
        assertThrows(MissingCapability.class,
                () -> candidate.commit(Confirm.within(Duration.ofSeconds(1)).persist("x")));
    }
}
