package homeport.ssh;

import homeport.ssh.crypto.GroupExchange;
import homeport.ssh.crypto.InboundCipher;
import homeport.ssh.crypto.KexMethod;
import homeport.ssh.crypto.KeyDerivation;
import homeport.ssh.crypto.KeyDerivation.Direction;
import homeport.ssh.crypto.Providers;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The key exchange (RFC 4253 §7 and §8), the first and every later one: a small machine beside the others.
 *
 * <pre>
 *            our KEXINIT          both KEXINITs         values exchanged        our NEWKEYS        the peer's NEWKEYS
 *  Quiet ───────────────▶ Offered ─────────────▶ …Waits ───────────────▶ (HostKeyShown) ────▶ KeysSent ───────▶ Quiet
 *    └── the peer's KEXINIT ──▶ (RoleOpen ──▶ Watching) ──┘
 * </pre>
 *
 * <p>The states in brackets are passed only as a client, or only where the role is not known beforehand.
 */
final class KeyExchange {
    /** The layer above: what it is told and asked. */
    interface Owner {
        void ask(Question question);

        /** Our NEWKEYS is out: the first packet under the new keys may be written. */
        void outboundKeysChanged(Negotiated algorithms, boolean first);

        /** Both directions have the new keys. */
        void keysInForce(Negotiated algorithms, boolean first, boolean begunHere);

        /** Whether delayed compression is due (after authentication). */
        boolean authenticated();
    }

    private sealed interface State {}

    /** No exchange runs. */
    private record Quiet() implements State {}

    /** Our KEXINIT is out, the peer's is not in. */
    private record Offered(byte[] ours) implements State {}

    /** The peer's KEXINIT is in; which role is ours is being asked, so ours is not out. */
    private record RoleOpen(byte[] theirs, KexInit message) implements State {}

    /** A KEXINIT good in both roles is out; a client would speak now. */
    private record Watching(byte[] ours, byte[] theirs, KexInit message, long until) implements State {}

    /** As the server: the client's value, or its request for a group, is next. */
    private record ServerWaits(Run run) implements State {}

    /** As the server: a group was sent, the client's value is next. */
    private record ServerWaitsInGroup(Run run, KexMethod method, byte[] group) implements State {}

    /** As the client: the server's value is next. */
    private record ClientWaits(Run run, KexMethod method, KexMethod.Initiator initiator, byte[] group)
            implements
                State {}

    /** As the client: the server's group is next. */
    private record ClientWaitsGroup(Run run, GroupExchange.Request request) implements State {}

    /** As the client: is this the right host key? */
    private record HostKeyShown(Run run, SshPublicKey key, byte[] signature, byte[] hash, byte[] secret, long since)
            implements
                State {}

    /** Our NEWKEYS is out; the peer's brings {@code inbound} into force. */
    private record KeysSent(Run run, InboundCipher inbound) implements State {}

    /** One exchange: what was agreed, and both KEXINIT payloads as they enter the exchange hash. */
    private record Run(Negotiated algorithms, byte[] clientInit, byte[] serverInit) {}

    private static final State QUIET = new Quiet();

    /** Exchanges that a peer may ask for in a row; one more a second, and one for each 64 KiB carried. */
    private static final int REKEY_BURST = 32;
    private static final long REKEY_BYTES = 64 << 10;
    /** Exchanges after the first that somebody may ask for who is not logged in: each costs us two public-key operations. */
    private static final int REKEYS_BEFORE_LOGIN = 2;

    private final SshSettings settings;
    private final Environment environment;
    private final PacketInput input;
    private final PacketOutput output;
    private final Owner owner;

    private State state = QUIET;
    private @Nullable Role role;
    private String peerIdentification = "";
    private boolean strict;
    private boolean peerReadsExtensions;
    private boolean skipGuess;
    private byte @Nullable [] sessionId;
    private @Nullable SshPublicKey hostKey;
    private @Nullable Negotiated negotiated;
    private long startedAt;
    private long keysSince;
    private boolean inForce;
    /** Whether our KEXINIT went first in the exchange that runs. */
    private boolean begunHere;
    private int rekeyTokens = REKEY_BURST;
    private long rekeyTokensSince;
    private int rekeysBeforeLogin;

    KeyExchange(SshSettings settings, Environment environment, PacketInput input, PacketOutput output,
            @Nullable Role role, Owner owner) {
        this.settings = settings;
        this.environment = environment;
        this.input = input;
        this.output = output;
        this.role = role;
        this.owner = owner;
        this.rekeyTokensSince = environment.nanoTime().getAsLong();
    }

    // ---- What the connection asks

    /** Whether an exchange is under way, from either KEXINIT to the peer's NEWKEYS. */
    boolean running() {
        return !(state instanceof Quiet);
    }

    /** Whether the first exchange is complete. */
    boolean complete() {
        return inForce;
    }

    /** Whether the peer, too, has begun: nothing but the exchange may come from it. */
    boolean peerHasBegun() {
        return running() && !(state instanceof Offered);
    }

    /** Whether this is the first exchange and it is strict: then not even IGNORE may come. */
    boolean strictNow() {
        return strict && !inForce;
    }

    /** When the running exchange must be over, on the environment's clock; {@link Long#MAX_VALUE} when none runs. */
    long deadline() {
        return switch (state) {
            case Quiet q -> Long.MAX_VALUE;
            case RoleOpen open -> Long.MAX_VALUE;
            case HostKeyShown shown -> Long.MAX_VALUE;
            case Watching watching -> watching.until();
            case Offered o -> startedAt + settings.limits().exchangeTime().toNanos();
            case ServerWaits w -> startedAt + settings.limits().exchangeTime().toNanos();
            case ServerWaitsInGroup w -> startedAt + settings.limits().exchangeTime().toNanos();
            case ClientWaits w -> startedAt + settings.limits().exchangeTime().toNanos();
            case ClientWaitsGroup w -> startedAt + settings.limits().exchangeTime().toNanos();
            case KeysSent s -> startedAt + settings.limits().exchangeTime().toNanos();
        };
    }

    /** Since when these keys are in force. */
    long keysSince() {
        return keysSince;
    }

    byte @Nullable [] sessionId() {
        return sessionId;
    }

    @Nullable
    Role role() {
        return role;
    }

    @Nullable
    Negotiated negotiated() {
        return negotiated;
    }

    @Nullable
    SshPublicKey hostKey() {
        return hostKey;
    }

    /** Whether the peer's first KEXINIT said that it reads EXT_INFO (RFC 8308 §2.1). */
    boolean peerReadsExtensions() {
        return peerReadsExtensions;
    }

    void peerIdentification(String line) {
        peerIdentification = line;
    }

    String peerIdentification() {
        return peerIdentification;
    }

    // ---- The beginning

    /** Sends our KEXINIT, unless an exchange runs already, or the role is not known and the peer must go first. */
    void start() {
        if (state instanceof Quiet && role != null) {
            startedAt = environment.nanoTime().getAsLong();
            begunHere = true;
            state = new Offered(sendInit(role));
        }
    }

    /** The time of {@link #deadline()} has come. */
    void expire() {
        if (state instanceof Watching watching) {
            // A client would have spoken: the peer waits, as a server does.
            role = Role.CLIENT;
            agree(watching, 1);
        } else {
            throw new ProtocolError(Rule.KEX_TIMEOUT);
        }
    }

    void decide(RoleDecision decision) {
        if (!(state instanceof RoleOpen open)) {
            throw new IllegalStateException("the role is not open");
        }
        startedAt = environment.nanoTime().getAsLong();
        switch (decision) {
            case CLIENT -> {
                role = Role.CLIENT;
                agree(sendInit(Role.CLIENT), proposal(), open.theirs(), open.message(), 1);
            }
            case SERVER -> {
                role = Role.SERVER;
                agree(sendInit(Role.SERVER), proposal(), open.theirs(), open.message(), 1);
            }
            case WATCH -> state = new Watching(sendInit(null), open.theirs(), open.message(),
                    startedAt + settings.limits().roleTime().toNanos());
        }
    }

    private byte[] sendInit(@Nullable Role as) {
        var proposal = settings.proposal(as, sessionId == null);
        var payload = new byte[SshSettings.KEXINIT_LISTS + proposal.lists().length];
        var cookie = new byte[16];
        environment.random().nextBytes(cookie);
        payload[0] = MessageNumber.KEXINIT;
        System.arraycopy(cookie, 0, payload, 1, cookie.length);
        System.arraycopy(proposal.lists(), 0, payload, SshSettings.KEXINIT_LISTS, proposal.lists().length);
        output.begin(MessageNumber.KEXINIT).bytes(payload, 1, payload.length - 1);
        output.end();
        output.hold();
        return payload;
    }

    // ---- The peer's messages

    /** Takes KEXINIT, NEWKEYS or a message of the method (30 to 49), with its number still in front. */
    void receive(int number, byte[] array, int offset, int length) {
        if (number == MessageNumber.KEXINIT) {
            receiveInit(Arrays.copyOfRange(array, offset, offset + length));
            return;
        }
        if (state instanceof Watching watching && MessageNumber.keyExchangeMethod(number)) {
            // It spoke unasked: a client.
            role = Role.SERVER;
            agree(watching, 2);
        }
        if (skipGuess && MessageNumber.keyExchangeMethod(number)) {
            skipGuess = false;
            return;
        }
        var in = new SshReader(array, offset + 1, length - 1);
        switch (state) {
            case ServerWaits waits -> serverReceives(waits.run(), number, in);
            case ServerWaitsInGroup waits when number == MessageNumber.KEX_GEX_INIT -> answer(waits.run(),
                    waits.method(), waits.group(), lastValue(waits.method(), in), MessageNumber.KEX_GEX_REPLY);
            case ClientWaitsGroup waits when number == MessageNumber.KEX_GEX_GROUP -> {
                var p = in.mpint(GroupExchange.MOST_BITS);
                var g = in.mpint(GroupExchange.MOST_BITS);
                in.end();
                var group = GroupExchange.accept(waits.request(), p, g);
                initiate(waits.run(), group.method(waits.run().algorithms().kex().hash()),
                        hashFields(waits.request(), group), MessageNumber.KEX_GEX_INIT);
            }
            case ClientWaits waits when number == replyNumber(waits) -> clientReceives(waits, in);
            case KeysSent sent when number == MessageNumber.NEWKEYS -> {
                in.end();
                receiveNewKeys(sent);
            }
            case State other -> throw new ProtocolError(strictNow() ? Rule.STRICT_KEX : Rule.KEX_STATE,
                    "message " + number + " in state " + other.getClass().getSimpleName());
        }
    }

    private static int replyNumber(ClientWaits waits) {
        return waits.group().length == 0 ? MessageNumber.KEX_REPLY : MessageNumber.KEX_GEX_REPLY;
    }

    private void receiveInit(byte[] theirs) {
        byte[] ours;
        switch (state) {
            case Quiet q -> {
                begunHere = false;
                if (sessionId != null) {
                    takeRekeyToken();
                }
                if (role == null) {
                    var message = KexInit.read(new SshReader(theirs));
                    state = new RoleOpen(theirs, message);
                    owner.ask(new Question.RoleAsked(peerIdentification, message));
                    return;
                }
                startedAt = environment.nanoTime().getAsLong();
                ours = sendInit(role);
            }
            case Offered offered -> ours = offered.ours();
            case State other -> throw new ProtocolError(strictNow() ? Rule.STRICT_KEX : Rule.KEX_STATE,
                    "KEXINIT in state " + other.getClass().getSimpleName());
        }
        agree(ours, proposal(), theirs, KexInit.read(new SshReader(theirs)), 1);
    }

    /** What our KEXINIT proposes in the role that is known. */
    private KexInit proposal() {
        return settings.proposal(known(role), sessionId == null).message();
    }

    /** The role has shown itself. What we sent was good in both, so it is from that, and not from the role's own, that is chosen. */
    private void agree(Watching watching, int packets) {
        agree(watching.ours(), settings.proposal(null, true).message(), watching.theirs(), watching.message(), packets);
    }

    /**
     * Both KEXINITs and the role are known.
     *
     * @param packets how many the peer has sent by now when it keeps to strict key exchange: its KEXINIT must be the
     *                first, and only a message of the method can have come behind it
     */
    private void agree(byte[] ours, KexInit proposal, byte[] theirs, KexInit message, int packets) {
        var us = known(role);
        if (sessionId == null) {
            boolean peerIsClient = us == Role.SERVER;
            strict = message.kex().contains(peerIsClient ? KexInit.STRICT_C : KexInit.STRICT_S);
            if (strict && input.packets() != packets) {
                throw new ProtocolError(Rule.STRICT_KEX, "a packet came before KEXINIT, or behind it");
            }
            peerReadsExtensions = message.kex().contains(peerIsClient ? KexInit.EXT_INFO_C : KexInit.EXT_INFO_S);
        }
        boolean client = us == Role.CLIENT;
        var agreed = Negotiated.between(client ? proposal : message, client ? message : proposal);
        skipGuess = message.firstKexPacketFollows() && !(firstOf(message.kex()).equals(firstOf(proposal.kex()))
                && firstOf(message.hostKeys()).equals(firstOf(proposal.hostKeys())));
        negotiated = agreed;
        var run = new Run(agreed, client ? ours : theirs, client ? theirs : ours);
        if (client) {
            begin(run);
        } else {
            state = new ServerWaits(run);
        }
    }

    private static String firstOf(java.util.List<String> names) {
        return names.isEmpty() ? "" : names.getFirst();
    }

    private static <T> T known(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("not known yet");
        }
        return value;
    }

    private void takeRekeyToken() {
        long now = environment.nanoTime().getAsLong();
        long earned = (now - rekeyTokensSince) / 1_000_000_000L + (input.bytes() + output.bytes()) / REKEY_BYTES;
        if (earned > 0) {
            rekeyTokens = (int) Math.min(REKEY_BURST, rekeyTokens + earned);
            rekeyTokensSince = now;
        }
        if (--rekeyTokens < 0 || (!owner.authenticated() && ++rekeysBeforeLogin > REKEYS_BEFORE_LOGIN)) {
            throw new ProtocolError(Rule.KEX_TOO_OFTEN);
        }
    }

    // ---- As the client

    private void begin(Run run) {
        var method = run.algorithms().kex().method();
        if (method.isPresent()) {
            initiate(run, method.get(), NO_GROUP, MessageNumber.KEX_INIT);
            return;
        }
        var request = GroupExchange.Request.OURS;
        output.begin(MessageNumber.KEX_GEX_REQUEST).uint32(request.least()).uint32(request.preferred())
                .uint32(request.most());
        output.end();
        state = new ClientWaitsGroup(run, request);
    }

    private void initiate(Run run, KexMethod method, byte[] group, int number) {
        var initiator = method.initiate(environment.random());
        writeValue(output.begin(number), method, initiator.value());
        output.end();
        state = new ClientWaits(run, method, initiator, group);
    }

    private void clientReceives(ClientWaits waits, SshReader in) {
        byte[] blob = in.string();
        byte[] serverValue = value(waits.method(), in);
        byte[] signature = in.string();
        in.end();
        var run = waits.run();
        var algorithm = run.algorithms().hostKey();
        var key = SshPublicKey.parse(blob);
        if (!key.type().equals(algorithm.keyType())) {
            throw new ProtocolError(Rule.KEY_FORMAT, "host key of type " + key.type() + ", negotiated "
                    + algorithm.wireName());
        }
        byte[] secret = waits.initiator().agree(serverValue);
        byte[] hash = exchangeHash(run, waits.method(), waits.group(), blob, waits.initiator().value(), serverValue,
                secret);
        var before = hostKey;
        if (before != null && !MessageDigest.isEqual(before.blob(), blob)) {
            Arrays.fill(secret, (byte) 0);
            throw new ProtocolError(Rule.HOST_KEY_CHANGED);
        }
        // An HMAC key is proved by its secret, which the owner has; in a later exchange it was proved in the first one,
        // and that these keys are exchanged with the same peer is what the running encryption shows.
        if (!(key instanceof HmacKeyId) && !key.verify(algorithm, hash, signature)) {
            Arrays.fill(secret, (byte) 0);
            throw new ProtocolError(Rule.HOST_KEY_SIGNATURE);
        }
        if (before != null) {
            sendNewKeys(run, secret, hash);
            return;
        }
        state = new HostKeyShown(run, key, signature, hash, secret, environment.nanoTime().getAsLong());
        owner.ask(new Question.HostKeyAsked(key, algorithm));
    }

    void decide(HostKeyDecision decision) {
        if (!(state instanceof HostKeyShown shown)) {
            throw new IllegalStateException("no host key waits for a decision");
        }
        switch (decision) {
            case HostKeyDecision.Accept accept -> {
                if (shown.key() instanceof HmacKeyId) {
                    throw new ProtocolError(Rule.HOST_KEY_SIGNATURE, "an HMAC host key needs its secret");
                }
            }
            case HostKeyDecision.CheckHmac check -> {
                if (!(shown.key() instanceof HmacKeyId id) || !id.verify(shown.run().algorithms().hostKey(),
                        check.secret().orElse(null), shown.hash(), shown.signature())) {
                    throw new ProtocolError(Rule.HOST_KEY_SIGNATURE);
                }
            }
            case HostKeyDecision.Refuse refuse -> throw new ProtocolError(Rule.HOST_KEY_REFUSED, refuse.text());
        }
        hostKey = shown.key();
        startedAt += environment.nanoTime().getAsLong() - shown.since();
        sendNewKeys(shown.run(), shown.secret(), shown.hash());
    }

    // ---- As the server

    private void serverReceives(Run run, int number, SshReader in) {
        var method = run.algorithms().kex().method();
        if (method.isPresent() && number == MessageNumber.KEX_INIT) {
            answer(run, method.get(), NO_GROUP, lastValue(method.get(), in), MessageNumber.KEX_REPLY);
        } else if (method.isEmpty() && number == MessageNumber.KEX_GEX_REQUEST) {
            var request = new GroupExchange.Request(in.uint32(), in.uint32(), in.uint32());
            in.end();
            var group = GroupExchange.choose(request);
            output.begin(MessageNumber.KEX_GEX_GROUP).mpint(group.p()).mpint(group.g());
            output.end();
            state = new ServerWaitsInGroup(run, group.method(run.algorithms().kex().hash()),
                    hashFields(request, group));
        } else {
            throw new ProtocolError(strictNow() ? Rule.STRICT_KEX : Rule.KEX_STATE, "message " + number);
        }
    }

    private void answer(Run run, KexMethod method, byte[] group, byte[] clientValue, int number) {
        var algorithm = run.algorithms().hostKey();
        var signer = settings.signer(algorithm)
                .orElseThrow(() -> new IllegalStateException("no host key for " + algorithm.wireName()));
        var answer = method.answer(clientValue, environment.random());
        byte[] blob = signer.publicKey().blob();
        byte[] hash = exchangeHash(run, method, group, blob, clientValue, answer.value(), answer.secret());
        writeValue(output.begin(number).string(blob), method, answer.value()).string(signer.sign(algorithm, hash));
        output.end();
        hostKey = signer.publicKey();
        sendNewKeys(run, answer.secret(), hash);
    }

    // ---- Values and hash

    private static final byte[] NO_GROUP = new byte[0];

    /** What the exchange hash covers besides in a group exchange (RFC 4419 §3). */
    private static byte[] hashFields(GroupExchange.Request request, GroupExchange.Group group) {
        return new SshWriter(1100).uint32(request.least()).uint32(request.preferred()).uint32(request.most())
                .mpint(group.p()).mpint(group.g()).toByteArray();
    }

    /** A value that is the message's last field. */
    private static byte[] lastValue(KexMethod method, SshReader in) {
        byte[] value = value(method, in);
        in.end();
        return value;
    }

    private static byte[] value(KexMethod method, SshReader in) {
        if (!method.valuesAreIntegers()) {
            return in.string();
        }
        BigInteger number = in.mpint(GroupExchange.MOST_BITS);
        if (number.signum() <= 0) {
            throw new ProtocolError(Rule.KEX_VALUE, "not a positive number");
        }
        byte[] bytes = number.toByteArray();
        return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }

    private static SshWriter writeValue(SshWriter out, KexMethod method, byte[] value) {
        return method.valuesAreIntegers() ? out.mpint(value) : out.string(value);
    }

    /** RFC 4253 §8, RFC 4419 §3, RFC 5656 §4: V_C, V_S, I_C, I_S, K_S, group, the values, K. */
    private byte[] exchangeHash(Run run, KexMethod method, byte[] group, byte[] keyBlob, byte[] clientValue,
            byte[] serverValue, byte[] secret) {
        boolean client = role == Role.CLIENT;
        var in = new SshWriter(512 + run.clientInit().length + run.serverInit().length + keyBlob.length
                + clientValue.length + serverValue.length + secret.length);
        in.string(client ? settings.identification() : peerIdentification);
        in.string(client ? peerIdentification : settings.identification());
        in.string(run.clientInit()).string(run.serverInit()).string(keyBlob).bytes(group);
        writeValue(in, method, clientValue);
        writeValue(in, method, serverValue);
        in.bytes(secret);
        var digest = Providers.digest(method.hash());
        digest.update(in.array(), 0, in.size());
        in.wipe();
        return digest.digest();
    }

    // ---- The end

    private void sendNewKeys(Run run, byte[] secret, byte[] hash) {
        boolean first = sessionId == null;
        if (first) {
            sessionId = hash;
        }
        var us = known(role);
        var derivation = new KeyDerivation(run.algorithms().kex().hash(), secret, hash, known(sessionId));
        Arrays.fill(secret, (byte) 0);
        var peer = us.other();
        var outbound = derivation.outbound(from(us), run.algorithms().cipher(us), run.algorithms().mac(us));
        var inbound = derivation.inbound(from(peer), run.algorithms().cipher(peer),
                run.algorithms().mac(peer));
        derivation.destroy();
        output.begin(MessageNumber.NEWKEYS);
        output.end();
        output.use(outbound, strict);
        if (owner.authenticated()) {
            output.compressWith(run.algorithms().compression(us).compressor().orElse(null));
        }
        state = new KeysSent(run, inbound);
        owner.outboundKeysChanged(run.algorithms(), first);
        output.release();
    }

    static Direction from(Role sender) {
        return sender == Role.CLIENT ? Direction.CLIENT_TO_SERVER : Direction.SERVER_TO_CLIENT;
    }

    private void receiveNewKeys(KeysSent sent) {
        boolean first = !inForce;
        var algorithms = sent.run().algorithms();
        var peer = known(role).other();
        boolean cbc = algorithms.cipher(peer).legacy() && !algorithms.mac(peer).encryptThenMac();
        input.use(sent.inbound(), strict, cbc);
        if (owner.authenticated()) {
            input.decompressWith(algorithms.compression(peer).decompressor().orElse(null));
        }
        state = QUIET;
        inForce = true;
        keysSince = environment.nanoTime().getAsLong();
        owner.keysInForce(algorithms, first, begunHere);
    }

    /** Forgets secrets of an exchange that will not end. */
    void destroy() {
        if (state instanceof HostKeyShown shown) {
            Arrays.fill(shown.secret(), (byte) 0);
        } else if (state instanceof ClientWaits waits) {
            waits.initiator().destroy();
        } else if (state instanceof KeysSent sent) {
            sent.inbound().destroy();
        }
        state = QUIET;
    }
}
