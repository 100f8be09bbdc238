package homeport.bench;

import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The Ed25519 keys of a run.
 *
 * @param host private key file of the server
 * @param user private key file of the client
 */
record Keys(Path directory, Path host, Path user) {
    static Keys make(Path directory) throws IOException, InterruptedException {
        var keygen = new SshKeygen();
        return new Keys(directory, keygen.generate(directory.resolve("host"), KeyType.ED25519),
                keygen.generate(directory.resolve("user"), KeyType.ED25519));
    }

    Path authorized() {
        return SshKeygen.publicKeyFile(user);
    }
}
