package homeport.gateway.southbound;

import homeport.callhome.SessionStart;
import homeport.gateway.desk.DeskError;
import homeport.gateway.desk.DeskError.Kind;
import homeport.gateway.desk.DeviceRpc;
import homeport.gateway.journal.SessionCode;
import homeport.gateway.live.LiveDevice;
import homeport.gateway.live.LiveDevices;
import homeport.net.ChannelStreams;
import homeport.netconf.Fault;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.SessionTime;
import homeport.netconf.link.StreamLink;
import homeport.netconf.session.ClientSession;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlError;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * NETCONF with devices that are connected, a session for each rpc. Sessions hold locks and candidate changes, and a shared
 * one would hand one operator's to the next: so it ends with the rpc, as RFC 6241 §7.8 has it.
 */
public final class NetconfSessions implements DeviceRpc {
    private static final int WINDOW = 256 << 10;
    private static final Duration CLOSE_TIME = Duration.ofSeconds(5);

    private final LiveDevices live;
    private final DeviceDoor door;

    /** Up to the end of the root's name, in text that was found well-formed. */
    private static final Pattern ROOT = Pattern.compile("(?:\\s|<\\?.*?\\?>|<!--.*?-->|\\uFEFF)*+<[^\\s/>]+",
            Pattern.DOTALL);

    public NetconfSessions(LiveDevices live, DeviceDoor door) {
        this.live = live;
        this.door = door;
        door.company(new Company(this));
    }

    @Override
    public String rpc(String id, String xml, Duration timeout) throws InterruptedException {
        var operation = operation(xml);
        var device = live.find(id).orElseThrow(() -> offline(id));
        long end = System.nanoTime() + timeout.toNanos();
        var session = open(device, end);
        try {
            return session.call(operation, left(end)).element().toXml();
        } catch (SessionError e) {
            throw failed(device, e);
        } finally {
            close(session);
        }
    }

    /** Opens a session that lasts as long as the device's connection, and that nobody uses. */
    void keep(LiveDevice device, Duration timeout) throws InterruptedException {
        open(device, System.nanoTime() + timeout.toNanos());
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(1, end - System.nanoTime()));
    }

    /**
     * Of what is sent: the operation itself, or what stands in an {@code rpc}, whose message-id is ours to choose. What is
     * in no namespace is in NETCONF's own, as if it stood in an {@code rpc}.
     */
    private static XmlElement operation(String xml) {
        XmlElement root;
        try {
            root = Xml.parse(xml);
            if (root.namespace().isEmpty()) {
                var name = ROOT.matcher(xml);
                if (name.lookingAt()) {
                    root = Xml.parse(xml.substring(0, name.end()) + " xmlns=\"" + Ns.BASE + "\""
                            + xml.substring(name.end()));
                }
            }
        } catch (XmlError e) {
            throw new DeskError(Kind.INVALID, "the rpc is no XML that can be sent: " + e.getMessage(), e);
        }
        if (!root.is(Ns.BASE, "rpc")) {
            return root;
        }
        var children = root.children();
        if (children.size() != 1) {
            throw new DeskError(Kind.INVALID, "an rpc holds one operation, not " + children.size());
        }
        return children.getFirst();
    }

    /** Asked on the loop: a channel's end is told before the connection's. */
    private static boolean isOpen(LiveDevice device) {
        return CompletableFuture.supplyAsync(device::isOpen, device.loop()).join();
    }

    private static DeskError offline(String id) {
        return new DeskError(Kind.OFFLINE, id + " is offline: homeport why " + id);
    }

    // ---- A session

    private ClientSession open(LiveDevice device, long end) throws InterruptedException {
        var streams = new ChannelStreams(device.loop());
        streams.dropErrors();
        device.open(new SessionStart.Subsystem("netconf"), WINDOW, streams);
        try {
            streams.opened().get(left(end).toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            var reason = reason(e);
            if (!isOpen(device)) {
                throw offline(device.id());
            }
            if (reason.equals(device.fullText())) {
                throw new DeskError(Kind.CONFLICT, reason, e);
            }
            door.note(device, SessionCode.NO_NETCONF, reason);
            throw new DeskError(Kind.DEVICE_FAILED, device.id() + " opens no NETCONF session: " + reason, e);
        } catch (TimeoutException e) {
            streams.close();
            throw new DeskError(Kind.TIMEOUT, device.id() + " did not open a NETCONF session in time", e);
        }
        var opening = ClientSession.open(new StreamLink(streams.input(), streams.output(), streams), Limits.DEFAULT,
                SessionTime.system());
        try {
            return opening.get(left(end).toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            streams.close();
            var reason = reason(e);
            if (!isOpen(device)) {
                throw offline(device.id());
            }
            door.note(device, SessionCode.BAD_HELLO, reason);
            throw new DeskError(Kind.DEVICE_FAILED, device.id() + " speaks no NETCONF: " + reason, e);
        } catch (TimeoutException e) {
            streams.close();
            door.note(device, SessionCode.BAD_HELLO, "no hello in time");
            throw new DeskError(Kind.TIMEOUT, device.id() + " sent no NETCONF hello in time", e);
        }
    }

    private static String reason(ExecutionException failed) {
        return Optional.ofNullable(failed.getCause()).map(Throwable::getMessage).orElse("unknown");
    }

    private static DeskError failed(LiveDevice device, SessionError error) {
        if (!isOpen(device)) {
            return offline(device.id());
        }
        if (error.rule() == Rule.REPLY_TIMEOUT || error.rule() == Rule.PEER_SILENT) {
            return new DeskError(Kind.TIMEOUT, device.id() + " did not answer in time", error);
        }
        // What our own side refuses, the sender can mend.
        return new DeskError(error.rule().fault() == Fault.REFUSED ? Kind.INVALID : Kind.DEVICE_FAILED,
                device.id() + ": " + error.getMessage(), error);
    }

    /** With {@code close-session}, or a device on periodic connections dials again at once; nobody waits for the answer. */
    private static void close(ClientSession session) {
        Thread.ofVirtual().name("netconf-close").start(() -> session.close(CLOSE_TIME));
    }
}
