package homeport.cli;

import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.blocking.Answers;
import homeport.ssh.blocking.BlockingChannel;
import homeport.ssh.blocking.BlockingConnection;
import homeport.ssh.blocking.Link;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A device of the demo: it dials the gateway and is then the SSH server.
 *
 * @param name what the gateway calls it
 * @param user whom the gateway logs in as
 */
record DemoDevice(String name, String user, Fingerprint fingerprint, Dialler dialler) {
    private static final Path SSHD = Path.of("/usr/sbin/sshd");
    private static final Path SOCAT = Path.of("/usr/bin/socat");

    /** How it opens its connection. */
    interface Dialler {
        Closeable dial(int port) throws IOException;
    }

    /** Dials the gateway; the result hangs up. */
    Closeable dial(int port) throws IOException {
        return dialler.dial(port);
    }

    // ---- Ours

    /** A device with our own engine, which runs one command and nothing else. */
    static DemoDevice ours(String name, SshPublicKey gateway, String command, SecureRandom random) {
        var hostKey = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, random);
        var settings = SshSettings.server(List.of(hostKey));
        return new DemoDevice(name, "gateway", hostKey.publicKey().fingerprint(), port -> {
            var socket = new Socket(InetAddress.getLoopbackAddress(), port);
            return BlockingConnection.start(Link.of(socket), Role.SERVER, settings, new OneCommand(gateway, command));
        });
    }

    /** Lets the gateway's key in, and runs the one command. */
    private record OneCommand(SshPublicKey gateway, String command) implements Answers {
        @Override
        public LoginDecision login(Question.LoginRequested question) {
            return question.credential() instanceof Question.Credential.Key key
                    && MessageDigest.isEqual(key.key().blob(), gateway.blob())
                            ? new LoginDecision.Accept()
                            : new LoginDecision.Refuse(List.of("publickey"));
        }

        @Override
        public Optional<ChannelProgram> open(ChannelType type) {
            return type instanceof ChannelType.Session ? Optional.of(this::serve) : Optional.empty();
        }

        private void serve(BlockingChannel channel) throws IOException {
            var request = channel.nextRequest();
            if (request.isEmpty()) {
                return;
            }
            boolean allowed = request.get().request() instanceof ChannelRequest.Exec exec
                    && exec.text().equals(command);
            channel.answer(request.get(), allowed);
            if (allowed) {
                var process = new ProcessBuilder("/bin/sh", "-c", command).redirectErrorStream(true).start();
                process.getOutputStream().close();
                process.getInputStream().transferTo(channel.output());
                channel.notify(new ChannelRequest.ExitStatus(exitStatus(process)));
                channel.sendEof();
            }
        }

        private static int exitStatus(Process process) throws IOException {
            try {
                return process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    // ---- OpenSSH as it comes

    static boolean sshdIsInstalled() {
        return Files.isExecutable(SSHD) && Files.isExecutable(SOCAT);
    }

    /** A stock {@code sshd -i} whose standard input and output are a connection that socat dialled. */
    static DemoDevice sshd(String name, SshPublicKey gateway, Path directory, SecureRandom random)
            throws IOException {
        Signer hostKey = writeKey(directory.resolve(name + "_host_key"), random);
        var authorized = directory.resolve(name + "_authorized_keys");
        Files.writeString(authorized, gateway.type() + " " + Base64.getEncoder().encodeToString(gateway.blob()) + "\n");
        var configuration = directory.resolve(name + "_sshd_config");
        Files.writeString(configuration, """
                HostKey %s
                AuthorizedKeysFile %s
                StrictModes no
                UsePAM no
                PidFile none
                """.formatted(directory.resolve(name + "_host_key"), authorized));
        if (System.getProperty("user.name").equals("root")) {
            Files.createDirectories(Path.of("/run/sshd")); // where sshd, started by root, locks itself in
        }
        return new DemoDevice(name, System.getProperty("user.name"), hostKey.publicKey().fingerprint(),
                port -> start(new ProcessBuilder(SOCAT.toString(), "TCP:127.0.0.1:" + port,
                        "EXEC:" + SSHD + " -i -f " + configuration)));
    }

    private static Signer writeKey(Path file, SecureRandom random) throws IOException {
        var key = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, random);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, PrivateKeys.write(key, "homeport demo", random));
        return key;
    }

    private static Closeable start(ProcessBuilder command) throws IOException {
        var process = command.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        return process::destroy;
    }
}
