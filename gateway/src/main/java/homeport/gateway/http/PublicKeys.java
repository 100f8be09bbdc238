package homeport.gateway.http;

import homeport.gateway.login.GatewayKeys;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.key.Signer;
import java.util.List;

/**
 * The gateway's public keys, each as a line of type and base64.
 *
 * @param furtherHosts its host keys of other algorithms, for peers that put one of these before the first
 */
public record PublicKeys(String host, List<String> furtherHosts, String user, String authority) {
    public PublicKeys {
        furtherHosts = List.copyOf(furtherHosts);
    }

    public static PublicKeys of(GatewayKeys keys) {
        return new PublicKeys(line(keys.host()), keys.furtherHosts().stream().map(PublicKeys::line).toList(),
                line(keys.user()), line(keys.authority()));
    }

    private static String line(Signer key) {
        return new PublicKeyFile(key.publicKey(), "").write().strip();
    }
}
