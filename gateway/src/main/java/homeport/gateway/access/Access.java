package homeport.gateway.access;

import homeport.gateway.inventory.Operator;
import java.util.Map;

/** Whether an operator may do something. */
public sealed interface Access {
    record Allowed() implements Access {}

    /**
     * @param hidden whether the operator may not even know that the device is there: then the answer is that there is none
     */
    record Denied(String reason, boolean hidden) implements Access {}

    /**
     * About a device.
     *
     * @param labels of the device
     */
    static Access toDevice(Operator operator, Action action, Map<String, String> labels) {
        if (!action.ofDevice()) {
            throw new IllegalArgumentException(action + " is not about a device");
        }
        // Out of reach before the role: who may not see a device does not learn of it by asking.
        if (!reaches(operator, labels)) {
            return new Denied("there is no such device", true);
        }
        return byRole(operator, action);
    }

    /** About the gateway as a whole. */
    static Access toGateway(Operator operator, Action action) {
        if (action.ofDevice()) {
            throw new IllegalArgumentException(action + " is about a device");
        }
        // Whose devices are selected has no say about those that nobody has labelled.
        boolean whole = operator.selectors().isEmpty() || action == Action.SEE_KEYS;
        return whole ? byRole(operator, action) : new Denied("this is for operators of all devices", false);
    }

    private static Access byRole(Operator operator, Action action) {
        return operator.role().compareTo(action.least()) >= 0
                ? new Allowed()
                : new Denied("this needs the role " + action.least().text() + ", and " + operator.name() + " is "
                        + operator.role().text(), false);
    }

    /** Whether a device's labels have one of the wanted values for every label that is named. */
    static boolean reaches(Operator operator, Map<String, String> labels) {
        return operator.selectors().entrySet().stream().allMatch(selector -> {
            var value = labels.get(selector.getKey());
            return value != null && selector.getValue().contains(value);
        });
    }
}
