package homeport.cli;

import homeport.gateway.config.ConfigReader;
import homeport.gateway.event.Events;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.service.Gateway;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.key.SshPublicKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The demo's gateway: the real one, on free ports of the loopback address, with one operator and what that one needs. */
final class DemoGateway implements AutoCloseable {
    static final String OPERATOR = "alice";
    private static final Duration TOKEN_LIFE = Duration.ofHours(12);

    private final Path directory;
    private final Path data;
    private final Gateway gateway;
    private final Events.Watch watch;
    private final Map<String, CompletableFuture<GatewayEvent>> awaited = new ConcurrentHashMap<>();
    private volatile Consumer<GatewayEvent> follower = event -> {};

    /** @param strangers connections that may be under way at once, all of which come from one address here */
    private DemoGateway(Path directory, int strangers, SecureRandom random) throws IOException {
        this.directory = directory;
        this.data = directory.resolve("gateway");
        var any = "127.0.0.1:0";
        this.gateway = Gateway.open(
                ConfigReader.read(Optional.empty(), Map.of(),
                        Map.of("data", data.toString(), "devices.listen", any, "operators.listen", any, "http.listen",
                                any, "limits.per-address", Integer.toString(strangers))),
                Optional.empty(), InstantSource.system());
        this.watch = gateway.events().watch(Optional.empty(), this::on).orElseThrow();
        try {
            local().write(data);
            admit(random);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    static DemoGateway open(Path directory, int strangers, SecureRandom random) throws IOException {
        return new DemoGateway(directory, strangers, random);
    }

    private LocalGateway local() {
        return new LocalGateway("http://127.0.0.1:" + gateway.httpPort(), gateway.operatorsAddress().getPort(),
                gateway.devicesAddress().getPort());
    }

    /** The operator, with a key for SSH, and for the HTTP API a header in a file: no secret stands on a command line. */
    private void admit(SecureRandom random) throws IOException {
        var key = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, random);
        try {
            writeSecret(directory.resolve(OPERATOR), PrivateKeys.write(key, OPERATOR, random));
            gateway.addAdmin(OPERATOR, List.of(new PublicKeyFile(key.publicKey(), OPERATOR)));
        } finally {
            key.destroy();
        }
        var token = gateway.inventory().operators().issueToken(OPERATOR, TOKEN_LIFE, random, Gateway.LOCAL)
                .orElseThrow();
        writeSecret(header(), ("Authorization: Bearer " + token + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Of mode 0600 from its first byte on. */
    static Path writeSecret(Path file, byte[] content) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.write(file, content);
    }

    // ---- Where things are

    Gateway gateway() {
        return gateway;
    }

    Path data() {
        return data;
    }

    InetSocketAddress devices() {
        return gateway.devicesAddress();
    }

    String api() {
        return local().http() + "/api/v1";
    }

    /** A file with the operator's token as an HTTP header, for curl. */
    Path header() {
        return directory.resolve(OPERATOR + ".header");
    }

    /** What a device's SSH server lets in: the gateway. */
    Path loginKey() throws IOException {
        return Files.writeString(directory.resolve("gateway.pub"), line(gateway.keys().user().publicKey()) + "\n");
    }

    /** The gateway's host key, as it is known at an address. */
    String knownHost(InetSocketAddress at) {
        return "[" + at.getAddress().getHostAddress() + "]:" + at.getPort() + " "
                + line(gateway.keys().host().publicKey()) + "\n";
    }

    private static String line(SshPublicKey key) {
        return new PublicKeyFile(key, "homeport").write().strip();
    }

    /** An {@code ssh_config} with a Host for each device, and {@code gateway} for the gateway itself. */
    Path sshConfig(List<String> names) throws IOException {
        var hosts = new LinkedHashMap<String, String>();
        hosts.put("gateway", OPERATOR);
        names.forEach(name -> hosts.put(name, OPERATOR + "+" + name));
        var text = new StringBuilder();
        hosts.forEach((host, user) -> text.append("Host ").append(host).append("\n    User ").append(user)
                .append('\n'));
        var known = Files.writeString(directory.resolve("known_hosts"), knownHost(gateway.operatorsAddress()));
        text.append("""
                Host *
                    HostName 127.0.0.1
                    Port %d
                    IdentityFile %s
                    IdentitiesOnly yes
                    UserKnownHostsFile %s
                    StrictHostKeyChecking yes
                    LogLevel ERROR
                """.formatted(gateway.operatorsAddress().getPort(), directory.resolve(OPERATOR), known));
        return Files.writeString(directory.resolve("ssh_config"), text);
    }

    // ---- What happens

    private void on(GatewayEvent event) {
        if (event.type() == GatewayEvent.Type.DEVICE_ONLINE || event.type() == GatewayEvent.Type.DEVICE_PENDING) {
            var waiting = awaited.get(event.device());
            if (waiting != null) {
                waiting.complete(event);
            }
            follower.accept(event);
        }
    }

    /** Hears of every device that comes or waits, on threads that must not be kept. */
    void follow(Consumer<GatewayEvent> next) {
        follower = next;
    }

    /** What happens first to this device from now on. */
    CompletableFuture<GatewayEvent> expect(String device) {
        return awaited.computeIfAbsent(device, name -> new CompletableFuture<>());
    }

    /** @throws IOException when nothing happened in time; with what the journal says of it */
    GatewayEvent await(CompletableFuture<GatewayEvent> expected, String device, Duration patience)
            throws IOException, InterruptedException {
        try {
            return expected.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            var last = gateway.inventory().attempts().list(Set.of(device), Long.MAX_VALUE, 1);
            throw new IOException(device + " did not come within " + patience.toSeconds() + " s: "
                    + (last.isEmpty()
                            ? "it never got so far as to say who it is"
                            : last.getFirst().code() + " " + last.getFirst().detail()),
                    e);
        }
    }

    @Override
    public void close() throws IOException {
        watch.close();
        gateway.close();
    }
}
