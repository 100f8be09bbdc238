package homeport.agent;

import homeport.callhome.Credentials;
import homeport.callhome.DepartureSettings;
import homeport.ssh.Algorithms;
import homeport.ssh.SshSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all connections of this device share. */
final class Device {
    private static final Logger LOG = LoggerFactory.getLogger(Device.class);

    final AgentConfig config;
    final DeviceKeys keys;
    final GatewayTrust trust;
    final Optional<OperatorLogins> logins;
    final Programs programs;
    final EmbeddedNetconf netconf;
    private final SshSettings client;
    private final SshSettings server;
    private final AtomicBoolean claimed;

    private Device(AgentConfig config, DeviceKeys keys, EmbeddedNetconf netconf, InstantSource clock) {
        this.config = config;
        this.keys = keys;
        this.netconf = netconf;
        this.programs = new Programs();
        this.trust = new GatewayTrust(config.trust(), config.beside(".gateways"), clock);
        this.logins = config.operatorsKey().map(file -> new OperatorLogins(file, clock));
        this.client = SshSettings.builder().keepAlive(config.keepAlive()).build();
        // RFC 8071 S5: the default limits close a connection whose client does not log in within 30 seconds.
        this.server = SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys())
                .hostKeys(List.of(keys.shown()))
                .keepAlive(config.keepAlive()).build();
        this.claimed = new AtomicBoolean(Files.exists(config.beside(".claimed")));
    }

    static Device of(AgentConfig config, DeviceKeys keys, EmbeddedNetconf netconf, InstantSource clock) {
        return new Device(config, keys, netconf, clock);
    }

    /** How this device dials when it does so itself, and not for its own sshd. */
    DepartureSettings departure() {
        return switch (config.design()) {
            case BOOTSTRAP -> DepartureSettings
                    .bootstrap(keys.message(config.id(), Optional.of(keys.identity().publicKey())), server);
            case CALL_HOME -> DepartureSettings.callHome(server);
            case SERVER_CHANNELS -> DepartureSettings.serverChannels(client, credentials());
            case TUNNEL -> config.service() instanceof AgentConfig.Service.Relay
                    ? DepartureSettings.tunnelToStream(client, credentials())
                    : DepartureSettings.tunnel(client, credentials(), server);
        };
    }

    private Credentials credentials() {
        Optional<byte[]> token = claimed.get()
                ? Optional.empty()
                : config.claim().map(claim -> claim.value().getBytes(StandardCharsets.UTF_8));
        return new Credentials(config.id(), List.of(keys.shown()), token);
    }

    /** The gateway has us: the token was good for one login, and is not sent again, not even after a restart. */
    void registered() {
        if (config.claim().isPresent() && claimed.compareAndSet(false, true)) {
            Thread.ofVirtual().name("agent-claimed").start(() -> {
                try {
                    DurableFile.replace(config.beside(".claimed"), new byte[0]);
                } catch (IOException e) {
                    LOG.warn("that the claim token is used could not be written down: {}", DeviceIdentity.reason(e));
                }
            });
        }
    }
}
