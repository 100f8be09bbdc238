package homeport.gateway.http;

import homeport.gateway.access.Access;
import homeport.gateway.access.Action;
import homeport.gateway.desk.Desk;
import homeport.gateway.inventory.IdFrom;
import homeport.gateway.inventory.OperatorChange;
import homeport.gateway.inventory.Role;
import homeport.gateway.inventory.TrustAnchor;
import homeport.ssh.key.KeyFileError;
import homeport.ssh.key.PublicKeyFile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The operations about the gateway itself: journal, trail, operators, authorities, keys. They run where they may block. */
final class GatewayOperations {
    private static final int PAGE = 100;
    private static final int TOKEN_SECONDS = 30 * 86_400;

    private final Desk desk;
    private final PublicKeys keys;
    private final String version;

    GatewayOperations(Desk desk, PublicKeys keys, String version) {
        this.desk = desk;
        this.keys = keys;
        this.version = version;
    }

    Reply attempts(Call call) {
        var about = List.of("device", "fingerprint", "address").stream().map(call::text).flatMap(Optional::stream)
                .toList();
        if (about.size() > 1) {
            throw Problem.invalid("one of device, fingerprint and address at a time");
        }
        var page = desk.attempts(call.operator(), about.stream().findFirst(), call.numberCursor(),
                call.number("limit", PAGE));
        return Reply.json(Rendering.page(page.items(), Rendering::attempt, page.next().map(String::valueOf)));
    }

    Reply audit(Call call) {
        var page = desk.audit(call.operator(), call.text("device"),
                call.text("since").map(GatewayOperations::instant).orElse(Instant.EPOCH),
                call.numberCursor().orElse(0L), call.number("limit", PAGE));
        return Reply.json(Rendering.page(page.items(), Rendering::audit, page.next().map(String::valueOf)));
    }

    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw Problem.invalid("since is a time such as 2026-01-31T12:00:00Z, and not " + text);
        }
    }

    Reply alarms(Call call) {
        return Reply.json(Rendering.page(desk.alarms(call.operator(), call.text("device")), Rendering::alarm,
                Optional.empty()));
    }

    // ---- Operators

    Reply operators(Call call) {
        return Reply.json(Rendering.page(desk.operators(call.operator()), Rendering::operator, Optional.empty()));
    }

    Reply addOperator(Call call) {
        var body = call.body();
        return Reply.created(Rendering.operator(desk.addOperator(call.operator(), body.getString("name"),
                Role.ofText(body.getString("role")), keyFiles(body).orElse(List.of()),
                selectors(body).orElse(Map.of()))));
    }

    Reply changeOperator(Call call) {
        var body = call.body();
        var change = new OperatorChange(Optional.ofNullable(body.getString("role")).map(Role::ofText), keyFiles(body),
                selectors(body));
        return Reply.json(Rendering.operator(desk.changeOperator(call.operator(), call.path("name"), change)));
    }

    private static Optional<List<PublicKeyFile>> keyFiles(JsonObject body) {
        return Optional.ofNullable(body.getJsonArray("publicKeys"))
                .map(lines -> lines.stream().map(line -> publicKey((String) line)).toList());
    }

    private static Optional<Map<String, Set<String>>> selectors(JsonObject body) {
        return Optional.ofNullable(body.getJsonObject("selectors")).map(given -> {
            var selectors = new HashMap<String, Set<String>>();
            given.forEach(each -> selectors.put(PlainText.line("a selector's name", each.getKey()),
                    texts((JsonArray) each.getValue())));
            selectors.values().forEach(values -> values.forEach(value -> PlainText.line("a selector's value", value)));
            return selectors;
        });
    }

    private static Set<String> texts(JsonArray array) {
        var texts = new HashSet<String>();
        array.forEach(value -> texts.add((String) value));
        return texts;
    }

    private static PublicKeyFile publicKey(String line) {
        try {
            return PublicKeyFile.read("publicKeys", line);
        } catch (KeyFileError e) {
            throw Problem.invalid(String.valueOf(e.getMessage()));
        }
    }

    Reply removeOperator(Call call) {
        desk.removeOperator(call.operator(), call.path("name"));
        return Reply.nothing();
    }

    Reply issueToken(Call call) {
        var life = Duration.ofSeconds(call.body().getInteger("seconds", TOKEN_SECONDS));
        return Reply.created(Rendering.token(desk.issueToken(call.operator(), call.path("name"), life)));
    }

    // ---- Authorities

    Reply trust(Call call) {
        return Reply.json(Rendering.page(desk.trust(call.operator()), Rendering::authority, Optional.empty()));
    }

    Reply addTrust(Call call) {
        var body = call.body();
        var anchor = new TrustAnchor(body.getString("name"),
                TrustAnchor.Kind.valueOf(body.getString("kind").toUpperCase(Locale.ROOT)),
                TrustAnchor.Purpose.valueOf(body.getString("purpose").toUpperCase(Locale.ROOT)),
                body.getString("material"),
                IdFrom.ofText(body.getString("idFrom", IdFrom.SERIAL_NUMBER.text())),
                body.getBoolean("admitsUnknown", false), texts(body.getJsonArray("listed", new JsonArray())),
                body.getString("revocations", ""));
        desk.addTrust(call.operator(), anchor);
        return Reply.created(Rendering.authority(anchor));
    }

    Reply removeTrust(Call call) {
        desk.removeTrust(call.operator(), call.path("name"));
        return Reply.nothing();
    }

    // ---- Itself

    Reply keys(Call call) {
        if (Access.toGateway(call.operator(), Action.SEE_KEYS) instanceof Access.Denied denied) {
            throw new Problem(Problem.Type.NOT_ALLOWED, denied.reason());
        }
        return Reply.json(new JsonObject().put("host", keys.host())
                .put("furtherHosts", new JsonArray(keys.furtherHosts())).put("user", keys.user()).put("authority",
                        keys.authority()));
    }

    Reply version(Call call) {
        return Reply.json(new JsonObject().put("version", version).put("java", Runtime.version().toString())
                .put("operator", call.operator().name()).put("role", call.operator().role().text()));
    }
}
