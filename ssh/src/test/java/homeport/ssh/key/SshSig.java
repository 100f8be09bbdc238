package homeport.ssh.key;

import homeport.ssh.crypto.Providers;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;

/** OpenSSH's signed files (PROTOCOL.sshsig): a way to have ssh-keygen check our signatures, and we its. */
record SshSig(SshPublicKey publicKey, byte[] signature) {
    static final String NAMESPACE = "homeport@test";
    private static final byte[] MAGIC = "SSHSIG".getBytes(StandardCharsets.US_ASCII);

    static SshSig parse(byte[] file) {
        var in = new SshReader(Pem.parse("signature", file).content());
        in.bytes(MAGIC.length);
        in.int32();
        var key = SshPublicKey.parse(in.string());
        in.skipString();
        in.skipString();
        in.skipString();
        return new SshSig(key, in.string());
    }

    static byte[] signed(byte[] message) {
        return new SshWriter().bytes(MAGIC).string(NAMESPACE).string("").string("sha512")
                .string(Providers.digest("SHA-512").digest(message)).toByteArray();
    }

    byte[] toFile() {
        byte[] content = new SshWriter().bytes(MAGIC).uint32(1).string(publicKey.blob()).string(NAMESPACE).string("")
                .string("sha512").string(signature).toByteArray();
        return Pem.write("SSH SIGNATURE", content, 70);
    }
}
