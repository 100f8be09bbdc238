package homeport.ssh;

import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.crypto.CompressionAlgorithm;
import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.crypto.MacAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import java.util.List;

/**
 * What a key exchange agreed on (RFC 4253 §7.1).
 *
 * @param macClientToServer {@link MacAlgorithm#NONE} with a cipher that authenticates by itself
 */
public record Negotiated(
        KexAlgorithm kex,
        KeyAlgorithm hostKey,
        CipherAlgorithm cipherClientToServer,
        CipherAlgorithm cipherServerToClient,
        MacAlgorithm macClientToServer,
        MacAlgorithm macServerToClient,
        CompressionAlgorithm compressionClientToServer,
        CompressionAlgorithm compressionServerToClient) {

    /** The cipher of what {@code sender} sends. */
    public CipherAlgorithm cipher(Role sender) {
        return sender == Role.CLIENT ? cipherClientToServer : cipherServerToClient;
    }

    /** The MAC of what {@code sender} sends. */
    public MacAlgorithm mac(Role sender) {
        return sender == Role.CLIENT ? macClientToServer : macServerToClient;
    }

    /** The compression of what {@code sender} sends. */
    public CompressionAlgorithm compression(Role sender) {
        return sender == Role.CLIENT ? compressionClientToServer : compressionServerToClient;
    }

    /** Whether SHA-1 or CBC is among it: fit for a warning. */
    public boolean legacy() {
        return kex.legacy() || hostKey.legacy() || cipherClientToServer.legacy() || cipherServerToClient.legacy()
                || macClientToServer.legacy() || macServerToClient.legacy();
    }

    /**
     * In every list the client's first choice that the server has too.
     *
     * @throws ProtocolError with {@link Rule#NO_COMMON_ALGORITHM}, naming the list and what was offered
     */
    static Negotiated between(KexInit client, KexInit server) {
        var kex = common("key exchange", client.kex(), server.kex());
        var hostKey = common("host key", client.hostKeys(), server.hostKeys());
        var cipherUp = cipher(client.ciphersClientToServer(), server.ciphersClientToServer());
        var cipherDown = cipher(client.ciphersServerToClient(), server.ciphersServerToClient());
        return new Negotiated(
                KexAlgorithm.byName(kex).orElseThrow(() -> unknown(kex)),
                KeyAlgorithm.byName(hostKey).orElseThrow(() -> unknown(hostKey)),
                cipherUp,
                cipherDown,
                mac(cipherUp, client.macsClientToServer(), server.macsClientToServer()),
                mac(cipherDown, client.macsServerToClient(), server.macsServerToClient()),
                compression(client.compressionClientToServer(), server.compressionClientToServer()),
                compression(client.compressionServerToClient(), server.compressionServerToClient()));
    }

    private static CipherAlgorithm cipher(List<String> client, List<String> server) {
        var name = common("cipher", client, server);
        return CipherAlgorithm.byName(name).orElseThrow(() -> unknown(name));
    }

    private static MacAlgorithm mac(CipherAlgorithm cipher, List<String> client, List<String> server) {
        if (cipher.authenticated()) {
            return MacAlgorithm.NONE;
        }
        var name = common("MAC", client, server);
        return MacAlgorithm.byName(name).orElseThrow(() -> unknown(name));
    }

    private static CompressionAlgorithm compression(List<String> client, List<String> server) {
        var name = common("compression", client, server);
        return CompressionAlgorithm.byName(name).orElseThrow(() -> unknown(name));
    }

    private static String common(String what, List<String> client, List<String> server) {
        for (String name : client) {
            if (server.contains(name) && !KexInit.MARKS.contains(name)) {
                return name;
            }
        }
        throw new ProtocolError(Rule.NO_COMMON_ALGORITHM, what + ": the client offers " + String.join(",", client)
                + "; the server offers " + String.join(",", server));
    }

    /** One of the lists is ours, so a common name is always one that we know. */
    private static IllegalStateException unknown(String name) {
        return new IllegalStateException("negotiated " + name + ", which was not offered by us");
    }
}
