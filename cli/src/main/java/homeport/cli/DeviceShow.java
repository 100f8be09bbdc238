package homeport.cli;

import homeport.cli.api.ApiClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code homeport device show}. */
@Command(name = "show", mixinStandardHelpOptions = true, description = "All that is on record about a device.")
final class DeviceShow implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "ID", description = "The device.")
    private String id = "";

    @Override
    public Integer call() {
        return api.call(client -> {
            var device = client.get("/devices/" + ApiClient.part(id));
            return api.show(device, DeviceText.page(device));
        });
    }
}
