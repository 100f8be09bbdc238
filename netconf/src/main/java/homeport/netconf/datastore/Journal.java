package homeport.netconf.datastore;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Records that survive: a file that begins with one snapshot and goes on with what happened since. A record is there
 * whole or not at all, whenever the process or the machine stops.
 *
 * <pre>
 *  file     magic "HPDS0001", then records
 *  record   length (4 bytes, big endian), CRC-32C of the payload (4 bytes), payload
 * </pre>
 *
 * An append is written and synced before it counts. A snapshot goes to a file of the next generation, which is synced,
 * renamed into place, and its directory synced, before the old one goes. A record cut short at the end of the file is
 * one that never counted, and is cut off; damage anywhere else is an error, never guessed at.
 */
final class Journal implements Closeable {
    private static final byte[] MAGIC = "HPDS0001".getBytes(StandardCharsets.US_ASCII);
    private static final Pattern NAME = Pattern.compile("datastores-([0-9a-f]{16})\\.journal");
    private static final int HEADER = 8;
    /** No configuration is larger than this; a length beyond it is damage. */
    private static final int MOST_BYTES = 1 << 30;

    private final Path directory;
    private final long snapshotAfterBytes;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final List<byte[]> recovered = new ArrayList<>();
    private @Nullable FileChannel file;
    private long generation;
    private long snapshotBytes;
    private long bytes;
    private boolean broken;

    private Journal(Path directory, long snapshotAfterBytes, FileChannel lockFile, FileLock lock) {
        this.directory = directory;
        this.snapshotAfterBytes = snapshotAfterBytes;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Opens the journal of a directory, made when it is not there.
     *
     * @param snapshotAfterBytes how much may be appended before a snapshot pays, unless the snapshot is larger yet
     * @throws IOException when another process has it open, or it is damaged
     */
    static Journal open(Path directory, long snapshotAfterBytes) throws IOException {
        Files.createDirectories(directory);
        FileChannel lockFile = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        try {
            FileLock lock = lockFile.tryLock();
            if (lock == null) {
                throw new IOException("the datastores in " + directory + " are open in another process");
            }
            Journal journal = new Journal(directory, snapshotAfterBytes, lockFile, lock);
            journal.recover();
            return journal;
        } catch (OverlappingFileLockException e) {
            lockFile.close();
            throw new IOException("the datastores in " + directory + " are open already", e);
        } catch (IOException e) {
            lockFile.close();
            throw e;
        }
    }

    /** The records found when it was opened, a snapshot first; empty when it is new. Given once, then forgotten. */
    List<byte[]> takeRecovered() {
        List<byte[]> records = List.copyOf(recovered);
        recovered.clear();
        return records;
    }

    private void recover() throws IOException {
        long newest = -1;
        List<Path> others = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path path : files.sorted().toList()) {
                String name = path.getFileName().toString();
                Matcher matcher = NAME.matcher(name);
                if (matcher.matches()) {
                    if (newest >= 0) {
                        others.add(path(newest));
                    }
                    newest = Long.parseUnsignedLong(matcher.group(1), 16);
                } else if (name.endsWith(".tmp")) {
                    others.add(path);
                }
            }
        }
        if (newest >= 0) {
            generation = newest;
            FileChannel channel = FileChannel.open(path(newest), StandardOpenOption.READ, StandardOpenOption.WRITE);
            file = channel;
            long good = read(channel);
            if (good < channel.size()) {
                channel.truncate(good);
                channel.force(true);
            }
            channel.position(good);
        }
        for (Path other : others) {
            Files.deleteIfExists(other);
        }
    }

    /** Reads every record that counts; the offset behind the last. */
    private long read(FileChannel channel) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (all.hasRemaining() && channel.read(all, all.position()) >= 0) {
            // read() may return less than asked for.
        }
        all.flip();
        byte[] magic = new byte[MAGIC.length];
        if (all.remaining() < magic.length) {
            throw damaged("its first bytes are missing");
        }
        all.get(magic);
        if (!Arrays.equals(magic, MAGIC)) {
            throw damaged("it is not one of ours");
        }
        while (all.hasRemaining()) {
            int start = all.position();
            byte[] payload = next(all);
            if (payload == null) {
                if (recovered.isEmpty()) {
                    throw damaged("its snapshot is");
                }
                bytes = start;
                return start;
            }
            recovered.add(payload);
            if (recovered.size() == 1) {
                snapshotBytes = all.position();
            }
        }
        if (recovered.isEmpty()) {
            throw damaged("its snapshot is missing");
        }
        bytes = all.position();
        return bytes;
    }

    /** The next record; null when the file ends within it. */
    private byte @Nullable [] next(ByteBuffer all) throws IOException {
        int start = all.position();
        if (all.remaining() < HEADER) {
            return null;
        }
        int length = all.getInt();
        int crc = all.getInt();
        if (length >= 0 && length <= MOST_BYTES && length <= all.remaining()) {
            byte[] payload = new byte[length];
            all.get(payload);
            if (length > 0 && crc(payload) == crc) {
                return payload;
            }
            if (all.hasRemaining() && !isZero(all, start)) {
                throw damaged("a record at byte " + start + " is");
            }
        }
        return null;
    }

    /** A file grown by the system before its bytes were written ends in zeros. */
    private static boolean isZero(ByteBuffer all, int from) {
        for (int i = from; i < all.limit(); i++) {
            if (all.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private IOException damaged(String what) {
        return new IOException("the journal " + path(generation) + " is damaged: " + what + " damaged or missing");
    }

    /** Appends one record; it counts when this returns. An append that fails leaves what was there. */
    void append(byte[] payload) throws IOException {
        FileChannel channel = file;
        if (broken || channel == null) {
            throw new IOException("the journal can no longer be written");
        }
        try {
            write(channel, record(payload));
            channel.force(false);
            bytes += HEADER + payload.length;
        } catch (IOException e) {
            try {
                channel.truncate(bytes);
                channel.position(bytes);
            } catch (IOException worse) {
                broken = true;
                e.addSuppressed(worse);
            }
            throw e;
        }
    }

    /** Whether what was appended outweighs a snapshot. */
    boolean wantsSnapshot() {
        return file == null || bytes - snapshotBytes > Math.max(snapshotAfterBytes, snapshotBytes);
    }

    /** Begins anew with a snapshot of everything; the old file goes when the new one is sure. */
    void snapshot(byte[] payload) throws IOException {
        long next = file == null ? 0 : generation + 1;
        Path temporary = directory.resolve("next.tmp");
        FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            write(channel, ByteBuffer.wrap(MAGIC));
            write(channel, record(payload));
            channel.force(true);
            Files.move(temporary, path(next), StandardCopyOption.ATOMIC_MOVE);
            syncDirectory();
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        FileChannel old = file;
        Path oldPath = path(generation);
        file = channel;
        generation = next;
        snapshotBytes = (long) MAGIC.length + HEADER + payload.length;
        bytes = snapshotBytes;
        broken = false;
        if (old != null) {
            old.close();
            Files.deleteIfExists(oldPath);
        }
    }

    private void syncDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private Path path(long of) {
        return directory.resolve("datastores-%016x.journal".formatted(of));
    }

    private static ByteBuffer record(byte[] payload) {
        return ByteBuffer.allocate(HEADER + payload.length).putInt(payload.length).putInt(crc(payload)).put(payload)
                .flip();
    }

    private static void write(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static int crc(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        FileChannel channel = file;
        if (channel != null) {
            channel.close();
        }
        if (lock.isValid()) {
            lock.release();
        }
        lockFile.close();
    }
}
