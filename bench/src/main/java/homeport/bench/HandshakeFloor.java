package homeport.bench;

import java.lang.management.ManagementFactory;
import java.security.GeneralSecurityException;

/** {@link PublicKeyOperations} and nothing else, in microseconds of this thread's CPU. */
final class HandshakeFloor implements Contender {
    private static final int WARM_UP = 3_000;
    private static final int PER_ROUND = 500;

    private final PublicKeyOperations operations;

    HandshakeFloor() throws GeneralSecurityException {
        operations = new PublicKeyOperations();
    }

    @Override
    public String name() {
        return "bare public-key operations";
    }

    @Override
    public void warmUp() throws GeneralSecurityException {
        repeat(WARM_UP);
    }

    @Override
    public double round() throws GeneralSecurityException {
        var threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        repeat(PER_ROUND);
        return (threads.getCurrentThreadCpuTime() - before) / 1e3 / PER_ROUND;
    }

    private void repeat(int times) throws GeneralSecurityException {
        for (int i = 0; i < times; i++) {
            operations.once();
        }
    }
}
