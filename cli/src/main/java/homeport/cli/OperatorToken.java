package homeport.cli;

import homeport.cli.api.ApiClient;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport operator token}: alone on standard output, so that it can go to a file. */
@Command(name = "token", mixinStandardHelpOptions = true, description = "A new bearer token of an operator, shown this once.")
final class OperatorToken implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "NAME", description = "The operator.")
    private String name = "";

    @Option(names = "--days", paramLabel = "N", description = "How long it is good (30).")
    private @Nullable Integer days;

    @Override
    public Integer call() {
        var body = new JsonObject();
        if (days != null) {
            if (days < 1 || days > 365) {
                throw new Failure(ExitStatus.WRONG_USAGE, "--days is 1 to 365");
            }
            body.put("seconds", days * 86_400);
        }
        return api.call(client -> {
            var token = client.post("/operators/" + ApiClient.part(name) + "/token", body);
            int status = api.show(token, token.getString("token") + "\n");
            api.next("Good until " + token.getString("expires") + "; set it as HOMEPORT_TOKEN. It is not shown again.");
            return status;
        });
    }
}
