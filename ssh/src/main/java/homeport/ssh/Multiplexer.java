package homeport.ssh;

import homeport.ssh.key.SshPublicKey;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import homeport.ssh.wire.GlobalRequest;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.OpenFailure;
import homeport.ssh.wire.ProtocolError;
import homeport.ssh.wire.Rule;
import homeport.ssh.wire.SshReader;
import homeport.ssh.wire.SshWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connection protocol (RFC 4254): channels and requests, the same at both ends.
 *
 * <p>Which channels a peer may open and what it may request is the owner's decision, asked each time; answers go out in
 * the order of the requests, whatever the order of the decisions.
 */
final class Multiplexer {
    /** The largest data that we take and send in one message. */
    private static final int PACKET_BYTES = 32 << 10;
    /** A peer that takes only smaller messages than this would make us spend more on packets than on data. */
    private static final int LEAST_PACKET_BYTES = 64;
    private static final long MOST_WINDOW = 0xffff_ffffL;
    private static final @Nullable Channel[] NO_CHANNELS = new Channel[0];
    private static final @Nullable Gone[] NONE_GONE = new Gone[0];
    private static final byte[] NO_DATA = new byte[0];

    /**
     * A global request that is to be answered.
     *
     * @param packet the number of its packet; negative where it had to wait for a key exchange
     */
    private record Awaited(GlobalRequest request, long packet) {}

    /** Any implementation answers a request whose name it does not know; our own name for it is everyone's. */
    private static final GlobalRequest KEEP_ALIVE = new GlobalRequest.Unknown("keepalive@openssh.com", new byte[0]);

    /** The layer above. */
    interface Owner {
        void tell(Event event);

        /** A question that holds nothing up; it must be answered within the limit. */
        void ask(Question question);

        /** The first host key of the connection, and its id, for proofs about further host keys. */
        SshPublicKey hostKey();

        byte[] sessionId();

        Role role();

        /** What channels belong to. */
        SshConnection connection();
    }

    private final SshSettings settings;
    private final PacketOutput output;
    private final Owner owner;
    private @Nullable Channel[] channels = NO_CHANNELS;
    private int channelCount;
    /** By number, as {@link #channels}. */
    private @Nullable Gone[] gone = NONE_GONE;
    private @Nullable ArrayDeque<Awaited> awaitingReply;
    private @Nullable ArrayDeque<Question.GlobalRequested> unanswered;

    Multiplexer(SshSettings settings, PacketOutput output, Owner owner) {
        this.settings = settings;
        this.output = output;
        this.owner = owner;
    }

    // ---- Incoming

    void receive(int number, SshReader in) {
        switch (number) {
            case MessageNumber.CHANNEL_DATA -> data(channel(in), 0, in);
            case MessageNumber.CHANNEL_EXTENDED_DATA -> {
                var channel = channel(in);
                data(channel, in.int32(), in);
            }
            case MessageNumber.CHANNEL_WINDOW_ADJUST, MessageNumber.CHANNEL_REQUEST, MessageNumber.CHANNEL_SUCCESS,
                    MessageNumber.CHANNEL_FAILURE -> {
                int id = in.int32();
                var before = gone(id);
                if (before == null || !late(before, number, in)) {
                    receive(number, channel(id), in);
                }
            }
            case MessageNumber.CHANNEL_EOF -> eof(channel(in), in);
            case MessageNumber.CHANNEL_CLOSE -> closed(channel(in), in);
            case MessageNumber.CHANNEL_OPEN -> open(in);
            case MessageNumber.CHANNEL_OPEN_CONFIRMATION -> opened(openingChannel(in), in);
            case MessageNumber.CHANNEL_OPEN_FAILURE -> refused(openingChannel(in), in);
            case MessageNumber.GLOBAL_REQUEST -> globalRequest(in);
            case MessageNumber.REQUEST_SUCCESS -> globalReply(in, true);
            case MessageNumber.REQUEST_FAILURE -> globalReply(in, false);
            default -> throw new IllegalStateException("message " + number + " is not of the connection protocol");
        }
    }

    private void receive(int number, Channel channel, SshReader in) {
        switch (number) {
            case MessageNumber.CHANNEL_WINDOW_ADJUST -> windowAdjust(channel, in);
            case MessageNumber.CHANNEL_REQUEST -> channelRequest(channel, in);
            default -> channelReply(channel, in, number == MessageNumber.CHANNEL_SUCCESS);
        }
    }

    static boolean knows(int number) {
        return (number >= MessageNumber.GLOBAL_REQUEST && number <= MessageNumber.REQUEST_FAILURE)
                || (number >= MessageNumber.CHANNEL_OPEN && number <= MessageNumber.CHANNEL_FAILURE);
    }

    /** The open channel that a message names. */
    private Channel channel(SshReader in) {
        return channel(in.int32());
    }

    private Channel channel(int id) {
        var channel = find(id);
        if (channel.opening) {
            throw new ProtocolError(Rule.CHANNEL_STATE, "channel " + channel.id + " is not open yet");
        }
        return channel;
    }

    private Channel openingChannel(SshReader in) {
        var channel = find(in.int32());
        if (!channel.opening || !channel.ours) {
            throw new ProtocolError(Rule.CHANNEL_STATE, "channel " + channel.id + " was not being opened");
        }
        return channel;
    }

    private Channel find(int id) {
        if (id >= 0 && id < channels.length) {
            var channel = channels[id];
            if (channel != null) {
                return channel;
            }
        }
        throw new ProtocolError(Rule.CHANNEL_UNKNOWN, Integer.toUnsignedString(id));
    }

    // ---- What comes for a channel that is gone

    /** What is known of a number's last channel, which both sides have closed. */
    private static final class Gone {
        final int peerId;
        int repliesDue;

        Gone(Channel channel) {
            peerId = channel.peerId;
            repliesDue = channel.awaitingReply == null ? 0 : channel.awaitingReply.size();
        }
    }

    /** The channel that had this number before, while no other of that number is confirmed. */
    private @Nullable Gone gone(int id) {
        if (id < 0 || id >= gone.length) {
            return null;
        }
        var channel = channels.length > id ? channels[id] : null;
        return channel == null || channel.opening ? gone[id] : null;
    }

    /**
     * RFC 4254 §5.3 lets nothing follow CLOSE, and yet these come in the field, where ending the connection would end all
     * its other channels: sshd goes on asking for a sign of life on a channel that it has begun to close; servers that
     * read the RFC otherwise (OpenSSH before 6.7) reply to a request that crossed their CLOSE; and windows are moved late.
     *
     * @return false for a reply that was not due
     */
    private boolean late(Gone before, int number, SshReader in) {
        switch (number) {
            case MessageNumber.CHANNEL_REQUEST -> {
                in.ascii();
                if (in.bool()) {
                    output.begin(MessageNumber.CHANNEL_FAILURE).uint32(before.peerId);
                    output.end();
                }
                return true;
            }
            case MessageNumber.CHANNEL_WINDOW_ADJUST -> {
                in.uint32();
                in.end();
                return true;
            }
            default -> {
                in.end();
                return --before.repliesDue >= 0;
            }
        }
    }

    // ---- What comes for one that is there

    private void data(Channel channel, int dataType, SshReader in) {
        var bytes = in.slice();
        in.end();
        int length = bytes.remaining();
        if (channel.eofReceived) {
            throw new ProtocolError(Rule.CHANNEL_STATE, "data after EOF on channel " + channel.id);
        }
        if (length > PACKET_BYTES) {
            throw new ProtocolError(Rule.CHANNEL_PACKET_TOO_LONG, length + " bytes, at most " + PACKET_BYTES);
        }
        if (length > channel.receiveWindow) {
            throw new ProtocolError(Rule.WINDOW_EXCEEDED,
                    length + " bytes into a window of " + channel.receiveWindow + " on channel " + channel.id);
        }
        channel.receiveWindow -= length;
        if (channel.closeSent || length == 0) {
            return;
        }
        owner.tell(new Event.Data(channel, dataType, bytes.array(), bytes.position(), length));
    }

    private void windowAdjust(Channel channel, SshReader in) {
        long more = in.uint32();
        in.end();
        if (channel.sendWindow + more > MOST_WINDOW) {
            throw new ProtocolError(Rule.WINDOW_OVERFLOW, "channel " + channel.id);
        }
        channel.sendWindow += more;
        wake(channel);
    }

    private void wake(Channel channel) {
        if (channel.starved && sendable(channel) > 0) {
            channel.starved = false;
            owner.tell(new Event.Writable(channel));
        }
    }

    private void eof(Channel channel, SshReader in) {
        in.end();
        if (!channel.eofReceived) {
            channel.eofReceived = true;
            if (!channel.closeSent) {
                owner.tell(new Event.Eof(channel));
            }
        }
    }

    private void closed(Channel channel, SshReader in) {
        in.end();
        if (!channel.closeSent) {
            channel.closeSent = true;
            output.begin(MessageNumber.CHANNEL_CLOSE).uint32(channel.peerId);
            output.end();
        }
        remove(channel);
        owner.tell(new Event.ChannelClosed(channel));
    }

    private void open(SshReader in) {
        String name = in.ascii();
        int peerId = in.int32();
        long window = in.uint32();
        long packet = in.uint32();
        var type = ChannelType.read(name, in);
        if (channelCount >= settings.limits().channels()) {
            sendRefusal(peerId, OpenFailure.RESOURCE_SHORTAGE, "too many channels are open");
            return;
        }
        var channel = add(type, false, 0);
        channel.peerId = peerId;
        channel.sendWindow = window;
        channel.sendPacket = packetSize(packet);
        owner.ask(new Question.OpenRequested(channel));
    }

    private static int packetSize(long announced) {
        if (announced < LEAST_PACKET_BYTES) {
            throw new ProtocolError(Rule.CHANNEL_STATE, "a maximum packet size of " + announced);
        }
        return (int) Math.min(announced, PACKET_BYTES);
    }

    private void opened(Channel channel, SshReader in) {
        channel.peerId = in.int32();
        channel.sendWindow = in.uint32();
        channel.sendPacket = packetSize(in.uint32());
        in.rest(); // type-specific fields, of which no known type has any
        confirmed(channel);
        if (channel.closeWhenOpened) {
            close(channel);
            return;
        }
        owner.tell(new Event.ChannelOpened(channel));
    }

    private void refused(Channel channel, SshReader in) {
        long reason = in.uint32();
        String text = in.text();
        if (in.remaining() > 0) {
            in.text(); // language tag, which some leave out
        }
        in.end();
        remove(channel);
        if (channel.closeWhenOpened) {
            owner.tell(new Event.ChannelClosed(channel));
        } else {
            owner.tell(new Event.ChannelRefused(channel, reason, CloseReason.printable(text)));
        }
    }

    private void channelRequest(Channel channel, SshReader in) {
        String type = in.ascii();
        boolean wantReply = in.bool();
        var request = ChannelRequest.read(type, in);
        var question = new Question.ChannelRequested(channel, request, wantReply);
        if (channel.closeSent) {
            return; // we have said goodbye; RFC 4254 §5.3 lets nothing follow
        }
        if (wantReply) {
            if (channel.unanswered == null) {
                channel.unanswered = new ArrayDeque<>(4);
            } else if (channel.unanswered.size() >= settings.limits().pendingRequests()) {
                throw new ProtocolError(Rule.TOO_MANY_REQUESTS, "on channel " + channel.id);
            }
            channel.unanswered.add(question);
        }
        if (type.startsWith("keepalive@")) {
            decide(question, false);
        } else {
            owner.ask(question);
        }
    }

    private void channelReply(Channel channel, SshReader in, boolean success) {
        in.end();
        var request = channel.awaitingReply == null ? null : channel.awaitingReply.poll();
        if (request == null) {
            throw new ProtocolError(Rule.REPLY_UNEXPECTED, "on channel " + channel.id);
        }
        if (!channel.closeSent) {
            owner.tell(new Event.ChannelReply(channel, request, success));
        }
    }

    private void globalRequest(SshReader in) {
        String type = in.ascii();
        boolean wantReply = in.bool();
        var request = GlobalRequest.read(type, in);
        var question = new Question.GlobalRequested(request, wantReply);
        if (wantReply) {
            if (unanswered == null) {
                unanswered = new ArrayDeque<>(4);
            } else if (unanswered.size() >= settings.limits().pendingRequests()) {
                throw new ProtocolError(Rule.TOO_MANY_REQUESTS);
            }
            unanswered.add(question);
        }
        switch (request) {
            case GlobalRequest.HostKeysProve prove when owner.role() == Role.SERVER -> proveHostKeys(question, prove);
            case GlobalRequest.HostKeys announced when owner.role() == Role.CLIENT -> {
                decide(question, true, new byte[0]);
                hostKeysAnnounced(announced);
            }
            case GlobalRequest other when type.startsWith("keepalive@") -> decide(question, false, new byte[0]);
            case GlobalRequest other -> owner.ask(question);
        }
    }

    private void globalReply(SshReader in, boolean success) {
        var awaited = awaitingReply == null ? null : awaitingReply.poll();
        if (awaited == null) {
            throw new ProtocolError(Rule.REPLY_UNEXPECTED);
        }
        replied(awaited.request(), success, in.rest());
    }

    /**
     * The peer does not know what the packet of this number was. With libssh before 0.9, and so with netopeer2, that is
     * how it takes every global request, whether it is to be answered or not.
     */
    void notImplemented(long packet) {
        var queue = awaitingReply;
        if (queue == null) {
            return;
        }
        Awaited meant = null;
        for (var awaited : queue) {
            if (awaited.packet() == packet || (meant == null && awaited.packet() < 0)) {
                meant = awaited;
            }
            if (awaited.packet() == packet) {
                break;
            }
        }
        if (meant != null) {
            queue.remove(meant);
            replied(meant.request(), false, NO_DATA);
        }
    }

    private void replied(GlobalRequest request, boolean success, byte[] data) {
        if (request == KEEP_ALIVE) {
            return; // that something came is what counts
        }
        if (request instanceof GlobalRequest.HostKeysProve prove) {
            hostKeysProven(prove, success, data);
        } else {
            owner.tell(new Event.GlobalReply(request, success, data));
        }
    }

    // ---- Further host keys (OpenSSH's PROTOCOL, "hostkeys-00@openssh.com")

    private static final String PROVE = "hostkeys-prove-00@openssh.com";

    /** As the server, after the login: which host keys there are besides the one that was shown. */
    void announceHostKeys() {
        settings.announcement().ifPresent(announcement -> write(announcement, false));
    }

    private void proveHostKeys(Question.GlobalRequested question, GlobalRequest.HostKeysProve prove) {
        if (prove.blobs().size() > settings.hostKeys().size()) {
            // Each costs a signature: naming one key many times would make a small request dear.
            decide(question, false, new byte[0]);
            return;
        }
        var proofs = new SshWriter(256);
        for (byte[] blob : prove.blobs()) {
            var signer = settings.hostKeys().stream()
                    .filter(candidate -> java.util.Arrays.equals(candidate.publicKey().blob(), blob)).findAny();
            if (signer.isEmpty()) {
                decide(question, false, new byte[0]);
                return;
            }
            var algorithm = signer.get().publicKey().algorithms().getFirst();
            proofs.string(signer.get().sign(algorithm, ownershipData(blob)));
        }
        decide(question, true, proofs.toByteArray());
    }

    private byte[] ownershipData(byte[] blob) {
        return new SshWriter(128).string(PROVE).string(owner.sessionId()).string(blob).toByteArray();
    }

    /** As the client: asks for proof of those keys that could be told apart from what we know. */
    private void hostKeysAnnounced(GlobalRequest.HostKeys announced) {
        if (!settings.learnHostKeys() || (awaitingReply != null && !awaitingReply.isEmpty())) {
            return;
        }
        var usable = new ArrayList<byte[]>();
        for (byte[] blob : announced.blobs()) {
            if (readable(blob) && !java.util.Arrays.equals(blob, owner.hostKey().blob())) {
                usable.add(blob);
            }
        }
        if (!usable.isEmpty()) {
            request(new GlobalRequest.HostKeysProve(List.copyOf(usable)), true);
        }
    }

    private static boolean readable(byte[] blob) {
        try {
            SshPublicKey.parse(blob);
            return true;
        } catch (ProtocolError unknownKind) {
            return false; // a server may have kinds of keys that we do not know
        }
    }

    private void hostKeysProven(GlobalRequest.HostKeysProve prove, boolean success, byte[] data) {
        var keys = new ArrayList<SshPublicKey>();
        keys.add(owner.hostKey());
        if (success) {
            var in = new SshReader(data);
            for (byte[] blob : prove.blobs()) {
                var key = SshPublicKey.parse(blob);
                byte[] signature = in.string();
                String name = new SshReader(signature).ascii();
                var algorithm = key.algorithms().stream().filter(a -> a.signatureName().equals(name)).findFirst();
                if (algorithm.isEmpty()) {
                    continue; // OpenSSH before 8.9 proves RSA keys by SHA-1: not learned, and no reason to part
                }
                if (!key.verify(algorithm.get(), ownershipData(blob), signature)) {
                    throw new ProtocolError(Rule.HOST_KEY_SIGNATURE, "of a further host key");
                }
                keys.add(key);
            }
            in.end();
        }
        owner.tell(new Event.HostKeysProven(List.copyOf(keys)));
    }

    // ---- Decisions

    void accept(Question.OpenRequested question, int window) {
        var channel = question.channel();
        if (question.answered) {
            throw new IllegalStateException(question + " is answered already");
        }
        question.answered = true;
        channel.windowSize = window;
        channel.receiveWindow = window;
        confirmed(channel);
        output.begin(MessageNumber.CHANNEL_OPEN_CONFIRMATION).uint32(channel.peerId).uint32(channel.id)
                .uint32(window).uint32(PACKET_BYTES);
        output.end();
    }

    void refuse(Question.OpenRequested question, OpenFailure failure, String text) {
        var channel = question.channel();
        if (question.answered) {
            throw new IllegalStateException(question + " is answered already");
        }
        question.answered = true;
        remove(channel);
        sendRefusal(channel.peerId, failure, text);
    }

    private void sendRefusal(int peerId, OpenFailure failure, String text) {
        output.begin(MessageNumber.CHANNEL_OPEN_FAILURE).uint32(peerId).uint32(failure.code()).string(text).string("");
        output.end();
    }

    void decide(Question.ChannelRequested question, boolean success) {
        if (question.answered) {
            throw new IllegalStateException(question + " is answered already");
        }
        question.answered = true;
        question.success = success;
        var channel = question.channel();
        var queue = channel.unanswered;
        if (queue == null || channel.closeSent) {
            return;
        }
        while (!queue.isEmpty() && queue.peek().answered) {
            output.begin(queue.remove().success ? MessageNumber.CHANNEL_SUCCESS : MessageNumber.CHANNEL_FAILURE)
                    .uint32(channel.peerId);
            output.end();
        }
    }

    void decide(Question.GlobalRequested question, boolean success, byte[] data) {
        if (question.answered) {
            throw new IllegalStateException(question + " is answered already");
        }
        question.answered = true;
        question.success = success;
        question.data = data;
        var queue = unanswered;
        if (queue == null) {
            return;
        }
        while (!queue.isEmpty() && queue.peek().answered) {
            var next = queue.remove();
            if (next.success) {
                output.begin(MessageNumber.REQUEST_SUCCESS).bytes(next.data);
            } else {
                output.begin(MessageNumber.REQUEST_FAILURE);
            }
            output.end();
        }
    }

    // ---- Commands

    Channel open(ChannelType type, int window) {
        if (channelCount >= settings.limits().channels()) {
            throw new IllegalStateException(channelCount + " channels are open, which is the limit");
        }
        var channel = add(type, true, window);
        var out = output.begin(MessageNumber.CHANNEL_OPEN).string(type.name()).uint32(channel.id).uint32(window)
                .uint32(PACKET_BYTES);
        type.write(out);
        output.end();
        return channel;
    }

    int sendable(Channel channel) {
        if (channel.opening || channel.closed || channel.eofSent || channel.closeSent || output.holds()) {
            return 0;
        }
        return (int) Math.min(channel.sendWindow, Integer.MAX_VALUE);
    }

    int send(Channel channel, int dataType, byte[] array, int offset, int length) {
        int count = Math.min(length, sendable(channel));
        for (int sent = 0; sent < count;) {
            int part = Math.min(count - sent, channel.sendPacket);
            SshWriter out = dataType == 0
                    ? output.begin(MessageNumber.CHANNEL_DATA).uint32(channel.peerId)
                    : output.begin(MessageNumber.CHANNEL_EXTENDED_DATA).uint32(channel.peerId).uint32(dataType);
            out.string(array, offset + sent, part);
            output.end();
            sent += part;
        }
        channel.sendWindow -= count;
        if (count < length) {
            channel.starved = true;
        }
        return count;
    }

    void consumed(Channel channel, int bytes) {
        channel.unannounced += bytes;
        if (channel.unannounced > channel.windowSize - channel.receiveWindow) {
            throw new IllegalArgumentException("more was consumed than came: " + bytes);
        }
        if (channel.unannounced >= channel.windowSize / 2 && !channel.eofReceived && !channel.closeSent) {
            output.begin(MessageNumber.CHANNEL_WINDOW_ADJUST).uint32(channel.peerId).uint32(channel.unannounced);
            output.end();
            channel.receiveWindow += channel.unannounced;
            channel.unannounced = 0;
        }
    }

    void sendEof(Channel channel) {
        if (channel.opening) {
            throw new IllegalStateException(channel + " is not open yet");
        }
        if (!channel.eofSent && !channel.closeSent) {
            channel.eofSent = true;
            output.begin(MessageNumber.CHANNEL_EOF).uint32(channel.peerId);
            output.end();
        }
    }

    void close(Channel channel) {
        if (channel.opening) {
            channel.closeWhenOpened = true;
        } else if (!channel.closeSent) {
            channel.closeSent = true;
            output.begin(MessageNumber.CHANNEL_CLOSE).uint32(channel.peerId);
            output.end();
        }
    }

    void request(Channel channel, ChannelRequest request, boolean wantReply) {
        if (channel.opening) {
            throw new IllegalStateException(channel + " is not open yet");
        }
        if (channel.closeSent) {
            return;
        }
        if (wantReply) {
            if (channel.awaitingReply == null) {
                channel.awaitingReply = new ArrayDeque<>(4);
            }
            channel.awaitingReply.add(request);
        }
        request.write(output.begin(MessageNumber.CHANNEL_REQUEST).uint32(channel.peerId).string(request.type())
                .bool(wantReply));
        output.end();
    }

    void request(GlobalRequest request, boolean wantReply) {
        write(request, wantReply);
        if (wantReply) {
            if (awaitingReply == null) {
                awaitingReply = new ArrayDeque<>(4);
            }
            awaitingReply.add(new Awaited(request, output.lastPacket()));
        }
    }

    private void write(GlobalRequest request, boolean wantReply) {
        request.write(output.begin(MessageNumber.GLOBAL_REQUEST).string(request.type()).bool(wantReply));
        output.end();
    }

    void sendKeepAlive() {
        // Who left so many unanswered, and lives by what else it sends, need not be asked again and again.
        if (awaitingReply == null || awaitingReply.size() < settings.limits().pendingRequests()) {
            request(KEEP_ALIVE, true);
        }
    }

    // ---- Bookkeeping

    /** After a key exchange: channels that were refused room meanwhile have it again. */
    void wakeAll() {
        for (var channel : channels) {
            if (channel != null) {
                wake(channel);
            }
        }
    }

    int channelCount() {
        return channelCount;
    }

    /** The connection ends: every channel is closed, and told so. */
    void closeAll() {
        for (var channel : channels) {
            if (channel != null) {
                remove(channel);
                owner.tell(new Event.ChannelClosed(channel));
            }
        }
    }

    /** Gives up what an idle connection does not need. */
    void rest() {
        if (channelCount == 0) {
            channels = NO_CHANNELS;
        }
        if (awaitingReply != null && awaitingReply.isEmpty()) {
            awaitingReply = null;
        }
        if (unanswered != null && unanswered.isEmpty()) {
            unanswered = null;
        }
    }

    private Channel add(ChannelType type, boolean ours, int window) {
        int id = 0;
        while (id < channels.length && channels[id] != null) {
            id++;
        }
        if (id == channels.length) {
            channels = java.util.Arrays.copyOf(channels, Math.max(2, id * 2));
        }
        var channel = new Channel(owner.connection(), id, type, ours, window);
        channels[id] = channel;
        channelCount++;
        return channel;
    }

    private void confirmed(Channel channel) {
        channel.opening = false;
        if (channel.id < gone.length) {
            gone[channel.id] = null; // whatever the peer had to say of it came before
        }
    }

    private void remove(Channel channel) {
        channels[channel.id] = null;
        if (!channel.opening) {
            if (channel.id >= gone.length) {
                gone = java.util.Arrays.copyOf(gone, channel.id + 1);
            }
            gone[channel.id] = new Gone(channel);
        }
        channelCount--;
        channel.opening = false;
        channel.closed = true;
        channel.closeSent = true;
    }
}
