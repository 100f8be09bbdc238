package homeport.gateway.inventory;

import homeport.ssh.key.Fingerprint;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A device that an operator adds before it comes.
 *
 * @param pins keys that are its own; each with its line where the key itself is known
 * @param secret by which it proves itself; the caller overwrites it
 */
public record NewDevice(String id, List<KnownKey> pins, Optional<byte[]> secret, boolean sha256Required,
        Map<String, String> labels) {
    /** @param keyLine type and base64, where the key itself is known */
    public record KnownKey(Fingerprint fingerprint, Optional<String> keyLine) {}

    public NewDevice {
        if (!Device.isId(id)) {
            throw new IllegalArgumentException("not an id");
        }
        pins = List.copyOf(pins);
        labels = Map.copyOf(labels);
        labels.forEach(NewDevice::checkLabel);
    }

    /** With nothing known but its id: it waits for an operator when it comes. */
    public static NewDevice expected(String id) {
        return new NewDevice(id, List.of(), Optional.empty(), false, Map.of());
    }

    public static NewDevice pinned(String id, Fingerprint key) {
        return new NewDevice(id, List.of(new KnownKey(key, Optional.empty())), Optional.empty(), false, Map.of());
    }

    public static NewDevice withSecret(String id, byte[] secret) {
        return new NewDevice(id, List.of(), Optional.of(secret), false, Map.of());
    }

    static void checkLabel(String name, String value) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._/-]{0,62}") || !(value.isEmpty() || Device.isId(value))) {
            throw new IllegalArgumentException(
                    "a label is NAME=VALUE, its name of 1 to 63 letters, digits and ._/-, its value printable");
        }
    }

    @Override
    public String toString() {
        return "NewDevice[" + id + "]";
    }
}
