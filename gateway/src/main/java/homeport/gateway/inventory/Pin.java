package homeport.gateway.inventory;

import homeport.ssh.key.Fingerprint;
import java.time.Instant;
import java.util.Optional;

/**
 * A key of a device. A device has one active key, or several while it changes them.
 *
 * @param keyLine type and base64, where the key itself has been seen
 * @param addedBy the operator, or the rule by which it came
 */
public record Pin(Fingerprint fingerprint, Optional<String> keyLine, PinState state, String addedBy, Instant added) {}
