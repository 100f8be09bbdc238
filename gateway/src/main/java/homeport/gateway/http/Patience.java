package homeport.gateway.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long is waited for requests. A connection on which nothing is asked is waited for until a whole head is there, however
 * many octets of one come meanwhile; while something is asked, its body and its answer have limits of their own. Each
 * connection's methods are called on its event loop.
 */
final class Patience {
    private final Vertx vertx;
    private final HttpLimits limits;
    private final Map<HttpConnection, Waiting> all = new ConcurrentHashMap<>();

    Patience(Vertx vertx, HttpLimits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    void begin(HttpConnection connection) {
        var its = new Waiting(connection);
        all.put(connection, its);
        its.await(limits.headTime());
    }

    /** The connection is closed. */
    void end(HttpConnection connection) {
        var its = all.remove(connection);
        if (its != null) {
            its.rest();
        }
    }

    /** @return false where nobody waits, as it was one connection too many, which is being closed */
    boolean asked(HttpConnection connection) {
        var its = all.get(connection);
        if (its == null) {
            return false;
        }
        its.underWay++;
        its.rest();
        return true;
    }

    void answered(HttpConnection connection) {
        var its = all.get(connection);
        if (its == null) {
            return; // closed meanwhile
        }
        // The next of several requests that came together may have begun before.
        its.underWay--;
        if (its.underWay == 0) {
            its.await(limits.idleTime());
        }
    }

    private final class Waiting {
        private final HttpConnection connection;
        private int underWay;
        private long timer = -1;

        Waiting(HttpConnection connection) {
            this.connection = connection;
        }

        void await(Duration most) {
            timer = vertx.setTimer(most.toMillis(), nothing -> connection.close());
        }

        void rest() {
            vertx.cancelTimer(timer);
        }
    }
}
