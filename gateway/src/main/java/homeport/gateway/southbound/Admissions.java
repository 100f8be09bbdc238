package homeport.gateway.southbound;

import homeport.callhome.Admission;
import homeport.callhome.Credentials;
import homeport.callhome.Evidence;
import homeport.callhome.Proof;
import homeport.gateway.admission.Authorities;
import homeport.gateway.admission.Judge;
import homeport.gateway.admission.Policy;
import homeport.gateway.admission.Reason;
import homeport.gateway.admission.Subject;
import homeport.gateway.admission.Verdict;
import homeport.gateway.inventory.AlarmKind;
import homeport.gateway.inventory.Change;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Inventory;
import homeport.gateway.inventory.Known;
import homeport.gateway.inventory.PinState;
import homeport.gateway.inventory.TrustAnchor;
import homeport.gateway.login.DeviceLogin;
import homeport.ssh.key.PlainKey;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Decides about devices: reads what is on record, judges, writes what follows from it. Every call may block. */
final class Admissions {
    /** The rule by which the key of the SSH server behind a tunnel comes on record. */
    static final String BY_TUNNEL = "through the device's own tunnel";

    private final Inventory inventory;
    private final DeviceLogin login;
    private final InstantSource clock;
    private volatile boolean holdUnknown;
    private volatile Policy policy;

    Admissions(Inventory inventory, DeviceLogin login, InstantSource clock, boolean holdUnknown) {
        this.inventory = inventory;
        this.login = login;
        this.clock = clock;
        this.holdUnknown = holdUnknown;
        this.policy = read();
    }

    private Policy read() {
        return new Policy(holdUnknown, Authorities.of(inventory.anchors().list(), TrustAnchor.Purpose.DEVICES));
    }

    /** Reads the authorities anew. */
    void refresh() {
        policy = read();
    }

    void holdUnknown(boolean value) {
        holdUnknown = value;
        policy = new Policy(value, policy.authorities());
    }

    /**
     * Decides about a connection.
     *
     * @param shownBefore see {@link Subject}
     */
    Decision decide(Evidence evidence, Optional<InetAddress> from, Optional<PlainKey> shownBefore) {
        var subject = Subject.of(evidence, policy, from, shownBefore, clock.instant());
        try (var known = inventory.devices().known(subject.id(), subject.fingerprint())) {
            var verdict = Judge.judge(subject, known, policy);
            var applied = inventory.devices().apply(verdict.changes());
            return switch (applied) {
                case DONE -> decision(verdict, known);
                case TOKEN_USED -> refuse(subject.name(), Reason.TOKEN_USED, "", known, verdict);
                case TOO_MANY_PENDING -> refuse(subject.name(), Reason.TOO_MANY_PENDING, "", known, verdict);
            };
        }
    }

    private Decision decision(Verdict verdict, Known known) {
        return switch (verdict) {
            case Verdict.Admit admit -> admit(admit.deviceId(), admit.grounds().name(), verdict,
                    credentials -> new Admission.Admit(admit.deviceId(), credentials));
            case Verdict.AdmitWithSecret admit -> {
                try {
                    yield admit(admit.deviceId(), Verdict.Grounds.SECRET.name(), verdict,
                            credentials -> new Admission.AdmitWithSecret(admit.deviceId(), admit.secret().clone(),
                                    credentials));
                } finally {
                    Arrays.fill(admit.secret(), (byte) 0);
                }
            }
            case Verdict.Hold hold -> new Decision(new Admission.Hold(hold.reason().sentence()), hold.name(),
                    hold.reason().code(), "", labels(known), alarms(verdict));
            case Verdict.Refuse refuse -> refuse(refuse.name(), refuse.reason(), refuse.detail(), known, verdict);
        };
    }

    private static Decision refuse(String name, Reason reason, String detail, Known known, Verdict verdict) {
        return new Decision(new Admission.Refuse(reason.sentence()), name, reason.code(), detail, labels(known),
                alarms(verdict));
    }

    private interface Admitting {
        Admission with(Credentials credentials);
    }

    /** The record is read again: what was just decided may have made it. */
    private Decision admit(String id, String grounds, Verdict verdict, Admitting admitting) {
        var device = inventory.devices().find(id);
        if (device.isEmpty() || device.get().state() == DeviceState.REFUSED) {
            return new Decision(new Admission.Refuse(Reason.DEVICE_REFUSED.sentence()), id,
                    Reason.DEVICE_REFUSED.code(), "", Map.of(), alarms(verdict));
        }
        return switch (login.to(device.get(), inventory.devices().login(id), clock.instant())) {
            case DeviceLogin.Answer.With with ->
                new Decision(admitting.with(with.credentials()), id, "admitted", grounds,
                        device.get().labels(), alarms(verdict));
            case DeviceLogin.Answer.Missing missing -> new Decision(new Admission.Refuse(missing.reason()), id,
                    homeport.callhome.Refusal.LOGIN_FAILED.code(), missing.reason(), device.get().labels(),
                    alarms(verdict));
        };
    }

    private static Map<String, String> labels(Known known) {
        return known.device().<Map<String, String>>map(Device::labels).orElse(Map.of());
    }

    private static List<Change.RaiseAlarm> alarms(Verdict verdict) {
        return verdict.changes().stream().filter(Change.RaiseAlarm.class::isInstance)
                .map(Change.RaiseAlarm.class::cast).toList();
    }

    // ---- The SSH server behind a tunnel

    /**
     * Decides about the SSH server behind the tunnel of a device that is in. The first host key it shows came through the
     * device's own authenticated connection, and is kept; another one later is refused, as for any known device.
     */
    Decision decideInner(String id, Evidence evidence) {
        var device = inventory.devices().find(id);
        if (device.isEmpty() || device.get().state() != DeviceState.ADMITTED) {
            return new Decision(new Admission.Refuse(Reason.DEVICE_REFUSED.sentence()), id,
                    Reason.DEVICE_REFUSED.code(), "", Map.of(), List.of());
        }
        var key = key(evidence);
        if (key.isEmpty()) {
            return new Decision(new Admission.Refuse(Reason.NO_SECRET.sentence()), id, Reason.NO_SECRET.code(),
                    "behind the tunnel", device.get().labels(), List.of());
        }
        if (!device.get().isPinned(key.get().fingerprint())) {
            boolean first = device.get().pins(PinState.ACTIVE).stream()
                    .noneMatch(pin -> pin.addedBy().equals(BY_TUNNEL));
            if (!first) {
                return otherInnerKey(device.get(), key.get());
            }
            inventory.devices().apply(List.of(pin(id, key.get(), PinState.ACTIVE, BY_TUNNEL)));
        }
        return admit(id, Verdict.Grounds.PINNED_KEY.name(),
                new Verdict.Admit(id, Verdict.Grounds.PINNED_KEY, List.of()),
                credentials -> new Admission.Admit(id, credentials));
    }

    private Decision otherInnerKey(Device device, PlainKey key) {
        var alarm = new Change.RaiseAlarm(AlarmKind.NEW_KEY, device.id(), key.fingerprint().toString(),
                "the SSH server behind its tunnel has another key");
        inventory.devices().apply(List.of(pin(device.id(), key, PinState.WAITING, BY_TUNNEL), alarm));
        return new Decision(new Admission.Refuse(Reason.OTHER_KEY.sentence()), device.id(), Reason.OTHER_KEY.code(),
                key.fingerprint().toString(), device.labels(), List.of(alarm));
    }

    private static Change pin(String id, PlainKey key, PinState state, String by) {
        return new Change.PinKey(id, key.fingerprint(),
                Optional.of(key.type() + " " + Base64.getEncoder().encodeToString(key.blob())), state, by);
    }

    private static Optional<PlainKey> key(Evidence evidence) {
        return switch (evidence.proof()) {
            case Proof.HoldsKey holds -> Optional.of(holds.key());
            case Proof.HoldsCertificate holds -> Optional.of(holds.certificate().key());
            case Proof.HoldsChain holds -> Optional.of(holds.chain().key());
            case Proof.SecretToCheck secret -> Optional.empty();
            case Proof.Token token -> Optional.empty();
        };
    }

    /** What is on record says that this connection may stay. */
    boolean mayStay(String id, Evidence evidence) {
        var device = inventory.devices().find(id);
        if (device.isEmpty() || device.get().state() != DeviceState.ADMITTED) {
            return false;
        }
        // A key that was taken from the record is worth nothing from now on; other proofs do not hang on a pin.
        return !(evidence.proof() instanceof Proof.HoldsKey holds) || device.get().isPinned(holds.key().fingerprint());
    }
}
