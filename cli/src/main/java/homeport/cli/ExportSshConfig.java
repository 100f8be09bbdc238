package homeport.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code homeport export ssh-config}: a Host for each device. Names that ssh_config cannot hold are named in a comment. */
@Command(name = "ssh-config", mixinStandardHelpOptions = true, description = "For ~/.ssh/config: a Host for each device.")
final class ExportSshConfig implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Mixin
    private Exported exported = new Exported();

    @Mixin
    private SshReach.Options options = new SshReach.Options();

    @Override
    public Integer call() {
        return api.call(client -> {
            var reach = SshReach.of(api, client, options);
            var text = new StringBuilder();
            var all = new JsonArray();
            for (var device : exported.devices(client)) {
                var id = DeviceText.text(device, "id");
                all.add(new JsonObject().put("Host", id).put("HostName", reach.host()).put("Port", reach.port())
                        .put("User", reach.user(id)));
                // No blanks, quotes, patterns or tokens: what a stranger called itself must not become a setting.
                if (id.matches("[\\p{L}\\p{N}_.:+/-]+") && !id.startsWith("-")) {
                    text.append("Host ").append(id).append("\n    HostName ").append(reach.host()).append("\n    Port ")
                            .append(reach.port()).append("\n    User ").append(reach.user(id)).append('\n');
                } else {
                    text.append("# not as a Host: ").append(Table.shown(id)).append('\n');
                }
            }
            return api.show(all, text.toString());
        });
    }
}
