package homeport.netconf.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Capabilities;
import homeport.netconf.Limits;
import homeport.netconf.Notification;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.SessionTime;
import homeport.netconf.client.Datastore;
import homeport.netconf.client.EditConfig;
import homeport.netconf.client.NetconfClient;
import homeport.netconf.link.StreamLink;
import homeport.netconf.session.ClientSession;
import homeport.netconf.xml.Xml;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our client, over OpenSSH's client as its byte channel, before a scripted server on AsyncSSH. */
@Timeout(60)
class AsyncSshServerTest {
    private static final String NOTIFICATION = "<notification xmlns=\\\"" + Ns.NOTIFICATION
            + "\\\"><eventTime>2007-07-08T00:01:00Z</eventTime><event xmlns=\\\"urn:e\\\"/></notification>";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"base:1.0, 0, false", "base:1.1, 0, false", "base:1.1, 1, true", "base:1.1, 7, false"})
    void exchangesOfTheRfcs(String base, int chunk, boolean stray) throws Exception {
        Path python = Tools.python("asyncssh");
        Path ssh = Tools.program("ssh");
        Path script = folder.resolve("script.json");
        Files.writeString(script,
                """
                        {%s "stray": %s, "capabilities": ["urn:ietf:params:netconf:base:1.0", "urn:ietf:params:netconf:%s",
                         "%s", "%s"], "exchanges": [
                         {"expect": "<get-config", "answer": "<data><top xmlns=\\"urn:t\\"><a>\u00fc &amp; b</a></top></data>"},
                         {"expect": "<edit-config", "answer": "<ok/>"},
                         {"expect": "<lock", "answer": "<rpc-error><error-type>protocol</error-type><error-tag>lock-denied</error-tag><error-severity>error</error-severity><error-info><session-id>454</session-id></error-info></rpc-error>"},
                         {"expect": "<create-subscription", "answer": "<ok/>", "after": ["%s", "%s"]},
                         {"expect": "<close-session", "answer": "<ok/>"}]}
                        """
                        .formatted(chunk == 0 ? "" : "\"chunk\": " + chunk + ",", stray, base,
                                Capabilities.WRITABLE_RUNNING,
                                Capabilities.NOTIFICATION, NOTIFICATION, NOTIFICATION));
        Process server = new ProcessBuilder(python.toString(),
                Tools.resource("scripted_server.py", folder).toString(), script.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            String port = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            Process channel = new ProcessBuilder(ssh.toString(), "-F", "none", "-o", "StrictHostKeyChecking=no", "-o",
                    "UserKnownHostsFile=" + folder.resolve("known_hosts"), "-o", "LogLevel=ERROR", "-o",
                    "BatchMode=yes", "-p", port, "-s", "admin@127.0.0.1", "netconf")
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            try {
                exchanges(new NetconfClient(
                        ClientSession.connect(new StreamLink(channel.getInputStream(), channel.getOutputStream(),
                                channel::destroy), Limits.DEFAULT, SessionTime.system()),
                        Duration.ofSeconds(20)));
            } finally {
                Tools.stop(channel);
            }
        } finally {
            Tools.stop(server);
        }
    }

    private static void exchanges(NetconfClient client) throws Exception {
        assertEquals(42, client.session().sessionId());
        assertEquals("\u00fc & b",
                client.getConfig(Datastore.RUNNING).children().getFirst().children().getFirst().text());
        client.editConfig(EditConfig.of(Datastore.RUNNING, Xml.parse("<top xmlns='urn:t'><a>c</a></top>")));
        RpcErrorException denied = assertThrows(RpcErrorException.class, () -> client.lock(Datastore.Named.RUNNING));
        assertEquals(RpcError.Tag.LOCK_DENIED, denied.errors().getFirst().tag());
        BlockingQueue<Notification> came = new LinkedBlockingQueue<>();
        client.createSubscription(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), came::add);
        for (int i = 0; i < 2; i++) {
            Notification next = came.poll(20, TimeUnit.SECONDS);
            assertTrue(next.content().getFirst().is("urn:e", "event"));
        }
        client.close();
        assertTrue(client.session().closed().isDone());
    }
}
