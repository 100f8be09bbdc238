package homeport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Design;
import homeport.callhome.SessionStart;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.KnownHosts;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerSetup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The agent in front of a stock sshd, in each design. */
class RelayTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path directory;

    private RunningServer sshd(TestGateway gateway) throws Exception {
        var hostKey = directory.resolve("sshd_key");
        var key = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
        Files.createFile(hostKey, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(hostKey, PrivateKeys.write(key, "sshd", RANDOM));
        Files.writeString(directory.resolve("sshd_key.pub"), new PublicKeyFile(key.publicKey(), "sshd").write());
        var login = directory.resolve("login.pub");
        Files.writeString(login, new PublicKeyFile(gateway.key.publicKey(), "gateway").write());
        return new OpenSshServer().listen(new ServerSetup(directory, hostKey, login));
    }

    private AgentConfig config(Design design, TestGateway gateway, RunningServer sshd, Optional<Path> secret)
            throws Exception {
        var known = directory.resolve("known_hosts");
        Files.writeString(known, KnownHosts.line("127.0.0.1", gateway.portNumber(), gateway.key.publicKey()));
        return new AgentConfig("device1", design,
                List.of(new CalledGateway("dc", List.of(new Endpoint("one", "127.0.0.1", gateway.portNumber())),
                        new ConnectionType.Persistent(), ReconnectRules.DEFAULT)),
                directory.resolve("identity"), secret, Optional.empty(), Optional.empty(),
                new AgentConfig.Trust(Optional.of(known), false), Optional.empty(),
                new AgentConfig.Service.Relay(new Endpoint("sshd", "127.0.0.1", sshd.address().getPort())),
                Optional.empty(), AgentConfig.KEEP_ALIVE);
    }

    @ParameterizedTest
    @EnumSource(Design.class)
    void gatewayRunsACommand(Design design) throws Exception {
        try (var gateway = new TestGateway();
                var sshd = sshd(gateway);
                var agent = Agent.start(config(design, gateway, sshd, Optional.empty()), event -> {},
                        InstantSource.system(), RANDOM)) {
            assertEquals(new TestGateway.Result("hello\n", 3), gateway.await().exec("echo hello; exit 3"));
            assertNotNull(agent.publicKey());
        }
    }

    @Test
    void serverChannelsReachTheRelayedPortAndNoOther() throws Exception {
        try (var gateway = new TestGateway();
                var sshd = sshd(gateway);
                var agent = Agent.start(config(Design.SERVER_CHANNELS, gateway, sshd, Optional.empty()), event -> {},
                        InstantSource.system(), RANDOM)) {
            var device = gateway.await();
            int port = sshd.address().getPort();
            var banner = device.run(handler -> device.link().openTcp("localhost", port, 1 << 16, handler), "");
            assertTrue(banner.text().startsWith("SSH-2.0-OpenSSH"), banner.text());
            var refused = org.junit.jupiter.api.Assertions.assertThrows(java.util.concurrent.ExecutionException.class,
                    () -> device.run(handler -> device.link().openTcp("localhost", port + 1, 1 << 16, handler), ""));
            assertTrue(refused.getCause().getMessage().contains("what it relays"), refused.getCause().getMessage());
            assertNotNull(agent.publicKey());
        }
    }

    @Test
    void bootstrapMessageVouchesForTheHostKeyOfTheDevicesOwnServer() throws Exception {
        byte[] secret = "a secret of more than 16 bytes".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        var file = directory.resolve("secret");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, secret);
        try (var gateway = new TestGateway();
                var sshd = sshd(gateway);
                var agent = Agent.start(config(Design.BOOTSTRAP, gateway, sshd, Optional.of(file)), event -> {},
                        InstantSource.system(), RANDOM)) {
            var device = gateway.await();
            assertEquals(0, device.run(
                    handler -> device.link().open(new SessionStart.Exec("true"), handler), "").exit());
            var evidence = gateway.asked.element().evidence();
            var claim = (homeport.callhome.Claim.InMessage) evidence.claim().orElseThrow();
            var shown = (homeport.callhome.Proof.HoldsKey) evidence.proof();
            assertTrue(claim.message().check(secret, shown.key(), true).proved());
            assertNotNull(agent.publicKey());
        }
    }
}
