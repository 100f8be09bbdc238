package homeport.bench;

import java.nio.file.Path;
import java.util.function.Consumer;

/** One name that {@code bench/run} takes. */
interface Benchmark {
    String name();

    /** Measures everything, and hands out each line of the table as soon as it is known. */
    void run(Options options, Consumer<Row> table) throws Exception;

    /**
     * @param directory for keys and files of this run
     * @param devices   how many, where a benchmark is about many; 0 for its default
     */
    record Options(Path directory, int devices) {
        int devicesOr(int fallback) {
            return devices > 0 ? devices : fallback;
        }
    }
}
