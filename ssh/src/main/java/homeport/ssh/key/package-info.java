/**
 * Keys: what a peer shows, what we sign with, and the files that people keep them in.
 *
 * <p>Public keys are their blobs, parsed; the objects of the crypto providers are made when a signature is checked and
 * not kept, because a gateway holds a hundred thousand of these. Nothing here knows a connection, a clock or a file
 * system: times, randomness and contents are handed in.
 *
 * <pre>
 * shown by a peer    SshPublicKey = PlainKey | OpenSshCertificate | X509Chain | HmacKeyId,  Fingerprint
 * trusted or not     OpenSshCertificate.check, X509Trust.check, HmacKeyId.verify, KnownHosts, AuthorizedKeys
 * signed with        Signer: PlainSigner (from PrivateKeys), CertifiedSigner, HmacSigner, or the caller's own
 * kept in files      PrivateKeys, PublicKeyFile, KnownHosts, AuthorizedKeys
 * </pre>
 *
 * A peer's bytes give a key or a {@code ProtocolError} with {@code KEY_FORMAT} or {@code KEY_NOT_SUPPORTED}; a file gives
 * its content or a {@link homeport.ssh.key.KeyFileError} that says what to do. Whether a key is trusted is never an
 * exception: it is a sealed answer with its reason.
 */
package homeport.ssh.key;
