package homeport.bench;

import java.util.Arrays;

/** What the rounds of one contender gave, in the benchmark's unit. */
record Samples(double[] values) {
    Samples {
        values = values.clone();
        Arrays.sort(values);
    }

    static Samples of(double value) {
        return new Samples(new double[]{value});
    }

    double median() {
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /** Half the distance between the quartiles, as a part of the median: 0.05 is "give or take 5 %". */
    double spread() {
        if (values.length < 4 || median() == 0) {
            return 0;
        }
        return (values[values.length * 3 / 4] - values[values.length / 4]) / 2 / median();
    }

    int count() {
        return values.length;
    }
}
