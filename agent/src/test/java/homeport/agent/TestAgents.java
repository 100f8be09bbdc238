package homeport.agent;

import homeport.callhome.Design;
import homeport.ssh.key.KnownHosts;
import homeport.ssh.key.PublicKeyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What agents of tests are told. */
final class TestAgents {
    static final String LOOPBACK = "127.0.0.1";
    static final ReconnectRules QUICK = ReconnectRules.DEFAULT.withBackOff(Duration.ofMillis(10),
            Duration.ofMillis(50));

    private TestAgents() {}

    /**
     * An agent that serves itself and calls {@code gateway1}, {@code gateway2} and so on. Whatever port they have, a
     * gateway is believed by the first one's key, and its own may log in.
     */
    static AgentConfig embedded(Path directory, Design design, TestGateway... gateways) throws IOException {
        var called = new ArrayList<CalledGateway>();
        var operators = new StringBuilder();
        for (var gateway : gateways) {
            operators.append(new PublicKeyFile(gateway.key.publicKey(), "gateway").write());
            called.add(called("gateway" + (called.size() + 1), gateway.portNumber()));
        }
        var known = KnownHosts.line(LOOPBACK, 22, gateways[0].key.publicKey()).replace(LOOPBACK, "*");
        return new AgentConfig("device1", design, called, directory.resolve("identity"), Optional.empty(),
                Optional.empty(), Optional.empty(),
                new AgentConfig.Trust(Optional.of(Files.writeString(directory.resolve("known_hosts"), known)), false),
                Optional.of(Files.writeString(directory.resolve("operators"), operators)),
                new AgentConfig.Service.Embedded(), Optional.empty(), AgentConfig.KEEP_ALIVE);
    }

    static CalledGateway called(String name, int port) {
        return new CalledGateway(name, List.of(new Endpoint("only", LOOPBACK, port)), new ConnectionType.Persistent(),
                QUICK);
    }

    static AgentConfig calling(AgentConfig config, List<CalledGateway> gateways) {
        return new AgentConfig(config.id(), config.design(), gateways, config.identity(), config.secretFile(),
                config.certificate(), config.claim(), config.trust(), config.operatorsKey(), config.service(),
                config.netconf(), config.keepAlive());
    }
}
