package homeport.ssh;

import homeport.ssh.crypto.Decompressor;
import homeport.ssh.crypto.InboundCipher;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshWriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Incoming packets (RFC 4253 §6): finds them in bytes however these are cut, and opens them in place.
 *
 * <p>A packet that is whole in the caller's array is opened there. One that is not is gathered in {@code held}, which a
 * quiet connection does not have.
 */
final class PacketInput {
    /** packet_length of the smallest packet: padding_length, message number, four bytes of padding. */
    private static final int LEAST_LENGTH = 6;

    private static final byte[] NONE = new byte[0];

    private final int mostLength;
    private @Nullable InboundCipher cipher;
    private @Nullable Decompressor decompressor;
    private int sequence;
    /** Packets since the keys changed. */
    private long packets;
    /** Bytes since the keys changed. */
    private long bytes;

    private byte[] source = NONE;
    private int position;
    private int end;
    private byte[] held = NONE;
    private int heldSize;
    /** Of the packet that is being gathered; negative while not known. */
    private int length = -1;
    /** Whether a length that cannot be is to be told from a wrong code by nobody, and how much is still swallowed. */
    private boolean concealed;
    private int swallow;

    private byte[] payloadArray = NONE;
    private int payloadOffset;

    PacketInput(int mostLength) {
        this.mostLength = mostLength;
    }

    /** Bytes to be read next; they stay the caller's, and are changed. */
    void feed(byte[] array, int offset, int count) {
        source = array;
        position = offset;
        end = offset + count;
    }

    int available() {
        return end - position;
    }

    /** The bytes that were fed and not read, which are thereby taken out. */
    byte[] takeRest() {
        byte[] rest = Arrays.copyOfRange(source, position, end);
        forget();
        return rest;
    }

    /** Lets go of the caller's array. */
    void forget() {
        source = NONE;
        position = 0;
        end = 0;
        payloadArray = NONE;
    }

    /** For the version line: the next byte, or -1. */
    int nextByte() {
        return position < end ? source[position++] & 0xff : -1;
    }

    /**
     * Opens the next packet.
     *
     * @return its payload's length, at {@link #payloadArray()} from {@link #payloadOffset()}; -1 when it is not all there
     */
    int next() {
        if (swallow > 0) {
            return swallow();
        }
        int lengthBytes = cipher == null ? 4 : cipher.lengthBytes();
        int tag = cipher == null ? 0 : cipher.tagBytes();
        if (heldSize == 0 && length < 0 && available() >= lengthBytes) {
            int found = readLength(source, position);
            if (found < 0) {
                return swallow();
            }
            if (available() >= 4 + found + tag) {
                int at = position;
                position += 4 + found + tag;
                return open(source, at, found);
            }
            length = found;
        }
        // Part of it is missing: gather it, and take no more than belongs to it.
        if (length < 0) {
            gather(lengthBytes);
            if (heldSize < lengthBytes) {
                return -1;
            }
            length = readLength(held, 0);
            if (length < 0) {
                heldSize = 0;
                return swallow();
            }
        }
        int whole = 4 + length + tag;
        gather(whole);
        if (heldSize < whole) {
            return -1;
        }
        int found = length;
        length = -1;
        heldSize = 0;
        return open(held, 0, found);
    }

    byte[] payloadArray() {
        return payloadArray;
    }

    int payloadOffset() {
        return payloadOffset;
    }

    private void gather(int want) {
        int count = Math.min(want - heldSize, available());
        if (held.length < heldSize + count) {
            // By what came, not by what was announced: 5 bytes must not make a stranger's connection hold 64 KiB.
            held = Arrays.copyOf(held, Math.max(Math.min(want, Math.max(2 * held.length, 256)), heldSize + count));
        }
        if (count > 0) {
            System.arraycopy(source, position, held, heldSize, count);
            position += count;
            heldSize += count;
        }
    }

    /** Takes as many bytes as the longest packet has, then says what a wrong code says. */
    private int swallow() {
        int count = Math.min(available(), swallow);
        position += count;
        swallow -= count;
        if (swallow == 0) {
            throw new ProtocolError(Rule.MAC);
        }
        return -1;
    }

    /** Of the next packet; -1 when it cannot be, and nobody is to see that. */
    private int readLength(byte[] array, int offset) {
        if (packets >= 1L << 32) {
            throw new ProtocolError(Rule.SEQUENCE_WRAPPED);
        }
        int found = cipher != null
                ? cipher.length(array, offset, sequence)
                : (array[offset] & 0xff) << 24 | (array[offset + 1] & 0xff) << 16 | (array[offset + 2] & 0xff) << 8
                        | (array[offset + 3] & 0xff);
        int aligned = cipher != null && cipher.lengthApart() ? found : 4 + found;
        boolean whole = aligned % (cipher == null ? 8 : cipher.blockBytes()) == 0;
        if (concealed && (found < LEAST_LENGTH || found > mostLength || !whole)) {
            swallow = mostLength;
            return -1;
        }
        if (found < LEAST_LENGTH || found > mostLength) {
            throw new ProtocolError(found < LEAST_LENGTH && found >= 0 ? Rule.PACKET_LENGTH : Rule.PACKET_TOO_LONG,
                    Integer.toUnsignedString(found) + " bytes, at most " + mostLength);
        }
        if (!whole) {
            throw new ProtocolError(Rule.PACKET_LENGTH, found + " is no multiple of the cipher's block");
        }
        return found;
    }

    private int open(byte[] array, int offset, int packetLength) {
        if (cipher != null) {
            cipher.open(array, offset, packetLength, sequence);
        }
        int padding = array[offset + 4] & 0xff;
        int payload = packetLength - 1 - padding;
        if (padding < 4 || payload < 1) {
            throw new ProtocolError(Rule.PADDING, padding + " bytes in a packet of " + packetLength);
        }
        sequence++;
        packets++;
        bytes += packetLength;
        payloadArray = array;
        payloadOffset = offset + 5;
        if (decompressor != null) {
            var plain = new SshWriter(4 * payload);
            decompressor.decompress(array, payloadOffset, payload, plain, mostLength);
            if (plain.size() == 0) {
                throw new ProtocolError(Rule.COMPRESSION, "an empty payload");
            }
            payloadArray = plain.array();
            payloadOffset = 0;
            return plain.size();
        }
        return payload;
    }

    /** The number of the packet that was read last, as UNIMPLEMENTED names it. */
    int lastSequence() {
        return sequence - 1;
    }

    /** Packets read since the connection began, or since the keys changed. */
    long packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }

    /**
     * New keys: from the next packet on.
     *
     * @param concealLength for CBC, where a length is decrypted before its code is checked, and whether it can be would
     *                      tell something of any block that is replayed in its place (CVE-2008-5161)
     */
    void use(InboundCipher next, boolean restartSequence, boolean concealLength) {
        if (cipher != null) {
            cipher.destroy();
        }
        cipher = next;
        concealed = concealLength;
        packets = 0;
        bytes = 0;
        if (restartSequence) {
            sequence = 0;
        }
    }

    void decompressWith(@Nullable Decompressor next) {
        if (decompressor != null) {
            decompressor.end();
        }
        decompressor = next;
    }

    void rest() {
        if (cipher != null) {
            cipher.rest();
        }
        if (heldSize == 0) {
            // It held what came last in clear: a password, it may be.
            Arrays.fill(held, (byte) 0);
            held = NONE;
        }
    }

    void destroy() {
        if (cipher != null) {
            cipher.destroy();
            cipher = null;
        }
        decompressWith(null);
        Arrays.fill(held, (byte) 0);
        held = NONE;
        heldSize = 0;
        forget();
    }
}
