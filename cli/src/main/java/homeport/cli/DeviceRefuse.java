package homeport.cli;

import homeport.cli.api.ApiClient;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport device refuse}. */
@Command(name = "refuse", mixinStandardHelpOptions = true, description = "Shuts devices out, or one key of a device.")
final class DeviceRefuse implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "ID", arity = "1..*", description = "The devices.")
    private List<String> ids = List.of();

    @Option(names = "--reason", paramLabel = "TEXT", description = "For the record.")
    private @Nullable String reason;

    @Option(names = "--fingerprint", paramLabel = "SHA256:…", description = "Only this key; the device stays as it is.")
    private @Nullable String fingerprint;

    @Override
    public Integer call() {
        var body = new JsonObject();
        if (reason != null) {
            body.put("reason", reason);
        }
        if (fingerprint != null) {
            body.put("fingerprint", fingerprint);
        }
        return api.call(client -> EachDevice.of(api, ids, fingerprint == null ? "refused" : "key refused",
                id -> client.post("/devices/" + ApiClient.part(id) + "/refuse", body)));
    }
}
