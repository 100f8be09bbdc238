package homeport.agent;

import homeport.net.Loops;
import homeport.ssh.key.PlainKey;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running agent: calls all its gateways, each by its own strategy, until it is closed.
 *
 * <p>Threads: one loop for all connections, one for timers, and virtual or platform threads for what waits on files and
 * programs.
 */
public final class Agent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private final DeviceIdentity identity;
    private final Loops loops = Loops.open(1);
    private final AgentTime time;
    private final EmbeddedNetconf netconf;
    private final GatewayCalls calls;

    private Agent(AgentConfig config, DeviceIdentity identity, DeviceKeys keys, AgentEvent.Watcher watcher,
            AgentTime time, SecureRandom random) {
        this.identity = identity;
        this.time = time;
        InstantSource clock = () -> time.now().wall();
        var kept = new KeptCallHome(config);
        this.netconf = new EmbeddedNetconf(config.beside(".netconf"), kept, identity.key().publicKey(), this::follow);
        var device = Device.of(config, keys, netconf, clock);
        this.calls = new GatewayCalls(
                gateway -> new GatewayCall(gateway, device, loops.next(), time, watcher, random));
    }

    private void follow(List<CalledGateway> gateways) {
        calls.follow(gateways);
    }

    /**
     * Makes or reads the identity and begins to call.
     *
     * @throws AgentError when a file it needs is missing, unreadable or open to others
     */
    public static Agent start(AgentConfig config, AgentEvent.Watcher watcher, InstantSource clock,
            SecureRandom random) {
        return start(config, watcher, AgentTime.system(clock), random);
    }

    static Agent start(AgentConfig config, AgentEvent.Watcher watcher, AgentTime time, SecureRandom random) {
        var identity = DeviceIdentity.open(config.identity(), random);
        if (identity.made()) {
            LOG.info("made the identity key {}: {}", config.identity(), identity.key().publicKey().fingerprint());
        }
        var keys = DeviceKeys.open(config, identity.key());
        var agent = new Agent(config, identity, keys, watcher, time, random);
        agent.calls.follow(agent.netconf.gateways());
        return agent;
    }

    /** What the device is known by, for the gateway's operator to compare. */
    public PlainKey publicKey() {
        return identity.key().publicKey();
    }

    /** Whether this start made the identity. */
    public boolean identityMade() {
        return identity.made();
    }

    /** Ends all connections in good order. */
    @Override
    public void close() {
        calls.close();
        loops.close(); // what ends with them may still set a timer
        time.close();
        netconf.close();
    }
}
