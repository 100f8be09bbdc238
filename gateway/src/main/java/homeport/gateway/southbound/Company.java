package homeport.gateway.southbound;

import homeport.callhome.Design;
import homeport.callhome.Ended;
import homeport.callhome.Refusal;
import homeport.gateway.desk.DeskError;
import homeport.gateway.live.LiveDevice;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a NETCONF session open with devices that stay for nothing else. RFC 8071 has the client open one after the login;
 * what is made with libnetconf2, and so Netopeer2, waits ten seconds for it, hangs up and dials anew, for ever. A device that
 * did so twice in succession, without anybody having used it, is not left alone at its next visit.
 */
final class Company {
    private static final Logger LOG = LoggerFactory.getLogger("homeport.gateway");
    /** Visits of this length are waits: shorter ones are mishaps, longer ones no device's patience with its client. */
    private static final Duration LEAST_WAIT = Duration.ofSeconds(4);
    private static final Duration MOST_WAIT = Duration.ofMinutes(1);
    private static final int IN_VAIN = 2;
    /** Devices that are remembered: one more is left alone. */
    private static final int MOST = 10_000;
    private static final Duration OPENING_TIME = Duration.ofSeconds(30);

    private final NetconfSessions sessions;
    /** Visits in vain, by id. */
    private final Map<String, Integer> lonely = new ConcurrentHashMap<>();

    Company(NetconfSessions sessions) {
        this.sessions = sessions;
    }

    /** A device is in. */
    void arrived(LiveDevice device) {
        if (lonely.getOrDefault(device.id(), 0) >= IN_VAIN) {
            Thread.ofVirtual().name("company").start(() -> join(device));
        }
    }

    private void join(LiveDevice device) {
        try {
            sessions.keep(device, OPENING_TIME);
            LOG.atInfo().addKeyValue("device", device.id()).log(
                    "device {} hangs up where no NETCONF session is open: one is kept", device.id());
        } catch (DeskError e) {
            lonely.remove(device.id());
            LOG.atInfo().addKeyValue("device", device.id()).log("device {} has no NETCONF session kept open: {}",
                    device.id(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A device is gone. */
    void left(LiveDevice device, Ended ended, Instant now) {
        if (device.design() != Design.CALL_HOME
                || (ended.cause() instanceof Refusal refusal && refusal != Refusal.LOST)) {
            return; // it was we who sent it away
        }
        var stayed = Duration.between(device.since(), now);
        boolean waited = stayed.compareTo(LEAST_WAIT) >= 0 && stayed.compareTo(MOST_WAIT) <= 0;
        boolean accompanied = lonely.getOrDefault(device.id(), 0) >= IN_VAIN;
        if (waited && !device.wasUsed()) {
            if (lonely.size() < MOST || lonely.containsKey(device.id())) {
                lonely.merge(device.id(), 1, Integer::sum);
            }
        } else if (waited || !accompanied) {
            // Company did not help, or it does not need any.
            lonely.remove(device.id());
        }
    }
}
