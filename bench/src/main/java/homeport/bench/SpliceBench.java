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
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * How much a second of the gateway's processor time carries from a device to OpenSSH clients, beside {@code ssh -J} through
 * a real sshd. The gateway deciphers what the device sends and ciphers it anew for the operator: two passes. sshd in the
 * middle of a jump takes the inner connection's packets as they are and ciphers them once.
 */
final class SpliceBench implements Benchmark {
    private static final int ROUNDS = 5;
    /** A long way until the compiler rests, whose time would count as the gateway's. */
    private static final int WARM_UP = 25;
    private static final int MANY = 50;
    private static final int MIB_OF_ONE = 384;
    private static final int MIB_OF_EACH = 8;
    private static final int PATIENCE_SECONDS = 120;
    /** The same on every leg. */
    private static final CipherAlgorithm CIPHER = CipherAlgorithm.AES128_GCM;

    @Override
    public String name() {
        return "splice";
    }

    @Override
    public void run(Options options, Consumer<Row> table) throws Exception {
        if (!OpenSshTransfer.possible()) {
            throw new IOException("this needs OpenSSH's server, unshare and root: what ours stands beside");
        }
        var keys = Keys.make(options.directory());
        var known = "* " + SshKeygen.publicLine(keys.host());
        try (var gateway = GatewayProcess.start(options.directory(), List.of(), GatewayProcess.MANY_DEVICES,
                "--operator", "bench=" + keys.authorized());
                var devices = DevicesWorker.launch();
                var jump = sshd(keys);
                var target = sshd(keys)) {
            GatewayHeapBench.join(gateway, devices, 1);
            var device = gateway.devices("").keySet().iterator().next();
            var ours = client(keys, "ours", List.of("-o", "StrictHostKeyChecking=no", "-o",
                    "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-p",
                    Integer.toString(gateway.operatorsPort()), "-l", "bench+" + device, "127.0.0.1"));
            var configuration = configuration(options.directory(), keys, jump, target, known);
            var theirs = List.of(Peers.require("ssh").toString(), "-F", configuration.toString(), "-T", "target");
            for (int sessions : List.of(1, MANY)) {
                int mib = sessions == 1 ? MIB_OF_ONE : MIB_OF_EACH;
                long bytes = (long) mib << 20;
                var spliced = new Transfers("splice", sessions, bytes, with(ours, "flood-on-demand " + bytes),
                        gateway::cpuNanos);
                // Reads whatever asks for it, a byte each time.
                var jumped = new Transfers("jump", sessions, bytes, with(theirs,
                        "while head -c 1 | grep -q .; do head -c " + bytes + " /dev/zero; done"),
                        () -> descendants(jump.pid().orElseThrow()));
                var samples = Rounds.run(ROUNDS, List.of(spliced, jumped));
                table.accept(Row.of(name(), "through the gateway, " + sessions + " x " + mib
                        + " MiB; peer: ssh -J through sshd", "MiB/CPU-s").ours(Rounds.of(spliced, samples))
                        .peer(Rounds.of(jumped, samples)).target(Row.Against.PEER, 1, false));
                spliced.close();
                jumped.close();
            }
        }
    }

    private static List<String> with(List<String> words, String command) {
        var all = new ArrayList<>(words);
        all.add(command);
        return all;
    }

    private static Algorithms offer() {
        return Algorithms.DEFAULT.withKex("curve25519-sha256").withCiphers(CIPHER.wireName());
    }

    private static RunningServer sshd(Keys keys) throws IOException, InterruptedException {
        return new OpenSshServer()
                .listen(new ServerSetup(keys.directory(), keys.host(), keys.authorized()).withOffer(offer()));
    }

    private static List<String> client(Keys keys, String name, List<String> more) throws IOException {
        var directory = Files.createDirectory(keys.directory().resolve(name));
        var words = OpenSshClient.arguments(new ClientSetup(directory, SshKeygen.publicLine(keys.host()), keys.user())
                .withOffer(offer()), directory);
        // The first value of an option holds.
        var all = new ArrayList<>(words.subList(0, 1));
        all.addAll(more.subList(0, more.size() - 1));
        all.addAll(words.subList(1, words.size()));
        all.add(more.getLast());
        return all;
    }

    private static Path configuration(Path directory, Keys keys, RunningServer jump, RunningServer target, String known)
            throws IOException {
        var knownHosts = Files.writeString(directory.resolve("known_hosts_of_jumps"), known + "\n");
        return Files.writeString(directory.resolve("jump_config"), """
                Host jump
                  Port %d
                Host target
                  Port %d
                  ProxyJump jump
                Host *
                  HostName 127.0.0.1
                  User %s
                  IdentityFile %s
                  IdentitiesOnly yes
                  BatchMode yes
                  StrictHostKeyChecking yes
                  UserKnownHostsFile %s
                  GlobalKnownHostsFile none
                  UpdateHostKeys no
                  LogLevel ERROR
                  KexAlgorithms curve25519-sha256
                  Ciphers %s
                """.formatted(jump.address().getPort(), target.address().getPort(), Peers.user(), keys.user(),
                knownHosts, CIPHER.wireName()));
    }

    /** Of the processes of sshd's sessions, which live as long as those do. */
    private static long descendants(long sshd) {
        return ProcessHandle.of(sshd).orElseThrow().descendants().mapToLong(one -> {
            try {
                return ProcessCpu.nanos(one.pid());
            } catch (IllegalStateException e) {
                return 0; // one that only logged somebody in, and has ended since it was listed
            }
        }).sum();
    }

    /** Sessions that stay open; a round carries so many bytes in each, all at once. */
    private static final class Transfers implements Contender {
        private final String name;
        private final long bytes;
        private final int sessions;
        private final List<String> command;
        private final LongSupplier cpu;
        private final List<Process> processes = new ArrayList<>();

        Transfers(String name, int sessions, long bytes, List<String> command, LongSupplier cpu) {
            this.name = name;
            this.sessions = sessions;
            this.bytes = bytes;
            this.command = command;
            this.cpu = cpu;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void warmUp() throws Exception {
            for (int i = 0; i < sessions; i++) {
                processes.add(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
            }
            for (int i = 0; i < WARM_UP; i++) {
                round();
            }
        }

        @Override
        public double round() throws Exception {
            long before = cpu.getAsLong();
            try (var threads = Executors.newFixedThreadPool(sessions)) {
                var running = new ArrayList<Future<Long>>();
                for (var process : processes) {
                    running.add(threads.submit(() -> {
                        process.getOutputStream().write('x');
                        process.getOutputStream().flush();
                        return skip(process.getInputStream(), bytes);
                    }));
                }
                for (var one : running) {
                    long came = one.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    if (came != bytes) {
                        throw new IOException(came + " bytes came, not " + bytes);
                    }
                }
            }
            return sessions * (bytes >> 20) / ((cpu.getAsLong() - before) / 1e9);
        }

        private static long skip(InputStream in, long bytes) throws IOException {
            var buffer = new byte[64 << 10];
            long came = 0;
            while (came < bytes) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, bytes - came));
                if (count < 0) {
                    break;
                }
                came += count;
            }
            return came;
        }

        @Override
        public void close() {
            processes.forEach(Process::destroy);
            processes.forEach(one -> one.onExit().join());
        }
    }
}
