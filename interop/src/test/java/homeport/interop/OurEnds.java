package homeport.interop;

import homeport.ssh.Algorithms;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.Limits;
import homeport.ssh.LoginAttempt;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.blocking.Answers;
import homeport.ssh.blocking.BlockingChannel;
import homeport.ssh.blocking.BlockingConnection;
import homeport.ssh.blocking.Link;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.AuthenticationMessage.Prompt;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import homeport.testkit.peers.AuthMethod;
import homeport.testkit.peers.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** Our client and our server as these tests need them: over a socket that either side opened. */
final class OurEnds {
    private OurEnds() {}

    static SshSettings client(Algorithms algorithms, long rekeyBytes) {
        return SshSettings.builder().algorithms(algorithms).limits(limits(rekeyBytes)).build();
    }

    static SshSettings server(Algorithms algorithms, List<Signer> hostKeys, long rekeyBytes) {
        return SshSettings.builder().algorithms(algorithms).hostKeys(hostKeys).limits(limits(rekeyBytes)).build();
    }

    private static Limits limits(long rekeyBytes) {
        return rekeyBytes == 0 ? Limits.DEFAULT : Limits.DEFAULT.withRekeyAfterBytes(rekeyBytes);
    }

    /** A client that logs in to one account by one method, and accepts what {@code trusted} says. */
    record ClientAnswers(Predicate<Question.HostKeyAsked> trusted, AuthMethod method, Optional<Signer> identity)
            implements
                Answers {
        @Override
        public HostKeyDecision hostKey(Question.HostKeyAsked question) {
            return trusted.test(question)
                    ? new HostKeyDecision.Accept()
                    : new HostKeyDecision.Refuse("not the key of this test");
        }

        @Override
        public LoginAttempt login(Question.LoginAsked question) {
            if (!question.methods().isEmpty()) {
                return new LoginAttempt.GiveUp("refused; left: " + question.methods());
            }
            var user = Peers.user();
            return switch (method) {
                case NONE -> new LoginAttempt.None(user);
                case PUBLIC_KEY -> new LoginAttempt.Key(user, identity.orElseThrow());
                case PASSWORD -> new LoginAttempt.Password(user, Peers.PASSWORD.getBytes(StandardCharsets.UTF_8));
                case KEYBOARD_INTERACTIVE -> new LoginAttempt.Interactive(user);
            };
        }

        @Override
        public List<String> prompts(Question.PromptsAsked question) {
            return Collections.nCopies(question.prompts().size(), Peers.PASSWORD);
        }
    }

    /** A server that lets in by one method only, and runs what it is asked to in {@code /bin/sh}. */
    record ServerAnswers(AuthMethod method, Predicate<Question.Credential.Key> authorized) implements Answers {
        private static final LoginDecision ACCEPT = new LoginDecision.Accept();

        @Override
        public LoginDecision login(Question.LoginRequested question) {
            var refuse = new LoginDecision.Refuse(List.of(method.wireName()));
            return switch (question.credential()) {
                case Question.Credential.None none -> method == AuthMethod.NONE ? ACCEPT : refuse;
                case Question.Credential.Key key ->
                    method == AuthMethod.PUBLIC_KEY && authorized.test(key) ? ACCEPT : refuse;
                case Question.Credential.Password password ->
                    method == AuthMethod.PASSWORD && isPassword(password.password()) ? ACCEPT : refuse;
                case Question.Credential.Interactive interactive -> method == AuthMethod.KEYBOARD_INTERACTIVE
                        ? new LoginDecision.Ask("", "", List.of(new Prompt("Password: ", false)))
                        : refuse;
                case Question.Credential.Responses responses ->
                    responses.texts().equals(List.of(Peers.PASSWORD)) ? ACCEPT : refuse;
            };
        }

        private static boolean isPassword(byte[] password) {
            return Arrays.equals(password, Peers.PASSWORD.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Optional<ChannelProgram> open(ChannelType type) {
            return type instanceof ChannelType.Session ? Optional.of(ServerAnswers::serve) : Optional.empty();
        }

        private static void serve(BlockingChannel channel) throws IOException {
            for (var next = channel.nextRequest(); next.isPresent(); next = channel.nextRequest()) {
                var question = next.get();
                boolean exec = question.request() instanceof ChannelRequest.Exec;
                channel.answer(question, exec || question.request() instanceof ChannelRequest.Env);
                if (question.request() instanceof ChannelRequest.Exec command) {
                    run(channel, command.text());
                    return;
                }
            }
        }

        private static void run(BlockingChannel channel, String command) throws IOException {
            var process = new ProcessBuilder("/bin/sh", "-c", command).start();
            var feeding = Thread.ofVirtual().start(() -> copy(channel.input(), process.getOutputStream()));
            var complaining = Thread.ofVirtual().start(() -> copy(process.getErrorStream(), channel.errorOutput()));
            process.getInputStream().transferTo(channel.output());
            try {
                complaining.join();
                channel.notify(new ChannelRequest.ExitStatus(process.waitFor()));
                channel.sendEof();
                feeding.interrupt();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }

        private static void copy(InputStream in, OutputStream out) {
            try (out) {
                in.transferTo(out);
            } catch (IOException e) {
                // The other side needs no more of it: the exit status, compared by the test, tells whether that was right.
                Thread.currentThread().interrupt();
            }
        }
    }

    /** One connection's worth of a server: accepts or dials once, and serves until the client leaves. */
    static final class Server implements AutoCloseable {
        private final SshSettings settings;
        private final Answers answers;
        private final ServerSocket listener;
        private final CompletableFuture<BlockingConnection> served = new CompletableFuture<>();

        private Server(SshSettings settings, Answers answers, ServerSocket listener) {
            this.settings = settings;
            this.answers = answers;
            this.listener = listener;
        }

        static Server listen(SshSettings settings, Answers answers) throws IOException {
            var server = new Server(settings, answers, loopbackListener());
            Thread.ofVirtual().start(server::acceptOne);
            return server;
        }

        static Server dial(SshSettings settings, Answers answers, InetSocketAddress to) throws IOException {
            var server = new Server(settings, answers, loopbackListener());
            server.serve(new Socket(to.getAddress(), to.getPort()));
            return server;
        }

        InetSocketAddress address() {
            return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
        }

        private void acceptOne() {
            try {
                serve(listener.accept());
            } catch (IOException e) {
                // The test closed it before anybody came.
                served.completeExceptionally(e);
            }
        }

        private void serve(Socket socket) throws IOException {
            served.complete(BlockingConnection.start(Link.of(socket), Role.SERVER, settings, answers));
        }

        /** The one connection, once the client has come. */
        BlockingConnection connection() throws IOException {
            try {
                return served.get(Peers.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new IOException("nobody came", e);
            }
        }

        /** What the server knows of the connection, for the message of a test that fails. */
        String log() {
            return served.state() == Future.State.SUCCESS
                    ? served.resultNow().look(engine -> engine + " " + engine.closed() + " " + engine.negotiated())
                    : "nobody came";
        }

        @Override
        public void close() throws IOException {
            listener.close();
            if (served.state() == Future.State.SUCCESS) {
                served.resultNow().close();
            }
        }
    }

    static ServerSocket loopbackListener() throws IOException {
        var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        listener.setSoTimeout((int) Peers.PATIENCE.toMillis());
        return listener;
    }
}
