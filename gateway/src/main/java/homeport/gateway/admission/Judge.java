package homeport.gateway.admission;

import homeport.callhome.BootstrapMessage;
import homeport.callhome.Claim;
import homeport.callhome.Proof;
import homeport.gateway.admission.Verdict.Grounds;
import homeport.gateway.inventory.AlarmKind;
import homeport.gateway.inventory.Change;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Group;
import homeport.gateway.inventory.Known;
import homeport.gateway.inventory.PinState;
import homeport.gateway.inventory.Tokens;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.PlainKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Says who may in. A function of its arguments and nothing else.
 *
 * <pre>
 * proof                        on record                            verdict
 * key                          this key pinned to this id           admit
 * key                          another key pinned                   refuse, alarm; the new key waits beside
 * key                          nothing that proves                  hold
 * key in a message with HMAC   a secret, and the HMAC is right      admit and pin; hold where another key is pinned
 * key in a message             a secret, and no or a wrong HMAC     refuse
 * key id                       a secret                             admit, if the engine finds the proof right
 * certificate, trusted         this id, by this authority           admit
 * certificate, trusted         nobody of this id                    admit if on the authority's list, else hold
 * certificate, not trusted     as for its key alone
 * token                        its hash, not used nor expired       admit, and pin the key that was shown before
 * any                          the device is refused                refuse
 * </pre>
 */
public final class Judge {
    private final Subject subject;
    private final Known known;
    private final Policy policy;

    private Judge(Subject subject, Known known, Policy policy) {
        this.subject = subject;
        this.known = known;
        this.policy = policy;
    }

    /** @param known what is on record for the subject's id and fingerprint */
    public static Verdict judge(Subject subject, Known known, Policy policy) {
        return new Judge(subject, known, policy).verdict();
    }

    private Verdict verdict() {
        if (subject.vouching() instanceof Vouching.Rejected rejected) {
            return refuse(rejected.reason(), rejected.detail());
        }
        if (known.device().filter(device -> device.state() == DeviceState.REFUSED).isPresent()) {
            return refuse(Reason.DEVICE_REFUSED, known.device().get().reason());
        }
        if (known.group().isPresent()) {
            return member(known.group().get());
        }
        return switch (subject.vouching()) {
            case Vouching.By by -> vouched(by);
            case Vouching.Nobody nobody -> unvouched();
            case Vouching.Rejected rejected -> refuse(rejected.reason(), rejected.detail());
        };
    }

    private Verdict unvouched() {
        return switch (subject.evidence().proof()) {
            case Proof.SecretToCheck secret -> keyId();
            case Proof.Token token -> token(token.value());
            case Proof.HoldsKey holds -> key(holds.key());
            case Proof.HoldsCertificate holds -> key(holds.certificate().key());
            case Proof.HoldsChain holds -> key(holds.chain().key());
        };
    }

    // ---- A key

    private Verdict key(PlainKey key) {
        if (subject.id().isEmpty() && known.devicesWithKey().size() > 1) {
            return refuse(Reason.KEY_ON_SEVERAL_DEVICES, String.join(", ", known.devicesWithKey()),
                    known.devicesWithKey().stream()
                            .map(id -> alarm(AlarmKind.KEY_ON_MANY_DEVICES, id, "its key is pinned to several devices"))
                            .toList());
        }
        if (known.device().isEmpty()) {
            return stranger(key);
        }
        var device = known.device().get();
        var message = message();
        if (message.isPresent() && known.secret().isPresent()) {
            return message(device, message.get(), known.secret().get(), key);
        }
        return key(device, key);
    }

    private Optional<BootstrapMessage> message() {
        return subject.evidence().claim().filter(Claim.InMessage.class::isInstance)
                .map(claim -> ((Claim.InMessage) claim).message());
    }

    private Verdict key(Device device, PlainKey key) {
        if (device.isPinned(key.fingerprint())) {
            return device.state() == DeviceState.ADMITTED
                    ? new Verdict.Admit(device.id(), Grounds.PINNED_KEY, List.of())
                    : hold(device.id(), Reason.STILL_PENDING, List.of());
        }
        if (!device.pins(PinState.ACTIVE).isEmpty()) {
            return otherKey(device, key, Reason.OTHER_KEY);
        }
        if (device.anchor().isPresent()) {
            return otherKey(device, key, Reason.CERTIFICATE_EXPECTED);
        }
        if (subject.evidence().claim().filter(Claim.LoginName.class::isInstance).isPresent() && tokenIsOpen()) {
            return refuse(Reason.TOKEN_EXPECTED, "");
        }
        return hold(device.id(), device.state() == DeviceState.PENDING ? Reason.STILL_PENDING : Reason.ONLY_CLAIMED,
                with(ofAnother(device.id()), waits(device.id(), key)));
    }

    private boolean tokenIsOpen() {
        return known.tokens().stream()
                .anyMatch(token -> token.used().isEmpty() && subject.at().isBefore(token.expires()));
    }

    /** The rule above the others: the key on record stays. The new one waits, good for nothing, to be looked at. */
    private Verdict otherKey(Device device, PlainKey key, Reason reason) {
        return refuse(reason, key.fingerprint().toString(),
                List.of(waits(device.id(), key), alarm(AlarmKind.NEW_KEY, device.id(), reason.sentence())));
    }

    private Verdict stranger(PlainKey key) {
        if (!policy.holdUnknown()) {
            return refuse(Reason.UNKNOWN_REFUSED, "");
        }
        var name = subject.name();
        return hold(name, known.devicesWithKey().isEmpty() ? Reason.UNKNOWN_DEVICE : Reason.KEY_OF_ANOTHER_ID,
                with(ofAnother(name), pending(name, Reason.UNKNOWN_DEVICE), waits(name, key)));
    }

    /** An alarm when the key is already another device's. */
    private List<Change> ofAnother(String id) {
        return known.devicesWithKey().stream().filter(other -> !other.equals(id)).limit(1)
                .map(other -> alarm(AlarmKind.KEY_ON_MANY_DEVICES, other, "its key came under the id " + id)).toList();
    }

    // ---- A message with an HMAC

    private Verdict message(Device device, BootstrapMessage message, byte[] secret, PlainKey key) {
        var check = message.check(secret, key, device.sha256Required());
        if (!check.proved()) {
            return unproved(device.id(), check);
        }
        var grounds = check == BootstrapMessage.Check.PROVED_SHA1 ? Grounds.SECRET_SHA1 : Grounds.SECRET;
        if (device.state() != DeviceState.ADMITTED) {
            return hold(device.id(), Reason.STILL_PENDING, List.of(waits(device.id(), key)));
        }
        if (device.isPinned(key.fingerprint())) {
            return new Verdict.Admit(device.id(), grounds, List.of());
        }
        if (device.pins(PinState.ACTIVE).isEmpty()) {
            return new Verdict.Admit(device.id(), grounds,
                    with(ofAnother(device.id()), pin(device.id(), key, "its secret")));
        }
        return hold(device.id(), Reason.NEW_KEY_PROVED, List.of(waits(device.id(), key),
                alarm(AlarmKind.NEW_KEY, device.id(), Reason.NEW_KEY_PROVED.sentence())));
    }

    private Verdict unproved(String id, BootstrapMessage.Check check) {
        return switch (check) {
            case MISSING -> refuse(Reason.HMAC_MISSING, "");
            case WRONG -> refuse(Reason.HMAC_WRONG, "");
            case OTHER_KEY -> refuse(Reason.HMAC_REPLAYED, "",
                    List.of(alarm(AlarmKind.PROOF_REPLAYED, id, Reason.HMAC_REPLAYED.sentence())));
            case PROVED_SHA1, PROVED_SHA2_256 -> throw new IllegalStateException("it is proved");
        };
    }

    /** A device under its group's id: the HMAC proves that it belongs there, its key which one it is. */
    private Verdict member(Group group) {
        var message = message();
        if (message.isEmpty() || subject.key().isEmpty()) {
            return refuse(Reason.GROUP_ID, group.id());
        }
        var key = subject.key().get();
        boolean proved = false;
        if (known.groupSecret().isPresent()) {
            var check = message.get().check(known.groupSecret().get(), key, group.sha256Required());
            if (!check.proved()) {
                return unproved(group.id(), check);
            }
            proved = true;
        }
        if (known.device().isPresent()) {
            return key(known.device().get(), key);
        }
        var name = group.id() + "/" + key.fingerprint();
        if (!Device.isId(name)) {
            return refuse(Reason.BAD_ID, "");
        }
        if (proved && group.admits()) {
            return new Verdict.Admit(name, Grounds.SECRET,
                    with(ofAnother(name), new Change.AddDevice(name, DeviceState.ADMITTED, "a member of " + group.id(),
                            Optional.empty(), Optional.of(group.id())), pin(name, key, "its group's secret")));
        }
        return hold(name, Reason.NEW_MEMBER, with(ofAnother(name), new Change.AddDevice(name, DeviceState.PENDING,
                Reason.NEW_MEMBER.sentence(), Optional.empty(), Optional.of(group.id())), waits(name, key)));
    }

    // ---- A key id

    private Verdict keyId() {
        if (known.device().isEmpty()) {
            return policy.holdUnknown()
                    ? hold(subject.name(), Reason.NO_SECRET, List.of(pending(subject.name(), Reason.NO_SECRET)))
                    : refuse(Reason.UNKNOWN_REFUSED, "");
        }
        var device = known.device().get();
        if (known.secret().isEmpty()) {
            return hold(device.id(), Reason.NO_SECRET, List.of());
        }
        if (device.state() != DeviceState.ADMITTED) {
            return hold(device.id(), Reason.STILL_PENDING, List.of());
        }
        if (known.secret().get().length < HmacKeyId.LEAST_SECRET_BYTES) {
            return refuse(Reason.SECRET_TOO_SHORT, "at least " + HmacKeyId.LEAST_SECRET_BYTES + " bytes");
        }
        return new Verdict.AdmitWithSecret(device.id(), known.secret().get().clone());
    }

    // ---- A certificate

    private Verdict vouched(Vouching.By by) {
        var id = by.deviceId();
        var key = subject.key().orElseThrow();
        if (known.device().isEmpty()) {
            if (by.admits()) {
                return new Verdict.Admit(id, Grounds.CERTIFICATE, List.of(new Change.AddDevice(id, DeviceState.ADMITTED,
                        "certified by " + by.anchor(), Optional.of(by.anchor()), Optional.empty())));
            }
            return policy.holdUnknown()
                    ? hold(id, Reason.CERTIFICATE_NOT_LISTED,
                            List.of(pending(id, Reason.CERTIFICATE_NOT_LISTED), waits(id, key)))
                    : refuse(Reason.UNKNOWN_REFUSED, "certified by " + by.anchor());
        }
        var device = known.device().get();
        if (device.anchor().isPresent() && !device.anchor().get().equals(by.anchor())) {
            return refuse(Reason.OTHER_AUTHORITY, by.anchor(), List.of(alarm(AlarmKind.AUTHORITY_CHANGED, id,
                    "vouched for by " + by.anchor() + " instead of " + device.anchor().get())));
        }
        if (device.anchor().isEmpty() && !device.pins(PinState.ACTIVE).isEmpty()
                && !device.isPinned(key.fingerprint())) {
            return otherKey(device, key, Reason.OTHER_KEY);
        }
        if (device.state() != DeviceState.ADMITTED && !by.admits()) {
            return hold(id, Reason.STILL_PENDING, List.of(waits(id, key)));
        }
        var changes = new ArrayList<Change>();
        if (device.anchor().isEmpty()) {
            changes.add(new Change.BindAnchor(id, by.anchor()));
        }
        if (device.state() != DeviceState.ADMITTED) {
            changes.add(new Change.Admit(id, "certified by " + by.anchor()));
        }
        return new Verdict.Admit(id, Grounds.CERTIFICATE, changes);
    }

    // ---- A token

    private Verdict token(byte[] value) {
        byte[] hash = Tokens.hash(value).getBytes(StandardCharsets.US_ASCII);
        // All are looked at, whichever fits: how long it takes tells nothing.
        var right = known.tokens().stream().filter(
                token -> MessageDigest.isEqual(hash, token.hash().getBytes(StandardCharsets.US_ASCII))).toList();
        if (known.tokens().isEmpty()) {
            return refuse(Reason.NO_TOKEN, "");
        }
        if (known.device().isEmpty() || right.isEmpty()) {
            return refuse(Reason.TOKEN_WRONG, "");
        }
        var token = right.getFirst();
        if (token.used().isPresent()) {
            return refuse(Reason.TOKEN_USED, "at " + token.used().get());
        }
        if (!subject.at().isBefore(token.expires())) {
            return refuse(Reason.TOKEN_EXPIRED, "at " + token.expires());
        }
        if (subject.shownBefore().isEmpty()) {
            return refuse(Reason.TOKEN_WITHOUT_KEY, "");
        }
        var id = known.device().get().id();
        if (!ofAnother(id).isEmpty()) {
            return refuse(Reason.KEY_OF_ANOTHER_ID, "", ofAnother(id));
        }
        var changes = new ArrayList<Change>();
        changes.add(new Change.UseToken(token.hash()));
        changes.add(pin(id, subject.shownBefore().get(), "a claim token"));
        if (known.device().get().state() != DeviceState.ADMITTED) {
            changes.add(new Change.Admit(id, "by a claim token"));
        }
        return new Verdict.Admit(id, Grounds.TOKEN, changes);
    }

    // ---- Words

    private Verdict refuse(Reason reason, String detail) {
        return refuse(reason, detail, List.of());
    }

    private Verdict refuse(Reason reason, String detail, List<Change> changes) {
        return new Verdict.Refuse(known.device().map(Device::id).orElseGet(subject::name), reason, detail, changes);
    }

    private static Verdict hold(String name, Reason reason, List<Change> changes) {
        return new Verdict.Hold(name, reason, changes);
    }

    private static List<Change> with(List<Change> first, Change... more) {
        var all = new ArrayList<>(List.of(more));
        all.addAll(first);
        return all;
    }

    private static Change pending(String id, Reason reason) {
        return new Change.AddDevice(id, DeviceState.PENDING, reason.sentence(), Optional.empty(), Optional.empty());
    }

    private static Change waits(String id, PlainKey key) {
        return new Change.PinKey(id, key.fingerprint(), Optional.of(line(key)), PinState.WAITING, "it dialled in");
    }

    private static Change pin(String id, PlainKey key, String by) {
        return new Change.PinKey(id, key.fingerprint(), Optional.of(line(key)), PinState.ACTIVE, by);
    }

    private static String line(PlainKey key) {
        return key.type() + " " + Base64.getEncoder().encodeToString(key.blob());
    }

    private Change alarm(AlarmKind kind, String id, String detail) {
        return new Change.RaiseAlarm(kind, id, subject.fingerprint().map(Object::toString).orElse(""), detail);
    }
}
