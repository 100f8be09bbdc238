package homeport.cli;

import homeport.cli.api.ApiClient;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code homeport device disconnect}. */
@Command(name = "disconnect", mixinStandardHelpOptions = true, description = "Ends devices' connections; they may come back at once.")
final class DeviceDisconnect implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "ID", arity = "1..*", description = "The devices.")
    private List<String> ids = List.of();

    @Override
    public Integer call() {
        return api.call(client -> EachDevice.of(api, ids, "disconnected",
                id -> client.post("/devices/" + ApiClient.part(id) + "/disconnect")));
    }
}
