package homeport.cli;

import homeport.cli.api.ApiClient;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code homeport device remove}. */
@Command(name = "remove", mixinStandardHelpOptions = true, description = "Forgets devices; when one comes again it is a stranger.")
final class DeviceRemove implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "ID", arity = "1..*", description = "The devices.")
    private List<String> ids = List.of();

    @Override
    public Integer call() {
        return api.call(client -> EachDevice.of(api, ids, "removed", id -> {
            client.delete("/devices/" + ApiClient.part(id));
            return new JsonObject().put("id", id);
        }));
    }
}
