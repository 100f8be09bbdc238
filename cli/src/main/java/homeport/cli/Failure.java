package homeport.cli;

/** A command cannot do what it was told to: one line for standard error, and the exit status that says of what kind. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitStatus status;

    Failure(ExitStatus status, String line) {
        super(line, null, false, false);
        this.status = status;
    }

    ExitStatus status() {
        return status;
    }
}
