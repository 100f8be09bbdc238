package homeport.bench;

import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.crypto.InboundCipher;
import homeport.ssh.crypto.MacAlgorithm;
import homeport.ssh.crypto.OutboundCipher;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;

/** Sealing and opening packets of 32 KiB, and nothing else: MiB per second of this thread's CPU. */
final class CipherFloor implements Contender {
    private static final int PACKET = 32 * 1024 + 16;
    private static final int PER_ROUND = 1_500;

    private final OutboundCipher seal;
    private final InboundCipher open;
    private final byte[] packet = new byte[4 + PACKET + 64];
    private int sequence;

    CipherFloor(CipherAlgorithm cipher) {
        var key = new byte[cipher.keyBytes()];
        new SecureRandom().nextBytes(key);
        seal = cipher.outbound(MacAlgorithm.NONE, key.clone(), new byte[cipher.ivBytes()], new byte[0]);
        open = cipher.inbound(MacAlgorithm.NONE, key, new byte[cipher.ivBytes()], new byte[0]);
    }

    @Override
    public String name() {
        return "floor";
    }

    @Override
    public void warmUp() {
        repeat();
        repeat();
    }

    @Override
    public double round() {
        var threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        repeat();
        double seconds = (threads.getCurrentThreadCpuTime() - before) / 1e9;
        return PER_ROUND * (PACKET / 1024.0 / 1024.0) / seconds;
    }

    private void repeat() {
        for (int i = 0; i < PER_ROUND; i++) {
            packet[0] = 0;
            packet[1] = 0;
            packet[2] = (byte) (PACKET >> 8);
            packet[3] = (byte) PACKET;
            seal.seal(packet, 0, PACKET, sequence);
            int length = open.length(packet, 0, sequence);
            open.open(packet, 0, length, sequence);
            sequence++;
        }
    }
}
