package homeport.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Measures contenders in turns, so that a neighbour's load on this machine meets all of them alike. */
final class Rounds {
    private Rounds() {}

    /** The samples of one contender among those that {@link #run} gave. */
    static Samples of(Contender contender, Map<String, Samples> samples) {
        return Objects.requireNonNull(samples.get(contender.name()), contender.name());
    }

    /** @return the samples by contender's name, in the contenders' order */
    static Map<String, Samples> run(int rounds, List<Contender> contenders) throws Exception {
        for (var contender : contenders) {
            contender.warmUp();
        }
        var values = new double[contenders.size()][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < contenders.size(); i++) {
                // Not always the same one first, nor always the same neighbours.
                int turn = (i + round) % contenders.size();
                values[turn][round] = contenders.get(turn).round();
            }
        }
        var samples = new LinkedHashMap<String, Samples>();
        for (int i = 0; i < contenders.size(); i++) {
            samples.put(contenders.get(i).name(), new Samples(values[i]));
        }
        return samples;
    }
}
