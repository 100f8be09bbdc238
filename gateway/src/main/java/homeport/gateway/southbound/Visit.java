package homeport.gateway.southbound;

import homeport.callhome.Arrival;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.Evidence;
import homeport.gateway.inventory.Device;
import homeport.gateway.live.LiveDevice;
import homeport.net.Connection;
import homeport.ssh.key.AddressText;
import homeport.ssh.key.PlainKey;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One connection of a device, from its first question on. Written by one thread at a time: see {@link DeviceDoor}. */
final class Visit {
    final Connection connection;
    final Arrival arrival;
    /** The question that waits for an operator. */
    volatile ArrivalEvent.@Nullable AdmissionAsked held;
    volatile @Nullable Evidence evidence;
    volatile @Nullable Decision decision;
    /** How many changes of records the decision knows of. */
    volatile long judgedAt;
    volatile @Nullable LiveDevice device;
    /** A key that the peer has shown to hold, for a token that comes after it. */
    private volatile @Nullable PlainKey shown;
    private boolean judging;

    Visit(Connection connection, Arrival arrival) {
        this.connection = connection;
        this.arrival = arrival;
    }

    Optional<PlainKey> shown() {
        return Optional.ofNullable(shown);
    }

    void show(PlainKey key) {
        shown = key;
    }

    /** Takes the right to judge it: what is being judged is not judged a second time beside. */
    synchronized boolean beginJudging() {
        if (judging) {
            return false;
        }
        judging = true;
        return true;
    }

    synchronized void endJudging() {
        judging = false;
    }

    /** Under which it is listed. */
    String name() {
        var known = decision;
        if (known != null) {
            return known.name();
        }
        // Nobody has looked at it yet: what a stranger says may be anything.
        var seen = evidence;
        return seen == null || !Device.isId(seen.name()) ? "" : seen.name();
    }

    /** All that a record that concerns it may be called: the device it was taken for, the id it claims, its key. */
    Set<String> names() {
        var all = new HashSet<String>();
        all.add(name());
        var seen = evidence;
        if (seen != null) {
            all.add(seen.name());
            seen.fingerprint().ifPresent(key -> all.add(key.toString()));
        }
        return all;
    }

    Map<String, String> labels() {
        var known = decision;
        return known == null ? Map.of() : known.labels();
    }

    String address() {
        return address(connection.peer());
    }

    static String address(InetSocketAddress peer) {
        return peer.getAddress() == null ? peer.getHostString() : AddressText.of(peer.getAddress());
    }
}
