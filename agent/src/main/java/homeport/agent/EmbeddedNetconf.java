package homeport.agent;

import homeport.agent.OperatorLogins.Rights;
import homeport.net.ChannelStreams;
import homeport.netconf.Identity;
import homeport.netconf.Limits;
import homeport.netconf.RpcErrorException;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionEnd;
import homeport.netconf.SessionTime;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Edit;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.link.StreamLink;
import homeport.netconf.server.NetconfServer;
import homeport.netconf.server.ServerSettings;
import homeport.netconf.session.ServerSession;
import homeport.netconf.xml.XmlElement;
import homeport.ssh.key.PlainKey;
import homeport.ssh.wire.ChannelRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's own NETCONF server; its configuration is kept in a directory. Opened by the first session and not before:
 * the YANG modules take time and memory that an idle agent has no use for.
 */
final class EmbeddedNetconf implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedNetconf.class);
    private static final String DEVICE = "urn:homeport:device";
    /** The external group of those whom access control does not ask (RFC 8341 §3.4). */
    private static final String OWNERS = "homeport-owners";

    private final Path directory;
    private final KeptCallHome kept;
    private final PlainKey identity;
    private final Consumer<List<CalledGateway>> follow;
    private final Instant boot = Instant.now();
    private final ServerSessions sessions = new ServerSessions();
    private @Nullable Datastores datastores;
    private @Nullable NetconfServer server;
    /** Whether the datastore knows of a change that the file does not. */
    private volatile boolean unkept;

    /** @param follow is told of the gateways to call from now on */
    EmbeddedNetconf(Path directory, KeptCallHome kept, PlainKey identity, Consumer<List<CalledGateway>> follow) {
        this.directory = directory;
        this.kept = kept;
        this.identity = identity;
        this.follow = follow;
    }

    /** The gateways to call at the start. Opens the datastore only where it may know of a change that the file does not. */
    List<CalledGateway> gateways() {
        if (kept.wasLeftOpen()) {
            try {
                open();
            } catch (IOException e) {
                LOG.error("the NETCONF configuration cannot be opened: {}", e.getMessage());
            }
        }
        return kept.changed().filter(changed -> !changed.isEmpty()).orElse(kept.given());
    }

    /** Opens it unless it is open. Not for a loop. */
    synchronized void open() throws IOException {
        if (server != null) {
            return;
        }
        kept.opened();
        var opened = Datastores.open(Schemas.standard(), directory, Datastores.Boot.RUNNING);
        datastores = opened;
        if (opened.running(DEVICE, "device").flatMap(device -> device.leaf("hostname")).isEmpty()) {
            nameDevice(opened);
        }
        agreeOnGateways(opened);
        opened.watch(CallHomeModel.NS, CallHomeModel.TOP, changes -> gatewaysChanged(opened));
        server = new NetconfServer(ServerSettings
                .of(opened, sessions, identity -> identity.groups().contains(OWNERS)).withState(this::state));
    }

    /** At the first start the device has the system's name. */
    private static void nameDevice(Datastores datastores) {
        try {
            var config = XmlElement.of(homeport.netconf.Ns.BASE, "config", XmlElement.of(DEVICE, "device",
                    XmlElement.leaf(DEVICE, "hostname", systemName())));
            datastores.edit(Datastores.Name.RUNNING, config, Edit.Operation.MERGE, false, Datastores.Test.TEST_THEN_SET,
                    Datastores.Guard.NONE);
        } catch (IOException | RpcErrorException e) {
            LOG.info("the device has no host name yet: {}", e.getMessage());
        }
    }

    // ---- Which gateways are called

    /** What the agent was started with is in the datastore, and what was changed there since holds. */
    private void agreeOnGateways(Datastores opened) throws IOException {
        var changed = kept.changed();
        if (changed.isEmpty()) {
            try {
                CallHomeModel.write(opened, kept.given(), identity);
                kept.keep(List.of());
            } catch (RpcErrorException e) {
                LOG.error("the gateways do not fit the NETCONF configuration: {}", e.getMessage());
            }
            return;
        }
        var stored = stored(opened);
        var before = changed.get().isEmpty() ? kept.given() : changed.get();
        if (stored.isPresent() && !AgentConfigFile.write(stored.get()).equals(AgentConfigFile.write(before))) {
            LOG.info("the gateways were changed over NETCONF just before the agent ended");
            keep(stored.get());
            follow.accept(stored.get());
        }
    }

    /** Without any, the agent would be out of reach for good: what it was started with holds then. */
    private Optional<List<CalledGateway>> stored(Datastores opened) {
        try {
            var read = CallHomeModel.read(opened, kept.given().getFirst().reconnect());
            return Optional.of(read.isEmpty() ? kept.given() : read);
        } catch (IllegalArgumentException e) {
            LOG.error("the gateways in the NETCONF configuration cannot be called, so nothing changes: {}",
                    e.getMessage());
            return Optional.empty();
        }
    }

    private void gatewaysChanged(Datastores changed) {
        stored(changed).ifPresent(gateways -> {
            keep(gateways);
            follow.accept(gateways);
        });
    }

    private void keep(List<CalledGateway> gateways) {
        try {
            kept.keep(gateways.equals(kept.given()) ? List.of() : gateways);
            unkept = false;
        } catch (IOException e) {
            unkept = true;
            LOG.error("the change of the gateways is not written down beside the identity: {}",
                    DeviceIdentity.reason(e));
        }
    }

    /** As the kernel has it, or else as the network does: a machine's own name is often in no name service. */
    private static String systemName() throws IOException {
        var kernel = Path.of("/proc/sys/kernel/hostname");
        return Files.isReadable(kernel)
                ? Files.readString(kernel).strip()
                : InetAddress.getLocalHost().getHostName();
    }

    private List<XmlElement> state() {
        var now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        return List.of(XmlElement.of(DEVICE, "device",
                XmlElement.of(DEVICE, "clock", XmlElement.leaf(DEVICE, "current-datetime", now.toString()),
                        XmlElement.leaf(DEVICE, "boot-datetime", boot.truncatedTo(ChronoUnit.SECONDS).toString())),
                XmlElement.leaf(DEVICE, "uptime",
                        Long.toString(Math.max(0, Duration.between(boot, now).toSeconds())))));
    }

    /**
     * Serves a session on a channel; {@link #open} was called.
     *
     * @return completes at its end: whether the client closed it in good order
     */
    synchronized CompletableFuture<Boolean> serve(ChannelStreams channel, Rights rights) {
        var open = server;
        if (open == null) {
            channel.close();
            return CompletableFuture.completedFuture(false);
        }
        var identity = new Identity(rights.user(), rights.owner() ? Set.of(OWNERS) : Set.of(), "netconf-ssh",
                Optional.empty());
        return ServerSession
                .serve(new StreamLink(channel.input(), channel.output(), () -> {
                    channel.request(new ChannelRequest.ExitStatus(0)); // without it OpenSSH's client ends with 255
                    channel.close();
                }), open.capabilities(), open, sessions, identity, Limits.DEFAULT, SessionTime.system(), Instant.now())
                .ended().thenApply(end -> end.reason() == SessionEnd.Reason.CLOSED);
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.close();
            server = null;
        }
        var open = datastores;
        datastores = null;
        if (open != null) {
            try {
                open.close();
                if (!unkept) {
                    kept.closed();
                }
            } catch (IOException e) {
                LOG.error("the NETCONF configuration was not closed in good order", e);
            }
        }
    }
}
