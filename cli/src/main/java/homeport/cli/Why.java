package homeport.cli;

import homeport.cli.api.ApiClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport why}: the journal, with what happened and what to do. */
@Command(name = "why", mixinStandardHelpOptions = true, description = "Why a device is not here: its attempts, the reason of each, and what to do.")
final class Why implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "ID|FINGERPRINT|ADDRESS", arity = "0..1", description = "Without it, everybody's.")
    private @Nullable String about;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "The newest of them (20).")
    private int limit;

    @Override
    public Integer call() {
        return api.call(client -> {
            var attempts = find(client);
            return api.show(new JsonObject().put("items", attempts), text(attempts));
        });
    }

    /** What looks like an address or a fingerprint may be an id all the same, so both are looked for. */
    private JsonArray find(ApiClient client) {
        if (about == null) {
            return client.list("/attempts", limit);
        }
        var names = new ArrayList<String>();
        if (about.matches("SHA256:[A-Za-z0-9+/]{43}")) {
            names.add("fingerprint");
        } else if (about.matches("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[0-9A-Za-z._-]+)?")) {
            names.add("address");
        }
        names.add("device");
        var found = new JsonArray();
        for (var name : names) {
            if (found.isEmpty()) {
                found = client.list("/attempts?" + name + "=" + ApiClient.part(about), limit);
            }
        }
        return found;
    }

    private String text(JsonArray attempts) {
        if (attempts.isEmpty()) {
            return "Nothing on record" + (about == null ? "" : " about " + Table.shown(about))
                    + ": it has not reached this gateway. Check the address it dials, and firewalls on the way.\n";
        }
        var text = new StringBuilder();
        for (int i = 0; i < attempts.size(); i++) {
            var attempt = attempts.getJsonObject(i);
            var who = DeviceText.text(attempt, "device").isEmpty()
                    ? DeviceText.text(attempt, "fingerprint")
                    : DeviceText.text(attempt, "device");
            line(text, "", DeviceText.text(attempt, "at") + "  " + (who.isEmpty() ? "somebody" : who) + " from "
                    + DeviceText.text(attempt, "address") + ", " + DeviceText.text(attempt, "outcome") + " at "
                    + DeviceText.text(attempt, "stage"));
            line(text, "    ", DeviceText.text(attempt, "sentence"));
            line(text, "    ", DeviceText.text(attempt, "remedy"));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String indent, String line) {
        if (!line.isEmpty()) {
            text.append(indent).append(Table.shown(line)).append('\n');
        }
    }
}
