package homeport.cli;

/** The exit statuses of every command. */
enum ExitStatus {
    DONE(0),
    FAILED(1),
    WRONG_USAGE(2),
    NOT_FOUND(3),
    NOT_ALLOWED(4),
    NOT_REACHED(5);

    private final int code;

    ExitStatus(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
