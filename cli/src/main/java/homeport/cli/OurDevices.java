package homeport.cli;

import homeport.agent.Agent;
import homeport.agent.AgentConfig;
import homeport.agent.CalledGateway;
import homeport.agent.ConnectionType;
import homeport.agent.DeviceIdentity;
import homeport.agent.Endpoint;
import homeport.agent.ReconnectRules;
import homeport.callhome.Design;
import homeport.gateway.inventory.IdFrom;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.TrustAnchor;
import homeport.gateway.service.Gateway;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The demo's devices that run our agent with its embedded server: one for each design, one for each way to say who it is.
 */
final class OurDevices {
    private static final int SECRET_BYTES = 32;
    private static final Duration CLAIM_LIFE = Duration.ofHours(1);
    private static final AgentConfig.Service EMBEDDED = new AgentConfig.Service.Embedded();

    private final Path directory;
    private final DemoGateway gateway;
    private final SecureRandom random;

    /** @param directory of the devices' own; each gets one in it */
    OurDevices(Path directory, DemoGateway gateway, SecureRandom random) {
        this.directory = directory;
        this.gateway = gateway;
        this.random = random;
    }

    List<DemoDevice> all() throws IOException {
        return List.of(bySecret("boot1", Design.BOOTSTRAP, "id, HMAC over its host key"),
                byPin("home1", Design.CALL_HOME, "its host key"), certifiedCallHome("home2"),
                bySecret("home3", Design.CALL_HOME, "key id, HMAC host key"), claimedServerChannels("chan1"),
                byPin("tunnel1", Design.TUNNEL, "login by its key"));
    }

    /** It says a name and proves nothing, so it waits for an operator. */
    DemoDevice stranger(String name) throws IOException {
        var files = files(name);
        return new DemoDevice(name, Design.BOOTSTRAP, "an id it claims", "", true, with -> {},
                to -> start(to, name, Design.BOOTSTRAP, files, Optional.empty(), Optional.empty(), Optional.empty()));
    }

    private DemoDevice bySecret(String name, Design design, String identified) throws IOException {
        var files = files(name);
        byte[] secret = secret();
        var file = DemoGateway.writeSecret(files.resolve("secret"), secret);
        return new DemoDevice(name, design, identified, "secret", true,
                to -> add(to, NewDevice.withSecret(name, secret)),
                to -> start(to, name, design, files, Optional.of(file), Optional.empty(), Optional.empty()));
    }

    private DemoDevice byPin(String name, Design design, String identified) throws IOException {
        var files = files(name);
        return new DemoDevice(name, design, identified, "pinned-key", true, pin(name, files),
                to -> start(to, name, design, files, Optional.empty(), Optional.empty(), Optional.empty()));
    }

    private DemoDevice certifiedCallHome(String name) throws IOException {
        var files = files(name);
        var key = PrivateKeys.generate(KeyAlgorithm.ECDSA_P256, random);
        DemoGateway.writeSecret(files.resolve("key"), PrivateKeys.write(key, name, random));
        var manufacturer = DemoAuthority.create("Demo Devices Ltd");
        var certificate = Files.writeString(files.resolve("certificate.pem"),
                manufacturer.certify(key.publicKey().jcaKey(), name));
        key.destroy();
        return new DemoDevice(name, Design.CALL_HOME, "X.509 device certificate", "certificate", true, to -> {
            to.inventory().anchors().add(new TrustAnchor("demo-devices", TrustAnchor.Kind.X509,
                    TrustAnchor.Purpose.DEVICES, manufacturer.pem(), IdFrom.SERIAL_NUMBER, false, Set.of(name), ""),
                    Gateway.LOCAL);
            to.watchers().trustChanged();
        }, to -> start(to, name, Design.CALL_HOME, files, Optional.empty(), Optional.of(certificate),
                Optional.empty()));
    }

    private DemoDevice claimedServerChannels(String name) throws IOException {
        var files = files(name);
        var token = files.resolve("claim");
        return new DemoDevice(name, Design.SERVER_CHANNELS, "login, one-time claim token", "token", true, to -> {
            add(to, NewDevice.expected(name));
            var issued = to.inventory().devices().issueToken(name, CLAIM_LIFE, random, Gateway.LOCAL).orElseThrow();
            DemoGateway.writeSecret(token, issued.getBytes(StandardCharsets.US_ASCII));
            to.watchers().deviceChanged(name);
        }, to -> start(to, name, Design.SERVER_CHANNELS, files, Optional.empty(), Optional.empty(),
                Optional.of(new AgentConfig.ClaimToken(Files.readString(token)))));
    }

    private Path files(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    /** As text of 64 digits, so that it can be handed over in a file as people make it. */
    private byte[] secret() {
        var bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes).getBytes(StandardCharsets.US_ASCII);
    }

    private DemoDevice.Enrolment pin(String name, Path files) {
        var key = DeviceIdentity.open(files.resolve("key"), random).key().publicKey();
        return to -> add(to, new NewDevice(name,
                List.of(new NewDevice.KnownKey(key.fingerprint(),
                        Optional.of(new PublicKeyFile(key, "").write().strip()))),
                Optional.empty(), false, Map.of()));
    }

    static void add(Gateway to, NewDevice device) {
        if (!to.inventory().devices().add(device, Gateway.LOCAL)) {
            throw new IllegalStateException("there is a device " + device.id() + " already");
        }
        to.watchers().deviceChanged(device.id());
    }

    private AutoCloseable start(InetSocketAddress to, String name, Design design, Path files, Optional<Path> secret,
            Optional<Path> certificate, Optional<AgentConfig.ClaimToken> claim) throws IOException {
        var known = Files.writeString(files.resolve("known_hosts"), gateway.knownHost(to));
        var called = new CalledGateway("demo",
                List.of(Endpoint.parse(to.getAddress().getHostAddress() + ":" + to.getPort(), to.getPort())),
                new ConnectionType.Persistent(), ReconnectRules.DEFAULT);
        return Agent.start(
                new AgentConfig(name, design, List.of(called), files.resolve("key"), secret, certificate, claim,
                        new AgentConfig.Trust(Optional.of(known), false), Optional.of(gateway.loginKey()), EMBEDDED,
                        Optional.empty(), AgentConfig.KEEP_ALIVE),
                event -> {}, InstantSource.system(), random);
    }
}
