package homeport.gateway.http;

import homeport.gateway.login.GatewayKeys;
import homeport.ssh.key.PublicKeyFile;

/** The gateway's public keys, each as a line of type and base64. */
public record PublicKeys(String host, String user, String authority) {
    public static PublicKeys of(GatewayKeys keys) {
        return new PublicKeys(new PublicKeyFile(keys.host().publicKey(), "").write().strip(),
                new PublicKeyFile(keys.user().publicKey(), "").write().strip(),
                new PublicKeyFile(keys.authority().publicKey(), "").write().strip());
    }
}
