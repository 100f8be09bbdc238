package homeport.cli;

import homeport.cli.api.ApiClient;
import homeport.cli.api.ServerEvent;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code homeport device watch}: events as they happen, a line each, until it is ended. */
@Command(name = "watch", mixinStandardHelpOptions = true, description = "What happens to devices, as it happens.")
final class DeviceWatch implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Override
    public Integer call() {
        return api.call(client -> {
            client.watch(new ApiClient.Watcher() {
                @Override
                public void accept(ServerEvent event) {
                    api.print(line(event) + "\n");
                }

                @Override
                public void broken(String reason, Duration pause) {
                    api.err().println("homeport: " + reason + "; again in " + pause.toSeconds() + " s");
                    api.err().flush();
                }
            });
            return ExitStatus.DONE.code();
        });
    }

    private String line(ServerEvent event) {
        JsonObject data;
        try {
            data = new JsonObject(event.data());
        } catch (DecodeException e) {
            data = new JsonObject();
        }
        if (api.json()) {
            return data.isEmpty() ? new JsonObject().put("type", event.type()).encode() : data.encode();
        }
        if (event.type().equals("reset")) {
            return "some events were missed; see homeport device list";
        }
        var more = data.getJsonObject("data", new JsonObject()).stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue()).collect(Collectors.joining("  "));
        return Table.shown(String.join("  ", DeviceText.text(data, "at"), event.type(), DeviceText.text(data, "device"),
                more)).stripTrailing();
    }
}
