package homeport.callhome;

import homeport.ssh.wire.ChannelType;
import java.util.Optional;

/**
 * A device that is there: admitted, logged in, and open for sessions. The same whichever way it came; the {@link
 * #design} is for showing. To be used by the connection's thread only.
 */
public final class DeviceLink {
    /** Bytes that a channel's peer may send ahead, unless said otherwise. */
    public static final int DEFAULT_WINDOW = 256 << 10;

    private final Arrival arrival;
    private final String deviceId;
    private final Evidence evidence;
    private final Design design;
    private final Carrier carrier;

    /** What channels to the device are opened on. */
    sealed interface Carrier permits Direct, Tunnel {
        void open(LinkChannel channel, ChannelType type, int window);
    }

    /** The connection itself. */
    record Direct(SshLink link) implements Carrier {
        @Override
        public void open(LinkChannel channel, ChannelType type, int window) {
            link.open(channel, type, window);
        }
    }

    DeviceLink(Arrival arrival, String deviceId, Evidence evidence, Design design, Carrier carrier) {
        this.arrival = arrival;
        this.deviceId = deviceId;
        this.evidence = evidence;
        this.design = design;
        this.carrier = carrier;
    }

    public String deviceId() {
        return deviceId;
    }

    public Evidence evidence() {
        return evidence;
    }

    public Design design() {
        return design;
    }

    /** Opens a session. What becomes of it, the handler is told. */
    public LinkChannel open(SessionStart start, int window, ChannelHandler handler) {
        var channel = new LinkChannel(handler, Optional.of(start));
        carrier.open(channel, new ChannelType.Session(), window);
        return channel;
    }

    public LinkChannel open(SessionStart start, ChannelHandler handler) {
        return open(start, DEFAULT_WINDOW, handler);
    }

    /** Connects to a TCP port as the device sees it; many devices refuse that (RFC 4254 §7.2). */
    public LinkChannel openTcp(String host, int port, int window, ChannelHandler handler) {
        var channel = new LinkChannel(handler, Optional.empty());
        carrier.open(channel, new ChannelType.DirectTcpip(host, port, "127.0.0.1", 0), window);
        return channel;
    }

    /** Whether {@link #openRaw} can lead to the device's own SSH server. */
    public boolean reachesRaw() {
        return carrier instanceof Tunnel;
    }

    /**
     * Opens a stream to the device's own SSH server, on which whoever asked for it logs in end to end: we carry the bytes
     * and see none of them. Refused where the device is no SSH server of its own behind this link.
     */
    public LinkChannel openRaw(int window, ChannelHandler handler) {
        var channel = new LinkChannel(handler, Optional.empty());
        if (carrier instanceof Tunnel tunnel) {
            tunnel.openRaw(channel, window);
        } else {
            channel.refused(ChannelRefusal.notReached("this device's connection is no tunnel"));
        }
        return channel;
    }

    /** Tells a handler that its channel is not going to open, for a reason that its owner has. */
    public void refuse(ChannelRefusal refusal, ChannelHandler handler) {
        new LinkChannel(handler, Optional.empty()).refused(refusal);
    }

    /** The peer's software, as its version line has it. */
    public String software() {
        return evidence.software();
    }

    public boolean isOpen() {
        return !arrival.isClosed();
    }

    /** Ends the connection. The peer is told the detail. */
    public void close(Refusal refusal, String detail) {
        arrival.close(refusal, detail);
    }

    @Override
    public String toString() {
        return "DeviceLink[" + deviceId + ", " + design.text() + "]";
    }
}
