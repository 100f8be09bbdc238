package homeport.gateway.event;

import java.time.Instant;
import java.util.Map;

/**
 * Something that happened.
 *
 * @param number from 1 on in each run of the gateway, without gaps
 * @param device may be empty
 * @param labels of the device, for saying who may see it
 * @param data further facts by name; never a secret
 */
public record GatewayEvent(long number, Instant at, Type type, String device, Map<String, String> labels,
        Map<String, String> data) {
    public GatewayEvent {
        labels = Map.copyOf(labels);
        data = Map.copyOf(data);
    }

    /** What it is about. */
    public enum Type {
        /** A device is connected. */
        DEVICE_ONLINE("device.online"),
        DEVICE_OFFLINE("device.offline"),
        /** A stranger waits for an operator. */
        DEVICE_PENDING("device.pending"),
        /** Its record was changed: approved, refused, relabelled… {@code data.action} says what. */
        DEVICE_CHANGED("device.changed"),
        DEVICE_REMOVED("device.removed"),
        /** {@code data.kind} says which. */
        ALARM("alarm"),
        OPERATOR_CHANGED("operator.changed"),
        TRUST_CHANGED("trust.changed");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}
