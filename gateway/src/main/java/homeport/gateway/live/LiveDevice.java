package homeport.gateway.live;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.Design;
import homeport.callhome.DeviceLink;
import homeport.callhome.Refusal;
import homeport.callhome.SessionStart;
import homeport.net.Connection;
import homeport.net.Loop;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A device on its one authenticated connection, which all operators share: each of their channels takes a place of the
 * device's channel budget. Safe for all threads.
 */
public final class LiveDevice {
    private final Connection connection;
    private final DeviceLink link;
    private final int budget;
    private final Instant since;
    private final AtomicInteger places = new AtomicInteger();
    private volatile boolean used;

    /** @param budget channels that may be open at once */
    public LiveDevice(Connection connection, DeviceLink link, int budget, Instant since) {
        this.connection = connection;
        this.link = link;
        this.budget = budget;
        this.since = since;
    }

    public String id() {
        return link.deviceId();
    }

    /** For showing only. */
    public Design design() {
        return link.design();
    }

    /** The device's version line. */
    public String software() {
        return link.software();
    }

    /** Where it came from; for showing only. */
    public InetSocketAddress address() {
        return connection.peer();
    }

    public Instant since() {
        return since;
    }

    /** The loop on which whatever concerns its channels is to run. */
    public Loop loop() {
        return connection.loop();
    }

    /** To be used on its {@link #loop} only. */
    public DeviceLink link() {
        return link;
    }

    /** Whether {@link DeviceLink#openRaw} leads to the device's own SSH server. */
    public boolean reachesRaw() {
        return link.reachesRaw();
    }

    public boolean isOpen() {
        return link.isOpen();
    }

    /** Ends the connection. The device is told the detail. */
    public void close(Refusal refusal, String detail) {
        loop().execute(() -> link.close(refusal, detail));
    }

    // ---- The channel budget

    /** One channel's place; given back once, by {@link #close}, when the channel is over or did not open. */
    public final class Place implements AutoCloseable {
        private final AtomicBoolean given = new AtomicBoolean();

        private Place() {}

        @Override
        public void close() {
            if (given.compareAndSet(false, true)) {
                places.decrementAndGet();
            }
        }
    }

    /** A place for one more channel; empty when the budget is used up. */
    public Optional<Place> takePlace() {
        used = true;
        int before = places.getAndUpdate(taken -> taken < budget ? taken + 1 : taken);
        return before < budget ? Optional.of(new Place()) : Optional.empty();
    }

    /** What to tell whoever got no place. */
    public String fullText() {
        return "all " + budget + " channels of " + id() + " are in use: end one, or raise limits.channels";
    }

    /** Whether a channel was ever asked for. */
    public boolean wasUsed() {
        return used;
    }

    /** Places that are taken. */
    public int channels() {
        return places.get();
    }

    // ---- Channels

    /** Opens a session in the device's budget. The handler is told what becomes of it, on the {@link #loop}. */
    public void open(SessionStart start, int window, ChannelHandler handler) {
        open(handler, counted -> link.open(start, window, counted));
    }

    /** Connects to a TCP port as the device sees it, in its budget; many devices refuse that. */
    public void openTcp(String host, int port, int window, ChannelHandler handler) {
        open(handler, counted -> link.openTcp(host, port, window, counted));
    }

    /** Opens a stream to a tunnelled device's own SSH server, in its budget. */
    public void openRaw(int window, ChannelHandler handler) {
        open(handler, counted -> link.openRaw(window, counted));
    }

    private void open(ChannelHandler handler, Consumer<ChannelHandler> opener) {
        loop().execute(() -> {
            var place = takePlace();
            if (place.isPresent()) {
                opener.accept(new Counted(handler, place.get()));
            } else {
                link.refuse(ChannelRefusal.full(fullText()), handler);
            }
        });
    }

    @Override
    public String toString() {
        return "LiveDevice[" + id() + ", " + design().text() + "]";
    }
}
