package homeport.gateway.inventory;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** What the driver and the server are told about a connection: most of it is how long they may wait for each other. */
final class PostgresqlProperties {
    /** To a server that answers, including its check of the password. */
    static final Duration CONNECT = Duration.ofSeconds(5);
    /** The server ends a statement by itself; a server that is frozen does not, and gets this much more. */
    private static final Duration GRACE = Duration.ofSeconds(2);
    /** With these three the server finds out in 50 s that a gateway's machine has vanished. */
    private static final int KEEP_ALIVE_IDLE_SECONDS = 20;
    private static final int KEEP_ALIVE_INTERVAL_SECONDS = 10;
    private static final int KEEP_ALIVE_COUNT = 3;
    /** The same while something sent is not acknowledged, for which keep-alives wait. */
    private static final int UNACKNOWLEDGED_MILLIS = 50_000;

    private PostgresqlProperties() {}

    /** @param statement the longest that one may run; whole seconds */
    static Map<String, String> of(DatabaseSettings.Postgresql settings, Duration statement) {
        var all = new HashMap<String, String>();
        all.put("user", settings.user());
        settings.password().ifPresent(password -> all.put("password", new String(password, StandardCharsets.UTF_8)));
        all.put("ApplicationName", "homeport");
        all.put("connectTimeout", "" + CONNECT.toSeconds());
        all.put("loginTimeout", "" + CONNECT.toSeconds());
        all.put("socketTimeout", "" + statement.plus(GRACE).toSeconds());
        all.put("tcpKeepAlive", "true");
        all.put("options", "-c synchronous_commit=on -c lock_timeout=" + settings.lockWait().toMillis()
                + " -c statement_timeout=" + statement.toMillis()
                + " -c tcp_keepalives_idle=" + KEEP_ALIVE_IDLE_SECONDS
                + " -c tcp_keepalives_interval=" + KEEP_ALIVE_INTERVAL_SECONDS
                + " -c tcp_keepalives_count=" + KEEP_ALIVE_COUNT
                + " -c tcp_user_timeout=" + UNACKNOWLEDGED_MILLIS);
        return all;
    }
}
