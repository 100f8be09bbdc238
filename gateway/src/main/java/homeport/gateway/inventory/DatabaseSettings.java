package homeport.gateway.inventory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** Where the inventory lives. */
public sealed interface DatabaseSettings {
    /** How long a write waits for another program's lock before it fails, and a start for another gateway's end. */
    Duration DEFAULT_LOCK_WAIT = Duration.ofSeconds(5);

    Duration lockWait();

    /** A file of our own; the embedded default. */
    record Sqlite(Path file, Duration lockWait) implements DatabaseSettings {
        public Sqlite(Path file) {
            this(file, DEFAULT_LOCK_WAIT);
        }
    }

    /**
     * A PostgreSQL server, 13 or newer.
     *
     * @param url as JDBC has it: {@code jdbc:postgresql://host:port/database}; without a password
     * @param password UTF-8; the settings' owner overwrites it after {@link Inventory#open}
     * @param connections at once; every one is a process of the server
     */
    record Postgresql(String url, String user, Optional<byte[]> password, int connections,
            Duration lockWait) implements DatabaseSettings {
        public static final int DEFAULT_CONNECTIONS = 8;

        public Postgresql {
            if (!url.startsWith("jdbc:postgresql:")) {
                throw new IllegalArgumentException("not a URL of PostgreSQL");
            }
            if (url.contains("password=")) {
                throw new IllegalArgumentException("a password in a URL ends up in logs");
            }
            if (connections < 1) {
                throw new IllegalArgumentException(connections + " connections");
            }
        }

        public Postgresql(String url, String user, Optional<byte[]> password) {
            this(url, user, password, DEFAULT_CONNECTIONS, DEFAULT_LOCK_WAIT);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Postgresql that && url.equals(that.url) && user.equals(that.user)
                    && connections == that.connections && lockWait.equals(that.lockWait)
                    && Arrays.equals(password.orElse(null), that.password.orElse(null));
        }

        @Override
        public int hashCode() {
            return url.hashCode();
        }

        @Override
        public String toString() {
            return "Postgresql[" + url + ", " + user + (password.isPresent() ? ", password]" : "]");
        }
    }
}
