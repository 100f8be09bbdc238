package homeport.bench;

/** One of those that a benchmark compares, set up and ready to be measured again and again. */
interface Contender extends AutoCloseable {
    String name();

    /** Does the work until the compiler has nothing left to do. */
    void warmUp() throws Exception;

    /** Does the work once more. @return one sample in the benchmark's unit */
    double round() throws Exception;

    @Override
    default void close() throws java.io.IOException {}
}
