package homeport.cli;

import homeport.cli.api.ApiClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport device approve}: lets devices in, by name or all that wait. */
@Command(name = "approve", mixinStandardHelpOptions = true, description = "Lets devices in.")
final class DeviceApprove implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "ID", arity = "0..*", description = "Devices that wait.")
    private List<String> ids = List.of();

    @Option(names = "--pending", description = "All that wait.")
    private boolean pending;

    @Option(names = "--from", paramLabel = "CIDR", description = "With --pending: that came from this network.")
    private @Nullable String from;

    @Option(names = "--design", paramLabel = "D", description = "With --pending: of this design.")
    private @Nullable String design;

    @Option(names = "--limit", paramLabel = "N", description = "With --pending: no more than these, at most 1000.")
    private @Nullable Integer limit;

    @Option(names = "--fingerprint", paramLabel = "SHA256:…", description = "The key to let in, where several wait.")
    private @Nullable String fingerprint;

    @Mixin
    private LoginOptions login = new LoginOptions();

    @Mixin
    private SshReach.Options reach = new SshReach.Options();

    @Override
    public Integer call() {
        if (pending != ids.isEmpty()) {
            throw new Failure(ExitStatus.WRONG_USAGE, "name devices, or say --pending");
        }
        if (!pending && (from != null || design != null || limit != null)) {
            throw new Failure(ExitStatus.WRONG_USAGE, "--from, --design and --limit go with --pending");
        }
        if (pending && fingerprint != null) {
            throw new Failure(ExitStatus.WRONG_USAGE, "--fingerprint goes with one device, not with --pending");
        }
        return api.call(client -> pending ? all(client) : each(client));
    }

    private int each(ApiClient client) {
        var logins = new JsonObject();
        login.into(logins, api.main());
        var body = new JsonObject();
        if (fingerprint != null) {
            body.put("fingerprint", fingerprint);
        }
        int status = EachDevice.of(api, ids, "admitted",
                id -> {
                    // First, so that the first login of a device that waits is the right one.
                    if (!logins.isEmpty()) {
                        client.patch("/devices/" + ApiClient.part(id), logins);
                    }
                    return client.post("/devices/" + ApiClient.part(id) + "/approve", body);
                });
        if (status == ExitStatus.DONE.code() && !api.json()) {
            api.next("Next: " + SshReach.toShow(api, client, reach).command(ids.getFirst()));
        }
        return status;
    }

    private int all(ApiClient client) {
        var body = new JsonObject().put("pending", true);
        if (from != null) {
            body.put("from", from);
        }
        if (design != null) {
            body.put("design", design);
        }
        if (limit != null) {
            body.put("limit", limit);
        }
        login.into(body, api.main());
        var result = client.post("/devices/approve", body);
        var table = new Table("DEVICE", "RESULT");
        var approved = result.getJsonArray("approved", new JsonArray());
        approved.forEach(id -> table.add(String.valueOf(id), "admitted"));
        var skipped = result.getJsonArray("skipped", new JsonArray());
        for (int i = 0; i < skipped.size(); i++) {
            table.add(DeviceText.text(skipped.getJsonObject(i), "id"),
                    "skipped: " + DeviceText.text(skipped.getJsonObject(i), "reason"));
        }
        int status = api.show(result, table.toString());
        if (result.getBoolean("more", false)) {
            api.next("More wait: the same command again approves the next of them.");
        }
        return status;
    }
}
