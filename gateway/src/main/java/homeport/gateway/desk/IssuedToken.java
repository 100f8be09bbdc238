package homeport.gateway.desk;

import java.time.Instant;

/** A new token, shown this once. */
public record IssuedToken(String token, Instant expires) {
    @Override
    public String toString() {
        return "IssuedToken[until " + expires + "]";
    }
}
