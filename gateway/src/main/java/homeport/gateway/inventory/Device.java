package homeport.gateway.inventory;

import homeport.ssh.key.Fingerprint;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is on record about a device.
 *
 * @param reason of its state
 * @param anchor the authority whose certificates are this device; then no bare key is
 * @param group the group it came in by
 * @param hasSecret whether it proves itself by a secret
 * @param sha256Required whether an HMAC-SHA1 is not enough
 * @param legacyAllowed whether weak algorithms may be used with it
 * @param loginUser as whom the gateway logs in; empty for the gateway's default
 * @param version grows with every change but sightings; for {@code If-Match}
 */
public record Device(String id, DeviceState state, String reason, List<Pin> pins, Optional<String> anchor,
        Optional<String> group, boolean hasSecret, boolean sha256Required, boolean legacyAllowed,
        Optional<String> loginUser, LoginWay loginWay, SortedMap<String, String> labels, Sighting sighting,
        Instant added, long version) {
    /** Longer ids are refused at the door; also the limit of the bootstrap message. */
    public static final int MOST_ID_BYTES = 255;

    public Device {
        pins = List.copyOf(pins);
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    public List<Pin> pins(PinState wanted) {
        return pins.stream().filter(pin -> pin.state() == wanted).toList();
    }

    /** Whether the key's holder is this device. */
    public boolean isPinned(Fingerprint key) {
        return pins.stream().anyMatch(pin -> pin.state() == PinState.ACTIVE && pin.fingerprint().equals(key));
    }

    /**
     * Whether a text can be the id of a device: 1 to {@link #MOST_ID_BYTES} bytes of UTF-8 that show as they are, without
     * blanks at the ends. Ids come from strangers and end up in terminals, logs and pages.
     */
    public static boolean isId(String text) {
        int bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        return bytes > 0 && bytes <= MOST_ID_BYTES && text.strip().equals(text)
                && text.codePoints().allMatch(Device::shows);
    }

    private static boolean shows(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR, Character.UNASSIGNED, Character.PRIVATE_USE ->
                false;
            default -> codePoint != 0xfffd;
        };
    }
}
