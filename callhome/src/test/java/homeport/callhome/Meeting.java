package homeport.callhome;

import homeport.ssh.Algorithms;
import homeport.ssh.Environment;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** A device and a gateway joined in memory, in one thread, on a clock that the test moves. */
final class Meeting {
    static final SecureRandom RANDOM = new SecureRandom();
    static final PlainSigner GATEWAY_HOST = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
    static final PlainSigner GATEWAY_USER = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
    static final PlainSigner DEVICE_HOST = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
    static final PlainSigner DEVICE_USER = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
    static final PlainSigner STRANGER = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);

    static final SshSettings GATEWAY = SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys())
            .hostKeys(List.of(GATEWAY_HOST)).build();

    /** Bytes on their way to one machine. */
    static final class Wire implements Sink {
        final ArrayDeque<byte[]> parts = new ArrayDeque<>();
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        boolean ended;
        boolean writable = true;

        @Override
        public void write(byte[] array, int offset, int length) {
            parts.add(Arrays.copyOfRange(array, offset, offset + length));
            all.write(array, offset, length);
        }

        @Override
        public boolean writable() {
            return writable;
        }

        @Override
        public void flush() {}

        @Override
        public void end() {
            ended = true;
        }
    }

    /** Collects what comes on a channel. */
    static class Seen implements ChannelHandler {
        final StringBuilder text = new StringBuilder();
        final List<String> log = new ArrayList<>();
        String refused = "";

        @Override
        public void opened(LinkChannel channel) {
            log.add("opened");
        }

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {
            log.add("refused");
            refused = refusal.text();
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            text.append(new String(array, offset, length, StandardCharsets.UTF_8));
            channel.consumed(length);
        }

        @Override
        public void eof(LinkChannel channel) {
            log.add("eof");
        }

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            if (question.request() instanceof ChannelRequest.ExitStatus exit) {
                log.add("exit " + exit.status());
            }
            channel.decide(question, false);
        }

        @Override
        public void closed(LinkChannel channel) {
            log.add("closed");
        }
    }

    /** A session at the device: answers a command with its name, echoes a subsystem's input in upper case. */
    static final class DeviceSession implements ChannelHandler {
        private boolean echo;

        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {}

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            switch (question.request()) {
                case ChannelRequest.Exec exec -> {
                    channel.decide(question, true);
                    byte[] answer = ("ran " + exec.text()).getBytes(StandardCharsets.UTF_8);
                    channel.send(answer, 0, answer.length);
                    channel.request(new ChannelRequest.ExitStatus(7), false);
                    channel.sendEof();
                    channel.close();
                }
                case ChannelRequest.Subsystem subsystem -> {
                    echo = subsystem.name().equals("netconf");
                    channel.decide(question, echo);
                }
                case ChannelRequest.Shell shell -> {
                    echo = true;
                    channel.decide(question, true);
                }
                default -> channel.decide(question, false);
            }
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            if (echo) {
                byte[] answer = new String(array, offset, length, StandardCharsets.UTF_8)
                        .toUpperCase(java.util.Locale.ROOT)
                        .getBytes(StandardCharsets.UTF_8);
                channel.send(answer, 0, answer.length);
            }
            channel.consumed(length);
        }

        @Override
        public void closed(LinkChannel channel) {}
    }

    final long[] clock = {1_000_000_000L};
    final Environment environment = new Environment(() -> clock[0], RANDOM);
    final Wire toGateway = new Wire();
    final Wire toDevice = new Wire();
    final SharedOutput gatewayOutput = new SharedOutput();
    final SharedOutput deviceOutput = new SharedOutput();

    final List<ArrivalEvent> atGateway = new ArrayList<>();
    final List<DepartureEvent> atDevice = new ArrayList<>();
    ArrivalSettings gatewaySettings = new ArrivalSettings(GATEWAY);
    /** What the gateway's owner answers; null answers later. */
    Function<ArrivalEvent.AdmissionAsked, Admission> admission = asked -> admit("r1");
    BiConsumer<Departure, DepartureEvent.GatewayKeyAsked> gatewayKey = (device, asked) -> device.decide(asked,
            asked.key().equals(GATEWAY_HOST.publicKey())
                    ? new HostKeyDecision.Accept()
                    : new HostKeyDecision.Refuse("not the gateway's key"));
    BiConsumer<Departure, DepartureEvent.StreamAsked> stream = (device, asked) -> device.refuse(asked, "no stream");

    KeyExchangeTurns turns = KeyExchangeTurns.AT_ONCE;

    Arrival arrival;
    Departure departure;
    DeviceLink link;
    ArrivalEvent.AdmissionAsked asked;
    int cut = Integer.MAX_VALUE;
    /** How much is still carried to the gateway, in what the device writes at once; then the line is dead. */
    int untilDead = Integer.MAX_VALUE;
    /** What still comes of what the device writes next, in bytes. */
    int ofTheNext;

    static Admission admit(String id) {
        return new Admission.Admit(id, Credentials.byKey("admin", GATEWAY_USER));
    }

    static SshSettings deviceServer(Signer... keys) {
        return SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(keys)).build();
    }

    static SshSettings deviceClient() {
        return SshSettings.client();
    }

    static Credentials deviceLogin() {
        return Credentials.byKey("r1", DEVICE_USER);
    }

    Meeting gateway() {
        arrival = new Arrival(gatewaySettings, environment, gatewayOutput, toDevice, this::onGateway, turns);
        arrival.start();
        return this;
    }

    /** The device dials, and all that can happen without waiting happens. */
    Meeting dial(DepartureSettings settings) {
        gateway();
        departure = new Departure(settings, environment, deviceOutput, toGateway, this::onDevice);
        departure.start();
        return run();
    }

    private void onGateway(Arrival from, ArrivalEvent event) {
        atGateway.add(event);
        switch (event) {
            case ArrivalEvent.AdmissionAsked question -> {
                asked = question;
                var answer = admission.apply(question);
                if (answer != null) {
                    from.decide(question, answer);
                }
            }
            case ArrivalEvent.Linked linked -> link = linked.link();
            case ArrivalEvent.Closed closed -> {
            }
        }
    }

    private void onDevice(Departure from, DepartureEvent event) {
        atDevice.add(event);
        switch (event) {
            case DepartureEvent.GatewayKeyAsked question -> gatewayKey.accept(from, question);
            case DepartureEvent.LoginAsked question -> from.decide(question, login.apply(question.question()));
            case DepartureEvent.ChannelAsked question -> {
                if (question.type() instanceof ChannelType.Session) {
                    from.accept(question, 1 << 16, new DeviceSession());
                } else {
                    from.refuse(question, "sessions only");
                }
            }
            case DepartureEvent.StreamAsked question -> stream.accept(from, question);
            case DepartureEvent.Registered registered -> {
            }
            case DepartureEvent.Closed closed -> {
            }
        }
    }

    /** What a device that is an SSH server says to whom. */
    Function<Question.LoginRequested, LoginDecision> login = Meeting::byKey;

    private static LoginDecision byKey(Question.LoginRequested asked) {
        boolean good = asked.credential() instanceof Question.Credential.Key key
                && key.key().equals(GATEWAY_USER.publicKey()) && asked.user().equals("admin");
        return good ? new LoginDecision.Accept() : new LoginDecision.Refuse(List.of("publickey"));
    }

    /** Carries bytes both ways until nobody has any left. */
    Meeting run() {
        boolean moved = true;
        while (moved) {
            moved = carry(toGateway, arrival) | (departure != null && carry(toDevice, departure));
        }
        return this;
    }

    private boolean carry(Wire from, ByteMachine to) {
        boolean moved = false;
        while (!from.parts.isEmpty()) {
            byte[] part = from.parts.remove();
            if (from == toGateway && untilDead-- <= 0) {
                part = Arrays.copyOf(part, Math.min(ofTheNext, part.length));
                ofTheNext = 0;
                from.parts.clear();
            }
            moved = true;
            for (int at = 0; at < part.length; at += Math.min(cut, part.length - at)) {
                byte[] piece = Arrays.copyOfRange(part, at, at + Math.min(cut, part.length - at));
                to.receive(piece, 0, piece.length);
            }
        }
        if (from.ended && !to.isClosed() && untilDead > 0) {
            to.endOfStream();
            moved = true;
        }
        return moved;
    }

    /** Moves the clock and lets both sides do what is due, as often as it is due. */
    Meeting pass(Duration time) {
        long until = clock[0] + time.toNanos();
        while (true) {
            long next = Math.min(arrival.deadline(), departure == null ? Long.MAX_VALUE : departure.deadline());
            if (next > until) {
                break;
            }
            clock[0] = Math.max(clock[0], next);
            arrival.tick();
            if (departure != null) {
                departure.tick();
            }
            run();
        }
        clock[0] = until;
        return this;
    }

    /** Plays a peer of the test's own: these bytes reach the gateway. */
    Meeting send(byte[] bytes) {
        arrival.receive(bytes.clone(), 0, bytes.length);
        return this;
    }

    Meeting send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    Seen open(SessionStart start) {
        var seen = new Seen();
        link.open(start, seen);
        run();
        return seen;
    }

    String exec(String command) {
        var seen = open(new SessionStart.Exec(command));
        return seen.text + " " + String.join(",", seen.log) + seen.refused;
    }

    Ended ended() {
        return arrival.ended().orElseThrow(() -> new AssertionError("the gateway's end is open: " + arrival
                + ", the device's: " + (departure == null ? "" : departure.ended())));
    }

    String why() {
        return arrival.ended() + " / " + (departure == null ? "" : departure.ended()) + " / " + atGateway + " / "
                + atDevice;
    }
}
