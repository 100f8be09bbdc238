package homeport.ssh;

import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.crypto.KeyDerivation;
import homeport.ssh.crypto.OutboundCipher;
import homeport.ssh.crypto.Providers;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A peer that can do all that SSH asks for and need not: it has the keys, and sends what a test wants, when it wants.
 *
 * <p>It stands on the engine's own packets and key exchange, driven from outside, against one connection: the victim.
 */
final class EvilPeer {
    /** What it proposes unless said otherwise: thousands of connections are made here. */
    static final Algorithms QUICK = Algorithms.MODERN.withKex(List.of(KexAlgorithm.CURVE25519_SHA256));
    static final String VERSION = "SSH-2.0-Evil_1";

    final Role role;
    final SshConnection victim;
    final List<Event> events = new ArrayList<>();
    /** Payloads that the victim sent, but for those of an honest key exchange. */
    final List<byte[]> messages = new ArrayList<>();
    /** What this peer has written and not handed over. */
    final SshWriter wire = new SshWriter();
    final PacketOutput output;
    final KeyExchange exchange;
    private final String victimIdentification;
    private final PacketInput input = new PacketInput(1 << 20);
    private final SshWriter victimOut = new SshWriter();
    private final SshWriter unread = new SshWriter();
    private boolean keysMissing;
    private final long[] clock;
    private @org.jspecify.annotations.Nullable VersionReader version;
    private String identification = VERSION;
    private boolean honest = true;
    private boolean authenticated;
    private boolean keys;
    private BiConsumer<SshConnection, Event> owner = EvilPeer::lenient;

    EvilPeer(Role role, SshSettings own, SshSettings victims) {
        this(role, own, victims, 5_000_000_000L);
    }

    /** @param now what the clock shows, of which only the advance may matter */
    EvilPeer(Role role, SshSettings own, SshSettings victims, long now) {
        this.role = role;
        clock = new long[]{now};
        victimIdentification = victims.identification();
        output = new PacketOutput(wire, 1 << 26, new SeededRandom(1));
        exchange = new KeyExchange(own, new Environment(() -> clock[0], new SeededRandom(2)), input, output, role,
                new Owner());
        exchange.peerIdentification(victims.identification());
        version = new VersionReader(true, 1 << 16);
        victim = SshConnection.as(role.other(), victims, new Environment(() -> clock[0], new SeededRandom(3)),
                victimOut, event -> {
                    events.add(event);
                    owner.accept(victim(), event);
                });
    }

    /** The victim's handler runs only when the victim is made. */
    private SshConnection victim() {
        return victim;
    }

    static EvilPeer client() {
        return client(SshSettings.builder());
    }

    static EvilPeer client(SshSettings.Builder victims) {
        return new EvilPeer(Role.CLIENT, SshSettings.builder().identification(VERSION).algorithms(QUICK).build(),
                victims.hostKeys(List.of(Keys.ED25519)).build());
    }

    static EvilPeer client(Algorithms algorithms) {
        return new EvilPeer(Role.CLIENT, SshSettings.builder().identification(VERSION).algorithms(algorithms).build(),
                Pair.serverWith(algorithms).build());
    }

    static EvilPeer server() {
        return server(SshSettings.builder());
    }

    static EvilPeer server(SshSettings.Builder victims) {
        return new EvilPeer(Role.SERVER,
                SshSettings.builder().identification(VERSION).algorithms(QUICK).hostKeys(List.of(Keys.ED25519))
                        .build(),
                victims.build());
    }

    static EvilPeer server(Algorithms algorithms) {
        return new EvilPeer(Role.SERVER, SshSettings.builder().identification(VERSION).algorithms(algorithms)
                .hostKeys(List.of(Keys.ED25519)).build(), SshSettings.builder().algorithms(algorithms).build());
    }

    /** The victim's owner lets everything happen. */
    static void lenient(SshConnection victim, Event event) {
        switch (event) {
            case Question.HostKeyAsked asked -> victim.decide(asked, new HostKeyDecision.Accept());
            case Question.LoginAsked asked -> victim.decide(asked, new LoginAttempt.Key("alice", Keys.USER));
            case Question.LoginRequested asked -> victim.decide(asked, new LoginDecision.Accept());
            case Question.OpenRequested asked -> victim.accept(asked, 1 << 16);
            case Question.ChannelRequested asked -> victim.decide(asked, true);
            case Question.GlobalRequested asked -> victim.decide(asked, true);
            case Event.Data data -> data.channel().consumed(data.length());
            case Event other -> {
            }
        }
    }

    /** Another version line than {@link #VERSION}. */
    EvilPeer identifiedAs(String line) {
        identification = line;
        return this;
    }

    EvilPeer owner(BiConsumer<SshConnection, Event> value) {
        owner = value;
        return this;
    }

    // ---- Steps

    /** The version lines are exchanged, and an honest peer's exchange of keys follows by itself. */
    private EvilPeer greeted() {
        victim.start();
        raw((identification + "\r\n").getBytes(StandardCharsets.US_ASCII));
        return deliver();
    }

    /** The version lines are exchanged; from here on key-exchange messages are the test's own business. */
    EvilPeer scripted() {
        honest = false;
        return greeted();
    }

    /** The first keys are in force. */
    EvilPeer keyed() {
        greeted();
        if (!keys) {
            throw new AssertionError("no keys: " + events);
        }
        return this;
    }

    /** Somebody is logged in. */
    EvilPeer loggedIn() {
        keyed();
        if (role == Role.CLIENT) {
            send(MessageNumber.SERVICE_REQUEST, out -> out.string("ssh-userauth"));
            send(MessageNumber.USERAUTH_REQUEST, out -> out.string("mallory").string("ssh-connection").string("none"));
        } else {
            send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth"));
            send(MessageNumber.USERAUTH_SUCCESS, out -> {});
        }
        authenticated = true;
        if (!victim.isAuthenticated()) {
            throw new AssertionError("no login: " + events);
        }
        messages.clear();
        return this;
    }

    /** The victim has let us have a session channel; its number there is 0. */
    EvilPeer channelOpen() {
        loggedIn();
        openSession(0);
        messages.clear();
        return this;
    }

    EvilPeer openSession(int ownNumber) {
        return send(MessageNumber.CHANNEL_OPEN,
                out -> out.string("session").uint32(ownNumber).uint32(1 << 20).uint32(1 << 15));
    }

    // ---- What it sends

    /** One message under whatever keys are in force, whether it may be sent now or not, and what it leads to. */
    EvilPeer send(int number, Consumer<SshWriter> fields) {
        write(number, fields);
        return deliver();
    }

    EvilPeer send(byte[] payload) {
        return send(payload[0] & 0xff, out -> out.bytes(payload, 1, payload.length - 1));
    }

    /** As {@link #send}, but it stays in {@link #wire}. */
    EvilPeer write(int number, Consumer<SshWriter> fields) {
        output.release();
        fields.accept(output.begin(number));
        output.end();
        return this;
    }

    EvilPeer raw(byte[] bytes) {
        wire.bytes(bytes);
        return this;
    }

    /** What is in {@link #wire}, taken out. */
    byte[] take() {
        byte[] bytes = wire.toByteArray();
        wire.clear();
        return bytes;
    }

    /** Carries bytes until both are quiet. */
    EvilPeer deliver() {
        do {
            byte[] bytes = take();
            if (bytes.length > 0) {
                victim.receive(bytes, 0, bytes.length);
            }
            read();
        } while (wire.size() > 0);
        return this;
    }

    private void read() {
        unread.bytes(victimOut.array(), 0, victimOut.size());
        victimOut.clear();
        if (keysMissing) {
            return;
        }
        byte[] bytes = unread.toByteArray();
        unread.clear();
        input.feed(bytes, 0, bytes.length);
        if (version != null) {
            if (version.read(input).isEmpty()) {
                return;
            }
            version = null;
        }
        for (int length = input.next(); length >= 0; length = input.next()) {
            byte[] payload = Arrays.copyOfRange(input.payloadArray(), input.payloadOffset(),
                    input.payloadOffset() + length);
            int number = payload[0] & 0xff;
            boolean ofExchange = number == MessageNumber.KEXINIT || number == MessageNumber.NEWKEYS
                    || MessageNumber.keyExchangeMethod(number);
            if (honest && ofExchange) {
                try {
                    exchange.receive(number, payload, 0, payload.length);
                } catch (ProtocolError confused) {
                    // A test's own messages can lead the victim to where an honest exchange does not follow.
                    honest = false;
                }
            } else {
                messages.add(payload);
                if (number == MessageNumber.NEWKEYS) {
                    // What stands behind it is under keys that the test has yet to put in force.
                    unread.bytes(input.takeRest());
                    keysMissing = true;
                    return;
                }
            }
        }
    }

    /** Key-exchange messages go to the test, not to the exchange. */
    EvilPeer dishonest() {
        honest = false;
        return this;
    }

    EvilPeer pass(Duration time) {
        clock[0] += time.toNanos();
        victim.tick();
        return deliver();
    }

    // ---- What came of it

    /** The number of the victim's last packet, as UNIMPLEMENTED would name it. */
    long lastReceivedPacket() {
        return Integer.toUnsignedLong(input.lastSequence());
    }

    /** The rule by which the victim ended the connection; empty while it runs. */
    Optional<Rule> verdict() {
        return victim.closed().flatMap(CloseReason::rule);
    }

    /** Readers over the messages with this number, behind it. */
    List<SshReader> received(int number) {
        return messages.stream().filter(payload -> (payload[0] & 0xff) == number)
                .map(payload -> new SshReader(payload, 1, payload.length - 1)).toList();
    }

    <T extends Event> List<T> events(Class<T> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** A KEXINIT as an honest peer would send it, with other marks in its kex list. */
    static KexInit proposal(Algorithms algorithms, List<String> marks, boolean guess) {
        var kex = new ArrayList<String>();
        algorithms.kex().forEach(algorithm -> kex.add(algorithm.wireName()));
        kex.addAll(marks);
        var hostKeys = algorithms.hostKeys().stream().map(a -> a.wireName()).toList();
        var ciphers = algorithms.ciphers().stream().map(a -> a.wireName()).toList();
        var macs = algorithms.macs().stream().map(a -> a.wireName()).toList();
        var compression = algorithms.compression().stream().map(a -> a.wireName()).toList();
        return new KexInit(new byte[16], kex, hostKeys, ciphers, ciphers, macs, macs, compression, compression,
                List.of(), List.of(), guess);
    }

    // ---- A key exchange by hand

    /**
     * The first key exchange (curve25519-sha256) step by step, with a KEXINIT of the test's own: without the marks of
     * strict key exchange, for one.
     *
     * @param beforeNewKeys runs between the values and NEWKEYS
     */
    EvilPeer keyedByHand(KexInit init, Runnable beforeNewKeys) {
        scripted();
        byte[] theirInit = messages.stream().filter(payload -> payload[0] == MessageNumber.KEXINIT).findFirst()
                .orElseThrow();
        var ourInit = new SshWriter();
        init.write(ourInit);
        var method = KexAlgorithm.CURVE25519_SHA256.method().orElseThrow();
        var random = new SeededRandom(4);
        byte[] clientValue;
        byte[] serverValue;
        byte[] secret;
        byte[] blob;
        byte[] hash;
        send(ourInit.toByteArray());
        var algorithms = victim.negotiated().orElseThrow(() -> new AssertionError(events.toString()));
        if (role == Role.CLIENT) {
            var initiator = method.initiate(random);
            clientValue = initiator.value();
            send(MessageNumber.KEX_INIT, out -> out.string(initiator.value()));
            var reply = received(MessageNumber.KEX_REPLY).getFirst();
            blob = reply.string();
            serverValue = reply.string();
            secret = initiator.agree(serverValue);
            hash = exchangeHash(ourInit.toByteArray(), theirInit, blob, clientValue, serverValue, secret);
        } else {
            clientValue = received(MessageNumber.KEX_INIT).getFirst().string();
            var answer = method.answer(clientValue, random);
            serverValue = answer.value();
            secret = answer.secret();
            blob = Keys.ED25519.publicKey().blob();
            hash = exchangeHash(theirInit, ourInit.toByteArray(), blob, clientValue, serverValue, secret);
            send(MessageNumber.KEX_REPLY, out -> out.string(blob).string(serverValue).string(Keys.ED25519.sign(
                    KeyAlgorithm.SSH_ED25519, hash)));
        }
        beforeNewKeys.run();
        var derivation = new KeyDerivation("SHA-256", secret, hash, hash);
        boolean client = role == Role.CLIENT;
        boolean strict = init.kex().contains(client ? KexInit.STRICT_C : KexInit.STRICT_S);
        input.use(derivation.inbound(KeyExchange.from(role.other()), algorithms.cipher(role.other()),
                algorithms.mac(role.other())), strict, false);
        keysMissing = false;
        write(MessageNumber.NEWKEYS, out -> {});
        output.use(derivation.outbound(KeyExchange.from(role), algorithms.cipher(role), algorithms.mac(role)), strict);
        return deliver();
    }

    /** As a server: an honest answer by hand, and then silence. */
    EvilPeer keyedWithoutNewKeys() {
        scripted();
        byte[] theirInit = messages.stream().filter(payload -> payload[0] == MessageNumber.KEXINIT).findFirst()
                .orElseThrow();
        var ourInit = new SshWriter();
        proposal(QUICK.withHostKeys(List.of(KeyAlgorithm.SSH_ED25519)), List.of(), false).write(ourInit);
        send(ourInit.toByteArray());
        byte[] clientValue = received(MessageNumber.KEX_INIT).getFirst().string();
        var answer = KexAlgorithm.CURVE25519_SHA256.method().orElseThrow().answer(clientValue, new SeededRandom(4));
        byte[] blob = Keys.ED25519.publicKey().blob();
        byte[] hash = exchangeHash(theirInit, ourInit.toByteArray(), blob, clientValue, answer.value(), answer
                .secret());
        return send(MessageNumber.KEX_REPLY, out -> out.string(blob).string(answer.value()).string(Keys.ED25519.sign(
                KeyAlgorithm.SSH_ED25519, hash)));
    }

    private byte[] exchangeHash(byte[] clientInit, byte[] serverInit, byte[] blob, byte[] clientValue,
            byte[] serverValue, byte[] secret) {
        var in = new SshWriter().string(role == Role.CLIENT ? VERSION : victimIdentification)
                .string(role == Role.CLIENT ? victimIdentification : VERSION).string(clientInit).string(serverInit)
                .string(blob)
                .string(clientValue).string(serverValue).bytes(secret);
        return Providers.digest("SHA-256").digest(in.toByteArray());
    }

    // ---- Packets by hand

    /**
     * Seals a packet that the test made, with its length field, padding length and all, under the keys in force.
     *
     * @param plain length field, padding length, payload and padding; may be anything
     */
    EvilPeer sealed(byte[] plain) {
        try {
            var cipherField = PacketOutput.class.getDeclaredField("cipher");
            var sequenceField = PacketOutput.class.getDeclaredField("sequence");
            cipherField.setAccessible(true);
            sequenceField.setAccessible(true);
            int sequence = sequenceField.getInt(output);
            sequenceField.setInt(output, sequence + 1);
            if (cipherField.get(output) instanceof OutboundCipher cipher) {
                byte[] packet = Arrays.copyOf(plain, plain.length + cipher.tagBytes());
                cipher.seal(packet, 0, plain.length - 4, sequence);
                wire.bytes(packet);
            } else {
                wire.bytes(plain);
            }
            return this;
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    EvilPeer sendInit(KexInit init) {
        var out = new SshWriter();
        init.write(out);
        return send(out.toByteArray());
    }

    private final class Owner implements KeyExchange.Owner {
        @Override
        public void ask(Question question) {
            if (question instanceof Question.HostKeyAsked) {
                exchange.decide(new HostKeyDecision.Accept());
            }
        }

        @Override
        public void outboundKeysChanged(Negotiated algorithms, boolean first) {
            // No extensions, unless the test sends some.
        }

        @Override
        public void keysInForce(Negotiated algorithms, boolean first, boolean begunHere) {
            keys = true;
        }

        @Override
        public boolean authenticated() {
            return authenticated;
        }
    }
}
