package homeport.ssh.key;

/** What can sign as a key: a private key in memory, or one kept elsewhere (an agent, a security module). */
public interface Signer {
    /** The public key, certificate or chain that the peer is shown. */
    SshPublicKey publicKey();

    /**
     * Signs {@code data}.
     *
     * @param algorithm one that {@link SshPublicKey#algorithms()} of the public key lists
     * @return the signature blob as it goes on the wire: {@code string signature-name, string signature}
     * @throws IllegalArgumentException if the key does not sign by that algorithm
     */
    byte[] sign(KeyAlgorithm algorithm, byte[] data);
}
