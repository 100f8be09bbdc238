package homeport.gateway.inventory;

import java.sql.SQLException;
import java.util.Optional;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The inventory could not do what was asked. Nothing of a failed write remains. The message says what happened and what
 * to do; it never holds a secret or what was to be written.
 */
public final class InventoryError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is wrong, for programs: all but {@link #OTHER} are the operator's to mend, and none the caller's. */
    public enum Problem {
        DISK_FULL("the disk of the database is full", "make room; devices that are connected stay connected"),
        LOCKED("the database is locked by another program", "end the program that holds it, then try again"),
        READ_ONLY("the database cannot be written to", "check owner and mode of its files and directory"),
        IN_USE("another gateway uses the database", "end that one, or give this one a database of its own"),
        UNREACHABLE("the database does not answer", "check that it runs and that its address and password are right"),
        DAMAGED("the database is damaged", "restore it from a backup"),
        INPUT_OUTPUT("the disk of the database has errors",
                "check the disk; devices that are connected stay connected"),
        NEWER("the database is from a newer version of this program", "start that version, or restore a backup"),
        KEY_FILE("the key file of the inventory's secrets is not the right one", "put back the one that belongs to it"),
        KEY_LOST("the key file of the inventory's secrets is missing, and the database has secrets sealed with it",
                "put it back from the backup; to go on without those secrets, make a new one of 32 random bytes and mode"
                        + " 600, and set them anew"),
        OTHER("the database refused", "see the log for its own words");

        private final String sentence;
        private final String advice;

        Problem(String sentence, String advice) {
            this.sentence = sentence;
            this.advice = advice;
        }

        public String sentence() {
            return sentence;
        }

        public String advice() {
            return advice;
        }
    }

    private final Problem problem;

    InventoryError(Problem problem, String detail, Throwable cause) {
        super(problem.sentence + (detail.isEmpty() ? "" : " (" + detail + ")") + "; " + problem.advice, cause);
        this.problem = problem;
    }

    InventoryError(Problem problem, String detail) {
        super(problem.sentence + (detail.isEmpty() ? "" : " (" + detail + ")") + "; " + problem.advice);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }

    /** From whatever Jdbi, Flyway or the pool threw. */
    static InventoryError of(RuntimeException cause) {
        if (cause instanceof InventoryError error) {
            return error;
        }
        return sql(cause).map(sql -> new InventoryError(problem(sql), code(sql), cause))
                .orElseGet(() -> new InventoryError(Problem.OTHER, "", cause));
    }

    /** Whether a row with this key is there already. */
    static boolean isDuplicate(RuntimeException cause) {
        return sql(cause).filter(sql -> sql instanceof SQLiteException sqlite
                ? sqlite.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_PRIMARYKEY
                        || sqlite.getResultCode() == SQLiteErrorCode.SQLITE_CONSTRAINT_UNIQUE
                : "23505".equals(sql.getSQLState())).isPresent();
    }

    /** The innermost one: Hikari wraps the driver's in one of its own. */
    private static Optional<SQLException> sql(Throwable cause) {
        Optional<SQLException> found = Optional.empty();
        int depth = 0;
        for (Throwable at = cause; at != null && depth < 16; at = at.getCause(), depth++) {
            if (at instanceof SQLException sql) {
                found = Optional.of(sql);
            }
        }
        return found;
    }

    static Problem problem(SQLException cause) {
        return cause instanceof SQLiteException sqlite ? sqlite(sqlite) : standard(cause);
    }

    private static Problem sqlite(SQLiteException cause) {
        // The low byte is the primary code; the rest tells variants of it apart (sqlite.org/rescode.html).
        int primary = cause.getResultCode().code & 0xff;
        if (primary == SQLiteErrorCode.SQLITE_FULL.code
                // Its file of shared memory, 32 KiB, is the first that a full disk has no room for.
                || cause.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE) {
            return Problem.DISK_FULL;
        } else if (primary == SQLiteErrorCode.SQLITE_BUSY.code || primary == SQLiteErrorCode.SQLITE_LOCKED.code) {
            return Problem.LOCKED;
        } else if (primary == SQLiteErrorCode.SQLITE_READONLY.code || primary == SQLiteErrorCode.SQLITE_PERM.code
                || primary == SQLiteErrorCode.SQLITE_CANTOPEN.code) {
            return Problem.READ_ONLY;
        } else if (primary == SQLiteErrorCode.SQLITE_CORRUPT.code || primary == SQLiteErrorCode.SQLITE_NOTADB.code) {
            return Problem.DAMAGED;
        } else if (primary == SQLiteErrorCode.SQLITE_IOERR.code) {
            return Problem.INPUT_OUTPUT;
        }
        return Problem.OTHER;
    }

    /** By SQLSTATE, as PostgreSQL's appendix A lists them. */
    private static Problem standard(SQLException cause) {
        String state = String.valueOf(cause.getSQLState());
        return switch (state) {
            case "53100" -> Problem.DISK_FULL;
            case "55P03", "40001", "40P01" -> Problem.LOCKED;
            // The statement took as long as one may: whoever waits for a lock is told sooner.
            case "57014" -> Problem.UNREACHABLE;
            case "25006", "42501" -> Problem.READ_ONLY;
            case "58030" -> Problem.INPUT_OUTPUT;
            case "XX001", "XX002" -> Problem.DAMAGED;
            default -> state.startsWith("08") || state.startsWith("57P") || state.startsWith("28")
                    || state.startsWith("53") || state.equals("3D000")
                            ? Problem.UNREACHABLE
                            : cause instanceof java.sql.SQLTransientConnectionException
                                    ? Problem.UNREACHABLE
                                    : Problem.OTHER;
        };
    }

    private static String code(SQLException cause) {
        return cause instanceof SQLiteException sqlite
                ? sqlite.getResultCode().name()
                : "SQLSTATE " + cause.getSQLState();
    }
}
