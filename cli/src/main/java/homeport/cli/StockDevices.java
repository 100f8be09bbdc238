package homeport.cli;

import homeport.callhome.Design;
import homeport.gateway.inventory.DeviceChange;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.service.Gateway;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The demo's devices with nothing of ours on them: OpenSSH and Dropbear as they come, where they are installed. They have a
 * shell and no NETCONF, and let the gateway in as whoever runs the demo.
 */
final class StockDevices {
    private static final Path SSHD = Path.of("/usr/sbin/sshd");
    private static final Path DROPBEAR = Path.of("/usr/sbin/dropbear");
    private static final Path DROPBEARKEY = Path.of("/usr/bin/dropbearkey");
    private static final Path SSH = Path.of("/usr/bin/ssh");
    private static final Path SOCAT = Path.of("/usr/bin/socat");
    private static final Path UNSHARE = Path.of("/usr/bin/unshare");
    private static final String USER = System.getProperty("user.name");
    private static final int END_SECONDS = 5;

    private final Path directory;
    private final DemoGateway gateway;
    private final SecureRandom random;

    StockDevices(Path directory, DemoGateway gateway, SecureRandom random) {
        this.directory = directory;
        this.gateway = gateway;
        this.random = random;
    }

    static boolean hasOpenSsh() {
        return Files.isExecutable(SSHD) && Files.isExecutable(SOCAT) && Files.isExecutable(SSH);
    }

    /**
     * Dropbear takes keys from the user's own home and nowhere else, which the demo does not write to: root can put another
     * directory in its place, for this one process.
     */
    static boolean hasDropbear() {
        return USER.equals("root") && Files.isExecutable(DROPBEAR) && Files.isExecutable(DROPBEARKEY)
                && Files.isExecutable(SOCAT) && Files.isExecutable(UNSHARE);
    }

    List<DemoDevice> all() throws IOException {
        var devices = new ArrayList<DemoDevice>();
        if (hasOpenSsh()) {
            devices.add(callHome("sshd1"));
            devices.add(tunnel("sshd2"));
        }
        if (hasDropbear()) {
            devices.add(dropbear("drop1"));
        }
        return devices;
    }

    /** {@code sshd -i}, whose standard input and output are a connection that socat dialled. */
    private DemoDevice callHome(String name) throws IOException {
        var files = files(name);
        var hostKey = writeKey(files.resolve("host_key"));
        var config = configure(files);
        return new DemoDevice(name, Design.CALL_HOME, "its host key", "pinned-key", false,
                to -> enrol(to, name, List.of(hostKey)),
                to -> ending(start(SOCAT.toString(), "TCP:" + text(to), "EXEC:" + SSHD + " -i -f " + config)));
    }

    /** {@code ssh -N -R}, which forwards what the gateway opens to an sshd that socat starts for each connection. */
    private DemoDevice tunnel(String name) throws IOException {
        var files = files(name);
        var hostKey = writeKey(files.resolve("host_key"));
        var identity = writeKey(files.resolve("identity"));
        var config = configure(files);
        var socket = files.resolve("sshd.sock");
        return new DemoDevice(name, Design.TUNNEL, "login by its key", "pinned-key", false,
                to -> enrol(to, name, List.of(identity, hostKey)), to -> {
                    var known = Files.writeString(files.resolve("known_hosts"), gateway.knownHost(to));
                    var server = start(SOCAT.toString(), "UNIX-LISTEN:" + socket + ",fork",
                            "EXEC:" + SSHD + " -i -f " + config);
                    var client = start(SSH.toString(), "-F", "none", "-N", "-R", "0:" + socket, "-p",
                            Integer.toString(to.getPort()), "-l", name, "-i", files.resolve("identity").toString(),
                            "-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile=" + known, "-o",
                            "StrictHostKeyChecking=yes", to.getAddress().getHostAddress());
                    return ending(client, server);
                });
    }

    /** {@code dropbear -i} in the same way. */
    private DemoDevice dropbear(String name) throws IOException {
        var files = files(name);
        var home = files(name + "/home");
        var ssh = files(name + "/home/.ssh");
        for (var each : List.of(home, ssh)) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwx------"));
        }
        DemoGateway.writeSecret(ssh.resolve("authorized_keys"), Files.readAllBytes(gateway.loginKey()));
        var hostKey = dropbearKey(files.resolve("host_key"));
        var inside = Files.writeString(files.resolve("dropbear.sh"),
                "mount --bind " + home + " " + System.getProperty("user.home") + " && exec " + DROPBEAR + " -i -r "
                        + files.resolve("host_key") + "\n");
        return new DemoDevice(name, Design.CALL_HOME, "its host key", "pinned-key", false,
                to -> enrol(to, name, List.of(hostKey)), to -> ending(start(SOCAT.toString(), "TCP:" + text(to),
                        "EXEC:" + UNSHARE + " --mount --propagation private /bin/sh " + inside)));
    }

    private static PlainKey dropbearKey(Path file) throws IOException {
        var made = new ProcessBuilder(DROPBEARKEY.toString(), "-t", "ed25519", "-f", file.toString())
                .redirectErrorStream(true).start();
        made.getOutputStream().close();
        var printed = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        var line = printed.lines().filter(each -> each.startsWith("ssh-ed25519 ")).findFirst()
                .orElseThrow(() -> new IOException("dropbearkey made no key: " + printed.strip()));
        return (PlainKey) PublicKeyFile.read(file.toString(), line).key();
    }

    private Path files(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    private void enrol(Gateway to, String name, List<PlainKey> keys) {
        var pins = keys.stream().map(key -> new NewDevice.KnownKey(Fingerprint.ofBlob(key.blob()),
                Optional.of(new PublicKeyFile(key, "").write().strip()))).toList();
        OurDevices.add(to, new NewDevice(name, pins, Optional.empty(), false, Map.of()));
        var nothing = DeviceChange.NOTHING;
        to.inventory().devices().change(name, new DeviceChange(Optional.of(USER), nothing.loginWay(), nothing.login(),
                nothing.secret(), nothing.sha256Required(), nothing.legacyAllowed(), nothing.labels()),
                Optional.empty(), Gateway.LOCAL);
        to.watchers().deviceChanged(name);
    }

    private Path configure(Path files) throws IOException {
        if (USER.equals("root")) {
            Files.createDirectories(Path.of("/run/sshd")); // where sshd, started by root, locks itself in
        }
        return Files.writeString(files.resolve("sshd_config"), """
                HostKey %s
                AuthorizedKeysFile %s
                StrictModes no
                UsePAM no
                PidFile none
                Subsystem sftp internal-sftp
                """.formatted(files.resolve("host_key"), gateway.loginKey()));
    }

    private static String text(InetSocketAddress to) {
        return to.getAddress().getHostAddress() + ":" + to.getPort();
    }

    private PlainKey writeKey(Path file) throws IOException {
        var key = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, random);
        DemoGateway.writeSecret(file, PrivateKeys.write(key, "homeport demo", random));
        key.destroy();
        return key.publicKey();
    }

    private static Process start(String... command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    /** Ends them and all that they started. Who that is is asked before the first ends: its children may outlive it. */
    private static AutoCloseable ending(Process... programs) {
        return () -> {
            var all = Stream.of(programs).flatMap(each -> Stream.concat(each.descendants(), Stream.of(each.toHandle())))
                    .toList();
            all.forEach(ProcessHandle::destroy);
            for (var each : all) {
                // Their files are deleted next, and nobody is to be left.
                if (each.onExit().completeOnTimeout(each, END_SECONDS, TimeUnit.SECONDS).join().isAlive()) {
                    each.destroyForcibly();
                }
            }
        };
    }
}
