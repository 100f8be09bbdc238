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
import homeport.gateway.admission.Vouching;
import homeport.gateway.inventory.AlarmKind;
import homeport.gateway.inventory.AttemptOutcome;
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
    /** The authorities were changed and could not be read since: nobody is judged by what held before. */
    private volatile boolean outdated;

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

    /** Reads the authorities anew; when that fails, before the next decision. */
    void refresh() {
        outdated = true;
        policy();
    }

    private Policy policy() {
        if (outdated) {
            // Before it is read: a change that comes meanwhile is not lost.
            outdated = false;
            try {
                policy = read();
            } catch (RuntimeException e) {
                outdated = true;
                throw e;
            }
        }
        return policy;
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
    Decision decide(Evidence evidence, boolean legacy, Optional<InetAddress> from, Optional<PlainKey> shownBefore) {
        var decision = decide(evidence, from, shownBefore);
        return legacy && decision.outcome() == AttemptOutcome.FAILED ? checked(decision) : decision;
    }

    /** Before any login: a password must not go through what the record does not allow. */
    private Decision checked(Decision decision) {
        return inventory.devices().find(decision.name()).filter(Device::legacyAllowed).isPresent()
                ? decision
                : refuseLegacy(decision.name(), decision.labels());
    }

    private static Decision refuseLegacy(String id, Map<String, String> labels) {
        return new Decision(new Admission.Refuse(Reason.LEGACY_ALGORITHMS.sentence()), id,
                Reason.LEGACY_ALGORITHMS.code(), "", labels, List.of());
    }

    private Decision decide(Evidence evidence, Optional<InetAddress> from, Optional<PlainKey> shownBefore) {
        var now = policy();
        var subject = Subject.of(evidence, now, from, shownBefore, clock.instant());
        try (var known = inventory.devices().known(subject.id(), subject.fingerprint())) {
            if (isInner(known, subject)) {
                return new Decision(new Admission.Refuse(Reason.OTHER_KEY.sentence()), known.device().get().id(),
                        Reason.OTHER_KEY.code(), "it is that of the SSH server behind its tunnel", labels(known),
                        List.of());
            }
            var verdict = Judge.judge(subject, known, now);
            var applied = inventory.devices().apply(
                    verdict.changes().stream().filter(change -> !(change instanceof Change.RaiseAlarm)).toList());
            var alarms = raise(verdict);
            return switch (applied) {
                case DONE -> decision(verdict, known, alarms);
                case TOKEN_USED -> refuse(subject.name(), Reason.TOKEN_USED, "", known, alarms);
                case TOO_MANY_PENDING -> refuse(subject.name(), Reason.TOO_MANY_PENDING, "", known, alarms);
            };
        }
    }

    /**
     * Whether the key is on record for what stands behind the device's tunnel only. The device chose what that is, so its
     * holder may be another machine, and comes in by itself as nobody.
     */
    private static boolean isInner(Known known, Subject subject) {
        return subject.evidence().proof() instanceof Proof.HoldsKey holds && known.device().isPresent()
                && known.secret().isEmpty() && known.device().get().pins(PinState.ACTIVE).stream()
                        .anyMatch(pin -> pin.fingerprint().equals(holds.key().fingerprint())
                                && pin.addedBy().equals(BY_TUNNEL));
    }

    /** @return those that are new: what repeats is counted, and not told again */
    private List<Change.RaiseAlarm> raise(Verdict verdict) {
        return verdict.changes().stream().filter(Change.RaiseAlarm.class::isInstance)
                .map(Change.RaiseAlarm.class::cast).filter(inventory.alarms()::raise).toList();
    }

    private Decision decision(Verdict verdict, Known known, List<Change.RaiseAlarm> alarms) {
        return switch (verdict) {
            case Verdict.Admit admit -> admit(admit.deviceId(), admit.grounds().name(), alarms,
                    credentials -> new Admission.Admit(admit.deviceId(), credentials));
            case Verdict.AdmitWithSecret admit -> {
                try {
                    yield admit(admit.deviceId(), Verdict.Grounds.SECRET.name(), alarms,
                            credentials -> new Admission.AdmitWithSecret(admit.deviceId(), admit.secret().clone(),
                                    credentials));
                } finally {
                    Arrays.fill(admit.secret(), (byte) 0);
                }
            }
            case Verdict.Hold hold -> new Decision(new Admission.Hold(hold.reason().sentence()), hold.name(),
                    hold.reason().code(), "", labels(known), alarms);
            case Verdict.Refuse refuse -> refuse(refuse.name(), refuse.reason(), refuse.detail(), known, alarms);
        };
    }

    private static Decision refuse(String name, Reason reason, String detail, Known known,
            List<Change.RaiseAlarm> alarms) {
        return new Decision(new Admission.Refuse(reason.sentence()), name, reason.code(), detail, labels(known),
                alarms);
    }

    private interface Admitting {
        Admission with(Credentials credentials);
    }

    /** The record is read again: what was just decided may have made it. */
    private Decision admit(String id, String grounds, List<Change.RaiseAlarm> alarms, Admitting admitting) {
        var device = inventory.devices().find(id);
        if (device.isEmpty() || device.get().state() == DeviceState.REFUSED) {
            return new Decision(new Admission.Refuse(Reason.DEVICE_REFUSED.sentence()), id,
                    Reason.DEVICE_REFUSED.code(), "", Map.of(), alarms);
        }
        return switch (login.to(device.get(), inventory.devices().login(id), clock.instant())) {
            case DeviceLogin.Answer.With with ->
                new Decision(admitting.with(with.credentials()), id, "admitted", grounds,
                        device.get().labels(), alarms);
            case DeviceLogin.Answer.Missing missing -> new Decision(new Admission.Refuse(missing.reason()), id,
                    homeport.callhome.Refusal.LOGIN_FAILED.code(), missing.reason(), device.get().labels(),
                    alarms);
        };
    }

    private static Map<String, String> labels(Known known) {
        return known.device().<Map<String, String>>map(Device::labels).orElse(Map.of());
    }

    // ---- The SSH server behind a tunnel

    /**
     * Decides about the SSH server behind the tunnel of a device that is in. The first host key it shows came through the
     * device's own authenticated connection, and is kept; another one later is refused, as for any known device.
     */
    Decision decideInner(String id, Evidence evidence, boolean legacy) {
        var device = inventory.devices().find(id);
        if (device.isEmpty() || device.get().state() != DeviceState.ADMITTED) {
            return new Decision(new Admission.Refuse(Reason.DEVICE_REFUSED.sentence()), id,
                    Reason.DEVICE_REFUSED.code(), "", Map.of(), List.of());
        }
        if (legacy && !device.get().legacyAllowed()) {
            return refuseLegacy(id, device.get().labels());
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
            var other = owner(id, key.get());
            if (other.isPresent()) {
                return innerKeyOfAnother(device.get(), other.get(), key.get());
            }
            inventory.devices().apply(List.of(pin(id, key.get(), PinState.ACTIVE, BY_TUNNEL)));
        }
        return admit(id, Verdict.Grounds.PINNED_KEY.name(),
                List.of(), credentials -> new Admission.Admit(id, credentials));
    }

    private Decision otherInnerKey(Device device, PlainKey key) {
        var alarm = new Change.RaiseAlarm(AlarmKind.NEW_KEY, device.id(), key.fingerprint().toString(),
                "the SSH server behind its tunnel has another key");
        inventory.devices().apply(List.of(pin(device.id(), key, PinState.WAITING, BY_TUNNEL)));
        return refuseInner(device, Reason.OTHER_KEY, key.fingerprint().toString(), alarm);
    }

    /** Another device's key proves that device: a tunnel that leads there is not this one's. */
    private Optional<String> owner(String id, PlainKey key) {
        try (var known = inventory.devices().known(Optional.of(id), Optional.of(key.fingerprint()))) {
            return known.devicesWithKey().stream().filter(other -> !other.equals(id)).findFirst();
        }
    }

    private Decision innerKeyOfAnother(Device device, String other, PlainKey key) {
        return refuseInner(device, Reason.KEY_OF_ANOTHER_ID, other, new Change.RaiseAlarm(
                AlarmKind.KEY_ON_MANY_DEVICES, other, key.fingerprint().toString(),
                "its key came behind the tunnel of " + device.id()));
    }

    private Decision refuseInner(Device device, Reason reason, String detail, Change.RaiseAlarm alarm) {
        return new Decision(new Admission.Refuse(reason.sentence()), device.id(), reason.code(), detail,
                device.labels(), inventory.alarms().raise(alarm) ? List.of(alarm) : List.of());
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

    /**
     * Whether what proved the device is still worth it. A certificate that has expired since is: the device was asked when
     * it came.
     *
     * @param shown the key that a token made the device's own
     */
    boolean mayStay(String id, Evidence evidence, Optional<InetAddress> from, Optional<PlainKey> shown) {
        var found = inventory.devices().find(id);
        if (found.isEmpty() || found.get().state() != DeviceState.ADMITTED) {
            return false;
        }
        var device = found.get();
        return switch (evidence.proof()) {
            case Proof.HoldsKey holds -> device.isPinned(holds.key().fingerprint());
            case Proof.Token token -> shown.filter(key -> device.isPinned(key.fingerprint())).isPresent();
            case Proof.SecretToCheck secret -> device.hasSecret();
            case Proof.HoldsCertificate holds -> device.isPinned(holds.certificate().fingerprint())
                    || isVouched(device, evidence, from);
            case Proof.HoldsChain holds -> device.isPinned(holds.chain().fingerprint())
                    || isVouched(device, evidence, from);
        };
    }

    private boolean isVouched(Device device, Evidence evidence, Optional<InetAddress> from) {
        return switch (Subject.of(evidence, policy(), from, Optional.empty(), clock.instant()).vouching()) {
            case Vouching.By by -> by.deviceId().equals(device.id())
                    && device.anchor().filter(by.anchor()::equals).isPresent();
            case Vouching.Rejected rejected -> rejected.reason() == Reason.CERTIFICATE_EXPIRED;
            case Vouching.Nobody nobody -> false;
        };
    }
}
