package homeport.agent;

/** When a connection was last of use to anybody: what {@code idle-timeout} counts from. Safe from any thread. */
final class Activity {
    private volatile long last = System.nanoTime();

    void touch() {
        last = System.nanoTime();
    }

    long idleNanos() {
        return System.nanoTime() - last;
    }
}
