package homeport.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code homeport export known-hosts}: the gateway's own key, and its authority for every device that a jump reaches. */
@Command(name = "known-hosts", mixinStandardHelpOptions = true, //
        description = "For ~/.ssh/known_hosts: the gateway, and one line for every device behind it.")
final class ExportKnownHosts implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Mixin
    private SshReach.Options options = new SshReach.Options();

    @Option(names = "--hosts", paramLabel = "PATTERN", defaultValue = "*", //
            description = "For which names the gateway's authority is believed (all): such as router*,*.lab")
    private String hosts = "*";

    @Override
    public Integer call() {
        if (!hosts.matches("[A-Za-z0-9_.,:*?!\\[\\]-]+")) {
            throw new Failure(ExitStatus.WRONG_USAGE, "--hosts is a pattern as in known_hosts, not " + hosts);
        }
        return api.call(client -> {
            var keys = client.get("/keys");
            var gateway = Keys.hosts(keys, SshReach.of(api, client, options).knownName());
            var authority = "@cert-authority " + hosts + " " + Keys.key(keys, "authority");
            return api.show(new JsonObject().put("gateway", new JsonArray(gateway.lines().toList())).put("authority",
                    authority), gateway + authority + "\n");
        });
    }
}
