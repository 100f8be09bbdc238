package homeport.bench;

import java.util.Locale;
import java.util.Optional;

/**
 * One line of a benchmark's table.
 *
 * @param bench  the benchmark's name
 * @param metric what was measured
 * @param unit   of ours, peer and floor
 * @param ours   ours, where it was measured
 * @param peer   the peer's
 * @param floor  the least that the work can cost
 * @param target what was promised, where something was
 */
record Row(String bench, String metric, String unit, Optional<Samples> ours, Optional<Samples> peer,
        Optional<Samples> floor, Optional<Target> target) {

    /** What a promise compares ours with. */
    enum Against {
        PEER,
        FLOOR,
        NOTHING
    }

    /**
     * @param against what ours is divided by; nothing for a promise in the metric's own unit
     * @param limit   of that quotient, or of ours
     * @param atMost  whether staying below the limit keeps the promise, not staying above
     */
    record Target(Against against, double limit, boolean atMost) {
        @Override
        public String toString() {
            var times = switch (against) {
                case PEER -> " x peer";
                case FLOOR -> " x floor";
                case NOTHING -> "";
            };
            return (atMost ? "<= " : ">= ") + number(limit) + times;
        }
    }

    static Row of(String bench, String metric, String unit) {
        return new Row(bench, metric, unit, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The same with more said about the metric. */
    Row more(String text) {
        return new Row(bench, metric + text, unit, ours, peer, floor, target);
    }

    Row ours(Samples samples) {
        return new Row(bench, metric, unit, Optional.of(samples), peer, floor, target);
    }

    Row peer(Samples samples) {
        return new Row(bench, metric, unit, ours, Optional.of(samples), floor, target);
    }

    Row floor(Samples samples) {
        return new Row(bench, metric, unit, ours, peer, Optional.of(samples), target);
    }

    Row target(Against against, double limit, boolean atMost) {
        return new Row(bench, metric, unit, ours, peer, floor, Optional.of(new Target(against, limit, atMost)));
    }

    /** Ours divided by what the target compares it with; by the peer's, without a target. */
    Optional<Double> ratio() {
        var by = switch (target.map(Target::against).orElse(Against.PEER)) {
            case PEER -> peer;
            case FLOOR -> floor;
            case NOTHING -> Optional.<Samples>empty();
        };
        return ours.flatMap(mine -> by.map(other -> mine.median() / other.median()));
    }

    /** Whether the promise was kept, where there is one and ours was measured. */
    Optional<Boolean> met() {
        if (target.isEmpty() || ours.isEmpty()) {
            return Optional.empty();
        }
        var promise = target.get();
        var value = promise.against() == Against.NOTHING ? ours.map(Samples::median) : ratio();
        return value.map(v -> promise.atMost() ? v <= promise.limit() : v >= promise.limit());
    }

    private Samples main() {
        return ours.or(() -> peer).or(() -> floor).orElseGet(() -> Samples.of(0));
    }

    String json() {
        return "{\"bench\":\"%s\",\"metric\":\"%s\",\"unit\":\"%s\",\"ours\":%s,\"peer\":%s,\"floor\":%s,\"ratio\":%s,"
                .formatted(bench, metric, unit, json(ours), json(peer), json(floor), //
                        ratio().map(Row::number).orElse("null"))
                + "\"target\":%s,\"met\":%s,\"runs\":%d,\"spread\":%s}".formatted(
                        target.map(t -> "\"" + t + "\"").orElse("null"), met().map(String::valueOf).orElse("null"),
                        main().count(), number(main().spread()));
    }

    private static String json(Optional<Samples> samples) {
        return samples.map(s -> number(s.median())).orElse("null");
    }

    String line() {
        return "%-58s %10s %10s %10s %7s  %-14s %-4s %3d  %3.0f %%  %s".formatted(metric, cell(ours), cell(peer),
                cell(floor), ratio().map(Row::number).orElse(""), target.map(Target::toString).orElse(""),
                met().map(met -> met ? "yes" : "NO").orElse(""), main().count(), main().spread() * 100, unit);
    }

    static String header() {
        return "%-58s %10s %10s %10s %7s  %-14s %-4s %3s  %5s  %s".formatted("", "ours", "peer", "floor", "ratio",
                "target", "met", "n", "+/-", "unit");
    }

    private static String cell(Optional<Samples> samples) {
        return samples.map(s -> number(s.median())).orElse("-");
    }

    /** Three or more significant digits, no exponent. */
    static String number(double value) {
        int digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
