package homeport.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import java.util.stream.Collectors;

/** Devices, for people. */
final class DeviceText {
    private DeviceText() {}

    static Table table(JsonArray devices) {
        var table = new Table("DEVICE", "STATE", "ONLINE", "DESIGN", "ADDRESS", "SINCE", "REASON");
        for (int i = 0; i < devices.size(); i++) {
            var device = devices.getJsonObject(i);
            table.add(text(device, "id"), text(device, "state"), online(device), text(device, "design"),
                    text(device, "address"), since(device), text(device, "reason"));
        }
        return table;
    }

    /** Everything about one, a line each. */
    static String page(JsonObject device) {
        var page = new Page();
        page.add("device", text(device, "id"));
        page.add("state", text(device, "state"));
        page.add("online", online(device));
        page.add("since", since(device));
        page.add("reason", text(device, "reason"));
        page.add("design", text(device, "design"));
        page.add("address", text(device, "address"));
        page.add("software", text(device, "software"));
        var identity = device.getJsonObject("identity", new JsonObject());
        page.add("identity", text(identity, text(identity, "kind")));
        page.add("labels", device.getJsonObject("labels", new JsonObject()).stream()
                .map(label -> label.getKey() + "=" + label.getValue()).collect(Collectors.joining(" ")));
        objects(device, "keys", key -> page.add("key", text(key, "fingerprint") + " " + text(key, "state") + ", "
                + text(key, "addedBy") + ", " + text(key, "added")));
        var login = device.getJsonObject("login", new JsonObject());
        page.add("login", (text(login, "user") + " by " + text(login, "by")).strip());
        page.add("authority", text(device, "authority"));
        page.add("group", text(device, "group"));
        if (Boolean.TRUE.equals(device.getValue("legacyAllowed"))) {
            page.add("warning", "legacy algorithms are allowed for it");
        }
        objects(device, "alarms", alarm -> page.add("alarm", text(alarm, "kind") + ": " + text(alarm, "detail")
                + " (" + alarm.getValue("times") + " times, last " + text(alarm, "last") + ")"));
        return page.toString();
    }

    /** A claim token, where there is one. */
    static String claim(JsonObject device) {
        var token = device.getJsonObject("claim");
        return token == null
                ? ""
                : "claim     " + token.getString("token") + "\n          good once, until " + token.getString("expires")
                        + "; it is shown only now\n";
    }

    private static void objects(JsonObject device, String name, java.util.function.Consumer<JsonObject> each) {
        var array = device.getJsonArray(name, new JsonArray());
        for (int i = 0; i < array.size(); i++) {
            each.accept(array.getJsonObject(i));
        }
    }

    private static String online(JsonObject device) {
        return Boolean.TRUE.equals(device.getValue("online")) ? "yes" : "no";
    }

    private static String since(JsonObject device) {
        return Objects.requireNonNullElse(device.getString("since"), "never seen");
    }

    static String text(JsonObject object, String name) {
        return object.getValue(name) instanceof String text ? text : "";
    }
}
