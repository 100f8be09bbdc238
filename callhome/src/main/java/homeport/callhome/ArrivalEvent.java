package homeport.callhome;

/** What an {@link Arrival} tells its owner. */
public sealed interface ArrivalEvent {
    /** Takes an arrival's events, during calls into it. */
    interface Handler {
        void on(Arrival arrival, ArrivalEvent event);
    }

    /**
     * Which device is this, and may it in? Answered by {@link Arrival#decide}, at once or later.
     *
     * @param inner whether it is about the SSH server inside the tunnel of a device that is linked already; then the
     *            answer's device id does not count
     * @param legacy whether it speaks SHA-1 or CBC, which is for devices whose record says so
     */
    record AdmissionAsked(Evidence evidence, boolean inner, boolean legacy) implements ArrivalEvent {
        /** Each question is one of its own, whatever it says. */
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** The device is there. */
    record Linked(DeviceLink link) implements ArrivalEvent {}

    /** The connection has ended; nothing follows. */
    record Closed(Ended ended) implements ArrivalEvent {}
}
