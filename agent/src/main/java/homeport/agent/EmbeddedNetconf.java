package homeport.agent;

import homeport.agent.OperatorLogins.Rights;
import homeport.net.ChannelStreams;
import homeport.netconf.Identity;
import homeport.netconf.Limits;
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
    private final Instant boot = Instant.now();
    private final ServerSessions sessions = new ServerSessions();
    private @Nullable Datastores datastores;
    private @Nullable NetconfServer server;

    EmbeddedNetconf(Path directory) {
        this.directory = directory;
    }

    /** Opens it unless it is open. Not for a loop. */
    synchronized void open() throws IOException {
        if (server != null) {
            return;
        }
        var opened = Datastores.open(Schemas.standard(), directory, Datastores.Boot.RUNNING);
        datastores = opened;
        if (opened.running(DEVICE, "device").isEmpty()) {
            nameDevice(opened);
        }
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
        } catch (IOException | homeport.netconf.RpcErrorException e) {
            LOG.info("the device has no host name yet: {}", e.getMessage());
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
                .serve(new StreamLink(channel.input(), channel.output(), channel), open.capabilities(), open, sessions,
                        identity, Limits.DEFAULT, SessionTime.system(), Instant.now())
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
            } catch (IOException e) {
                LOG.error("the NETCONF configuration was not closed in good order", e);
            }
        }
    }
}
