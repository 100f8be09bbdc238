package homeport.gateway.inventory;

import homeport.ssh.key.Fingerprint;
import java.util.Optional;

/** What a decision about a device writes down. Several are written together or not at all: {@link Devices#apply}. */
public sealed interface Change {
    /** A record for a device nobody knew. Nothing happens when there is one. */
    record AddDevice(String id, DeviceState state, String reason, Optional<String> anchor,
            Optional<String> group) implements Change {}

    /**
     * A key for a device. An active one that is there stays active. A waiting one beyond the most that may wait takes
     * the oldest one's place.
     *
     * @param by the rule by which it came
     */
    record PinKey(String id, Fingerprint fingerprint, Optional<String> keyLine, PinState state,
            String by) implements Change {}

    /** From now on an authority's certificates are this device. Nothing happens when one is bound already. */
    record BindAnchor(String id, String anchor) implements Change {}

    /** The device may in from now on. */
    record Admit(String id, String reason) implements Change {}

    /** The token is used up. Fails when it is already. */
    record UseToken(String hash) implements Change {}

    record RaiseAlarm(AlarmKind kind, String device, String fingerprint, String detail) implements Change {}
}
