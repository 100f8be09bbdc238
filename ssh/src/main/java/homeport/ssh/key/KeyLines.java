package homeport.ssh.key;

import homeport.ssh.key.KeyFileError.Problem;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.util.ArrayList;
import java.util.List;

/** Goes through a file whose lines stand for themselves: a bad one is noted, and the others are read. */
final class KeyLines {
    /** Some 20,000 keys. */
    static final int MOST_FILE_CHARACTERS = 4 * 1024 * 1024;
    /** Of bad lines no more are noted. */
    private static final int MOST_PROBLEMS = 1000;

    private final String file;
    private final List<KeyFileError> problems = new ArrayList<>();

    KeyLines(String file) {
        this.file = file;
    }

    /** @throws KeyFileError with {@code TOO_LARGE} */
    void read(String text, LineReader reader) {
        if (text.length() > MOST_FILE_CHARACTERS) {
            throw new KeyFileError(Problem.TOO_LARGE, file, 0, "a file of " + text.length() + " characters",
                    "at most " + MOST_FILE_CHARACTERS + " are read: is it the right file?");
        }
        int number = 0;
        // A byte order mark, as some editors leave one.
        for (int start = text.startsWith("\ufeff") ? 1 : 0; start < text.length(); number++) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            String line = text.substring(start, end).strip();
            start = end + 1;
            if (!line.isEmpty() && line.charAt(0) != '#') {
                readLine(line, number + 1, reader);
            }
        }
    }

    private void readLine(String line, int number, LineReader reader) {
        try {
            reader.read(line, number);
        } catch (ProtocolError e) {
            if (problems.size() < MOST_PROBLEMS) {
                boolean unknown = e.rule() == Rule.KEY_NOT_SUPPORTED;
                problems.add(new KeyFileError(unknown ? Problem.NOT_SUPPORTED : Problem.MALFORMED, file, number,
                        e.detail().isEmpty() ? e.rule().sentence() : e.detail(), "correct the line or remove it"));
            }
        }
    }

    /** What was wrong, by line. */
    List<KeyFileError> problems() {
        return List.copyOf(problems);
    }

    /** Takes a line that is neither empty nor a comment; numbers are from 1. */
    interface LineReader {
        /** @throws ProtocolError when the line cannot be used */
        void read(String line, int number);
    }
}
