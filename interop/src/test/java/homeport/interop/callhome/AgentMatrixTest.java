package homeport.interop.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import homeport.agent.Agent;
import homeport.agent.AgentConfig;
import homeport.agent.AgentEvent;
import homeport.agent.CalledGateway;
import homeport.agent.ConnectionType;
import homeport.agent.Endpoint;
import homeport.agent.ReconnectRules;
import homeport.callhome.Admission;
import homeport.callhome.Credentials;
import homeport.callhome.Design;
import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionTime;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.link.StreamLink;
import homeport.netconf.server.NetconfServer;
import homeport.netconf.server.ServerSettings;
import homeport.netconf.session.ServerSession;
import homeport.ssh.key.PrivateKeys;
import homeport.testkit.peers.Dropbear;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerPeer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent by each design, in front of sshd, in front of dropbear and with its own servers, meets our gateway's port and
 * what people have in place of one. A cell that cannot exist is named with its reason. The table is printed at the end.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class AgentMatrixTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final String COMMAND = "echo hello; exit 3";

    private enum Service {
        EMBEDDED("embedded"),
        SSHD("relay to sshd"),
        DROPBEAR("relay to dropbear");

        private final String text;

        Service(String text) {
            this.text = text;
        }
    }

    private enum Gateway {
        OURS("our gateway"),
        ASYNCSSH("AsyncSSH"),
        NCCLIENT("ncclient call home"),
        OPENSSH("OpenSSH sshd");

        private final String text;

        Gateway(String text) {
            this.text = text;
        }
    }

    private record Cell(Gateway gateway, Design design, Service service) {
        /** Why there is no such combination; empty where there is one. */
        Optional<String> impossible() {
            return Optional.ofNullable(switch (gateway) {
                case OURS -> null;
                case ASYNCSSH -> null;
                case NCCLIENT -> switch (design) {
                    case SERVER_CHANNELS, TUNNEL -> "ncclient is an SSH client, and so is the device here";
                    case BOOTSTRAP, CALL_HOME -> service == Service.DROPBEAR
                            ? "dropbear has no netconf subsystem"
                            : null;
                };
                case OPENSSH -> switch (design) {
                    case BOOTSTRAP, CALL_HOME -> "sshd is an SSH server, and so is the device here";
                    case SERVER_CHANNELS -> "sshd opens no session channels to its client";
                    case TUNNEL -> null;
                };
            });
        }

        @Override
        public String toString() {
            return design.text() + ", " + service.text + ", " + gateway.text;
        }
    }

    private final Map<String, String> table = new TreeMap<>();
    private Path directory;
    private Path gatewayKey;

    @BeforeAll
    void makeKeys(@TempDir Path temporary) throws Exception {
        directory = temporary;
        gatewayKey = new SshKeygen().generate(temporary.resolve("gateway"), KeyType.ED25519);
    }

    @AfterAll
    void print() {
        var text = new StringBuilder(String.format("%nagent: %-16s %-18s", "design", "service"));
        for (var gateway : Gateway.values()) {
            text.append(String.format(" %-20s", gateway.text));
        }
        var reasons = new ArrayList<String>();
        for (var design : Design.values()) {
            for (var service : Service.values()) {
                text.append(String.format("%n       %-16s %-18s", design.text(), service.text));
                for (var gateway : Gateway.values()) {
                    var cell = new Cell(gateway, design, service);
                    var why = cell.impossible();
                    if (why.isPresent() && !reasons.contains(why.get())) {
                        reasons.add(why.get());
                    }
                    text.append(String.format(" %-20s", why
                            .map(reason -> "- [" + (reasons.indexOf(reason) + 1) + "]")
                            .orElse(table.getOrDefault(cell.toString(), "not run"))));
                }
            }
        }
        for (int i = 0; i < reasons.size(); i++) {
            text.append(String.format("%n       [%d] %s", i + 1, reasons.get(i)));
        }
        System.out.println(text.append(System.lineSeparator()));
    }

    private static Stream<Cell> cells() {
        return Arrays.stream(Gateway.values()).flatMap(gateway -> Arrays.stream(Design.values())
                .flatMap(design -> Arrays.stream(Service.values())
                        .map(service -> new Cell(gateway, design, service))))
                .filter(cell -> cell.impossible().isEmpty());
    }

    /** Each design and each gateway, in front of sshd; and of the others what costs no process of its own. */
    @TestFactory
    Stream<DynamicTest> cellsOfEveryRun() {
        return cells().filter(cell -> cell.service == (cell.gateway == Gateway.OURS ? Service.EMBEDDED : Service.SSHD))
                .map(this::test);
    }

    @Tag("full")
    @TestFactory
    Stream<DynamicTest> everyCellThatCanExist() {
        return cells().map(this::test);
    }

    private DynamicTest test(Cell cell) {
        return dynamicTest(cell.toString(), () -> {
            table.put(cell.toString(), "FAILS");
            try (var part = new Parts(Files.createTempDirectory(directory, "cell"))) {
                switch (cell.gateway) {
                    case OURS -> ours(cell, part);
                    case ASYNCSSH -> asyncSsh(cell, part);
                    case NCCLIENT -> ncclient(cell, part);
                    case OPENSSH -> openSsh(cell, part);
                }
            }
            table.put(cell.toString(), "ok");
        });
    }

    // ---- The device: an agent, and what stands behind it

    /** What a cell starts, ended in reverse order. */
    private static final class Parts implements AutoCloseable {
        final Path directory;
        final BlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>();
        private final List<AutoCloseable> parts = new ArrayList<>();

        Parts(Path directory) {
            this.directory = directory;
        }

        <T extends AutoCloseable> T own(T part) {
            parts.addFirst(part);
            return part;
        }

        @Override
        public void close() throws Exception {
            for (var part : parts) {
                part.close();
            }
        }
    }

    private AgentConfig config(Cell cell, Parts parts, int port, String id) throws Exception {
        var publicKey = SshKeygen.publicKeyFile(gatewayKey);
        var service = switch (cell.service) {
            case EMBEDDED -> new AgentConfig.Service.Embedded();
            case SSHD -> relay(new OpenSshServer(), parts, publicKey);
            case DROPBEAR -> relay(new Dropbear(), parts, publicKey);
        };
        var known = Files.writeString(parts.directory.resolve("known_hosts"),
                "* " + Files.readString(publicKey).strip() + "\n");
        return new AgentConfig(id, cell.design,
                List.of(new CalledGateway("gateway", List.of(new Endpoint("only", "127.0.0.1", port)),
                        new ConnectionType.Persistent(), ReconnectRules.DEFAULT)),
                parts.directory.resolve("identity"), Optional.empty(), Optional.empty(), Optional.empty(),
                new AgentConfig.Trust(Optional.of(known), false), Optional.of(publicKey), service, Optional.empty(),
                AgentConfig.KEEP_ALIVE);
    }

    private AgentConfig.Service relay(ServerPeer peer, Parts parts, Path login) throws Exception {
        var hostKey = new SshKeygen().generate(parts.directory.resolve("device_host"), KeyType.ED25519);
        RunningServer server = peer.listen(new ServerSetup(parts.directory, hostKey, login));
        parts.own(server::close);
        return new AgentConfig.Service.Relay(new Endpoint("device", "127.0.0.1", server.address().getPort()));
    }

    private static void start(AgentConfig config, Parts parts) {
        parts.own(Agent.start(config, parts.events::add, InstantSource.system(), RANDOM));
    }

    // ---- The gateways

    private void ours(Cell cell, Parts parts) throws Exception {
        var login = Credentials.byKey(Peers.user(),
                PrivateKeys.read("gateway", Files.readAllBytes(gatewayKey)));
        var gateway = parts.own(new TestGateway(asked -> new Admission.Admit("device", login)));
        var config = config(cell, parts, gateway.address().getPort(), "device1");
        var trust = Files.writeString(parts.directory.resolve("ours"),
                "* " + gateway.hostKey.publicKey().type() + " "
                        + java.util.Base64.getEncoder().encodeToString(gateway.hostKey.publicKey().blob()) + "\n");
        start(new AgentConfig(config.id(), config.design(), config.gateways(), config.identity(), config.secretFile(),
                config.certificate(), config.claim(), new AgentConfig.Trust(Optional.of(trust), false),
                config.operatorsKey(), config.service(), config.netconf(), config.keepAlive()), parts);
        var device = gateway.await(cell + " " + parts.events);
        assertEquals(cell.design, device.link().design());
        assertEquals(new TestGateway.Result("hello\n", 3), device.exec(COMMAND));
    }

    private static final String REVERSE = """
            import asyncio, asyncssh, sys
            async def met(connection):
                result = await connection.run('echo hello; exit 3')
                print('RESULT', result.stdout.strip(), result.exit_status, flush=True)
                connection.abort()
            async def main():
                listener = await asyncssh.listen_reverse('127.0.0.1', 0, acceptor=met, known_hosts=None,
                    username=sys.argv[2], client_keys=[sys.argv[1]], agent_path=None, config=[])
                print('PORT', listener.sockets[0].getsockname()[1], flush=True)
                await asyncio.sleep(60)
            asyncio.run(main())
            """;
    private static final String SERVER = """
            import asyncio, asyncssh, sys
            class Server(asyncssh.SSHServer):
                def connection_made(self, connection):
                    self.connection = connection
                def connection_lost(self, error):
                    print('LOST', error, flush=True)
                def begin_auth(self, user):
                    return False
                def auth_completed(self):
                    asyncio.ensure_future(self.use())
                def server_requested(self, host, port):
                    return True
                async def use(self):
                    try:
                        await (self.tunnel if sys.argv[3] == 'tunnel' else self.channels)()
                    except BaseException as error:
                        print('RESULT', repr(error), flush=True)
                async def tunnel(self):
                    while not self.connection._local_listeners:
                        await asyncio.sleep(0.02)
                    port = list(self.connection._local_listeners)[0][1]
                    async with asyncssh.connect('127.0.0.1', port, known_hosts=None, username=sys.argv[2],
                            client_keys=[sys.argv[1]], agent_path=None, config=[]) as inside:
                        result = await inside.run('echo hello; exit 3')
                        print('RESULT', result.stdout.strip(), result.exit_status, flush=True)
                async def channels(self):
                    answer, _ = await self.connection._make_global_request(b'server-channels@homeport')
                    assert answer == asyncssh.constants.MSG_REQUEST_SUCCESS, answer
                    channel = asyncssh.channel.SSHClientChannel(self.connection, asyncio.get_event_loop(),
                        'utf-8', 'strict', 1 << 20, 1 << 15)
                    told = []
                    class Session(asyncssh.SSHClientSession):
                        def data_received(self, data, datatype):
                            told.append(data)
                    await channel.create(Session, 'echo hello; exit 3', None, {}, False, None, (0, 0), {}, False,
                        None, None, False, False)
                    await channel.wait_closed()
                    print('RESULT', ''.join(told).strip(), channel.get_exit_status(), flush=True)
            async def main():
                server = await asyncssh.listen('127.0.0.1', 0, server_factory=Server, server_host_keys=[sys.argv[1]])
                print('PORT', server.sockets[0].getsockname()[1], flush=True)
                await asyncio.sleep(60)
            asyncio.run(main())
            """;

    private void asyncSsh(Cell cell, Parts parts) throws Exception {
        requirePython("asyncssh");
        boolean server = cell.design == Design.SERVER_CHANNELS || cell.design == Design.TUNNEL;
        var python = new ProcessBuilder(PYTHON.toString(), "-W", "ignore", "-c", server ? SERVER : REVERSE,
                gatewayKey.toString(), Peers.user(), cell.design.text()).redirectErrorStream(true).start();
        parts.own(() -> python.destroyForcibly().waitFor());
        try (var said = python.inputReader(StandardCharsets.UTF_8)) {
            int port = Integer.parseInt(line(said, "PORT ").substring("PORT ".length()));
            start(config(cell, parts, port, "device1"), parts);
            assertEquals("RESULT hello 3", line(said, "RESULT "), () -> parts.events.toString());
        }
    }

    private static final String NCCLIENT = """
            import sys
            from ncclient import manager
            with manager.call_home(host='127.0.0.1', port=int(sys.argv[1]), username=sys.argv[3],
                                   key_filename=sys.argv[2], hostkey_verify=False, allow_agent=False,
                                   look_for_keys=False, timeout=20) as m:
                print('RESULT', ':candidate' in m.server_capabilities, '<data' in str(m.get_config('running')))
            """;

    private void ncclient(Cell cell, Parts parts) throws Exception {
        requirePython("ncclient");
        if (cell.service == Service.SSHD) {
            netconfSubsystem(parts);
        }
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var python = new ProcessBuilder(PYTHON.toString(), "-W", "ignore", "-c", NCCLIENT, Integer.toString(port),
                gatewayKey.toString(), Peers.user()).redirectErrorStream(true).start();
        parts.own(() -> python.destroyForcibly().waitFor());
        start(config(cell, parts, port, "device1"), parts);
        try (var said = python.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("RESULT True True", line(said, "RESULT "), () -> parts.events.toString());
        }
    }

    /** A NETCONF server as sshd starts it: a program that speaks on its standard input and output. */
    private static void netconfSubsystem(Parts parts) throws IOException {
        var socat = Peers.require("socat");
        var listening = parts.own(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        var sessions = new ServerSessions();
        var server = parts.own(new NetconfServer(ServerSettings.of(
                Datastores.inMemory(Schemas.standard(), Datastores.Boot.RUNNING), sessions, identity -> true)));
        Thread.ofVirtual().start(() -> {
            try {
                var socket = listening.accept();
                ServerSession.serve(new StreamLink(socket.getInputStream(), socket.getOutputStream(), socket),
                        server.capabilities(), server, sessions, Identity.ssh("admin"), Limits.DEFAULT,
                        SessionTime.system(), Instant.EPOCH);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        var program = Files.writeString(parts.directory.resolve("netconf-subsystem"),
                "#!/bin/sh\nexec " + socat + " - TCP:127.0.0.1:" + listening.getLocalPort() + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The port that sshd opens for the tunnel is a new one in its network namespace, which it tells to nobody else. */
    private void openSsh(Cell cell, Parts parts) throws Exception {
        var ssh = Peers.require("ssh");
        var hostKey = new SshKeygen().generate(Files.createDirectory(parts.directory.resolve("far")).resolve("host"),
                KeyType.ED25519);
        var identity = new SshKeygen().generate(parts.directory.resolve("identity"), KeyType.ED25519);
        var sshd = new OpenSshServer().listen(
                new ServerSetup(parts.directory.resolve("far"), hostKey, SshKeygen.publicKeyFile(identity)));
        parts.own(sshd::close);
        var config = config(cell, parts, sshd.address().getPort(), Peers.user());
        var trust = Files.writeString(parts.directory.resolve("theirs"),
                "* " + Files.readString(SshKeygen.publicKeyFile(hostKey)).strip() + "\n");
        var before = listening();
        start(new AgentConfig(config.id(), config.design(), config.gateways(), config.identity(), config.secretFile(),
                config.certificate(), config.claim(), new AgentConfig.Trust(Optional.of(trust), false),
                config.operatorsKey(), config.service(), config.netconf(), config.keepAlive()), parts);
        for (var event = poll(parts); !(event instanceof AgentEvent.Registered); event = poll(parts)) {
            assertTrue(!(event instanceof AgentEvent.Failed), event::toString);
        }
        var opened = listening();
        opened.removeAll(before);
        var said = new ArrayList<String>();
        for (int port : opened) {
            var process = new ProcessBuilder(ssh.toString(), "-F", "none", "-p", Integer.toString(port), "-i",
                    gatewayKey.toString(), "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o",
                    "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "-o",
                    "ConnectTimeout=10", Peers.user() + "@127.0.0.1", COMMAND).redirectErrorStream(true).start();
            process.getOutputStream().close();
            var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            said.add(text.strip() + " " + process.waitFor());
        }
        assertTrue(said.contains("hello 3"), () -> said + " at " + opened + "; " + sshd.log());
    }

    private static AgentEvent poll(Parts parts) throws InterruptedException {
        var event = parts.events.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertTrue(event != null, "the agent did not register");
        return event;
    }

    /** Every TCP port of this machine that is listened on, from the kernel's table: state 0A. */
    private static Set<Integer> listening() throws IOException {
        var ports = new HashSet<Integer>();
        var row = Pattern.compile("^\\s*\\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:0000 0A ");
        for (var line : Files.readAllLines(Path.of("/proc/net/tcp"))) {
            var matcher = row.matcher(line);
            if (matcher.find()) {
                ports.add(Integer.parseInt(matcher.group(1), 16));
            }
        }
        return ports;
    }

    // ---- Python

    private static void requirePython(String module) throws IOException, InterruptedException {
        Peers.requireThat(Files.isExecutable(PYTHON)
                && new ProcessBuilder(PYTHON.toString(), "-W", "ignore", "-c", "import " + module).start()
                        .waitFor() == 0,
                "python3-" + module + " is not installed");
    }

    private static String line(BufferedReader said, String beginning) throws IOException {
        var other = new StringBuilder();
        for (var line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith(beginning)) {
                return line;
            }
            other.append(line).append('\n');
        }
        throw new AssertionError("it ended without " + beginning + ": " + other);
    }
}
