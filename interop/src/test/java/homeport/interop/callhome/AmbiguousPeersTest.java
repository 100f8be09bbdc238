package homeport.interop.callhome;

import static org.junit.jupiter.api.Assertions.assertEquals;

import homeport.callhome.Admission;
import homeport.callhome.Credentials;
import homeport.callhome.Design;
import homeport.ssh.key.PrivateKeys;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Peers whose KEXINIT has no mark of a role, as old routers' have none: Paramiko as server, and as client without its mark. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AmbiguousPeersTest {
    static final String PYTHON = "/usr/bin/python3";

    static final String SERVER = """
            import socket, sys, threading, paramiko
            port, host_key, key_class = int(sys.argv[1]), sys.argv[2], (sys.argv[3:] or ['Ed25519Key'])[0]
            class Server(paramiko.ServerInterface):
                def get_allowed_auths(self, user):
                    return 'publickey'
                def check_auth_publickey(self, user, key):
                    return paramiko.AUTH_SUCCESSFUL
                def check_channel_request(self, kind, number):
                    return paramiko.OPEN_SUCCEEDED
                def check_channel_exec_request(self, channel, command):
                    def answer():
                        channel.sendall(b'old router: ' + command)
                        channel.send_exit_status(4)
                        channel.close()
                    threading.Timer(0.1, answer).start()
                    return True
            transport = paramiko.Transport(socket.create_connection(('127.0.0.1', port)))
            transport.add_server_key(getattr(paramiko, key_class).from_private_key_file(host_key))
            transport.start_server(server=Server())
            transport.join()
            """;

    static final String CLIENT = """
            import socket, sys, paramiko
            from paramiko.message import Message
            port, user_key = int(sys.argv[1]), sys.argv[2]
            plain = Message.add_list
            Message.add_list = lambda self, names: plain(self, [n for n in names if n != 'ext-info-c'])
            transport = paramiko.Transport(socket.create_connection(('127.0.0.1', port)))
            transport.start_client(timeout=20)
            transport.auth_publickey('r3', paramiko.Ed25519Key.from_private_key_file(user_key))
            transport.request_port_forward('', 0, lambda channel, origin, server: channel.sendall(b'through the port'))
            print('forwarding', flush=True)
            transport.join()
            """;

    private Path directory;
    private Path key;

    @BeforeAll
    void makeKeys(@TempDir Path temporary) throws IOException, InterruptedException {
        directory = temporary;
        key = new SshKeygen().generate(temporary.resolve("key"), KeyType.ED25519);
        Peers.requireThat(Files.isExecutable(Path.of(PYTHON))
                && new ProcessBuilder(PYTHON, "-W", "ignore", "-c", "import paramiko").start().waitFor() == 0,
                "python3-paramiko is not installed");
    }

    private Process start(String script, TestGateway gateway, String errors) throws IOException {
        return new ProcessBuilder(PYTHON, "-W", "ignore", "-c", script,
                Integer.toString(gateway.address().getPort()), key.toString())
                .redirectError(directory.resolve(errors).toFile()).start();
    }

    private TestGateway gateway() throws IOException {
        var login = Credentials.byKey("admin", PrivateKeys.read("key", Files.readAllBytes(key)));
        return new TestGateway(asked -> new Admission.Admit("r3", login));
    }

    @Test
    void serverWithoutMarksIsWatchedAndFound() throws Exception {
        try (var gateway = gateway()) {
            var peer = start(SERVER, gateway, "server.log");
            try {
                var linked = gateway.await("Paramiko's server");
                assertEquals(Design.CALL_HOME, linked.link().design());
                assertEquals(new TestGateway.Result("old router: show version", 4), linked.exec("show version"));
            } finally {
                peer.destroy();
            }
        }
    }

    /** As many a router has, which then offers no other algorithm. */
    @ParameterizedTest
    @CsvSource({"RSA, RSAKey", "ECDSA_P256, ECDSAKey", "ECDSA_P384, ECDSAKey"})
    void serverWithoutMarksMayHaveNoEd25519Key(KeyType type, String keyClass) throws Exception {
        var hostKey = new SshKeygen().generate(directory.resolve("host-" + type), type);
        try (var gateway = gateway()) {
            var peer = new ProcessBuilder(PYTHON, "-W", "ignore", "-c", SERVER,
                    Integer.toString(gateway.address().getPort()), hostKey.toString(), keyClass)
                    .redirectError(directory.resolve(type + ".log").toFile()).start();
            try {
                var linked = gateway.await("Paramiko's server with a key " + type);
                assertEquals(Design.CALL_HOME, linked.link().design());
                assertEquals(new TestGateway.Result("old router: show version", 4), linked.exec("show version"));
            } finally {
                peer.destroy();
            }
        }
    }

    @Test
    void clientWithoutMarksIsWatchedAndFound() throws Exception {
        try (var gateway = gateway()) {
            var peer = start(CLIENT, gateway, "client.log");
            try {
                var linked = gateway.await("Paramiko's client");
                assertEquals(Design.TUNNEL, linked.link().design());
                // Paramiko refuses channels until it has made a note of the forwarding that was granted.
                assertEquals("forwarding", peer.inputReader(StandardCharsets.UTF_8).readLine());
                assertEquals("through the port",
                        linked.first(handler -> linked.link().openRaw(1 << 16, handler), 16));
            } finally {
                peer.destroy();
            }
        }
    }
}
