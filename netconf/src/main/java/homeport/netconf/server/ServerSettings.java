package homeport.netconf.server;

import homeport.netconf.Identity;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionTime;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.xml.XmlElement;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What a server is made of.
 *
 * @param clock the time in notifications, and what {@code startTime} is compared with
 * @param time whose timers run confirmed commits and subscriptions that stop
 * @param recovery who is not subject to access control: the recovery session of RFC 8341 §3.4
 * @param state the device's own state, as top-level elements of implemented modules; asked for at every {@code get}
 * @param restart called after the reply to {@code restart}
 * @param replayEvents notifications kept for replay; the oldest go first
 */
public record ServerSettings(Datastores datastores, ServerSessions sessions, InstantSource clock, SessionTime time,
        Predicate<Identity> recovery, Supplier<List<XmlElement>> state, Runnable restart, int replayEvents) {
    /** Notifications of a few hundred bytes each: about a megabyte. */
    private static final int REPLAY_EVENTS = 2_000;

    public ServerSettings {
        if (replayEvents < 0) {
            throw new IllegalArgumentException("the replay buffer cannot be negative");
        }
    }

    /** A server by the machine's time, without state of its own and without a way to restart. */
    public static ServerSettings of(Datastores datastores, ServerSessions sessions, Predicate<Identity> recovery) {
        return new ServerSettings(datastores, sessions, InstantSource.system(), SessionTime.system(), recovery,
                List::of, () -> {}, REPLAY_EVENTS);
    }

    public ServerSettings withTime(InstantSource newClock, SessionTime newTime) {
        return new ServerSettings(datastores, sessions, newClock, newTime, recovery, state, restart, replayEvents);
    }

    public ServerSettings withState(Supplier<List<XmlElement>> newState) {
        return new ServerSettings(datastores, sessions, clock, time, recovery, newState, restart, replayEvents);
    }

    public ServerSettings withRestart(Runnable newRestart) {
        return new ServerSettings(datastores, sessions, clock, time, recovery, state, newRestart, replayEvents);
    }

    public ServerSettings withReplayEvents(int events) {
        return new ServerSettings(datastores, sessions, clock, time, recovery, state, restart, events);
    }
}
