package homeport.cli;

import io.vertx.core.json.JsonArray;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code homeport trust list}. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "Authorities whose certificates are believed.")
final class TrustList implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Override
    public Integer call() {
        return api.call(client -> {
            var authorities = client.get("/trust").getJsonArray("items");
            return api.show(authorities, table(authorities));
        });
    }

    static Table table(JsonArray authorities) {
        var table = new Table("AUTHORITY", "KIND", "FOR", "ID FROM", "ADMITS UNKNOWN", "LISTED");
        for (int i = 0; i < authorities.size(); i++) {
            var authority = authorities.getJsonObject(i);
            int listed = authority.getJsonArray("listed", new JsonArray()).size();
            table.add(DeviceText.text(authority, "name"), DeviceText.text(authority, "kind"),
                    DeviceText.text(authority, "purpose"), DeviceText.text(authority, "idFrom"),
                    Boolean.TRUE.equals(authority.getValue("admitsUnknown")) ? "yes" : "no",
                    listed == 0 ? "any" : String.valueOf(listed));
        }
        return table;
    }
}
