package homeport.gateway.http;

import homeport.gateway.inventory.Devices.Tally;
import homeport.gateway.inventory.InventoryError;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The figures for {@code /metrics}, in the text form of Prometheus. */
final class Metrics implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final TimelyAnswer<Map<Tally, Long>> tally;
    private final Figures figures;
    private final AtomicInteger databaseUp = new AtomicInteger();
    private final MultiGauge devices;
    private final MultiGauge queues;
    /** What is registered already, by its kind and tag. */
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /** @param tally of the devices on record, the one figure that the database has */
    Metrics(TimelyAnswer<Map<Tally, Long>> tally, Figures figures, EventStreams streams) {
        this.tally = tally;
        this.figures = figures;
        this.devices = MultiGauge.builder("homeport.devices").description("Devices on record").register(registry);
        this.queues = MultiGauge.builder("homeport.queue").description("What waits").register(registry);
        Gauge.builder("homeport.database.up", databaseUp, AtomicInteger::get)
                .description("1 while the database answers; what it counts is left out while it does not")
                .register(registry);
        Gauge.builder("homeport.devices.online", figures, Figures::online).description("Devices that are connected")
                .register(registry);
        Gauge.builder("homeport.strangers", figures, Figures::strangers)
                .description("Connections of devices that are not logged in").register(registry);
        Gauge.builder("homeport.event.watchers", streams, EventStreams::size).register(registry);
        Gauge.builder("homeport.event.queue", streams, EventStreams::queued).register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    /** @param operation of the contract, so that there are few; never a path */
    void request(String operation, int status, Duration took) {
        Timer.builder("homeport.http.requests").tag("operation", operation).tag("status", String.valueOf(status))
                .register(registry).record(took);
    }

    /** Blocks. What needs the database is left out while that does not answer: when all fails, the rest is wanted most. */
    String scrape() throws InterruptedException {
        try {
            devices.register(rows(tally.get()), true);
            databaseUp.set(1);
        } catch (InventoryError | Problem e) {
            LOG.debug("devices on record are not counted: {}", e.getMessage());
            devices.register(List.of(), true);
            databaseUp.set(0);
        }
        queues.register(figures.queues().entrySet().stream()
                .map(entry -> MultiGauge.Row.of(Tags.of("queue", entry.getKey()), entry.getValue())).toList(), true);
        count("homeport.connections.ended", "reason", "Connections of devices that ended or were turned away",
                Figures::endings);
        count("homeport.admissions", "outcome", "Decisions about connections of devices", Figures::admissions);
        count("homeport.sessions.bytes", "direction", "What operators' channels carried, at their ends",
                Figures::bytes);
        figures.handshakes().keySet().stream().filter(design -> known.add("homeport.handshake " + design))
                .forEach(design -> FunctionTimer
                        .builder("homeport.handshake", figures, now -> taken(now, design).count(),
                                now -> taken(now, design).seconds(), TimeUnit.SECONDS)
                        .tag("design", design).description("From a device's dial to its proof of identity")
                        .register(registry));
        return registry.scrape();
    }

    private static List<MultiGauge.Row<?>> rows(Map<Tally, Long> counts) {
        var rows = new ArrayList<MultiGauge.Row<?>>();
        counts.forEach((tally, count) -> rows.add(MultiGauge.Row.of(
                Tags.of("state", tally.state().text(), "design", tally.design()), count)));
        return rows;
    }

    private static Figures.Taken taken(Figures now, String design) {
        return now.handshakes().getOrDefault(design, new Figures.Taken(0, 0));
    }

    /** A counter for each value of the tag that has come up. */
    private void count(String name, String tag, String description, Function<Figures, Map<String, Long>> counts) {
        counts.apply(figures).keySet().stream().filter(value -> known.add(name + " " + value))
                .forEach(value -> FunctionCounter
                        .builder(name, figures, now -> counts.apply(now).getOrDefault(value, 0L))
                        .tag(tag, value).description(description).register(registry));
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
