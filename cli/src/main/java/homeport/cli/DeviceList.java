package homeport.cli;

import homeport.cli.api.ApiClient;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code homeport device list}. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "Devices within reach.")
final class DeviceList implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Option(names = "--state", paramLabel = "S", description = "pending, admitted or refused.")
    private @Nullable String state;

    @Option(names = "--design", paramLabel = "D", description = "bootstrap, call-home, server-channels or tunnel.")
    private @Nullable String design;

    @Option(names = "--online", arity = "0..1", fallbackValue = "true", paramLabel = "true|false", //
            description = "Those that are connected, or with false those that are not.")
    private @Nullable Boolean online;

    @Option(names = "--label", paramLabel = "K=V", description = "With this label; may be said again.")
    private List<String> labels = List.of();

    /** More than any gateway has; a server that goes on without end is left at some time. */
    private static final int MOST = 1_000_000;

    @Override
    public Integer call() {
        var query = new StringBuilder("/devices");
        and(query, "state", state);
        and(query, "design", design);
        and(query, "online", online == null ? null : online.toString());
        labels.forEach(label -> and(query, "label", label));
        return api.call(client -> {
            var devices = client.list(query.toString(), MOST);
            int status = api.show(devices, DeviceText.table(devices));
            for (int i = 0; i < devices.size(); i++) {
                var device = devices.getJsonObject(i);
                if ("pending".equals(device.getString("state"))) {
                    api.next("Next, if you know it: " + FirstSteps.approve(device.getString("id"),
                            DeviceText.text(device, "design"), api.flags()));
                    break;
                }
            }
            return status;
        });
    }

    private static void and(StringBuilder query, String name, @Nullable String value) {
        if (value != null) {
            query.append(query.indexOf("?") < 0 ? '?' : '&').append(name).append('=').append(ApiClient.part(value));
        }
    }
}
