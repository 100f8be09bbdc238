package homeport.agent;

import homeport.callhome.ByteMachine;
import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.DepartureSettings;
import homeport.callhome.Ended;
import homeport.callhome.SharedOutput;
import homeport.callhome.Sink;
import homeport.callhome.SshLink;
import homeport.ssh.Environment;
import homeport.ssh.Event;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginAttempt;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.key.PlainSigner;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A device that called home, and an SSH client that listened, joined in memory on a clock that the test moves. */
final class MemoryLine {
    private static final class Wire implements Sink {
        private final ArrayDeque<byte[]> parts = new ArrayDeque<>();
        private final ByteArrayOutputStream all = new ByteArrayOutputStream();

        @Override
        public void write(byte[] array, int offset, int length) {
            parts.add(Arrays.copyOfRange(array, offset, offset + length));
            all.write(array, offset, length);
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void flush() {}

        @Override
        public void end() {}
    }

    /** What the listener saw. */
    final List<Event> seen = new ArrayList<>();
    private final Wire toDevice = new Wire();
    private final Wire toListener = new Wire();
    private long nanos = 1_000_000;
    private final Departure device;
    private final SshLink listener;
    /** Null gives no login at all. */
    private final PlainSigner login;
    private boolean silent;
    private boolean cut;

    /** @param login by which the listener logs in; null when it never does */
    MemoryLine(DepartureSettings settings, SshSettings listening, PlainSigner login) {
        this.login = login;
        var environment = new Environment(() -> nanos, new SecureRandom());
        device = new Departure(settings, environment, new SharedOutput(), toListener, this::atDevice);
        listener = SshLink.as(Role.CLIENT, listening, environment, new SharedOutput(), toDevice, this::atListener);
    }

    /** The listener stays as silent as a port scanner. */
    MemoryLine deviceAlone() {
        device.start();
        return this;
    }

    MemoryLine both() {
        device.start();
        listener.start();
        carry();
        return this;
    }

    /** The listener hears everything, and nothing of what it says comes through any more. */
    void silence() {
        silent = true;
    }

    /** Nothing comes through any more, and nobody is told. */
    void cut() {
        cut = true;
    }

    byte[] sentByDevice() {
        return toListener.all.toByteArray();
    }

    int answersOfListener() {
        return toDevice.all.size();
    }

    Ended deviceEnd() {
        return device.ended().orElseThrow(() -> new AssertionError("the device's end is open"));
    }

    boolean isOpen() {
        return !device.isClosed() && !listener.isClosed();
    }

    boolean listenerIsOpen() {
        return !listener.isClosed();
    }

    private void atDevice(Departure from, DepartureEvent event) {
        if (event instanceof DepartureEvent.LoginAsked asked) {
            from.decide(asked, new LoginDecision.Accept());
        }
    }

    private void atListener(Event event) {
        seen.add(event);
        switch (event) {
            case Question.HostKeyAsked asked -> listener.run(
                    () -> listener.connection().decide(asked, new HostKeyDecision.Accept()));
            case Question.LoginAsked asked when login != null -> listener.run(
                    () -> listener.connection().decide(asked, new LoginAttempt.Key("gateway", login)));
            case Event other -> {
                // Nothing to say to it.
            }
        }
    }

    private void carry() {
        while (!toDevice.parts.isEmpty() || !toListener.parts.isEmpty()) {
            carry(toDevice, device);
            carry(toListener, listener);
        }
    }

    private void carry(Wire wire, ByteMachine to) {
        while (!wire.parts.isEmpty()) {
            byte[] part = wire.parts.remove();
            if (!cut && !(silent && wire == toDevice)) {
                to.receive(part, 0, part.length);
            }
        }
    }

    /** Moves the clock; both sides do what is due, as often as it is due. */
    void pass(Duration time) {
        long until = nanos + time.toNanos();
        while (true) {
            long next = Math.min(device.deadline(), listener.deadline());
            if (next > until) {
                break;
            }
            nanos = Math.max(nanos, next);
            if (!device.isClosed()) {
                device.tick();
            }
            if (!listener.isClosed()) {
                listener.tick();
            }
            carry();
        }
        nanos = until;
    }
}
