package homeport.cli;

import homeport.callhome.Admission;
import homeport.callhome.Claim;
import homeport.callhome.Proof;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.SshPublicKey;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The demo's devices with nothing of ours on them: OpenSSH as it comes, where it is installed. */
final class StockDevices {
    private static final Path SSHD = Path.of("/usr/sbin/sshd");
    private static final Path SSH = Path.of("/usr/bin/ssh");
    private static final Path SOCAT = Path.of("/usr/bin/socat");
    private static final String USER = System.getProperty("user.name");

    private final Path directory;
    private final SshPublicKey gateway;
    private final SecureRandom random = new SecureRandom();

    StockDevices(Path directory, SshPublicKey gateway) {
        this.directory = directory;
        this.gateway = gateway;
    }

    static boolean installed() {
        return Files.isExecutable(SSHD) && Files.isExecutable(SOCAT) && Files.isExecutable(SSH);
    }

    List<DemoDevice> all() throws IOException {
        var devices = new ArrayList<DemoDevice>();
        if (installed()) {
            devices.add(callHome("sshd1"));
            devices.add(tunnel("sshd2"));
        }
        return devices;
    }

    /** {@code sshd -i}, whose standard input and output are a connection that socat dialled. */
    private DemoDevice callHome(String name) throws IOException {
        var hostKey = writeKey(name + "_host_key");
        var sshd = configure(name);
        return new DemoDevice(name, "call-home", "pinned host key", OurDevices.pinned(name, hostKey.publicKey()),
                to -> start(SOCAT.toString(), "TCP:" + text(to), "EXEC:" + SSHD + " -i -f " + sshd));
    }

    /** {@code ssh -N -R}, which forwards what the gateway opens to an sshd that socat starts for each connection. */
    private DemoDevice tunnel(String name) throws IOException {
        var hostKey = writeKey(name + "_host_key");
        var identity = writeKey(name + "_identity");
        var sshd = configure(name);
        var socket = directory.resolve(name + ".sock");
        DemoDevice.Record record = (evidence, inner, login) -> {
            var expected = inner ? hostKey.publicKey() : identity.publicKey();
            boolean named = inner || (evidence.claim().orElse(null) instanceof Claim.LoginName user
                    && user.id().equals(name));
            return named && evidence.proof() instanceof Proof.HoldsKey shown
                    && MessageDigest.isEqual(shown.key().blob(), expected.blob())
                            ? Optional.of(new Admission.Admit(name, login))
                            : Optional.empty();
        };
        return new DemoDevice(name, "tunnel", "pinned login and host key", record, to -> {
            var server = start(SOCAT.toString(), "UNIX-LISTEN:" + socket + ",fork", "EXEC:" + SSHD + " -i -f " + sshd);
            var client = start(SSH.toString(), "-F", "none", "-N", "-R", "0:" + socket, "-p",
                    Integer.toString(to.getPort()), "-l", name, "-i", directory.resolve(name + "_identity").toString(),
                    "-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile=" + knownHosts(to), "-o",
                    "StrictHostKeyChecking=yes", to.getAddress().getHostAddress());
            return () -> {
                client.close();
                server.close();
            };
        });
    }

    private Path configure(String name) throws IOException {
        var authorized = directory.resolve(name + "_authorized_keys");
        Files.writeString(authorized, line(gateway) + "\n");
        if (USER.equals("root")) {
            Files.createDirectories(Path.of("/run/sshd")); // where sshd, started by root, locks itself in
        }
        return Files.writeString(directory.resolve(name + "_sshd_config"), """
                HostKey %s
                AuthorizedKeysFile %s
                StrictModes no
                UsePAM no
                PidFile none
                """.formatted(directory.resolve(name + "_host_key"), authorized));
    }

    private Path knownHosts(InetSocketAddress to) throws IOException {
        return Files.writeString(directory.resolve("known_hosts"),
                "[" + to.getAddress().getHostAddress() + "]:" + to.getPort() + " " + line(gateway) + "\n");
    }

    private static String line(SshPublicKey key) {
        return key.type() + " " + Base64.getEncoder().encodeToString(key.blob());
    }

    private static String text(InetSocketAddress to) {
        return to.getAddress().getHostAddress() + ":" + to.getPort();
    }

    private PlainSigner writeKey(String name) throws IOException {
        var key = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, random);
        var file = directory.resolve(name);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, PrivateKeys.write(key, "homeport demo", random));
        return key;
    }

    private static Closeable start(String... command) throws IOException {
        var process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        return () -> {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        };
    }
}
