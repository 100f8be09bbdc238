package homeport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Design;
import homeport.callhome.Proof;
import homeport.callhome.SessionStart;
import homeport.ssh.Algorithms;
import homeport.ssh.KeepAlive;
import homeport.ssh.Limits;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The device's steps of RFC 8071 §3.1, by their names there, and the connect and reconnect rules of the call-home model as
 * the running agent keeps them. Each rule by itself is in {@link ReconnectStrategyTest}.
 */
@Timeout(120)
class Rfc8071Test {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final PlainSigner GATEWAY = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
    private static final SshSettings LISTENER = SshSettings.builder()
            .algorithms(Algorithms.MODERN.withDeviceKeys()).keepAlive(KeepAlive.OFF).build();

    @TempDir
    private Path directory;
    private final BlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>();
    private final VirtualTime time = new VirtualTime();

    private Agent start(AgentConfig config) {
        return Agent.start(config, events::add, time, RANDOM);
    }

    private <T extends AgentEvent> T await(Class<T> type) throws InterruptedException {
        var event = events.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
        while (event != null && !type.isInstance(event)) {
            event = events.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        assertNotNull(event, "no " + type.getSimpleName());
        return type.cast(event);
    }

    /** The settings of an agent in call home, as it dials with them. */
    private Device device() throws Exception {
        var operators = Files.writeString(directory.resolve("operators"), "");
        var config = new AgentConfig("device1", Design.CALL_HOME, List.of(TestAgents.called("dc", 4334)),
                directory.resolve("identity"), Optional.empty(), Optional.empty(), Optional.empty(),
                AgentConfig.Trust.NONE, Optional.of(operators), new AgentConfig.Service.Embedded(), Optional.empty(),
                AgentConfig.KEEP_ALIVE);
        var identity = DeviceIdentity.open(config.identity(), RANDOM).key();
        return Device.of(config, DeviceKeys.open(config, identity),
                new EmbeddedNetconf(config.beside(".netconf"), new KeptCallHome(config), identity.publicKey(),
                        gateways -> {}),
                InstantSource.system());
    }

    private MemoryLine line(PlainSigner login) throws Exception {
        return new MemoryLine(device().departure(), LISTENER, login);
    }

    // ---- §3.1, the NETCONF server's steps

    @Test
    void s1DialsTheIanaPortUnlessAnotherIsConfigured() throws Exception {
        assertEquals(4334, Endpoint.parse("gateway.example.net", Endpoint.CALL_HOME_PORT).port());
        assertEquals(4334, Endpoint.CALL_HOME_PORT);
        try (var gateway = new TestGateway();
                var agent = start(TestAgents.embedded(directory, Design.CALL_HOME, gateway))) {
            assertEquals(gateway.portNumber(), await(AgentEvent.Dialling.class).endpoint().port());
            gateway.await();
            assertNotNull(agent.publicKey());
        }
    }

    /** S2 and S3: connected, it is the SSH server, and says so before it has heard anything. */
    @Test
    void s2AndS3StartAnSshServerOnceConnected() throws Exception {
        var line = line(null).deviceAlone();
        assertTrue(new String(line.sentByDevice(), StandardCharsets.ISO_8859_1).startsWith("SSH-2.0-"),
                "no byte comes before the version line");
        var shaken = line(null).both();
        assertTrue(shaken.seen.stream().anyMatch(Question.HostKeyAsked.class::isInstance),
                "it proves a host key: it is the server");
    }

    @Test
    void s4CertificateComesWithAllItsIntermediates() throws Exception {
        var identity = DeviceIdentity.open(directory.resolve("identity"), RANDOM).key();
        var root = ca("CN=root", null);
        var intermediate = ca("CN=intermediate", root);
        var leaf = sign(intermediate, new X500Name("SERIALNUMBER=4711"), identity.publicKey().jcaKey(), false);
        var pem = directory.resolve("chain.pem");
        Files.writeString(pem, pem(leaf) + pem(intermediate.certificate));
        try (var gateway = new TestGateway()) {
            var plain = TestAgents.embedded(directory, Design.CALL_HOME, gateway);
            var config = new AgentConfig(plain.id(), plain.design(), plain.gateways(), plain.identity(),
                    Optional.empty(), Optional.of(pem), Optional.empty(), plain.trust(), plain.operatorsKey(),
                    plain.service(), Optional.empty(), plain.keepAlive());
            try (var agent = start(config)) {
                gateway.await();
                var shown = assertInstanceOf(Proof.HoldsChain.class, gateway.asked.element().evidence().proof());
                assertEquals(List.of(leaf, intermediate.certificate), shown.chain().certificates());
                assertNotNull(agent.publicKey());
            }
            Files.writeString(pem, pem(leaf) + pem(root.certificate));
            assertThrows(AgentError.class, () -> start(config), "a chain with a gap is no chain");
        }
    }

    /** S4 with the certificates that OpenSSH has in place of X.509's. */
    @Test
    void s4OpenSshCertificateIsTheHostKey() throws Exception {
        var identity = DeviceIdentity.open(directory.resolve("identity"), RANDOM).key();
        var authority = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
        var now = Instant.now();
        var certificate = OpenSshCertificate.issue(identity.publicKey(), CertificateTerms.forHost("device 4711",
                List.of("4711"), now.minusSeconds(60), now.plusSeconds(3_600)), authority, RANDOM);
        var file = Files.writeString(directory.resolve("identity-cert.pub"),
                new PublicKeyFile(certificate, "").write());
        try (var gateway = new TestGateway();
                var agent = start(callHome(gateway, Optional.empty(), Optional.of(file)))) {
            assertEquals("hello", gateway.await().exec("printf hello").text());
            var shown = assertInstanceOf(Proof.HoldsCertificate.class, gateway.asked.element().evidence().proof());
            assertEquals(certificate, shown.certificate());
            assertNotNull(agent.publicKey());
        }
        Files.writeString(file, new PublicKeyFile(OpenSshCertificate.issue(authority.publicKey(),
                CertificateTerms.forHost("another's", List.of("4711"), now.minusSeconds(60), now.plusSeconds(3_600)),
                authority, RANDOM), "").write());
        try (var gateway = new TestGateway()) {
            assertThrows(AgentError.class, () -> start(callHome(gateway, Optional.empty(), Optional.of(file))),
                    "a certificate of another key");
        }
    }

    /** S4 with the host keys of draft-kwatsen-netconf-reverse-ssh: a secret in place of a key. */
    @Test
    void s4HmacHostKeyIsShownAndProved() throws Exception {
        var secret = "a secret of thirty-two characters".getBytes(StandardCharsets.US_ASCII);
        var file = Files.write(directory.resolve("secret"), secret);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        try (var gateway = new TestGateway()) {
            gateway.secret = secret;
            try (var agent = start(callHome(gateway, Optional.of(file), Optional.empty()))) {
                assertEquals("hello", gateway.await().exec("printf hello").text());
                var shown = assertInstanceOf(Proof.SecretToCheck.class, gateway.asked.element().evidence().proof());
                assertEquals("device1", shown.keyId().keyId());
                assertNotNull(agent.publicKey());
            }
        }
        try (var gateway = new TestGateway()) {
            gateway.secret = "another secret of enough characters".getBytes(StandardCharsets.US_ASCII);
            try (var agent = start(callHome(gateway, Optional.of(file), Optional.empty()))) {
                assertNotNull(gateway.ended.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS), "it is cut");
                assertTrue(gateway.linked.isEmpty(), "the wrong secret proves nothing");
                assertNotNull(agent.publicKey());
            }
        }
    }

    private AgentConfig callHome(TestGateway gateway, Optional<Path> secret, Optional<Path> certificate)
            throws IOException {
        var plain = TestAgents.embedded(directory, Design.CALL_HOME, gateway);
        return new AgentConfig("device1", plain.design(), plain.gateways(), plain.identity(), secret, certificate,
                Optional.empty(), plain.trust(), plain.operatorsKey(), plain.service(), Optional.empty(),
                plain.keepAlive());
    }

    @Test
    void s5ClosesWhenTheListenerDoesNotLogInInTime() throws Exception {
        for (var line : List.of(line(null).deviceAlone(), line(null).both())) {
            line.pass(Limits.DEFAULT.loginTime().minusSeconds(1));
            boolean talking = line.seen.stream().anyMatch(Question.HostKeyAsked.class::isInstance);
            assertTrue(!talking || line.isOpen(), "it closed too early");
            line.pass(Duration.ofSeconds(2));
            assertFalse(line.isOpen());
            assertFalse(line.deviceEnd().text().isEmpty());
        }
    }

    @Test
    void s6StartsNetconf() throws Exception {
        try (var gateway = new TestGateway();
                var agent = start(TestAgents.embedded(directory, Design.CALL_HOME, gateway))) {
            var device = gateway.await();
            var hello = device.run(handler -> device.link().open(new SessionStart.Subsystem("netconf"), handler), "");
            assertTrue(hello.text().contains("<hello ") && hello.text().contains("netconf:base:1.1"), hello.text());
            assertNotNull(agent.publicKey());
        }
    }

    /** RFC 8071 §4.1: a request that nobody knows, with want-reply; the engine sends and answers it by itself. */
    @Test
    void s7TestsWhetherAPersistentConnectionIsAlive() throws Exception {
        var line = line(GATEWAY).both();
        for (int i = 0; i < 5; i++) {
            int asked = line.sentByDevice().length;
            int answered = line.answersOfListener();
            line.pass(AgentConfig.KEEP_ALIVE.interval());
            assertTrue(line.sentByDevice().length > asked, "no question in half a minute without a byte");
            assertTrue(line.answersOfListener() > answered, "it wants an answer");
            assertTrue(line.isOpen(), "any answer is a sign of life, a failure too");
        }
        line.silence();
        line.pass(AgentConfig.KEEP_ALIVE.interval().multipliedBy(AgentConfig.KEEP_ALIVE.missed()));
        assertTrue(line.isOpen(), "one or two may be lost");
        line.pass(AgentConfig.KEEP_ALIVE.interval());
        assertEquals("ssh-keepalive-timeout", line.deviceEnd().cause().code());
    }

    @Test
    void s7KeepAlivesOfTheListenerAreAnswered() throws Exception {
        var asking = SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys())
                .keepAlive(new KeepAlive(Duration.ofSeconds(5), 3)).build();
        var line = new MemoryLine(device().departure(), asking, GATEWAY).both();
        line.pass(Duration.ofMinutes(10));
        assertTrue(line.isOpen());
        line.cut();
        line.pass(Duration.ofSeconds(21));
        assertFalse(line.listenerIsOpen(), "and a device that is gone is found out");
    }

    // ---- Connecting and reconnecting, with a running agent

    @Test
    void persistentConnectionIsMadeAgainAtOnce() throws Exception {
        try (var gateway = new TestGateway();
                var agent = start(TestAgents.embedded(directory, Design.CALL_HOME, gateway))) {
            for (int i = 0; i < 2; i++) {
                var device = gateway.await();
                time.pass(Duration.ofHours(1));
                device.connection().loop().execute(device.connection()::cut);
            }
            assertEquals(0, gateway.await().exec("true").exit(), "not a moment of virtual time has passed");
            assertNotNull(agent.publicKey());
        }
    }

    private AgentConfig periodic(TestGateway gateway, Optional<Instant> anchor) throws Exception {
        var called = new CalledGateway("dc", TestAgents.called("dc", gateway.portNumber()).endpoints(),
                new ConnectionType.Periodic(Duration.ofHours(1), anchor, Duration.ofSeconds(180)), TestAgents.QUICK);
        return TestAgents.calling(TestAgents.embedded(directory, Design.CALL_HOME, gateway), List.of(called));
    }

    @Test
    void periodicConnectionEndsWhenIdleAndComesBackAtItsNextTime() throws Exception {
        var begun = time.now().wall();
        try (var gateway = new TestGateway(); var agent = start(periodic(gateway, Optional.empty()))) {
            var device = gateway.await();
            await(AgentEvent.Registered.class);
            time.pass(Duration.ofSeconds(100));
            assertEquals(0, device.exec("true").exit());
            time.pass(Duration.ofSeconds(179));
            assertEquals(0, device.exec("true").exit(), "use puts the idle time-out off");
            AgentEvent ended = null;
            while (!(ended instanceof AgentEvent.Ended)) {
                time.pass(Duration.ofSeconds(181)); // again where the command's end was noticed only now
                ended = events.poll(2, TimeUnit.SECONDS);
            }
            assertTrue(String.valueOf(ended).contains("idle"), String.valueOf(ended));
            var left = Duration.between(time.now().wall(), begun.plus(Duration.ofHours(1)));
            assertEquals(left, await(AgentEvent.Waiting.class).time(), "anchored, however long the last one stayed");
            awake(left);
            assertEquals(0, gateway.await().exec("true").exit());
            assertNotNull(agent.publicKey());
        }
    }

    @Test
    void periodicConnectionThatIsCutOffWithASessionOpenIsMadeAgainAtOnce() throws Exception {
        try (var gateway = new TestGateway(); var agent = start(periodic(gateway, Optional.empty()))) {
            var device = gateway.await();
            var streams = new homeport.net.ChannelStreams(device.connection().loop());
            device.connection().loop()
                    .execute(() -> device.link().open(new SessionStart.Subsystem("netconf"), streams));
            streams.opened().get(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertEquals('<', streams.input().read());
            device.connection().loop().execute(device.connection()::cut);
            assertEquals(0, gateway.await().exec("true").exit());
            assertNotNull(agent.publicKey());
        }
    }

    @Test
    void anchorTimeSaysWhenAPeriodicConnectionBegins() throws Exception {
        var anchor = Optional.of(time.now().wall().plus(Duration.ofMinutes(10)));
        try (var gateway = new TestGateway(); var agent = start(periodic(gateway, anchor))) {
            assertEquals(Duration.ofMinutes(10), await(AgentEvent.Waiting.class).time());
            assertTrue(gateway.asked.isEmpty());
            awake(Duration.ofMinutes(10));
            gateway.await();
            assertNotNull(agent.publicKey());
        }
    }

    /** No timer sleeps longer than half a minute, so a machine that slept finds its time come soon after it wakes. */
    @Test
    void machineThatSleptOverItsTimeConnectsWhenItWakes() throws Exception {
        var anchor = Optional.of(time.now().wall().plus(Duration.ofMinutes(50)));
        try (var gateway = new TestGateway(); var agent = start(periodic(gateway, anchor))) {
            await(AgentEvent.Waiting.class);
            time.calendarJumps(Duration.ofHours(8));
            time.pass(Duration.ofSeconds(30));
            gateway.await();
            assertNotNull(agent.publicKey());
        }
    }

    /** In steps of the longest timer, each of which waits for the agent to have set the next one. */
    private void awake(Duration until) throws InterruptedException {
        var left = until;
        while (left.isPositive()) {
            var step = left.compareTo(Duration.ofSeconds(30)) < 0 ? left : Duration.ofSeconds(30);
            time.pass(step);
            left = left.minus(step);
            if (left.isPositive()) {
                await(AgentEvent.Waiting.class);
            }
        }
    }

    @Test
    void severalEndpointsAreTriedInTurnAndSeveralGatewaysInParallel() throws Exception {
        int nobody;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = free.getLocalPort();
        }
        try (var first = new TestGateway(); var second = new TestGateway(first.key, 0)) {
            var rules = new ReconnectRules(ReconnectRules.StartWith.FIRST_LISTED, Duration.ofSeconds(5), 2,
                    Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(10));
            var gateways = List.of(
                    new CalledGateway("failing-over",
                            List.of(new Endpoint("a", TestAgents.LOOPBACK, nobody),
                                    new Endpoint("b", TestAgents.LOOPBACK, first.portNumber())),
                            new ConnectionType.Persistent(), rules),
                    TestAgents.called("beside-it", second.portNumber()),
                    new CalledGateway("never", List.of(new Endpoint("a", TestAgents.LOOPBACK, nobody)),
                            new ConnectionType.Persistent(), rules));
            try (var agent = start(TestAgents.calling(
                    TestAgents.embedded(directory, Design.SERVER_CHANNELS, first, second), gateways))) {
                assertEquals(0, second.await().exec("true").exit(), "nobody waits for the others");
                var tried = new ArrayList<String>();
                while (!tried.equals(List.of("a", "a", "b"))) {
                    switch (events.poll(TestGateway.PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                        case AgentEvent.Dialling dialling when dialling.gateway().equals("failing-over") -> tried
                                .add(dialling.endpoint().name());
                        case AgentEvent.Waiting waiting -> {
                            assertTrue(waiting.time().compareTo(Duration.ofSeconds(2)) <= 0 || waiting.gateway()
                                    .equals("never"), "full jitter below 1 s, then 2 s: " + waiting);
                            time.pass(waiting.time());
                        }
                        case null -> throw new AssertionError("nothing came after " + tried);
                        case AgentEvent other -> assertTrue(tried.size() <= 3, other::toString);
                    }
                }
                assertEquals(0, first.await().exec("true").exit());
                assertNotNull(agent.publicKey());
            }
        }
    }

    /** {@code max-wait}: when one try counts as failed, even where the network swallows everything. */
    @Test
    void tryThatNobodyAnswersFailsAfterMaxWait() throws Exception {
        try (var full = new ServerSocket()) {
            full.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
            var filling = new ArrayList<Socket>();
            try {
                fill(full, filling);
                var called = new CalledGateway("dc",
                        List.of(new Endpoint("full", TestAgents.LOOPBACK, full.getLocalPort())),
                        new ConnectionType.Persistent(),
                        ReconnectRules.of(ReconnectRules.StartWith.FIRST_LISTED, Duration.ofMinutes(9), 3));
                try (var gateway = new TestGateway();
                        var agent = start(TestAgents.calling(
                                TestAgents.embedded(directory, Design.CALL_HOME, gateway), List.of(called)))) {
                    await(AgentEvent.Dialling.class);
                    time.pass(Duration.ofMinutes(9));
                    assertTrue(await(AgentEvent.Failed.class).reason().contains("no connection within PT9M"));
                    assertNotNull(agent.publicKey());
                }
            } finally {
                for (var socket : filling) {
                    socket.close();
                }
            }
        }
    }

    /** Until the kernel takes no more: what dials then gets no answer. */
    private static void fill(ServerSocket full, List<Socket> filling) throws Exception {
        for (int i = 0; i < 16; i++) {
            var socket = new Socket();
            filling.add(socket);
            try {
                socket.connect(full.getLocalSocketAddress(), 200);
            } catch (java.net.SocketTimeoutException e) {
                return;
            }
        }
        throw new AssertionError("the listener's queue does not fill");
    }

    // ---- Certificates

    private record Issuer(X500Name name, KeyPair keys, X509Certificate certificate) {}

    private static Issuer ca(String name, Issuer by) throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        var keys = generator.generateKeyPair();
        var subject = new X500Name(name);
        var signing = by == null ? new Issuer(subject, keys, null) : by;
        return new Issuer(subject, keys, sign(signing, subject, keys.getPublic(), true));
    }

    private static X509Certificate sign(Issuer by, X500Name subject, PublicKey key, boolean authority)
            throws Exception {
        var now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(by.name, new BigInteger(64, RANDOM),
                Date.from(now.minusSeconds(3600)), Date.from(now.plusSeconds(86_400)), subject, key);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.keys.getPrivate())));
    }

    private static String pem(X509Certificate certificate) throws Exception {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }
}
