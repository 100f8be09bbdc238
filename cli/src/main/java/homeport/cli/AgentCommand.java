package homeport.cli;

import homeport.agent.Agent;
import homeport.agent.AgentConfig;
import homeport.agent.AgentConfigFile;
import homeport.agent.AgentError;
import homeport.agent.AgentEvent;
import homeport.agent.CalledGateway;
import homeport.agent.ConnectionType;
import homeport.agent.Endpoint;
import homeport.agent.ReconnectRules;
import homeport.callhome.Design;
import homeport.ssh.key.KeyFileError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.Security;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code homeport agent}: the device's side, until it is told to end. */
@Command(name = "agent", mixinStandardHelpOptions = true, //
        description = "Makes this machine a device: dials the gateway, and serves what it asks for.")
final class AgentCommand implements Callable<Integer> {
    private static final String ROOT = "root";
    private static final AtomicBoolean SETTLED = new AtomicBoolean();

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--gateway", paramLabel = "HOST[:PORT]", description = "Where to dial (port 4334). More than "
            + "one: each is called on its own.")
    private List<String> gateways = new ArrayList<>();

    @Option(names = "--config", paramLabel = "FILE", description = "YAML in the shape of ietf-netconf-server's "
            + "call-home: several gateways, endpoints, periodic connections.")
    private @Nullable Path config;

    @Option(names = "--id", required = true, description = "By which the gateway knows this device.")
    private String id = "";

    @Option(names = "--design", required = true, paramLabel = "DESIGN", //
            description = "bootstrap, call-home, server-channels or tunnel.")
    private String design = "";

    @Option(names = "--identity", paramLabel = "KEYFILE", description = "The device's key, made at the first start "
            + "(homeport-agent.key).")
    private Path identity = Path.of("homeport-agent.key");

    @Option(names = "--secret-file", paramLabel = "FILE", description = "Shared with the gateway: proves the id.")
    private @Nullable Path secret;

    @Option(names = "--certificate", paramLabel = "FILE", description = "Of the identity key: OpenSSH's, or a chain "
            + "in PEM, leaf first.")
    private @Nullable Path certificate;

    @Option(names = "--claim", paramLabel = "TOKEN", description = "One-time token: @FILE reads it from a file; or "
            + "put it into HOMEPORT_CLAIM, where other users do not see it.")
    private @Nullable String claim;

    @Option(names = "--gateway-key", paramLabel = "KNOWN_HOSTS", description = "The gateway's host key, or its CA.")
    private @Nullable Path gatewayKey;

    @Option(names = "--trust-gateway-once", description = "Believe the gateway's key at the first meeting.")
    private boolean trustOnce;

    @Option(names = "--operators-key", paramLabel = "AUTHORIZED_KEYS", description = "Who may log in: the gateway's "
            + "key, or its CA.")
    private @Nullable Path operatorsKey;

    @Option(names = "--relay", paramLabel = "HOST:PORT", description = "The device's own SSH server, to which bytes are "
            + "carried; in server-channels as a port only: sessions run here.")
    private @Nullable String relay;

    @Option(names = "--embedded", description = "Serve SSH and NETCONF here (unless --relay).")
    private boolean embedded;

    @Option(names = "--netconf", paramLabel = "HOST:PORT", description = "A port that speaks NETCONF without SSH, in "
            + "place of the embedded server.")
    private @Nullable String netconf;

    @Option(names = "--persistent", description = "Stay connected (unless --every).")
    private boolean persistent;

    @Option(names = "--every", paramLabel = "DURATION", description = "Connect that often: 90s, 15m, 2h.")
    private @Nullable String every;

    @Override
    public Integer call() throws InterruptedException {
        // A gateway that has moved is found at the next dial: Java remembers addresses for half a minute otherwise.
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        var commandLine = Objects.requireNonNull(spec).commandLine();
        AgentConfig read;
        try {
            read = read();
        } catch (AgentError | IllegalArgumentException e) {
            return complain(e, ExitStatus.WRONG_USAGE);
        }
        // In server-channels the gateway's sessions end in the agent, with a relay too.
        boolean runs = relay == null || read.design() == Design.SERVER_CHANNELS;
        if (runs && ROOT.equals(System.getProperty("user.name"))) {
            log().warn(
                    "the agent runs as root, and so does every program that a gateway's operator starts: give it a user"
                            + " of its own");
        }
        try {
            var agent = Agent.start(read, AgentCommand::tell, InstantSource.system(), new SecureRandom());
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(agent::close));
            var out = commandLine.getOut();
            out.println((agent.identityMade() ? "Made this device's identity: " : "This device's identity: ")
                    + agent.publicKey().fingerprint());
            out.flush();
            new CountDownLatch(1).await(); // until a signal ends the JVM
            return ExitStatus.DONE.code();
        } catch (AgentError | KeyFileError e) {
            return complain(e, ExitStatus.FAILED);
        }
    }

    private int complain(RuntimeException e, ExitStatus status) {
        var err = Objects.requireNonNull(spec).commandLine().getErr();
        err.println("homeport: the agent did not start: " + e.getMessage());
        err.flush();
        return status.code();
    }

    private static void tell(AgentEvent event) {
        log().debug("{}", event);
        if (event instanceof AgentEvent.Registered && SETTLED.compareAndSet(false, true)) {
            // An idle agent may run for months on what it has: what only the start needed goes back to the machine.
            Thread.ofVirtual().name("agent-settled").start(System::gc);
        }
    }

    /** Not before the command runs: the first logger reads how a gateway is to log, which a field would forestall. */
    private static Logger log() {
        return LoggerFactory.getLogger("homeport.agent");
    }

    private AgentConfig read() {
        if ((relay != null && embedded) || (persistent && every != null)) {
            throw new IllegalArgumentException("--relay or --embedded, and --persistent or --every: not both");
        }
        var called = new ArrayList<CalledGateway>();
        if (config != null) {
            called.addAll(AgentConfigFile.read(config));
        }
        ConnectionType type = every == null
                ? new ConnectionType.Persistent()
                : new ConnectionType.Periodic(duration(every), Optional.empty(),
                        ConnectionType.Periodic.DEFAULT_IDLE_TIMEOUT);
        for (var text : gateways) {
            called.add(new CalledGateway(text, List.of(Endpoint.parse(text, Endpoint.CALL_HOME_PORT)), type,
                    ReconnectRules.DEFAULT));
        }
        return new AgentConfig(id, design(), called, identity, Optional.ofNullable(secret),
                Optional.ofNullable(certificate), token(),
                new AgentConfig.Trust(Optional.ofNullable(gatewayKey), trustOnce), Optional.ofNullable(operatorsKey),
                relay == null
                        ? new AgentConfig.Service.Embedded()
                        : new AgentConfig.Service.Relay(Endpoint.parse(relay, 22)),
                Optional.ofNullable(netconf).map(text -> Endpoint.parse(text, 830)), AgentConfig.KEEP_ALIVE);
    }

    private Design design() {
        return Arrays.stream(Design.values()).filter(each -> each.text().equals(design)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--design is bootstrap, call-home, server-channels or "
                        + "tunnel, not \"" + design + "\""));
    }

    private Optional<AgentConfig.ClaimToken> token() {
        var text = claim != null ? claim : System.getenv("HOMEPORT_CLAIM");
        if (text == null) {
            return Optional.empty();
        }
        if (!text.startsWith("@")) {
            return Optional.of(new AgentConfig.ClaimToken(text.strip()));
        }
        try {
            return Optional.of(new AgentConfig.ClaimToken(Files.readString(Path.of(text.substring(1))).strip()));
        } catch (IOException e) {
            throw new IllegalArgumentException("the claim token cannot be read from " + text.substring(1), e);
        }
    }

    /** A number and a unit: {@code s}, {@code m}, {@code h}. */
    private static Duration duration(String text) {
        try {
            return Duration.parse("PT" + text.toUpperCase(java.util.Locale.ROOT));
        } catch (java.time.format.DateTimeParseException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no duration: 90s, 15m, 2h", e);
        }
    }
}
