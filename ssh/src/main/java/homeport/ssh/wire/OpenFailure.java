package homeport.ssh.wire;

import java.util.Optional;

/** Why a channel does not open: the reason codes of SSH_MSG_CHANNEL_OPEN_FAILURE (RFC 4254 §5.1). */
public enum OpenFailure {
    /** Whoever asks may not have it. */
    ADMINISTRATIVELY_PROHIBITED(1, "administratively prohibited"),
    /** What it was to lead to is not reached. */
    CONNECT_FAILED(2, "connect failed"),
    UNKNOWN_CHANNEL_TYPE(3, "unknown channel type"),
    /** A limit is reached. */
    RESOURCE_SHORTAGE(4, "resource shortage");

    private final int code;
    private final String words;

    OpenFailure(int code, String words) {
        this.code = code;
        this.words = words;
    }

    /** As it stands in the message. */
    public int code() {
        return code;
    }

    /** For people, as OpenSSH's client has it. */
    public String words() {
        return words;
    }

    /** Empty for a code that the RFC does not know: peers may have their own. */
    public static Optional<OpenFailure> of(long code) {
        for (var failure : values()) {
            if (failure.code == code) {
                return Optional.of(failure);
            }
        }
        return Optional.empty();
    }
}
