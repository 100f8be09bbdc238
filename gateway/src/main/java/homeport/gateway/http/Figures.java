package homeport.gateway.http;

import java.util.Map;

/** What the gateway counts, for {@code /metrics}. Safe for all threads, and quick. */
public interface Figures {
    /** Nothing is counted. */
    Figures NONE = new Figures() {
        @Override
        public int online() {
            return 0;
        }

        @Override
        public int strangers() {
            return 0;
        }

        @Override
        public Map<String, Long> endings() {
            return Map.of();
        }

        @Override
        public Map<String, Integer> queues() {
            return Map.of();
        }
    };

    /** Devices that are connected. */
    int online();

    /** Connections at the devices' port that are not logged in. */
    int strangers();

    /** How many connections ended or were turned away, by the code of the cause; they only grow. */
    Map<String, Long> endings();

    /** How much waits in which queue, by the queue's name. */
    Map<String, Integer> queues();
}
