package homeport.bench;

import homeport.ssh.crypto.CipherAlgorithm;
import homeport.testkit.peers.Algorithms;
import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.OpenSshClient;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * ssh to sshd: a file of zeros as standard input of a remote {@code cat}. Counted is the CPU of ssh and of the sshd of
 * the session, as the shells that waited for them tell, without that of {@code cat}.
 */
final class OpenSshTransfer implements Contender {
    /** The second line of {@code times}: the children's user and system time. */
    private static final Pattern CHILDREN = Pattern.compile("(\\d+)m([\\d.]+)s (\\d+)m([\\d.]+)s\\s*$");
    private static final long MOST_WAIT_NANOS = 5_000_000_000L;
    private static final double TICKS_PER_SECOND = 100;

    private final int mib;
    private final Path directory;
    private final RunningServer server;
    private final Path zeros;
    private final Path script;

    /** Whether this machine has it, and lets it run: sshd wants root for an account of its own. */
    static boolean possible() {
        return Peers.find("sshd").isPresent() && Peers.find("unshare").isPresent() && Peers.user().equals("root");
    }

    /** @param mib to transfer in each round */
    OpenSshTransfer(Keys keys, CipherAlgorithm cipher, int mib) throws IOException, InterruptedException {
        this.mib = mib;
        directory = Files.createTempDirectory(keys.directory(), "transfer");
        var offer = Algorithms.DEFAULT.withKex("curve25519-sha256").withCiphers(cipher.wireName());
        server = new OpenSshServer()
                .listen(new ServerSetup(directory, keys.host(), keys.authorized()).withOffer(offer));
        zeros = directory.resolve("zeros");
        try (var file = new RandomAccessFile(zeros.toFile(), "rw")) {
            file.setLength((long) mib << 20);
        }
        var setup = new ClientSetup(directory, SshKeygen.publicLine(keys.host()), keys.user()).withOffer(offer);
        var ssh = OpenSshClient.arguments(setup, directory).stream().map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        script = Files.writeString(directory.resolve("transfer.sh"), """
                %s -p %d -l %s 127.0.0.1 'cat > /dev/null; times' < '%s'
                times
                """.formatted(ssh, server.address().getPort(), Peers.user(), zeros));
    }

    @Override
    public String name() {
        return "ssh to sshd";
    }

    @Override
    public void warmUp() throws Exception {
        round();
    }

    @Override
    public double round() throws Exception {
        double before = sshdSeconds();
        var process = new ProcessBuilder("/bin/sh", script.toString()).directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        process.getOutputStream().close();
        var lines = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                .lines().toList();
        if (process.waitFor() != 0 || lines.size() != 4) {
            throw new IOException("ssh failed: " + lines + server.log());
        }
        double cat = childSeconds(lines.get(1));
        double ssh = childSeconds(lines.get(3));
        return mib / (ssh + awaitSshd(before) - before - cat);
    }

    private static double childSeconds(String line) throws IOException {
        var times = CHILDREN.matcher(line);
        if (!times.find()) {
            throw new IOException("not a line of times: " + line);
        }
        return Double.parseDouble(times.group(1)) * 60 + Double.parseDouble(times.group(2))
                + Double.parseDouble(times.group(3)) * 60 + Double.parseDouble(times.group(4));
    }

    /** The session's process is counted once sshd has waited for it, which is soon after ssh has ended. */
    private double awaitSshd(double before) throws IOException {
        long deadline = System.nanoTime() + MOST_WAIT_NANOS;
        double now = sshdSeconds();
        while (now <= before && System.nanoTime() < deadline) {
            Thread.onSpinWait();
            now = sshdSeconds();
        }
        return now;
    }

    /** User and system time of the children that sshd has waited for: fields 16 and 17 of proc_pid_stat(5). */
    private double sshdSeconds() throws IOException {
        var stat = Files.readString(Path.of("/proc", Long.toString(server.pid().orElseThrow()), "stat"));
        var fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        return (Long.parseLong(fields.get(13)) + Long.parseLong(fields.get(14))) / TICKS_PER_SECOND;
    }

    @Override
    public void close() {
        server.close();
    }
}
