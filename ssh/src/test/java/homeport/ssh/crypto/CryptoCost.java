package homeport.ssh.crypto;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.List;

/**
 * Prints what packets and key exchanges cost on this machine: nanoseconds of CPU and allocated bytes, best of some
 * rounds. Not a test. Run it from the test class path; {@code -Dhomeport.crypto=jdk} leaves the native provider out.
 */
final class CryptoCost {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 8;
    private static final long ROUND_NANOS = 250_000_000;
    /** Operations between two looks at the clock. */
    private static final int BATCH = 8;

    private CryptoCost() {}

    public static void main(String[] arguments) {
        System.out.println("provider: " + Providers.nativeProvider().map(Object::toString).orElse("the JDK's"));
        var wanted = List.of(new Suite(CipherAlgorithm.AES128_GCM, MacAlgorithm.NONE),
                new Suite(CipherAlgorithm.AES256_GCM, MacAlgorithm.NONE),
                new Suite(CipherAlgorithm.CHACHA20_POLY1305, MacAlgorithm.NONE),
                new Suite(CipherAlgorithm.AES128_CTR, MacAlgorithm.HMAC_SHA2_256_ETM),
                new Suite(CipherAlgorithm.AES256_CTR, MacAlgorithm.HMAC_SHA2_512_ETM),
                new Suite(CipherAlgorithm.AES256_CTR, MacAlgorithm.HMAC_SHA2_256),
                new Suite(CipherAlgorithm.AES128_CBC, MacAlgorithm.HMAC_SHA1));
        for (int bytes : new int[]{64, 32768}) {
            for (var suite : wanted) {
                packet(suite, bytes);
            }
        }
        awake(wanted.get(0));
        awake(wanted.get(2));
        awake(wanted.get(3));
        var random = new SecureRandom();
        for (var algorithm : KexAlgorithm.values()) {
            algorithm.method().ifPresent(method -> exchange(algorithm, method, random));
        }
        var foreign = new GroupExchange.Request(2048, 2048, 8192);
        var p = GroupExchange.known(8192).p();
        measure("check of a foreign 8192-bit group", () -> {
            GroupExchange.accept(foreign, p, BigInteger.valueOf(3));
        });
    }

    /** Seals and opens the same packet again and again: the whole way through a process at both ends. */
    private static void packet(Suite suite, int bytes) {
        var outbound = suite.outbound();
        var inbound = suite.inbound();
        int length = Suite.length(outbound, bytes / outbound.blockBytes());
        byte[] array = Suite.packet(outbound, 0, length, 1);
        var sequence = new int[1];
        measure(name(suite) + ", " + bytes + " bytes, sealed and opened", () -> {
            BigEndian.putInt32(array, 0, length);
            outbound.seal(array, 0, length, sequence[0]);
            if (inbound.length(array, 0, sequence[0]) != length) {
                throw new IllegalStateException("another length");
            }
            inbound.open(array, 0, length, sequence[0]);
            sequence[0]++;
        });
    }

    /** A small packet of a session that rested. */
    private static void awake(Suite suite) {
        var outbound = suite.outbound();
        int length = Suite.length(outbound, 64 / outbound.blockBytes());
        byte[] array = Suite.packet(outbound, 0, length, 1);
        var sequence = new int[1];
        measure(name(suite) + ", 64 bytes, sealed after a rest", () -> {
            outbound.rest();
            BigEndian.putInt32(array, 0, length);
            outbound.seal(array, 0, length, sequence[0]++);
        });
    }

    private static void exchange(KexAlgorithm algorithm, KexMethod method, SecureRandom random) {
        var initiator = method.initiate(random);
        byte[] value = initiator.value();
        measure(algorithm.wireName() + ", the server's half", () -> {
            method.answer(value, random);
        });
        measure(algorithm.wireName() + ", the client's first step", () -> {
            method.initiate(random);
        });
    }

    private static String name(Suite suite) {
        return suite.cipher().wireName() + (suite.cipher().authenticated() ? "" : " " + suite.mac().wireName());
    }

    private static void measure(String what, Runnable operation) {
        double best = Double.MAX_VALUE;
        long allocated = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long bytes = THREADS.getCurrentThreadAllocatedBytes();
            long begin = THREADS.getCurrentThreadCpuTime();
            int count = 0;
            long spent;
            do {
                for (int i = 0; i < BATCH; i++) {
                    operation.run();
                }
                count += BATCH;
                spent = THREADS.getCurrentThreadCpuTime() - begin;
            } while (spent < ROUND_NANOS);
            best = Math.min(best, (double) spent / count);
            allocated = (THREADS.getCurrentThreadAllocatedBytes() - bytes) / count;
        }
        System.out.printf("%-70s %,12.0f ns %,8d bytes%n", what, best, allocated);
    }
}
