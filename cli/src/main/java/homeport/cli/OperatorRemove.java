package homeport.cli;

import homeport.cli.api.ApiClient;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code homeport operator remove}. */
@Command(name = "remove", mixinStandardHelpOptions = true, description = "Removes an operator; live sessions end at once.")
final class OperatorRemove implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "NAME", description = "The operator.")
    private String name = "";

    @Override
    public Integer call() {
        return api.call(client -> {
            client.delete("/operators/" + ApiClient.part(name));
            return api.show(new JsonObject().put("name", name), "");
        });
    }
}
