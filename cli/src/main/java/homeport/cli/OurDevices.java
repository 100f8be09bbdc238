package homeport.cli;

import homeport.callhome.Admission;
import homeport.callhome.BootstrapMessage;
import homeport.callhome.ChannelHandler;
import homeport.callhome.Claim;
import homeport.callhome.Credentials;
import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.DepartureSettings;
import homeport.callhome.LinkChannel;
import homeport.callhome.Proof;
import homeport.net.Dialler;
import homeport.net.Loop;
import homeport.ssh.Algorithms;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.SshSettings;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.HmacSigner;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.Signer;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** The demo's devices with our own device side: one for each design, and one for each way to prove who it is. */
final class OurDevices {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int SECRET_BYTES = 32;

    private final SshPublicKey gateway;
    private final Loop loop;
    private final String command;
    private final SecureRandom random = new SecureRandom();

    /** @param gateway the key that the gateway logs in by and shows as its host key */
    OurDevices(SshPublicKey gateway, Loop loop, String command) {
        this.gateway = gateway;
        this.loop = loop;
        this.command = command;
    }

    List<DemoDevice> all() {
        var devices = new ArrayList<DemoDevice>();
        devices.add(bootstrap("boot1"));
        devices.add(callHome("home1"));
        devices.add(hmacCallHome("home2"));
        devices.add(serverChannels("chan1"));
        devices.add(tunnel("tunnel1"));
        return devices;
    }

    private DemoDevice bootstrap(String name) {
        var hostKey = key();
        byte[] secret = secret();
        var message = BootstrapMessage.signed(name, hostKey.publicKey(), secret);
        DemoDevice.Record record = (evidence, inner, login) -> {
            if (!(evidence.claim().orElse(null) instanceof Claim.InMessage claim) || !claim.id().equals(name)
                    || !(evidence.proof() instanceof Proof.HoldsKey shown)) {
                return Optional.empty();
            }
            var check = claim.message().check(secret, shown.key(), true);
            return Optional.of(check.proved()
                    ? new Admission.Admit(name, login)
                    : new Admission.Refuse("its HMAC is " + check));
        };
        return new DemoDevice(name, "bootstrap", "HMAC over its host key", record,
                to -> dial(to, DepartureSettings.bootstrap(message, server(hostKey))));
    }

    private DemoDevice callHome(String name) {
        var hostKey = key();
        return new DemoDevice(name, "call-home", "pinned host key", pinned(name, hostKey.publicKey()),
                to -> dial(to, DepartureSettings.callHome(server(hostKey))));
    }

    private DemoDevice hmacCallHome(String name) {
        byte[] secret = secret();
        var hostKey = new HmacSigner(HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, name), secret);
        DemoDevice.Record record = (evidence, inner, login) -> evidence.proof() instanceof Proof.SecretToCheck shown
                && shown.keyId().keyId().equals(name)
                        ? Optional.of(new Admission.AdmitWithSecret(name, secret, login))
                        : Optional.empty();
        return new DemoDevice(name, "call-home", "HMAC host key", record,
                to -> dial(to, DepartureSettings.callHome(server(hostKey))));
    }

    private DemoDevice serverChannels(String name) {
        var identity = key();
        DemoDevice.Record record = (evidence, inner, login) -> isLogin(evidence.claim(), name)
                && evidence.proof() instanceof Proof.HoldsKey shown && same(shown.key(), identity.publicKey())
                        ? Optional.of(new Admission.Admit(name, login))
                        : Optional.empty();
        return new DemoDevice(name, "server-channels", "pinned login key", record,
                to -> dial(to, DepartureSettings.serverChannels(SshSettings.client(),
                        Credentials.byKey(name, identity))));
    }

    private DemoDevice tunnel(String name) {
        var identity = key();
        var hostKey = key();
        DemoDevice.Record record = (evidence, inner, login) -> {
            if (!(evidence.proof() instanceof Proof.HoldsKey shown)) {
                return Optional.empty();
            }
            boolean ours = inner
                    ? same(shown.key(), hostKey.publicKey())
                    : isLogin(evidence.claim(), name) && same(shown.key(), identity.publicKey());
            return ours ? Optional.of(new Admission.Admit(name, login)) : Optional.empty();
        };
        return new DemoDevice(name, "tunnel", "pinned login and host key", record,
                to -> dial(to, DepartureSettings.tunnel(SshSettings.client(), Credentials.byKey(name, identity),
                        server(hostKey))));
    }

    /** A record with one pinned host key. */
    static DemoDevice.Record pinned(String name, PlainKey hostKey) {
        return (evidence, inner, login) -> evidence.claim().isEmpty()
                && evidence.proof() instanceof Proof.HoldsKey shown && same(shown.key(), hostKey)
                        ? Optional.of(new Admission.Admit(name, login))
                        : Optional.empty();
    }

    private static boolean isLogin(Optional<Claim> claim, String name) {
        return claim.orElse(null) instanceof Claim.LoginName login && login.id().equals(name);
    }

    private static boolean same(SshPublicKey one, SshPublicKey other) {
        return MessageDigest.isEqual(one.blob(), other.blob());
    }

    private PlainSigner key() {
        return PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, random);
    }

    private byte[] secret() {
        var secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return secret;
    }

    private static SshSettings server(Signer hostKey) {
        return SshSettings.builder().algorithms(Algorithms.MODERN.withDeviceKeys()).hostKeys(List.of(hostKey)).build();
    }

    private Closeable dial(InetSocketAddress to, DepartureSettings settings) throws IOException {
        try {
            var connection = Dialler.dial(loop, to, PATIENCE, dialled -> new Departure(settings,
                    dialled.loop().environment(), dialled.loop().output(), dialled, this::on)).join();
            return () -> loop.execute(connection::cut);
        } catch (CompletionException e) {
            throw new IOException("the gateway cannot be dialled", e);
        }
    }

    private void on(Departure departure, DepartureEvent event) {
        switch (event) {
            case DepartureEvent.GatewayKeyAsked asked -> departure.decide(asked, same(asked.key(), gateway)
                    ? new HostKeyDecision.Accept()
                    : new HostKeyDecision.Refuse("not the gateway"));
            case DepartureEvent.LoginAsked asked -> departure.decide(asked,
                    asked.question().credential() instanceof Question.Credential.Key key && same(key.key(), gateway)
                            ? new LoginDecision.Accept()
                            : new LoginDecision.Refuse(List.of("publickey")));
            case DepartureEvent.ChannelAsked asked -> {
                if (asked.type() instanceof ChannelType.Session) {
                    departure.accept(asked, 1 << 16, new OneCommand());
                } else {
                    departure.refuse(asked, "sessions only");
                }
            }
            case DepartureEvent.StreamAsked asked -> departure.refuse(asked, "no stream");
            case DepartureEvent.Registered registered -> {
            }
            case DepartureEvent.Closed closed -> {
            }
        }
    }

    /** Runs the demo's command and nothing else. */
    private final class OneCommand implements ChannelHandler {
        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, String reason) {}

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            channel.consumed(length);
        }

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            boolean allowed = question.request() instanceof ChannelRequest.Exec exec && exec.text().equals(command);
            channel.decide(question, allowed);
            if (allowed) {
                Thread.ofVirtual().name("demo-command").start(() -> run(channel));
            }
        }

        /** The command waits, so it runs beside the loop, and only its result comes back to it. */
        private void run(LinkChannel channel) {
            byte[] output;
            int status;
            try {
                var process = new ProcessBuilder("/bin/sh", "-c", command).redirectErrorStream(true).start();
                process.getOutputStream().close();
                output = process.getInputStream().readAllBytes();
                status = process.waitFor();
            } catch (IOException | InterruptedException e) {
                output = ("the command did not run: " + e.getMessage()).getBytes(StandardCharsets.UTF_8);
                status = 1;
            }
            byte[] all = output;
            int exit = status;
            loop.execute(() -> {
                channel.send(all, 0, all.length);
                channel.request(new ChannelRequest.ExitStatus(exit), false);
                channel.sendEof();
                channel.close();
            });
        }

        @Override
        public void closed(LinkChannel channel) {}
    }
}
