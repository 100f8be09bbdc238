package homeport.cli;

import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginAttempt;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.blocking.Answers;
import homeport.ssh.blocking.BlockingChannel.Exit;
import homeport.ssh.blocking.Link;
import homeport.ssh.blocking.SshClient;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.Signer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The gateway's side of the demo: accepts a connection and is the SSH client on it. */
final class DemoGateway implements Closeable {
    private static final int WAIT_MILLIS = 10_000;

    private final ServerSocket listener;
    private final List<DemoDevice> devices;
    private final Signer key;

    private DemoGateway(ServerSocket listener, List<DemoDevice> devices, Signer key) {
        this.listener = listener;
        this.devices = devices;
        this.key = key;
    }

    /** Listens on a free port of the loopback address, for devices whose host keys are known. */
    static DemoGateway listen(List<DemoDevice> devices, Signer key) throws IOException {
        var listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(WAIT_MILLIS);
        return new DemoGateway(listener, devices, key);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** What came of one connection. */
    record Visit(String device, Fingerprint fingerprint, String software, String output, Duration time) {}

    /** Accepts the next connection, finds out whose it is by its host key, logs in and runs {@code command}. */
    Visit visit(String command) throws IOException {
        var socket = listener.accept();
        socket.setSoTimeout(WAIT_MILLIS);
        long start = System.nanoTime();
        var pinned = new Pinned();
        try (socket; var ssh = SshClient.connect(Link.of(socket), SshSettings.client(), pinned)) {
            var result = ssh.exec(command, new byte[0]);
            var device = pinned.device();
            if (!result.exit().equals(new Exit.Status(0))) {
                throw new IOException(device.name() + " ran the command and answered " + result.exit());
            }
            return new Visit(device.name(), device.fingerprint(),
                    ssh.connection().look(connection -> connection.peerIdentification()),
                    new String(result.output(), StandardCharsets.UTF_8), Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** Whoever shows a pinned key is that device; its login belongs to that key and to no other. */
    private final class Pinned implements Answers {
        private volatile Optional<DemoDevice> device = Optional.empty();

        DemoDevice device() {
            return device.orElseThrow(() -> new IllegalStateException("nobody has shown a host key yet"));
        }

        @Override
        public HostKeyDecision hostKey(Question.HostKeyAsked question) {
            var fingerprint = question.key().fingerprint();
            device = devices.stream().filter(candidate -> candidate.fingerprint().equals(fingerprint)).findAny();
            return device.isPresent()
                    ? new HostKeyDecision.Accept()
                    : new HostKeyDecision.Refuse("no device has the key " + fingerprint);
        }

        @Override
        public LoginAttempt login(Question.LoginAsked question) {
            return question.methods().isEmpty()
                    ? new LoginAttempt.Key(device().user(), key)
                    : new LoginAttempt.GiveUp("the device does not take the gateway's key");
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
