package homeport.cli;

import homeport.cli.api.ApiClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport operator set}. */
@Command(name = "set", mixinStandardHelpOptions = true, //
        description = "Changes an operator's keys, role or devices; live sessions that go beyond them end.")
final class OperatorSet implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "NAME", description = "The operator.")
    private String name = "";

    @Option(names = "--add-key", paramLabel = "FILE", description = "A public key more; - for standard input.")
    private List<String> added = List.of();

    @Option(names = "--remove-key", paramLabel = "SHA256:…", description = "A key less, as operator list shows it.")
    private List<String> removed = List.of();

    @Option(names = "--role", paramLabel = "ROLE", description = "viewer, operator or admin.")
    private @Nullable String role;

    @Option(names = "--label", paramLabel = "K=V", //
            description = "From now on only devices with this label; said again, more values or more labels.")
    private List<String> labels = List.of();

    @Option(names = "--all-devices", description = "From now on devices with whatever labels.")
    private boolean allDevices;

    @Override
    public Integer call() {
        if (allDevices && !labels.isEmpty()) {
            throw new Failure(ExitStatus.WRONG_USAGE, "--label or --all-devices, not both");
        }
        var change = new JsonObject();
        if (role != null) {
            change.put("role", role);
        }
        if (allDevices || !labels.isEmpty()) {
            change.put("selectors", OperatorAdd.selectors(labels));
        }
        var more = added.stream().flatMap(file -> OperatorAdd.keys(api.main(), file, "").stream()).toList();
        if (change.isEmpty() && more.isEmpty() && removed.isEmpty()) {
            throw new Failure(ExitStatus.WRONG_USAGE,
                    "say what changes: --add-key, --remove-key, --role, --label or --all-devices");
        }
        return api.call(client -> {
            if (!more.isEmpty() || !removed.isEmpty()) {
                change.put("publicKeys", keys(client, more));
            }
            var now = client.patch("/operators/" + ApiClient.part(name), change);
            return api.show(now, OperatorList.table(new JsonArray().add(now)).toString());
        });
    }

    /** Those that the operator has, without what goes and with what comes. */
    private JsonArray keys(ApiClient client, List<String> more) {
        var lines = new LinkedHashSet<String>();
        var going = new LinkedHashSet<>(removed);
        var all = client.get("/operators").getJsonArray("items");
        for (int i = 0; i < all.size(); i++) {
            if (DeviceText.text(all.getJsonObject(i), "name").equals(name)) {
                var keys = all.getJsonObject(i).getJsonArray("keys", new JsonArray());
                for (int k = 0; k < keys.size(); k++) {
                    if (!going.remove(DeviceText.text(keys.getJsonObject(k), "fingerprint"))) {
                        lines.add(DeviceText.text(keys.getJsonObject(k), "line"));
                    }
                }
            }
        }
        if (!going.isEmpty()) {
            throw new Failure(ExitStatus.FAILED, name + " has no key " + String.join(", ", going)
                    + ": homeport operator list shows which there are");
        }
        lines.addAll(more);
        return new JsonArray(List.copyOf(lines));
    }
}
