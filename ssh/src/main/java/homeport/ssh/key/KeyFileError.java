package homeport.ssh.key;

/**
 * A key file that cannot be used: which file and line, what is wrong, and what to do about it. Never holds a secret, and
 * of the file only names that are printable.
 */
public final class KeyFileError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is wrong, for programs. */
    public enum Problem {
        /** Not a key file of a known kind, or damaged. */
        MALFORMED,
        /** A key, cipher or version that this program does not take. */
        NOT_SUPPORTED,
        /** Larger than any key file. */
        TOO_LARGE,
        /** Encrypted, and no passphrase was given. */
        PASSPHRASE_NEEDED,
        /** Encrypted with another passphrase. */
        PASSPHRASE_WRONG
    }

    private final Problem problem;
    private final String file;
    private final int line;

    KeyFileError(Problem problem, String file, int line, String what, String advice) {
        super(file + (line > 0 ? " line " + line : "") + ": " + what + "; " + advice);
        this.problem = problem;
        this.file = file;
        this.line = line;
    }

    public Problem problem() {
        return problem;
    }

    /** The name that the caller gave the file. */
    public String file() {
        return file;
    }

    /** From 1 on; 0 when it is the file as a whole. */
    public int line() {
        return line;
    }
}
