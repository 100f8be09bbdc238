package homeport.cli;

import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code homeport export ansible}: an inventory in YAML; names are quoted as JSON, which YAML reads. */
@Command(name = "ansible", mixinStandardHelpOptions = true, description = "An Ansible inventory, in YAML.")
final class ExportAnsible implements Callable<Integer> {
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
            var text = new StringBuilder("all:\n  hosts:\n");
            var hosts = new JsonObject();
            for (var device : exported.devices(client)) {
                var id = DeviceText.text(device, "id");
                var host = new JsonObject().put("ansible_host", reach.host()).put("ansible_port", reach.port())
                        .put("ansible_user", reach.user(id));
                hosts.put(id, host);
                text.append("    ").append(quoted(id)).append(":\n");
                host.forEach(entry -> text.append("      ").append(entry.getKey()).append(": ")
                        .append(entry.getValue() instanceof String value
                                ? quoted(value)
                                : String.valueOf(entry.getValue()))
                        .append('\n'));
            }
            if (hosts.isEmpty()) {
                text.setLength(text.length() - 1);
                text.append(" {}\n");
            }
            return api.show(
                    new JsonObject().put("all", new JsonObject().put("hosts", hosts)), text.toString());
        });
    }

    private static String quoted(String text) {
        return io.vertx.core.json.Json.encode(text);
    }
}
