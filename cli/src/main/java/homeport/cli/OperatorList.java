package homeport.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code homeport operator list}. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "Operators.")
final class OperatorList implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Override
    public Integer call() {
        return api.call(client -> {
            var operators = client.get("/operators").getJsonArray("items");
            return api.show(operators, table(operators));
        });
    }

    static Table table(JsonArray operators) {
        var table = new Table("OPERATOR", "ROLE", "DEVICES", "KEYS");
        for (int i = 0; i < operators.size(); i++) {
            var operator = operators.getJsonObject(i);
            var selectors = operator.getJsonObject("selectors", new JsonObject());
            var keys = operator.getJsonArray("keys", new JsonArray());
            var prints = new ArrayList<String>();
            for (int k = 0; k < keys.size(); k++) {
                prints.add(DeviceText.text(keys.getJsonObject(k), "fingerprint"));
            }
            table.add(DeviceText.text(operator, "name"), DeviceText.text(operator, "role"),
                    selectors.isEmpty() ? "all" : selectors.encode(), String.join(" ", prints));
        }
        return table;
    }
}
