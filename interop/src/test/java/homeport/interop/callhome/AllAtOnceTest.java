package homeport.interop.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;

import homeport.callhome.Admission;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.BootstrapMessage;
import homeport.callhome.Claim;
import homeport.callhome.Credentials;
import homeport.callhome.Departure;
import homeport.callhome.DepartureSettings;
import homeport.callhome.Design;
import homeport.callhome.Proof;
import homeport.net.Dialler;
import homeport.net.GateLimits;
import homeport.ssh.Algorithms;
import homeport.ssh.SshSettings;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.HmacSigner;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.key.SshPublicKey;
import homeport.testkit.peers.AsyncSshServer;
import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.Dropbear;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.MinaServer;
import homeport.testkit.peers.OpenSshClient;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerPeer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Devices of every kind on one port at the same time: stock software and ours, all four designs, every kind of
 * evidence. Each is found as the design it is, and each runs a command.
 */
class AllAtOnceTest {
    private static final byte[] SECRET = "the secret of all routers here, long enough".getBytes(StandardCharsets.UTF_8);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final GateLimits WIDE = new GateLimits(2_000, 2_000);

    /** What a kind is found as, and what its answer to the command is. */
    private record Kind(Design design, TestGateway.Result answer) {
        static final String COMMAND = "echo hello; exit 3";

        static Kind stock(Design design) {
            return new Kind(design, new TestGateway.Result("hello\n", 3));
        }

        static Kind ours(Design design) {
            return new Kind(design, new TestGateway.Result("ran " + COMMAND, 7));
        }
    }

    private static final Map<String, Kind> KINDS = Map.ofEntries(
            Map.entry("sshd", Kind.stock(Design.CALL_HOME)), Map.entry("dropbear", Kind.stock(Design.CALL_HOME)),
            Map.entry("mina", Kind.stock(Design.CALL_HOME)), Map.entry("asyncssh", Kind.stock(Design.CALL_HOME)),
            Map.entry("paramiko", Kind.stock(Design.CALL_HOME)), Map.entry("junos", Kind.stock(Design.BOOTSTRAP)),
            Map.entry("ssh-R", Kind.stock(Design.TUNNEL)), Map.entry("calix", Kind.ours(Design.BOOTSTRAP)),
            Map.entry("bootstrap", Kind.ours(Design.BOOTSTRAP)), Map.entry("pinned", Kind.ours(Design.CALL_HOME)),
            Map.entry("callback", Kind.ours(Design.CALL_HOME)), Map.entry("certified", Kind.ours(Design.CALL_HOME)),
            Map.entry("hmac", Kind.ours(Design.CALL_HOME)),
            Map.entry("channels", Kind.ours(Design.SERVER_CHANNELS)),
            Map.entry("tunnel", Kind.ours(Design.TUNNEL)));

    private static final String PYTHON = "/usr/bin/python3";
    private static final String PARAMIKO = """
            import socket, sys, threading, time, paramiko
            port, host_key, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
            key = paramiko.Ed25519Key.from_private_key_file(host_key)
            class Server(paramiko.ServerInterface):
                def get_allowed_auths(self, user):
                    return 'publickey'
                def check_auth_publickey(self, user, key):
                    return paramiko.AUTH_SUCCESSFUL
                def check_channel_request(self, kind, number):
                    return paramiko.OPEN_SUCCEEDED
                def check_channel_exec_request(self, channel, command):
                    def answer():
                        channel.sendall(b'hello\\n')
                        channel.send_exit_status(3)
                        channel.close()
                    threading.Timer(0.1, answer).start()
                    return True
            kept = []
            for i in range(count):
                transport = paramiko.Transport(socket.create_connection(('127.0.0.1', port)))
                transport.banner_timeout = transport.handshake_timeout = 60
                transport.add_server_key(key)
                transport.start_server(server=Server(), event=threading.Event())
                kept.append(transport)
            while True:
                time.sleep(60)
            """;
    private static final String ASYNCSSH = """
            import asyncio, sys, asyncssh
            port, host_key, user_key, count = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
            def answer(process):
                process.stdout.write('hello\\n')
                process.exit(3)
            async def main():
                kept = await asyncio.gather(*[asyncssh.connect_reverse('127.0.0.1', port, server_host_keys=[host_key],
                    authorized_client_keys=user_key, process_factory=answer, login_timeout=60, config=None)
                    for i in range(count)])
                await asyncio.Event().wait()
            asyncio.run(main())
            """;

    private final List<AutoCloseable> running = new ArrayList<>();
    private final Map<String, Path> hostKeys = new HashMap<>();
    private final Map<String, String> kindByFingerprint = new HashMap<>();
    private final PlainSigner authority = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
    private int ofEach;
    private Path directory;
    private Path userKey;
    private Credentials credentials;
    private TestDevice device;

    /** 750 devices, of which 350 are processes of their own: minutes on two cores. */
    @Tag("full")
    @Test
    void fiftyOfEveryKindOnOnePort(@TempDir Path temporary) throws Exception {
        allOnOnePort(50, temporary);
    }

    @Test
    void fourOfEveryKindOnOnePort(@TempDir Path temporary) throws Exception {
        allOnOnePort(4, temporary);
    }

    private void allOnOnePort(int number, Path temporary) throws Exception {
        ofEach = number;
        directory = temporary;
        makeKeys();
        try (var gateway = new TestGateway(this::judge, WIDE)) {
            stock(gateway);
            ours(gateway);
            var found = new TreeMap<String, Integer>();
            var waiting = new ArrayDeque<TestGateway.Linked>();
            for (int i = 0; i < ofEach * KINDS.size(); i++) {
                var linked = gateway.await("one of the devices; there are " + found);
                found.merge(linked.link().deviceId() + " as " + linked.link().design(), 1, Integer::sum);
                waiting.add(linked);
            }
            var expected = new TreeMap<String, Integer>();
            KINDS.forEach((name, kind) -> expected.put(name + " as " + kind.design(), ofEach));
            assertEquals(expected, found);
            for (var linked : waiting) {
                var name = linked.link().deviceId();
                TestGateway.Result answer;
                try {
                    answer = linked.exec(Kind.COMMAND);
                } catch (TimeoutException e) {
                    throw new AssertionError(name + " does not answer, as " + linked.link(), e);
                }
                assertEquals(KINDS.get(name).answer(), answer, name);
            }
            assertEquals(List.of(), List.copyOf(gateway.ended));
        } finally {
            for (var one : running.reversed()) {
                one.close();
            }
        }
    }

    // ---- Who may in

    private Admission judge(ArrivalEvent.AdmissionAsked asked) {
        var evidence = asked.evidence();
        if (asked.inner()) {
            return new Admission.Admit("", credentials);
        }
        return switch (evidence.proof()) {
            case Proof.SecretToCheck secret -> new Admission.AdmitWithSecret("hmac", SECRET.clone(), credentials);
            case Proof.HoldsCertificate holds when holds.certificate().authority().equals(authority.publicKey()) ->
                new Admission.Admit("certified", credentials);
            case Proof.HoldsKey holds -> byKey(evidence.claim().orElse(null), holds.key());
            case Proof other -> new Admission.Refuse("not expected here: " + evidence);
        };
    }

    private Admission byKey(Claim claim, PlainKey key) {
        var kind = switch (claim) {
            case Claim.InMessage message when message.message().check(SECRET, key, false).proved() -> message.id();
            case Claim.InMessage message -> "a message with a wrong HMAC";
            case Claim.InXml xml -> xml.id();
            case Claim.InVersionLine line -> line.id();
            case Claim.LoginName login -> login.id();
            case Claim.KeyId id -> "a key id with a key";
            case null -> kindByFingerprint.getOrDefault(key.fingerprint().toString(), "a key that nobody knows");
        };
        return KINDS.containsKey(kind)
                ? new Admission.Admit(kind, credentials)
                : new Admission.Refuse(kind);
    }

    // ---- Stock software

    private void makeKeys() throws IOException, InterruptedException {
        var keygen = new SshKeygen();
        userKey = keygen.generate(directory.resolve("user"), KeyType.ED25519);
        var user = PrivateKeys.read("user", Files.readAllBytes(userKey));
        credentials = Credentials.byKey(Peers.user(), user);
        device = new TestDevice(user.publicKey());
        for (var kind : List.of("sshd", "dropbear", "mina", "asyncssh", "paramiko", "junos", "pinned")) {
            var key = keygen.generate(directory.resolve(kind), KeyType.ED25519);
            hostKeys.put(kind, key);
            kindByFingerprint.put(publicKey(key).fingerprint().toString(), kind);
        }
    }

    private static PlainKey publicKey(Path file) throws IOException {
        return (PlainKey) SshPublicKey.parse(Base64.getDecoder().decode(SshKeygen.publicLine(file).split(" ", 2)[1]));
    }

    private ServerSetup setup(String kind) {
        return new ServerSetup(directory, hostKeys.get(kind), SshKeygen.publicKeyFile(userKey));
    }

    private void stock(TestGateway gateway) throws Exception {
        var sshd = keep(new OpenSshServer().listen(setup("sshd")));
        dial("sshd", new OpenSshServer(), gateway);
        dial("dropbear", new Dropbear(), gateway);
        dial("mina", new MinaServer(), gateway);
        Peers.requireThat(new AsyncSshServer().methods().size() > 1 && imports("asyncssh") && imports("paramiko"),
                "python3-asyncssh and python3-paramiko are not installed");
        var port = Integer.toString(gateway.address().getPort());
        start("asyncssh", List.of(PYTHON, "-W", "ignore", "-c", ASYNCSSH, port, hostKeys.get("asyncssh").toString(),
                SshKeygen.publicKeyFile(userKey).toString(), Integer.toString(ofEach)));
        start("paramiko", List.of(PYTHON, "-W", "ignore", "-c", PARAMIKO, port, hostKeys.get("paramiko").toString(),
                Integer.toString(ofEach)));
        var message = BootstrapMessage.signed("junos", publicKey(hostKeys.get("junos")), SECRET).encode();
        for (int i = 0; i < ofEach; i++) {
            keep(new OpenSshServer().dialAfter(message, setup("junos"), gateway.address()));
        }
        for (int i = 0; i < ofEach; i++) {
            tunnel(gateway, sshd, i);
        }
    }

    private void dial(String kind, ServerPeer peer, TestGateway gateway) throws Exception {
        for (int i = 0; i < ofEach; i++) {
            keep(peer.dial(setup(kind), gateway.address()));
        }
    }

    private void tunnel(TestGateway gateway, RunningServer sshd, int number) throws IOException {
        var key = gateway.hostKey.publicKey();
        var line = key.type() + " " + Base64.getEncoder().encodeToString(key.blob());
        var client = Files.createTempDirectory(directory, "tunnel");
        var command = new ArrayList<>(
                OpenSshClient.arguments(new ClientSetup(directory, line, userKey).withUser("ssh-R"), client));
        command.addAll(List.of("-N", "-R", "0:127.0.0.1:" + sshd.address().getPort(), "-p",
                Integer.toString(gateway.address().getPort()), "-l", "ssh-R", "127.0.0.1"));
        start("tunnel" + number, command);
    }

    private RunningServer keep(RunningServer server) {
        running.add(server);
        return server;
    }

    private void start(String log, List<String> command) throws IOException {
        var process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(directory.resolve(log + ".log").toFile()).start();
        running.add(() -> {
            process.destroy();
            process.waitFor();
        });
    }

    private static boolean imports(String module) throws IOException, InterruptedException {
        return Files.isExecutable(Path.of(PYTHON))
                && new ProcessBuilder(PYTHON, "-W", "ignore", "-c", "import " + module).start().waitFor() == 0;
    }

    // ---- Ours

    private void ours(TestGateway gateway) throws Exception {
        var pinned = PrivateKeys.read("pinned", Files.readAllBytes(hostKeys.get("pinned")));
        for (int i = 0; i < ofEach; i++) {
            var key = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
            for (var settings : List.of(
                    DepartureSettings.bootstrap(BootstrapMessage.signed("bootstrap", key.publicKey(), SECRET),
                            server(key)),
                    DepartureSettings.callHome(server(pinned)),
                    DepartureSettings.callHome(SshSettings.builder().identification("SSH-2.0-CallbackClient_callback")
                            .hostKeys(List.of(key)).build()),
                    DepartureSettings.callHome(server(new CertifiedSigner(key, certificate(key)))),
                    DepartureSettings.callHome(server(new HmacSigner(
                            HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, "device" + i), SECRET.clone()))),
                    DepartureSettings.serverChannels(SshSettings.client(), Credentials.byKey("channels", key)),
                    DepartureSettings.tunnel(SshSettings.client(), Credentials.byKey("tunnel", key), server(key)))) {
                device.dial(gateway.loops(), gateway.address(), settings);
            }
            calix(gateway, key);
        }
    }

    private void calix(TestGateway gateway, PlainSigner key) throws Exception {
        Dialler.dial(gateway.loops().next(), gateway.address(), Duration.ofSeconds(10),
                connection -> new CalixDevice(connection, "calix",
                        new Departure(DepartureSettings.callHome(server(key)), connection.loop().environment(),
                                connection.loop().output(), connection, device::on)))
                .get(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static SshSettings server(Signer... keys) {
        return SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(keys)).build();
    }

    private OpenSshCertificate certificate(PlainSigner key) {
        var now = Instant.now();
        return OpenSshCertificate.issue(key.publicKey(),
                CertificateTerms.forHost("certified", List.of("certified"), now.minusSeconds(60), now.plusSeconds(600)),
                authority, RANDOM);
    }
}
