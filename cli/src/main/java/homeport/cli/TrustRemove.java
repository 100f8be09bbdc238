package homeport.cli;

import homeport.cli.api.ApiClient;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code homeport trust remove}. */
@Command(name = "remove", mixinStandardHelpOptions = true, description = "Removes an authority; devices that are bound to it stay bound, and out.")
final class TrustRemove implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "NAME", description = "The authority.")
    private String name = "";

    @Override
    public Integer call() {
        return api.call(client -> {
            client.delete("/trust/" + ApiClient.part(name));
            return api.show(new JsonObject().put("name", name), "");
        });
    }
}
