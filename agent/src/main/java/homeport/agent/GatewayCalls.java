package homeport.agent;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateways that are called, as the configuration names them: each on its own, all at the same time. Follows a change
 * of the configuration while it runs.
 */
final class GatewayCalls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayCalls.class);

    private final Function<CalledGateway, GatewayCall> begin;
    private final Map<String, GatewayCall> calls = new LinkedHashMap<>();
    private boolean closed;

    /** @param begin makes a call that has not started */
    GatewayCalls(Function<CalledGateway, GatewayCall> begin) {
        this.begin = begin;
    }

    /**
     * From now on these, and no others, are called. A connection to a gateway that is not named any more stays until
     * nobody uses it: the session in which somebody asked for the change most likely runs on it.
     */
    synchronized void follow(List<CalledGateway> gateways) {
        if (closed) {
            return;
        }
        var named = gateways.stream().collect(Collectors.toMap(CalledGateway::name, Function.identity()));
        calls.entrySet().removeIf(entry -> {
            if (named.containsKey(entry.getKey())) {
                return false;
            }
            LOG.info("{}: is not called any more", entry.getKey());
            entry.getValue().retire();
            return true;
        });
        for (var gateway : gateways) {
            var call = calls.get(gateway.name());
            if (call != null) {
                call.change(gateway);
            } else {
                var begun = begin.apply(gateway);
                calls.put(gateway.name(), begun);
                begun.start();
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        calls.values().forEach(GatewayCall::close);
    }
}
