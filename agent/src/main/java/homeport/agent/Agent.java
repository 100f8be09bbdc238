package homeport.agent;

import homeport.net.Loops;
import homeport.ssh.key.PlainKey;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
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
    private final ScheduledExecutorService timers;
    private final EmbeddedNetconf netconf;
    private final List<GatewayCall> calls = new ArrayList<>();

    private Agent(AgentConfig config, DeviceIdentity identity, DeviceKeys keys, AgentEvent.Watcher watcher,
            InstantSource clock, SecureRandom random) {
        this.identity = identity;
        this.netconf = new EmbeddedNetconf(config.beside(".netconf"));
        this.timers = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("agent-timers").factory());
        var device = Device.of(config, keys, netconf, clock);
        for (var gateway : config.gateways()) {
            calls.add(new GatewayCall(gateway, device, loops.next(), timers, watcher, clock, random));
        }
    }

    /**
     * Makes or reads the identity and begins to call.
     *
     * @throws AgentError when a file it needs is missing, unreadable or open to others
     */
    public static Agent start(AgentConfig config, AgentEvent.Watcher watcher, InstantSource clock,
            SecureRandom random) {
        var identity = DeviceIdentity.open(config.identity(), random);
        if (identity.made()) {
            LOG.info("made the identity key {}: {}", config.identity(), identity.key().publicKey().fingerprint());
        }
        var keys = DeviceKeys.open(config, identity.key());
        var agent = new Agent(config, identity, keys, watcher, clock, random);
        agent.calls.forEach(GatewayCall::start);
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
        calls.forEach(GatewayCall::close);
        loops.close(); // what ends with them may still set a timer
        timers.shutdownNow();
        netconf.close();
    }
}
