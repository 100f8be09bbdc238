package homeport.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.Algorithms;
import homeport.ssh.blocking.BlockingConnection;
import homeport.ssh.blocking.Link;
import homeport.ssh.blocking.SshClient;
import homeport.ssh.wire.ChannelType;
import homeport.testkit.peers.AuthMethod;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import java.net.Socket;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SSH inside an SSH channel, three deep, through a real sshd at each level, with new keys at every level. */
class NestedTest {
    private static final int DEPTH = 3;
    private static final long REKEY_BYTES = 1 << 20;

    @TempDir
    private Path directory;

    @Test
    void threeDeepWorksAndRekeys() throws Exception {
        Peers.require("sshd");
        var keygen = new SshKeygen();
        var host = keygen.generate(directory.resolve("host"), KeyType.ED25519);
        var user = keygen.generate(directory.resolve("user"), KeyType.ED25519);
        byte[] hostBlob = Keys.publicKey(host).blob();
        var answers = new OurEnds.ClientAnswers(asked -> MessageDigest.isEqual(asked.key().blob(), hostBlob),
                AuthMethod.PUBLIC_KEY, Optional.of(Keys.signer(user)));
        var settings = OurEnds.client(Algorithms.MODERN, REKEY_BYTES);
        var data = new byte[8 << 20];
        new Random(3).nextBytes(data);

        try (var server = new OpenSshServer().listen(new ServerSetup(directory, host, SshKeygen.publicKeyFile(user)));
                var socket = new Socket(server.address().getAddress(), server.address().getPort())) {
            var connections = new ArrayList<BlockingConnection>();
            var link = Link.of(socket);
            var client = SshClient.connect(link, settings, answers);
            connections.add(client.connection());
            for (int depth = 1; depth < DEPTH; depth++) {
                var inner = client.connection().open(
                        new ChannelType.DirectTcpip("127.0.0.1", server.address().getPort(), "127.0.0.1", 1));
                client = SshClient.connect(Link.of(inner), settings, answers);
                connections.add(client.connection());
            }
            assertArrayEquals(data, client.exec("cat", data).output());
            assertEquals(DEPTH, connections.size());
            for (var connection : connections) {
                assertTrue(connection.keyExchanges() > 2,
                        () -> connection.keyExchanges() + " key exchanges");
            }
            for (var connection : connections.reversed()) {
                connection.close();
            }
        }
    }
}
