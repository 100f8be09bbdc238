package homeport.agent;

import homeport.agent.AgentConfig.Service;
import homeport.agent.OperatorLogins.Rights;
import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.Design;
import homeport.callhome.DeviceLink;
import homeport.callhome.Ended;
import homeport.callhome.ForwardingHandler;
import homeport.callhome.LinkChannel;
import homeport.callhome.Refusal;
import homeport.callhome.SshLink;
import homeport.net.ChannelRelay;
import homeport.net.ChannelStreams;
import homeport.net.Loop;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.key.KeyOptions;
import homeport.ssh.wire.ChannelType;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of the agent's own: answers the questions of its {@link Departure}. On the connection's loop. */
final class DeviceConnection implements DepartureEvent.Handler {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceConnection.class);
    private static final Duration RELAY_PATIENCE = Duration.ofSeconds(10);
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "::1");

    /** Whose connection it is. */
    interface Owner {
        void registered();

        /** @param unfinished whether a NETCONF session was cut off */
        void ended(Ended ended, boolean unfinished);

        Activity activity();

        void channelOpened();

        void channelClosed();
    }

    private final Device device;
    private final Loop loop;
    private final Endpoint gateway;
    private final InetAddress address;
    private final Owner owner;
    /** By the link that somebody logged in on: the connection's own, or one inside a tunnel. */
    private final Map<SshLink, Rights> rights = new WeakHashMap<>();
    private int openNetconf;

    DeviceConnection(Device device, Loop loop, Endpoint gateway, InetAddress address, Owner owner) {
        this.device = device;
        this.loop = loop;
        this.gateway = gateway;
        this.address = address;
        this.owner = owner;
    }

    @Override
    public void on(Departure departure, DepartureEvent event) {
        switch (event) {
            case DepartureEvent.GatewayKeyAsked asked -> recognise(departure, asked);
            case DepartureEvent.LoginAsked asked -> login(departure, asked);
            case DepartureEvent.ChannelAsked asked -> channel(departure, asked);
            case DepartureEvent.StreamAsked asked -> {
                if (device.config.service() instanceof Service.Relay relay) {
                    relay(departure, relay.to(), handler -> departure.accept(asked, DeviceLink.DEFAULT_WINDOW, handler),
                            reason -> departure.refuse(asked, ChannelRefusal.notReached(reason)));
                } else {
                    departure.refuse(asked,
                            ChannelRefusal.notReached("there is no SSH server behind this one"));
                }
            }
            case DepartureEvent.Registered registered -> owner.registered();
            case DepartureEvent.Closed closed -> owner.ended(closed.ended(), openNetconf > 0);
        }
    }

    // ---- Who is the gateway, and who logs in: both are in files, so a thread of their own answers

    private void recognise(Departure departure, DepartureEvent.GatewayKeyAsked asked) {
        Thread.ofVirtual().name("agent-gateway-key").start(() -> {
            HostKeyDecision decision;
            try {
                decision = device.trust.check(gateway, asked.key());
            } catch (RuntimeException e) {
                LOG.error("the gateway's key could not be checked", e);
                decision = new HostKeyDecision.Refuse("it could not be checked: " + e.getMessage());
            }
            var answer = decision;
            loop.execute(() -> departure.decide(asked, answer));
        });
    }

    private void login(Departure departure, DepartureEvent.LoginAsked asked) {
        if (device.logins.isEmpty()) {
            departure.decide(asked, new LoginDecision.Refuse(List.of("publickey")));
            return;
        }
        // Whoever logs in inside a tunnel comes from an address that we do not know.
        var from = device.config.design() == Design.TUNNEL ? Optional.<InetAddress>empty() : Optional.of(address);
        var logins = device.logins.get();
        Thread.ofVirtual().name("agent-login").start(() -> {
            OperatorLogins.Answer answer;
            try {
                answer = logins.decide(asked.question(), from);
            } catch (RuntimeException e) {
                LOG.error("a login could not be judged", e);
                answer = new OperatorLogins.Answer(new LoginDecision.Disconnect("not now"), Optional.empty());
            }
            var given = answer;
            loop.execute(() -> {
                given.rights().ifPresent(all -> rights.put(asked.on(), all));
                departure.decide(asked, given.decision());
            });
        });
    }

    // ---- Channels

    private void channel(Departure departure, DepartureEvent.ChannelAsked asked) {
        var allowed = device.config.design() == Design.SERVER_CHANNELS
                // The gateway proved its host key, and itself decides whom it brings.
                ? new Rights(device.config.id(), true, KeyOptions.ALL)
                : rights.get(asked.on());
        if (allowed == null) {
            departure.refuse(asked, "nobody has logged in");
            return;
        }
        switch (asked.type()) {
            case ChannelType.Session session -> session(departure, asked, allowed);
            case ChannelType.DirectTcpip to when isRelay(to) && allowed.options().permitsOpen(to.host(),
                    (int) to.port()) && device.config.service() instanceof Service.Relay relay ->
                relay(departure, relay.to(), handler -> departure.accept(asked, DeviceLink.DEFAULT_WINDOW, handler),
                        reason -> departure.refuse(asked, ChannelRefusal.notReached(reason)));
            case ChannelType other -> departure.refuse(asked, "this device opens sessions, and what it relays");
        }
    }

    private boolean isRelay(ChannelType.DirectTcpip to) {
        if (!(device.config.service() instanceof Service.Relay relay) || relay.to().port() != to.port()) {
            return false;
        }
        var host = to.host().toLowerCase(Locale.ROOT);
        var ours = relay.to().host().toLowerCase(Locale.ROOT);
        return host.equals(ours) || (THIS_MACHINE.contains(host) && THIS_MACHINE.contains(ours));
    }

    private void session(Departure departure, DepartureEvent.ChannelAsked asked, Rights allowed) {
        var session = new DeviceSession(device, loop, allowed, owner.activity(), new DeviceSession.Netconf() {
            @Override
            public void opened() {
                openNetconf++;
            }

            @Override
            public void closedInGoodOrder() {
                openNetconf--;
            }
        });
        var streams = new ChannelStreams(loop, session::requested);
        session.on(streams);
        departure.accept(asked, DeviceLink.DEFAULT_WINDOW, watched(streams));
    }

    private void relay(Departure departure, Endpoint to, Consumer<ChannelHandler> accept,
            Consumer<String> refuse) {
        var unused = ChannelRelay.connect(loop, to.address(), RELAY_PATIENCE)
                .whenComplete((relay, failure) -> loop.execute(() -> {
                    if (failure != null) {
                        LOG.warn("what is relayed to does not answer: {}", failure.getMessage());
                        if (!departure.isClosed()) {
                            refuse.accept("the device's own server does not answer");
                        }
                    } else if (departure.isClosed()) {
                        relay.close(Refusal.LOST, "");
                    } else {
                        accept.accept(watched(relay));
                    }
                }));
    }

    /** Tells the connection's owner that it is of use. */
    private ChannelHandler watched(ChannelHandler handler) {
        var activity = owner.activity();
        return new ForwardingHandler(handler) {
            @Override
            public void opened(LinkChannel channel) {
                activity.touch();
                owner.channelOpened();
                super.opened(channel);
            }

            @Override
            public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
                activity.touch();
                super.data(channel, dataType, array, offset, length);
            }

            @Override
            public void writable(LinkChannel channel) {
                activity.touch();
                super.writable(channel);
            }

            @Override
            public void closed(LinkChannel channel) {
                activity.touch();
                super.closed(channel);
                owner.channelClosed();
            }
        };
    }
}
