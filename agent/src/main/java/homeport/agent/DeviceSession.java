package homeport.agent;

import homeport.agent.OperatorLogins.Rights;
import homeport.callhome.LinkChannel;
import homeport.net.ChannelStreams;
import homeport.net.Loop;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One {@code session} channel (RFC 4254 §6): a command, a shell, or a subsystem. */
final class DeviceSession {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceSession.class);
    private static final int MOST_ENVIRONMENT = 32;
    private static final int MOST_VALUE_BYTES = 4096;
    private static final int CONNECT_MILLIS = 10_000;

    /** Counts NETCONF sessions, so that a connection which ends with one open is known to be cut off. On the loop. */
    interface Netconf {
        void opened();

        void closedInGoodOrder();
    }

    private final Device device;
    private final Loop loop;
    private final Rights rights;
    private final Activity activity;
    private final Netconf netconf;
    private final Map<String, String> environment = new HashMap<>();
    private @Nullable ChannelStreams streams;
    private ChannelRequest.@Nullable Pty terminal;
    private boolean started;
    /** The program, once it runs; on the loop. */
    private @Nullable RunningProgram program;

    DeviceSession(Device device, Loop loop, Rights rights, Activity activity, Netconf netconf) {
        this.device = device;
        this.loop = loop;
        this.rights = rights;
        this.activity = activity;
        this.netconf = netconf;
    }

    /** To be called before the channel opens. */
    void on(ChannelStreams channel) {
        streams = channel;
    }

    /** Takes the peer's requests, on the loop. */
    void requested(LinkChannel channel, Question.ChannelRequested question) {
        activity.touch();
        switch (question.request()) {
            case ChannelRequest.Pty pty when !started && rights.options().pty() -> {
                terminal = pty;
                channel.decide(question, true);
            }
            case ChannelRequest.Env env -> channel.decide(question, accept(env));
            case ChannelRequest.Exec exec when !started -> run(channel, question,
                    new Programs.Command.Line(rights.options().command().orElse(exec.text())));
            case ChannelRequest.Shell shell when !started -> run(channel, question,
                    rights.options().command().<Programs.Command>map(Programs.Command.Line::new)
                            .orElseGet(Programs.Command.Shell::new));
            case ChannelRequest.Subsystem subsystem when !started && rights.options().command().isEmpty() ->
                subsystem(channel, question, subsystem.name());
            case ChannelRequest.Signal signal when program != null ->
                channel.decide(question, program.signal(signal.name()));
            case ChannelRequest.WindowChange change when program != null -> {
                program.resize(change.columns(), change.rows());
                channel.decide(question, true);
            }
            case ChannelRequest other -> channel.decide(question, false);
        }
    }

    /** What sshd takes as it comes on most systems: the language, and nothing by which a program is led astray. */
    private boolean accept(ChannelRequest.Env env) {
        boolean language = env.name().equals("LANG") || env.name().startsWith("LC_");
        boolean good = language && env.value().length <= MOST_VALUE_BYTES && environment.size() < MOST_ENVIRONMENT
                && env.name().chars().allMatch(c -> c == '_' || Character.isLetterOrDigit(c));
        if (good) {
            environment.put(env.name(), new String(env.value(), StandardCharsets.UTF_8));
        }
        return good;
    }

    private void subsystem(LinkChannel channel, Question.ChannelRequested question, String name) {
        switch (name) {
            case "netconf" -> netconf(channel, question);
            case "sftp" -> {
                var server = Programs.sftpServer();
                if (server.isPresent()) {
                    terminal = null;
                    run(channel, question, new Programs.Command.Program(server.get()));
                } else {
                    LOG.warn("sftp is refused: this system has no sftp-server");
                    channel.decide(question, false);
                }
            }
            default -> channel.decide(question, false);
        }
    }

    // ---- Programs

    private void run(LinkChannel channel, Question.ChannelRequested question, Programs.Command command) {
        started = true;
        var to = Objects.requireNonNull(streams);
        Thread.ofVirtual().name("agent-program-start").start(() -> {
            RunningProgram running;
            try {
                running = device.programs.start(command, Optional.ofNullable(terminal), environment,
                        rights.options().environment());
            } catch (IOException e) {
                LOG.warn("a program did not start: {}", e.getMessage());
                loop.execute(() -> {
                    channel.decide(question, false);
                    channel.close();
                });
                return;
            }
            loop.execute(() -> {
                program = running;
                channel.decide(question, true);
                running.join(to, activity);
            });
        });
    }

    // ---- NETCONF

    private void netconf(LinkChannel channel, Question.ChannelRequested question) {
        started = true;
        var to = Objects.requireNonNull(streams);
        to.dropErrors();
        Thread.ofVirtual().name("agent-netconf-start").start(() -> {
            try {
                if (device.config.netconf().isPresent()) {
                    carry(channel, question, to, device.config.netconf().get());
                } else {
                    serve(channel, question, to);
                }
            } catch (IOException | RuntimeException e) {
                LOG.error("a NETCONF session did not start: {}", e.getMessage(), e);
                loop.execute(() -> {
                    channel.decide(question, false);
                    channel.close();
                });
            }
        });
    }

    /** Says yes first: the models of YANG take longer to load than some clients wait for an answer. */
    private void serve(LinkChannel channel, Question.ChannelRequested question, ChannelStreams to) {
        loop.execute(() -> channel.decide(question, true));
        try {
            device.netconf.open();
        } catch (IOException | RuntimeException e) {
            LOG.error("a NETCONF session did not start: {}", e.getMessage(), e);
            complain(to, "the device's NETCONF server does not open: " + e.getMessage());
            return;
        }
        loop.execute(() -> {
            if (to.ended().isDone()) {
                return; // the client did not wait
            }
            netconf.opened();
            var unused = device.netconf.serve(to, rights).thenAccept(gracefully -> loop.execute(() -> {
                if (gracefully) {
                    netconf.closedInGoodOrder();
                }
            }));
        });
    }

    /** Ends a channel whose request was granted already. */
    private static void complain(ChannelStreams to, String line) {
        try {
            to.errorOutput().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.debug("the client was gone before it was told: {}", line, e);
        }
        to.request(new ChannelRequest.ExitStatus(1));
        to.close();
    }

    /** To a port that speaks NETCONF as it is. */
    private void carry(LinkChannel channel, Question.ChannelRequested question, ChannelStreams to, Endpoint port)
            throws IOException {
        var socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(port.host(), port.port()), CONNECT_MILLIS);
        } catch (IOException e) {
            socket.close();
            throw new IOException("nothing answers at " + port, e);
        }
        loop.execute(() -> channel.decide(question, true));
        var unused = to.ended().thenRun(() -> {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("closing the connection to {}", port, e);
            }
        });
        Thread.ofVirtual().name("agent-netconf-in").start(() -> {
            try {
                to.input().transferTo(socket.getOutputStream());
                socket.shutdownOutput();
            } catch (IOException e) {
                LOG.debug("the NETCONF server at {} takes no more", port, e);
            }
        });
        try (InputStream in = socket.getInputStream(); OutputStream out = to.output()) {
            in.transferTo(out);
        } finally {
            to.close();
        }
    }
}
