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

        @Override
        public Map<String, Long> admissions() {
            return Map.of();
        }

        @Override
        public Map<String, Taken> handshakes() {
            return Map.of();
        }

        @Override
        public Map<String, Long> bytes() {
            return Map.of();
        }
    };

    /** How often something was done, and how long it took together. */
    record Taken(long count, double seconds) {}

    /** Devices that are connected. */
    int online();

    /** Connections at the devices' port that are not logged in. */
    int strangers();

    /** How many connections ended or were turned away, by the code of the cause; they only grow. */
    Map<String, Long> endings();

    /** How much waits in which queue, by the queue's name. */
    Map<String, Integer> queues();

    /** Decisions about connections of devices, by their outcome. */
    Map<String, Long> admissions();

    /** From a device's dial to its proof of identity, by design. */
    Map<String, Taken> handshakes();

    /** That operators' channels carried, by direction: {@code to-device} and {@code from-device}; counted at their ends. */
    Map<String, Long> bytes();
}
