package homeport.ssh;

import homeport.ssh.crypto.Compressor;
import homeport.ssh.crypto.OutboundCipher;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Outgoing packets (RFC 4253 §6): a message is written straight into the owner's buffer, behind room for the packet's
 * header, then padded and sealed where it stands.
 *
 * <p>While keys are exchanged only the exchange's own messages may go out. Others wait here, in order and bounded;
 * channel data never does, because a channel takes none meanwhile.
 */
final class PacketOutput {
    private static final int HEADER = 5;
    private static final int LEAST_PADDING = 4;

    private final int mostDeferred;
    private SshWriter out;
    private long paddingState;
    private @Nullable OutboundCipher cipher;
    private @Nullable Compressor compressor;
    private int sequence;
    private long packets;
    private long bytes;
    private boolean holding;
    /** Messages that wait, each behind its length; absent when none does. */
    private @Nullable SshWriter deferred;
    private int start;
    private boolean deferring;

    PacketOutput(SshWriter out, int mostDeferred, SecureRandom random) {
        this.out = out;
        this.mostDeferred = mostDeferred;
        this.paddingState = random.nextLong() | 1;
    }

    /** Between two packets: the next one is written there. */
    void moveTo(SshWriter other) {
        out = other;
    }

    /** Bytes outside of any packet: the version line. */
    void raw(byte[] line) {
        out.bytes(line);
    }

    /** Begins a message: the caller writes its fields to the result, then calls {@link #end}. */
    SshWriter begin(int number) {
        deferring = holding && !MessageNumber.allowedDuringKeyExchange(number);
        if (deferring) {
            if (deferred == null) {
                deferred = new SshWriter(256);
            }
            start = deferred.size();
            return deferred.uint32(0).uint8(number);
        }
        start = out.size();
        return out.advance(HEADER).uint8(number);
    }

    void end() {
        if (deferring) {
            var waiting = Objects.requireNonNull(deferred);
            waiting.putInt32(start, waiting.size() - start - 4);
            if (waiting.size() > mostDeferred) {
                throw new ProtocolError(Rule.OUTPUT_BACKLOG, waiting.size() + " bytes wait for a key exchange");
            }
            return;
        }
        if (compressor != null) {
            compress(compressor);
        }
        seal();
    }

    private void compress(Compressor active) {
        byte[] plain = Arrays.copyOfRange(out.array(), start + HEADER, out.size());
        active.compress(plain, 0, plain.length, out.truncate(start + HEADER));
        Arrays.fill(plain, (byte) 0);
    }

    private void seal() {
        int payload = out.size() - start - HEADER;
        int block = cipher == null ? 8 : cipher.blockBytes();
        int aligned = (cipher != null && cipher.lengthApart() ? 1 : HEADER) + payload;
        int padding = block - aligned % block;
        if (padding < LEAST_PADDING) {
            padding += block;
        }
        int length = 1 + payload + padding;
        int tag = cipher == null ? 0 : cipher.tagBytes();
        out.ensure(padding + tag);
        pad(out.array(), out.size(), padding);
        out.advance(padding + tag);
        out.putInt32(start, length);
        out.array()[start + 4] = (byte) padding;
        if (cipher != null) {
            cipher.seal(out.array(), start, length, sequence);
        }
        sequence++;
        packets++;
        bytes += length;
    }

    /** Padding is to be random, not secret (RFC 4253 §6): a cheap generator, seeded from the real one, will do. */
    private void pad(byte[] array, int offset, int count) {
        for (int i = 0; i < count; i++) {
            if ((i & 7) == 0) {
                paddingState ^= paddingState << 13;
                paddingState ^= paddingState >>> 7;
                paddingState ^= paddingState << 17;
            }
            array[offset + i] = (byte) (paddingState >>> ((i & 7) * 8));
        }
    }

    /** From our KEXINIT on: only what a key exchange allows goes out. */
    void hold() {
        holding = true;
    }

    boolean holds() {
        return holding;
    }

    /** After our NEWKEYS: what waited goes out, under the new keys. */
    void release() {
        holding = false;
        var waiting = deferred;
        if (waiting == null) {
            return;
        }
        deferred = null;
        byte[] all = waiting.array();
        for (int at = 0; at < waiting.size();) {
            int length = (all[at] & 0xff) << 24 | (all[at + 1] & 0xff) << 16 | (all[at + 2] & 0xff) << 8
                    | (all[at + 3] & 0xff);
            begin(all[at + 4] & 0xff).bytes(all, at + 5, length - 1);
            end();
            at += 4 + length;
        }
        waiting.wipe();
    }

    /** New keys: from the next packet on. */
    void use(OutboundCipher next, boolean restartSequence) {
        if (cipher != null) {
            cipher.destroy();
        }
        cipher = next;
        packets = 0;
        bytes = 0;
        if (restartSequence) {
            sequence = 0;
        }
    }

    void compressWith(@Nullable Compressor next) {
        if (compressor != null) {
            compressor.end();
        }
        compressor = next;
    }

    /** The number of the packet that {@link #end} made last, as UNIMPLEMENTED names it; negative while it waits. */
    long lastPacket() {
        return deferring ? -1 : Integer.toUnsignedLong(sequence - 1);
    }

    /** Packets sent since the keys changed. */
    long packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }

    void rest() {
        if (cipher != null) {
            cipher.rest();
        }
    }

    void destroy() {
        if (cipher != null) {
            cipher.destroy();
            cipher = null;
        }
        compressWith(null);
        if (deferred != null) {
            deferred.wipe();
            deferred = null;
        }
    }
}
