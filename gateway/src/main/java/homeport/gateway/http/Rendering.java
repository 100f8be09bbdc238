package homeport.gateway.http;

import homeport.gateway.desk.IssuedToken;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.Alarm;
import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.AuditEntry;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.Operator;
import homeport.gateway.inventory.Pin;
import homeport.gateway.inventory.PinState;
import homeport.gateway.inventory.Sighting;
import homeport.gateway.inventory.TrustAnchor;
import homeport.gateway.journal.Explanation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Records as the contract's schemas. What is secret in a record has no way in here. */
final class Rendering {
    private Rendering() {}

    static <T> JsonObject page(List<T> items, Function<T, JsonObject> each, Optional<String> next) {
        var page = new JsonObject().put("items", array(items, each));
        next.ifPresent(cursor -> page.put("next", cursor));
        return page;
    }

    static <T> JsonArray array(List<T> items, Function<T, JsonObject> each) {
        var array = new JsonArray();
        items.forEach(item -> array.add(each.apply(item)));
        return array;
    }

    /** The line of a listing. @param alarm an open one about it */
    static JsonObject device(Device device, Optional<Alarm> alarm) {
        var sighting = device.sighting();
        return new JsonObject().put("id", device.id()).put("state", device.state().text())
                .put("online", sighting.online()).put("design", sighting.design()).put("identity", identity(device))
                .put("address", sighting.address()).put("software", sighting.software())
                .put("since", time(sighting, sighting.since())).put("lastSeen", time(sighting, sighting.lastSeen()))
                .put("labels", object(device.labels())).put("reason", reason(device, alarm));
    }

    private static JsonObject identity(Device device) {
        var sighting = device.sighting();
        if (!sighting.identityKind().isEmpty()) {
            return new JsonObject().put("kind", sighting.identityKind())
                    .put(sighting.identityKind(), sighting.identity());
        }
        var known = device.pins(PinState.ACTIVE);
        return known.isEmpty()
                ? new JsonObject().put("kind", "")
                : new JsonObject().put("kind", "fingerprint").put("fingerprint",
                        known.getFirst().fingerprint().toString());
    }

    private static @Nullable String time(Sighting sighting, Instant time) {
        return sighting.ever() ? time.toString() : null;
    }

    private static String reason(Device device, Optional<Alarm> alarm) {
        if (alarm.isPresent()) {
            return "alarm " + alarm.get().kind().text() + ": " + alarm.get().detail();
        }
        return device.sighting().online() || device.sighting().reason().isEmpty()
                ? device.reason()
                : device.reason() + "; " + device.sighting().reason();
    }

    static JsonObject detail(Device device, List<Alarm> alarms) {
        var all = device(device, alarms.stream().findFirst());
        var login = new JsonObject().put("by", device.loginWay().text());
        device.loginUser().ifPresent(user -> login.put("user", user));
        device.anchor().ifPresent(anchor -> all.put("authority", anchor));
        device.group().ifPresent(group -> all.put("group", group));
        return all.put("version", device.version()).put("added", device.added().toString())
                .put("keys", array(device.pins(), Rendering::key)).put("login", login)
                .put("hasSecret", device.hasSecret()).put("sha256Required", device.sha256Required())
                .put("legacyAllowed", device.legacyAllowed()).put("alarms", array(alarms, Rendering::alarm));
    }

    private static JsonObject key(Pin pin) {
        var key = new JsonObject().put("fingerprint", pin.fingerprint().toString()).put("state", pin.state().text())
                .put("addedBy", pin.addedBy()).put("added", pin.added().toString());
        pin.keyLine().ifPresent(line -> key.put("line", line));
        return key;
    }

    static JsonObject alarm(Alarm alarm) {
        return new JsonObject().put("number", alarm.number()).put("kind", alarm.kind().text())
                .put("device", alarm.device()).put("fingerprint", alarm.fingerprint()).put("detail", alarm.detail())
                .put("raised", alarm.raised().toString()).put("last", alarm.last().toString())
                .put("times", alarm.times());
    }

    static JsonObject attempt(Attempt attempt) {
        var explanation = Explanation.of(attempt);
        return new JsonObject().put("number", attempt.number()).put("at", attempt.at().toString())
                .put("address", attempt.address()).put("design", attempt.design()).put("device", attempt.device())
                .put("fingerprint", attempt.fingerprint()).put("stage", attempt.stage().text())
                .put("outcome", attempt.outcome().text()).put("code", attempt.code()).put("detail", attempt.detail())
                .put("sentence", explanation.happened()).put("remedy", explanation.remedy());
    }

    static JsonObject audit(AuditEntry entry) {
        return new JsonObject().put("number", entry.number()).put("at", entry.at().toString())
                .put("actor", entry.actor()).put("action", entry.action()).put("device", entry.device())
                .put("detail", entry.detail()).put("hash", entry.hash());
    }

    static JsonObject operator(Operator operator) {
        var keys = new JsonArray();
        operator.keys().forEach((fingerprint, line) -> keys
                .add(new JsonObject().put("fingerprint", fingerprint.toString()).put("line", line)));
        var selectors = new JsonObject();
        operator.selectors().forEach((label, values) -> selectors.put(label, texts(values)));
        return new JsonObject().put("name", operator.name()).put("role", operator.role().text()).put("keys", keys)
                .put("selectors", selectors);
    }

    private static JsonArray texts(Set<String> values) {
        return new JsonArray(List.copyOf(new TreeSet<>(values)));
    }

    static JsonObject token(IssuedToken token) {
        return new JsonObject().put("token", token.token()).put("expires",
                token.expires().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    static JsonObject authority(TrustAnchor anchor) {
        return new JsonObject().put("name", anchor.name())
                .put("kind", anchor.kind().name().toLowerCase(Locale.ROOT))
                .put("purpose", anchor.purpose().name().toLowerCase(Locale.ROOT)).put("material", anchor.material())
                .put("idFrom", anchor.idFrom().text()).put("admitsUnknown", anchor.admitsUnknown())
                .put("listed", texts(anchor.listed())).put("revocations", anchor.revocations());
    }

    static JsonObject event(GatewayEvent event) {
        return new JsonObject().put("at", event.at().toString()).put("type", event.type().text())
                .put("device", event.device()).put("data", object(event.data()));
    }

    private static JsonObject object(Map<String, String> texts) {
        var object = new JsonObject();
        new TreeMap<>(texts).forEach(object::put);
        return object;
    }
}
