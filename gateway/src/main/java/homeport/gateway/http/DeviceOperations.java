package homeport.gateway.http;

import homeport.gateway.desk.AddressRange;
import homeport.gateway.desk.Desk;
import homeport.gateway.inventory.Alarm;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.DeviceChange;
import homeport.gateway.inventory.DeviceQuery;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.LoginWay;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.inventory.Operator;
import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.KeyFileError;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import homeport.ssh.wire.ProtocolError;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The operations about devices. They run where they may block. */
final class DeviceOperations {
    private static final int PAGE = 100;

    private final Desk desk;

    DeviceOperations(Desk desk) {
        this.desk = desk;
    }

    // ---- Seeing

    Reply list(Call call) {
        var labels = new HashMap<String, Set<String>>();
        for (var label : call.texts("label")) {
            int equals = label.indexOf('=');
            if (equals < 1) {
                throw Problem.invalid("the parameter label is NAME=VALUE, and not " + label);
            }
            labels.computeIfAbsent(label.substring(0, equals), name -> new HashSet<>())
                    .add(label.substring(equals + 1));
        }
        var query = new DeviceQuery(call.text("state").map(DeviceState::ofText), call.flag("online"),
                call.text("design"), labels, call.text("cursor").map(DeviceOperations::idOfCursor),
                call.number("limit", PAGE));
        var page = desk.devices(call.operator(), query);
        var alarms = new HashMap<String, Alarm>();
        desk.alarms(call.operator(), Optional.empty()).forEach(alarm -> alarms.putIfAbsent(alarm.device(), alarm));
        return Reply.json(Rendering.page(page.items(),
                device -> Rendering.device(device, Optional.ofNullable(alarms.get(device.id()))),
                page.next().map(DeviceOperations::cursor)));
    }

    /** Not the id itself: then nobody builds cursors, and ids with any characters pass unharmed. */
    private static String cursor(String id) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(id.getBytes(StandardCharsets.UTF_8));
    }

    private static String idOfCursor(String cursor) {
        try {
            return PlainText.line("cursor", new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("not a cursor of this list");
        }
    }

    Reply show(Call call) {
        return detail(call.operator(), desk.device(call.operator(), call.path("id")));
    }

    private Reply detail(Operator operator, Device device) {
        return Reply.json(Rendering.detail(device, desk.alarms(operator, Optional.of(device.id())))).with("ETag",
                etag(device));
    }

    private static String etag(Device device) {
        return "\"" + device.version() + "\"";
    }

    // ---- Changing

    Reply add(Call call) {
        var body = call.body();
        var id = body.getString("id");
        checkId(id);
        var secret = secret(body);
        var change = change(body, Map.of(), Optional.empty(), Optional.empty());
        try {
            var device = new NewDevice(id, keys(body), secret, body.getBoolean("sha256Required", false),
                    labels(body));
            var added = desk.add(call.operator(), device, change,
                    body.getBoolean("claim", false)
                            ? Optional.of(claimLife(body))
                            : Optional.empty());
            var shown = Rendering.detail(added.device(), List.of());
            added.claim().ifPresent(token -> shown.put("claim", Rendering.token(token)));
            return Reply.created(shown)
                    .with(Map.of("ETag", etag(added.device()), "Location", "/api/v1/devices/" + encoded(id)));
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(String.valueOf(e.getMessage()));
        } finally {
            secret.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
            change.login().ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
        }
    }

    private static void checkId(String id) {
        if (!Device.isId(id)) {
            throw Problem.invalid("an id is 1 to " + Device.MOST_ID_BYTES
                    + " bytes of UTF-8 that show as they are, without blanks at the ends");
        }
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20").replace(".", "%2E");
    }

    private static Optional<byte[]> secret(JsonObject body) {
        return Optional.ofNullable(body.getString("secret")).map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<NewDevice.KnownKey> keys(JsonObject body) {
        var fingerprint = fingerprint(body);
        var line = Optional.ofNullable(body.getString("publicKey"));
        if (fingerprint.isPresent() && line.isPresent()) {
            throw Problem.invalid("fingerprint and publicKey say the same: give one");
        }
        return line.map(DeviceOperations::knownKey)
                .or(() -> fingerprint.map(known -> new NewDevice.KnownKey(known, Optional.empty()))).stream()
                .toList();
    }

    private static NewDevice.KnownKey knownKey(String text) {
        try {
            var file = PublicKeyFile.read("publicKey", text);
            return switch (file.key()) {
                case PlainKey key -> new NewDevice.KnownKey(key.fingerprint(),
                        Optional.of(new PublicKeyFile(key, "").write().strip()));
                case OpenSshCertificate certificate -> throw Problem.invalid(
                        "publicKey is a certificate: add its authority to trust, and the device without a key");
                default -> throw Problem.invalid("publicKey is not a plain public key");
            };
        } catch (KeyFileError e) {
            throw Problem.invalid(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<Fingerprint> fingerprint(JsonObject body) {
        try {
            return Optional.ofNullable(body.getString("fingerprint")).map(Fingerprint::parse);
        } catch (ProtocolError e) {
            throw Problem.invalid("fingerprint: " + e.getMessage());
        }
    }

    private static Map<String, String> labels(JsonObject body) {
        var labels = new HashMap<String, String>();
        body.getJsonObject("labels", new JsonObject())
                .forEach(label -> labels.put(label.getKey(), (String) label.getValue()));
        return labels;
    }

    private static DeviceChange change(JsonObject body, Map<String, String> labels, Optional<byte[]> secret,
            Optional<Boolean> sha256Required) {
        var login = body.getJsonObject("login", new JsonObject());
        var user = Optional.ofNullable(login.getString("user")).map(text -> PlainText.line("login.user", text));
        var way = Optional.ofNullable(login.getString("by")).map(LoginWay::ofText);
        var password = Optional.ofNullable(login.getString("password"));
        var key = Optional.ofNullable(login.getString("key"));
        boolean both = password.isPresent() && key.isPresent();
        boolean otherWay = password.isPresent() && way.isPresent() && way.get() != LoginWay.PASSWORD;
        boolean otherWayThanKey = key.isPresent() && way.isPresent() && way.get() != LoginWay.KEY;
        if (both || otherWay || otherWayThanKey) {
            throw Problem.invalid("login: a password or a key goes with its own way, and one of them at a time");
        }
        var inferred = way.or(() -> password.map(text -> LoginWay.PASSWORD)).or(() -> key.map(text -> LoginWay.KEY));
        key.ifPresent(DeviceOperations::checkPrivateKey);
        try {
            return new DeviceChange(user, inferred,
                    password.or(() -> key).map(text -> text.getBytes(StandardCharsets.UTF_8)), secret,
                    sha256Required, Optional.ofNullable(body.getBoolean("legacyAllowed")), labels);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(String.valueOf(e.getMessage()));
        }
    }

    private static void checkPrivateKey(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            PrivateKeys.read("key", bytes).destroy();
        } catch (KeyFileError e) {
            throw Problem.invalid("login: " + e.getMessage());
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    Reply change(Call call) {
        var to = call.body().getString("id");
        if (call.body().getBoolean("claim", false)) {
            return claim(call);
        }
        if (to == null) {
            return changeRecord(call);
        }
        if (call.body().size() > 1) {
            throw Problem.invalid("a new id goes alone: change the rest before or after");
        }
        checkId(to);
        return detail(call.operator(), desk.rename(call.operator(), call.path("id"), to, version(call)));
    }

    private Reply claim(Call call) {
        var body = call.body();
        if (body.size() > (body.containsKey("claimSeconds") ? 2 : 1)) {
            throw Problem.invalid("a new token goes alone: change the rest before or after");
        }
        var claimed = desk.claim(call.operator(), call.path("id"), claimLife(body), version(call));
        var device = claimed.device();
        var shown = Rendering.detail(device, desk.alarms(call.operator(), Optional.of(device.id())));
        claimed.claim().ifPresent(token -> shown.put("claim", Rendering.token(token)));
        return Reply.json(shown).with("ETag", etag(device));
    }

    private static Duration claimLife(JsonObject body) {
        return Duration.ofSeconds(body.getInteger("claimSeconds", 86_400));
    }

    private Reply changeRecord(Call call) {
        var secret = secret(call.body());
        var change = change(call.body(), labels(call.body()), secret,
                Optional.ofNullable(call.body().getBoolean("sha256Required")));
        try {
            return detail(call.operator(),
                    desk.change(call.operator(), call.path("id"), change, version(call)));
        } finally {
            secret.ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
            change.login().ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
        }
    }

    private static Optional<Long> version(Call call) {
        return call.header("if-match").filter(tag -> !tag.equals("*")).map(tag -> {
            if (!tag.matches("\"[0-9]{1,18}\"")) {
                throw Problem.invalid("If-Match is the ETag of one version, as it came");
            }
            return Long.parseLong(tag.substring(1, tag.length() - 1));
        });
    }

    Reply remove(Call call) {
        desk.remove(call.operator(), call.path("id"), version(call));
        return Reply.nothing();
    }

    // ---- Deciding

    Reply approve(Call call) {
        return detail(call.operator(),
                desk.approve(call.operator(), call.path("id"), fingerprint(call.body())));
    }

    Reply approveMany(Call call) {
        Optional<AddressRange> from;
        try {
            from = Optional.ofNullable(call.body().getString("from")).map(AddressRange::parse);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("from is a network such as 192.0.2.0/24: " + e.getMessage());
        }
        var login = change(call.body(), Map.of(), Optional.empty(), Optional.empty());
        try {
            return approved(desk.approvePending(call.operator(), from,
                    Optional.ofNullable(call.body().getString("design")), login,
                    call.body().getInteger("limit", 1000)));
        } finally {
            login.login().ifPresent(bytes -> Arrays.fill(bytes, (byte) 0));
        }
    }

    private static Reply approved(Desk.ApprovedMany came) {
        var skipped = new JsonArray();
        came.skipped().forEach((id, reason) -> skipped.add(new JsonObject().put("id", id).put("reason", reason)));
        return Reply.json(new JsonObject().put("approved", new JsonArray(came.approved())).put("skipped", skipped)
                .put("more", came.more()));
    }

    Reply refuse(Call call) {
        var id = call.path("id");
        var key = fingerprint(call.body());
        return detail(call.operator(), key.isPresent()
                ? desk.refuseKey(call.operator(), id, key.get())
                : desk.refuse(call.operator(), id, PlainText.line("reason", call.body().getString("reason", ""))));
    }

    // ---- Their connections

    Reply disconnect(Call call) {
        desk.disconnect(call.operator(), call.path("id"));
        return Reply.nothing();
    }

    Reply rpc(Call call) throws InterruptedException {
        boolean xml = call.json().isEmpty();
        var reply = desk.rpc(call.operator(), call.path("id"), xml ? call.text() : call.body().getString("rpc"),
                Duration.ofSeconds(call.number("timeout", 60)));
        return xml
                ? Reply.of(200, "application/xml", Buffer.buffer(reply))
                : Reply.json(new JsonObject().put("reply", reply));
    }
}
