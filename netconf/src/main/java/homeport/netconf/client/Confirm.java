package homeport.netconf.client;

import java.time.Duration;
import java.util.Optional;

/**
 * A confirmed commit (RFC 6241 §8.4): it is undone unless it is confirmed in time.
 *
 * @param timeout whole seconds; the server's default is 600 s
 * @param persist a token under which any session may confirm; without one, the end of this session undoes it
 * @param persistId the token of a confirmed commit that is already under way and that this one prolongs
 */
public record Confirm(Optional<Duration> timeout, Optional<String> persist, Optional<String> persistId) {
    public Confirm {
        if (timeout.isPresent() && timeout.get().toSeconds() < 1) {
            throw new IllegalArgumentException("a confirm timeout is at least a second");
        }
    }

    public static Confirm within(Duration timeout) {
        return new Confirm(Optional.of(timeout), Optional.empty(), Optional.empty());
    }

    public Confirm persist(String token) {
        return new Confirm(timeout, Optional.of(token), persistId);
    }

    public Confirm persistId(String token) {
        return new Confirm(timeout, persist, Optional.of(token));
    }
}
