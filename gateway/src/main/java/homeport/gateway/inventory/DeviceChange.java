package homeport.gateway.inventory;

import java.util.Map;
import java.util.Optional;

/**
 * What an operator changes about a device; what is empty stays as it is.
 *
 * @param loginUser an empty text goes back to the gateway's default
 * @param login password or private key, after {@code loginWay}; the caller overwrites it
 * @param labels set under their names; an empty value removes one
 */
public record DeviceChange(Optional<String> loginUser, Optional<LoginWay> loginWay, Optional<byte[]> login,
        Optional<byte[]> secret, Optional<Boolean> sha256Required, Optional<Boolean> legacyAllowed,
        Map<String, String> labels) {
    public static final DeviceChange NOTHING = new DeviceChange(Optional.empty(), Optional.empty(), Optional.empty(),
            Optional.empty(), Optional.empty(), Optional.empty(), Map.of());

    public DeviceChange {
        labels = Map.copyOf(labels);
        labels.forEach(NewDevice::checkLabel);
        boolean needed = loginWay.filter(way -> way == LoginWay.PASSWORD || way == LoginWay.KEY).isPresent();
        if (needed != login.isPresent()) {
            throw new IllegalArgumentException("a password or key comes with the way it is for, and only then");
        }
    }

    public DeviceChange withPassword(String user, byte[] password) {
        return new DeviceChange(Optional.of(user), Optional.of(LoginWay.PASSWORD), Optional.of(password), secret,
                sha256Required, legacyAllowed, labels);
    }

    public DeviceChange withKey(String user, byte[] keyFile) {
        return new DeviceChange(Optional.of(user), Optional.of(LoginWay.KEY), Optional.of(keyFile), secret,
                sha256Required, legacyAllowed, labels);
    }

    public DeviceChange withLabels(Map<String, String> wanted) {
        return new DeviceChange(loginUser, loginWay, login, secret, sha256Required, legacyAllowed, wanted);
    }

    @Override
    public String toString() {
        return "DeviceChange[" + labels + "]";
    }
}
