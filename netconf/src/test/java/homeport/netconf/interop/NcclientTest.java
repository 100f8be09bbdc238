package homeport.netconf.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.Caller;
import homeport.netconf.Capabilities;
import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.Rpc;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcHandler;
import homeport.netconf.RpcReply;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionTime;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.TestSchemas;
import homeport.netconf.link.StreamLink;
import homeport.netconf.server.NetconfServer;
import homeport.netconf.server.ServerSettings;
import homeport.netconf.session.ServerSession;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlName;
import homeport.netconf.xml.XmlNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ncclient, as each of its device handlers speaks, before our server session behind OpenSSH's sshd and socat. */
@Timeout(120)
class NcclientTest {
    @TempDir
    private Path folder;

    private final ServerSessions sessions = new ServerSessions();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    /** Enough of a device for every operation to have an answer. */
    private RpcReply answer(Caller caller, Rpc rpc) {
        // Junos has a commit of its own name.
        String operation = rpc.name().local().replace("commit-configuration", "commit");
        asked.add(operation);
        return switch (operation) {
            case "get", "get-config" -> RpcReply.of(XmlElement.of(Ns.BASE, "data", Xml.parse(
                    "<top xmlns='http://example.com/schema/1.2/config'><interface><name>Ethernet0/0</name></interface></top>")));
            case "lock", "unlock", "edit-config", "validate", "commit", "discard-changes", "copy-config",
                    "delete-config", "create-subscription" ->
                RpcReply.ok();
            case "kill-session" -> {
                sessions.kill(caller, Long.parseLong(rpc.operation().children().getFirst().text().strip()));
                yield RpcReply.ok();
            }
            case "large" -> RpcReply.of(XmlElement.leaf(Ns.BASE, "data", "large ".repeat(600_000)));
            case "announce" -> {
                for (int i = 0; i < 3; i++) {
                    String number = Integer.toString(i);
                    caller.notify(Instant.parse("2007-07-08T00:01:00Z"),
                            writer -> XmlElement.of("urn:x", "event", new XmlElement("",
                                    new XmlName("urn:x", "number"), List.of(),
                                    Namespaces.of(Map.of("", "urn:x")), List.of(),
                                    List.of(new XmlNode.Text(number))))
                                    .writeTo(writer, Namespaces.UNKNOWN));
                }
                yield RpcReply.ok();
            }
            case "refuse" -> throw new RpcErrorException(
                    RpcError.of(RpcError.Type.APPLICATION, RpcError.Tag.INVALID_VALUE, "refused on request")
                            .withPath("/x:refuse", Namespaces.of(Map.of("x", "urn:x"))).withAppTag("too-much"));
            default -> throw new RpcErrorException(RpcError.Type.PROTOCOL, RpcError.Tag.OPERATION_NOT_SUPPORTED,
                    rpc.name().toString());
        };
    }

    private void serve(Socket socket, Capabilities capabilities, RpcHandler handler) {
        try {
            ServerSession.serve(new StreamLink(socket.getInputStream(), socket.getOutputStream(), socket),
                    capabilities, handler, sessions, Identity.ssh("admin"), Limits.DEFAULT, SessionTime.system(),
                    Instant.EPOCH);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private void accept(ServerSocket listener, Capabilities capabilities, RpcHandler handler) {
        while (true) {
            try {
                serve(listener.accept(), capabilities, handler);
            } catch (IOException closed) {
                return;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "csr"})
    void everyOperation(String handler) throws Exception {
        drive(handler, Capabilities.BASE_1_0, Capabilities.BASE_1_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"default"})
    void everyOperationInBase10(String handler) throws Exception {
        drive(handler, Capabilities.BASE_1_0);
    }

    @Tag("full")
    @ParameterizedTest
    @ValueSource(strings = {"junos", "nexus", "iosxe", "iosxr", "huawei", "huaweiyang", "h3c", "hpcomware", "alu",
            "sros",
            "ericsson"})
    void everyOperationOfEveryOtherHandler(String handler) throws Exception {
        drive(handler, Capabilities.BASE_1_0, Capabilities.BASE_1_1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"default"})
    void ourServer(String handler) throws Exception {
        driveOurServer(handler);
    }

    @Tag("full")
    @ParameterizedTest
    @ValueSource(strings = {"csr", "junos", "nexus", "iosxe", "iosxr", "huawei", "huaweiyang", "h3c", "hpcomware",
            "alu", "sros",
            "ericsson"})
    void ourServerBeforeEveryOtherHandler(String handler) throws Exception {
        driveOurServer(handler);
    }

    /** The whole server, data and all: what each operation did is read back, and every error is as ncclient expects it. */
    private void driveOurServer(String deviceHandler) throws Exception {
        Datastores datastores = Datastores.open(TestSchemas.SCHEMAS, folder.resolve("data"), Datastores.Boot.STARTUP);
        try (datastores;
                NetconfServer server = new NetconfServer(
                        ServerSettings.of(datastores, sessions, identity -> identity.user().equals("admin")))) {
            run("ncclient_server.py", deviceHandler, server.capabilities(), server);
        }
    }

    private void drive(String deviceHandler, String... bases) throws Exception {
        List<String> uris = new ArrayList<>(List.of(bases));
        uris.addAll(List.of(Capabilities.CANDIDATE, Capabilities.CONFIRMED_COMMIT_1_0,
                Capabilities.CONFIRMED_COMMIT_1_1, Capabilities.VALIDATE_1_0, Capabilities.VALIDATE_1_1,
                Capabilities.STARTUP, Capabilities.WRITABLE_RUNNING, Capabilities.ROLLBACK_ON_ERROR,
                Capabilities.XPATH, Capabilities.NOTIFICATION, Capabilities.INTERLEAVE));
        run("ncclient_drive.py", deviceHandler, Capabilities.of(uris), this::answer);
        assertTrue(asked.containsAll(List.of("lock", "get-config", "unlock", "get", "edit-config", "validate", "commit",
                "discard-changes", "copy-config", "delete-config", "kill-session", "refuse")), asked.toString());
    }

    /** Runs a script of ours on ncclient, through sshd, before a server of these capabilities. */
    private void run(String script, String deviceHandler, Capabilities capabilities, RpcHandler handler)
            throws Exception {
        Path python = Tools.python("ncclient");
        Path sshd = Tools.program("sshd");
        Path socat = Tools.program("socat");
        Path keygen = Tools.program("ssh-keygen");
        Path hostKey = folder.resolve("host_key");
        Path userKey = folder.resolve("user_key");
        for (Path key : List.of(hostKey, userKey)) {
            Tools.run(List.of(keygen.toString(), "-q", "-t", "ed25519", "-N", "", "-f", key.toString()));
        }
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> accept(listener, capabilities, handler));
            int port = freePort();
            Path config = folder.resolve("sshd_config");
            Files.writeString(config, """
                    ListenAddress 127.0.0.1:%d
                    HostKey %s
                    AuthorizedKeysFile %s
                    PidFile none
                    StrictModes no
                    UsePAM no
                    PermitRootLogin yes
                    Subsystem netconf %s - TCP:127.0.0.1:%d
                    """.formatted(port, hostKey, userKey + ".pub", socat, listener.getLocalPort()));
            Files.setPosixFilePermissions(hostKey, PosixFilePermissions.fromString("rw-------"));
            if (System.getProperty("user.name").equals("root")) {
                Files.createDirectories(Path.of("/run/sshd")); // where sshd, started by root, locks itself in
            }
            Process server = new ProcessBuilder(sshd.toString(), "-D", "-e", "-f", config.toString())
                    .redirectErrorStream(true).start();
            try {
                awaitListening(server);
                String output = Tools.run(List.of(python.toString(), "-W", "ignore",
                        Tools.resource(script, folder).toString(), Integer.toString(port),
                        System.getProperty("user.name"), userKey.toString(), deviceHandler));
                assertTrue(output.strip().endsWith("done"), output);
            } finally {
                Tools.stop(server);
            }
        }
        assertEquals(List.of(), sessions.all());
    }

    private static void awaitListening(Process server) throws IOException {
        BufferedReader log = new BufferedReader(
                new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder all = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            all.append(line).append('\n');
            if (line.contains("Server listening on")) {
                Thread.ofVirtual().start(() -> drain(log));
                return;
            }
        }
        throw new IOException("sshd did not start:\n" + all);
    }

    /** So that sshd never waits for its log to be read. */
    private static void drain(BufferedReader log) {
        try {
            while (log.readLine() != null) {
                // nothing here looks at what sshd says once it listens
            }
        } catch (IOException stopped) {
            // the test stopped sshd, and with it the log
            return;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }
}
