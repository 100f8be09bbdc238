package homeport.gateway.http;

import homeport.gateway.inventory.Attempt;
import homeport.gateway.inventory.AuditEntry;
import homeport.gateway.inventory.Device;
import homeport.gateway.journal.Explanation;
import io.vertx.core.json.JsonObject;

/** Records as the API shows them. */
final class DeviceJson {
    private DeviceJson() {}

    static JsonObject of(Device device) {
        var seen = device.sighting();
        var identity = new JsonObject();
        if (!seen.identityKind().isEmpty()) {
            identity.put("kind", seen.identityKind()).put(seen.identityKind(), seen.identity());
        } else if (!device.pins().isEmpty()) {
            identity.put("kind", "fingerprint").put("fingerprint", device.pins().getFirst().fingerprint().toString());
        }
        var labels = new JsonObject();
        device.labels().forEach(labels::put);
        return new JsonObject().put("id", device.id()).put("state", device.state().text()).put("online", seen.online())
                .put("design", seen.design()).put("identity", identity).put("address", seen.address())
                .put("software", seen.software()).put("since", seen.ever() ? seen.since().toString() : null)
                .put("lastSeen", seen.ever() ? seen.lastSeen().toString() : null).put("labels", labels)
                .put("reason", seen.online() || !seen.ever() ? device.reason() : seen.reason());
    }

    static JsonObject of(Attempt attempt) {
        var words = Explanation.of(attempt);
        return new JsonObject().put("number", attempt.number()).put("at", attempt.at().toString())
                .put("address", attempt.address()).put("design", attempt.design()).put("device", attempt.device())
                .put("fingerprint", attempt.fingerprint()).put("stage", attempt.stage().text())
                .put("outcome", attempt.outcome().text()).put("code", attempt.code())
                .put("happened", words.happened()).put("remedy", words.remedy());
    }

    static JsonObject of(AuditEntry entry) {
        return new JsonObject().put("number", entry.number()).put("at", entry.at().toString())
                .put("actor", entry.actor()).put("action", entry.action()).put("device", entry.device())
                .put("detail", entry.detail()).put("hash", entry.hash());
    }
}
