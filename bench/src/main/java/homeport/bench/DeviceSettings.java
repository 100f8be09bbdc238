package homeport.bench;

import homeport.callhome.BootstrapMessage;
import homeport.callhome.Credentials;
import homeport.callhome.DepartureSettings;
import homeport.callhome.Design;
import homeport.ssh.Algorithms;
import homeport.ssh.SshSettings;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;

/** Devices that differ by their keys: curve25519, Ed25519, aes128-gcm. */
final class DeviceSettings {
    static final Algorithms ALGORITHMS = Algorithms.MODERN.withKex(List.of(KexAlgorithm.CURVE25519_SHA256))
            .withHostKeys(List.of(KeyAlgorithm.SSH_ED25519)).withUserKeys(List.of(KeyAlgorithm.SSH_ED25519))
            .withCiphers(List.of(CipherAlgorithm.AES128_GCM));
    private static final byte[] SECRET = "a secret for all devices here".getBytes(StandardCharsets.UTF_8);
    private static final SecureRandom RANDOM = new SecureRandom();

    private DeviceSettings() {}

    /** A new device with a key of its own. */
    static DepartureSettings device(Design design) {
        return device(design, PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM));
    }

    private static DepartureSettings device(Design design, PlainSigner key) {
        var id = key.publicKey().fingerprint().toString();
        var server = SshSettings.builder().algorithms(ALGORITHMS).hostKeys(List.of(key)).build();
        var client = SshSettings.builder().algorithms(ALGORITHMS).build();
        return switch (design) {
            case BOOTSTRAP ->
                DepartureSettings.bootstrap(BootstrapMessage.signed(id, key.publicKey(), SECRET), server);
            case CALL_HOME -> DepartureSettings.callHome(server);
            case SERVER_CHANNELS -> DepartureSettings.serverChannels(client, Credentials.byKey(id, key));
            case TUNNEL -> DepartureSettings.tunnel(client, Credentials.byKey(id, key), server);
        };
    }
}
