package homeport.cli;

import homeport.callhome.BootstrapMessage;
import homeport.callhome.Credentials;
import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.DepartureSettings;
import homeport.callhome.Ended;
import homeport.net.Connection;
import homeport.net.Dialler;
import homeport.net.Loops;
import homeport.ssh.Algorithms;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** The device's end of one connection, made so that something about it is wrong or right. It serves nothing. */
final class StagedDevice implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    final CompletableFuture<Ended> ended = new CompletableFuture<>();
    private final CountDownLatch frozen = new CountDownLatch(1);
    private final Connection connection;

    private StagedDevice(Loops loops, InetSocketAddress gateway, DepartureSettings settings) {
        connection = Dialler.dial(loops.next(), gateway, Duration.ofSeconds(10),
                dialled -> new Departure(settings, dialled.loop().environment(), dialled.loop().output(), dialled,
                        this::on))
                .join();
    }

    static PlainSigner key() {
        return PrivateKeys.generate(KeyAlgorithm.ECDSA_P256, RANDOM);
    }

    private static SshSettings server(Signer key) {
        return SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(key)).build();
    }

    static StagedDevice callHome(Loops loops, InetSocketAddress gateway, Signer key) {
        return new StagedDevice(loops, gateway, DepartureSettings.callHome(server(key)));
    }

    static StagedDevice bootstrap(Loops loops, InetSocketAddress gateway, BootstrapMessage message, PlainSigner key) {
        return new StagedDevice(loops, gateway, DepartureSettings.bootstrap(message, server(key)));
    }

    static StagedDevice logsIn(Loops loops, InetSocketAddress gateway, Credentials credentials) {
        return new StagedDevice(loops, gateway, DepartureSettings.serverChannels(SshSettings.client(), credentials));
    }

    private void on(Departure departure, DepartureEvent event) {
        switch (event) {
            case DepartureEvent.GatewayKeyAsked asked -> departure.decide(asked, new HostKeyDecision.Accept());
            case DepartureEvent.LoginAsked asked -> departure.decide(asked,
                    asked.question().credential() instanceof Question.Credential.Key
                            ? new LoginDecision.Accept()
                            : new LoginDecision.Refuse(List.of("publickey")));
            case DepartureEvent.ChannelAsked asked -> departure.refuse(asked, "it serves nothing");
            case DepartureEvent.StreamAsked asked -> departure.refuse(asked, "it serves nothing");
            case DepartureEvent.Registered done -> {
                // The gateway says so too.
            }
            case DepartureEvent.Closed closed -> ended.complete(closed.ended());
        }
    }

    /** It answers nothing more, and its line does not end: its loop stands still until {@link #close}. */
    void freeze() {
        connection.loop().execute(() -> {
            try {
                frozen.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** As if the power had failed. */
    @Override
    public void close() {
        frozen.countDown();
        connection.cut();
    }
}
