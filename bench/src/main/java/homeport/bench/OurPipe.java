package homeport.bench;

import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginAttempt;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.blocking.Answers;
import homeport.ssh.blocking.BlockingChannel;
import homeport.ssh.blocking.BlockingConnection;
import homeport.ssh.blocking.Link;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.key.Signer;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;

/** Our blocking client and server over a loopback socket. */
final class OurPipe implements TransferWorker.Pipe {
    private final BlockingConnection client;
    private final byte[] chunk = new byte[TransferWorker.CHUNK];

    OurPipe(Keys keys, CipherAlgorithm cipher) throws IOException {
        var answers = new Friendly(End.key(keys.user()));
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var socket = new Socket(listener.getInetAddress(), listener.getLocalPort());
            BlockingConnection.start(Link.of(listener.accept()), Role.SERVER,
                    End.serverSettings(End.key(keys.host()), cipher), answers);
            client = BlockingConnection.start(Link.of(socket), Role.CLIENT, End.clientSettings(cipher), answers)
                    .awaitLogin();
        }
    }

    @Override
    public void transfer(long bytes) throws IOException {
        try (var channel = client.open(new ChannelType.Session())) {
            if (!channel.request(new ChannelRequest.Exec("discard"))) {
                throw new IOException("refused");
            }
            try (var out = channel.output()) {
                for (long left = bytes; left > 0; left -= chunk.length) {
                    out.write(chunk, 0, (int) Math.min(left, chunk.length));
                }
            }
            channel.waitForExit();
        }
    }

    private record Friendly(Signer user) implements Answers {
        @Override
        public HostKeyDecision hostKey(Question.HostKeyAsked question) {
            return new HostKeyDecision.Accept();
        }

        @Override
        public LoginAttempt login(Question.LoginAsked question) {
            return new LoginAttempt.Key("bench", user);
        }

        @Override
        public LoginDecision login(Question.LoginRequested question) {
            return new LoginDecision.Accept();
        }

        @Override
        public Optional<ChannelProgram> open(ChannelType type) {
            return Optional.of(Friendly::discard);
        }

        private static void discard(BlockingChannel channel) throws IOException {
            var request = channel.nextRequest();
            if (request.isPresent()) {
                channel.answer(request.get(), true);
                var buffer = new byte[TransferWorker.CHUNK];
                while (channel.input().read(buffer) >= 0) {
                    continue;
                }
                channel.notify(new ChannelRequest.ExitStatus(0));
            }
        }
    }
}
