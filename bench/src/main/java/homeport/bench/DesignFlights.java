package homeport.bench;

import homeport.callhome.Admission;
import homeport.callhome.Arrival;
import homeport.callhome.ArrivalEvent;
import homeport.callhome.ArrivalSettings;
import homeport.callhome.ByteMachine;
import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.Credentials;
import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.Design;
import homeport.callhome.LinkChannel;
import homeport.callhome.SessionStart;
import homeport.callhome.SharedOutput;
import homeport.callhome.Sink;
import homeport.ssh.Environment;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.SshSettings;
import homeport.ssh.key.Signer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/**
 * What goes over the wire until NETCONF's first byte has come: a gateway and a device in one thread, with a wire between
 * them on which everything that was sent arrives in one flight. Counts, not times: the same on every run.
 *
 * @param flights one-way trips behind the TCP handshake; two are a round trip
 * @param toGateway bytes of SSH, and of what comes before it; TCP's own are not counted
 */
record DesignFlights(int flights, long toGateway, long toDevice) {

    long bytes() {
        return toGateway + toDevice;
    }

    double roundTrips() {
        return flights / 2.0;
    }

    static DesignFlights of(Design design, Keys keys) throws IOException {
        return new Meeting(design, End.key(keys.host()), End.key(keys.user())).run();
    }

    /** One direction of the wire. */
    private static final class Wire implements Sink {
        private final ByteArrayOutputStream flying = new ByteArrayOutputStream();
        private long bytes;

        @Override
        public void write(byte[] array, int offset, int length) {
            flying.write(array, offset, length);
            bytes += length;
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void flush() {}

        @Override
        public void end() {}

        /** @return whether anything was on its way */
        boolean arriveAt(ByteMachine end) {
            byte[] flight = flying.toByteArray();
            flying.reset();
            end.receive(flight, 0, flight.length);
            return flight.length > 0;
        }
    }

    private static final class Meeting {
        private final Wire toGateway = new Wire();
        private final Wire toDevice = new Wire();
        private final Arrival gateway;
        private final Departure device;
        private boolean netconf;

        Meeting(Design design, Signer host, Signer user) {
            var environment = Environment.system();
            var ssh = SshSettings.builder().algorithms(DeviceSettings.ALGORITHMS).hostKeys(List.of(host)).build();
            var login = Credentials.byKey("admin", user);
            gateway = new Arrival(new ArrivalSettings(ssh), environment, new SharedOutput(), toDevice,
                    (arrival, event) -> {
                        switch (event) {
                            case ArrivalEvent.AdmissionAsked asked ->
                                arrival.decide(asked, new Admission.Admit("device", login));
                            case ArrivalEvent.Linked linked ->
                                linked.link().open(new SessionStart.Subsystem("netconf"), new First());
                            case ArrivalEvent.Closed closed -> throw new IllegalStateException(closed.toString());
                        }
                    });
            device = new Departure(DeviceSettings.device(design), environment, new SharedOutput(), toGateway,
                    (departure, event) -> {
                        switch (event) {
                            case DepartureEvent.GatewayKeyAsked asked ->
                                departure.decide(asked, new HostKeyDecision.Accept());
                            case DepartureEvent.LoginAsked asked -> departure.decide(asked, new LoginDecision.Accept());
                            case DepartureEvent.ChannelAsked asked ->
                                departure.accept(asked, 1 << 16, new DeviceSession());
                            case DepartureEvent.StreamAsked asked -> departure.refuse(asked, "no stream");
                            case DepartureEvent.Registered registered -> {
                                // The gateway goes on.
                            }
                            case DepartureEvent.Closed closed -> throw new IllegalStateException(closed.toString());
                        }
                    });
        }

        /** The device dials, so it speaks first. */
        DesignFlights run() {
            gateway.start();
            device.start();
            for (int flights = 1;; flights += 2) {
                boolean came = toGateway.arriveAt(gateway);
                if (netconf) {
                    return new DesignFlights(flights, toGateway.bytes, toDevice.bytes);
                }
                boolean went = toDevice.arriveAt(device);
                if (!came && !went) {
                    throw new IllegalStateException("both wait");
                }
            }
        }

        /** Sees the first byte of a channel. */
        private final class First implements ChannelHandler {
            @Override
            public void opened(LinkChannel channel) {}

            @Override
            public void refused(LinkChannel channel, ChannelRefusal refusal) {
                throw new IllegalStateException(refusal.text());
            }

            @Override
            public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
                netconf = true;
            }

            @Override
            public void closed(LinkChannel channel) {}
        }
    }
}
