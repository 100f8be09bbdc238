package homeport.agent;

/** When a connection was last of use to anybody: what {@code idle-timeout} counts from. Safe from any thread. */
final class Activity {
    private final AgentTime time;
    private volatile long last;

    Activity(AgentTime time) {
        this.time = time;
        this.last = time.now().nanos();
    }

    void touch() {
        last = time.now().nanos();
    }

    long idleNanos() {
        return time.now().nanos() - last;
    }
}
