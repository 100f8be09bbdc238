package homeport.gateway.southbound;

import homeport.callhome.Admission;
import homeport.gateway.inventory.AttemptOutcome;
import homeport.gateway.inventory.Change;
import java.util.List;
import java.util.Map;

/**
 * What was decided about a connection, and why.
 *
 * @param name the device's id, or under what a stranger is listed
 * @param code of the reason, for the journal
 * @param detail what was met; may be empty
 * @param alarms that were raised with it
 */
record Decision(Admission admission, String name, String code, String detail, Map<String, String> labels,
        List<Change.RaiseAlarm> alarms) {
    Decision {
        labels = Map.copyOf(labels);
        alarms = List.copyOf(alarms);
    }

    /** What becomes of the attempt if it goes no further. */
    AttemptOutcome outcome() {
        return switch (admission) {
            case Admission.Admit admit -> AttemptOutcome.FAILED;
            case Admission.AdmitWithSecret secret -> AttemptOutcome.FAILED;
            case Admission.Hold hold -> AttemptOutcome.HELD;
            case Admission.Refuse refuse -> AttemptOutcome.REFUSED;
        };
    }
}
