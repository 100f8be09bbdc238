package homeport.ssh;

import java.security.SecureRandom;
import java.util.function.LongSupplier;

/**
 * What the engine may not fetch for itself.
 *
 * @param nanoTime a clock that only goes forward, in nanoseconds, with any origin
 * @param random   for keys, cookies and padding
 */
public record Environment(LongSupplier nanoTime, SecureRandom random) {
    private static final Environment SYSTEM = new Environment(System::nanoTime, new SecureRandom());

    /** The machine's own clock and entropy. */
    public static Environment system() {
        return SYSTEM;
    }
}
