package homeport.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Remembers what a writer keeps to itself: that something was not written, and why. */
final class StandardOutput extends OutputStream {
    private final OutputStream out;
    private volatile @Nullable String failure;

    StandardOutput(OutputStream out) {
        this.out = out;
    }

    /** Why something was not written. A reader that has enough, such as {@code head}, is no failure. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    private void failed(IOException e) {
        var reason = String.valueOf(e.getMessage());
        if (failure == null && !reason.toLowerCase(Locale.ROOT).contains("broken pipe")) {
            failure = reason;
        }
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[]{(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] array, int offset, int length) throws IOException {
        try {
            out.write(array, offset, length);
        } catch (IOException e) {
            failed(e);
            throw e;
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException e) {
            failed(e);
            throw e;
        }
    }
}
