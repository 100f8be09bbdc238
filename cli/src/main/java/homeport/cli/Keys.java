package homeport.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code homeport keys}: the gateway's public keys, as lines of known_hosts and authorized_keys. */
@Command(name = "keys", mixinStandardHelpOptions = true, //
        description = "The gateway's public keys: for known_hosts, for a device's authorized_keys, and its authority's.")
final class Keys implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @ArgGroup
    private @Nullable Which which;

    /** One of them. */
    static final class Which {
        @Option(names = "--host", description = "What devices and operators see it as: lines of known_hosts.")
        private boolean host;

        @Option(names = "--user", description = "By which it logs in to devices: a line of authorized_keys.")
        private boolean user;

        @Option(names = "--ca", description = "Its authority's: a line of known_hosts, and for TrustedUserCAKeys.")
        private boolean authority;
    }

    @Mixin
    private SshReach.Options reach = new SshReach.Options();

    @Override
    public Integer call() {
        return api.call(client -> {
            var keys = client.get("/keys");
            if (api.json()) {
                return api.show(keys, "");
            }
            if (which != null && which.user) {
                return api.print(key(keys, "user") + " homeport\n");
            }
            if (which != null && which.authority) {
                return api.print(key(keys, "authority") + " homeport authority\n");
            }
            var host = hosts(keys, SshReach.of(api, client, reach).knownNames());
            if (which != null && which.host) {
                return api.print(host);
            }
            return api.print("# ~/.ssh/known_hosts of operators and devices\n" + host + "@cert-authority * "
                    + key(keys, "authority") + "\n# ~/.ssh/authorized_keys of devices\n" + key(keys, "user")
                    + " homeport\n");
        });
    }

    /**
     * A line of known_hosts for each host key, the first one first: a program may go on with whichever it likes best.
     *
     * @param names of the gateway, as known_hosts has them
     */
    static String hosts(JsonObject keys, String names) {
        var text = new StringBuilder(names + " " + key(keys, "host") + "\n");
        var further = keys.getJsonArray("furtherHosts", new JsonArray());
        for (int i = 0; i < further.size(); i++) {
            text.append(names).append(' ').append(checked(String.valueOf(further.getValue(i)), "host")).append('\n');
        }
        return text.toString();
    }

    /** Type and base64 of one, and nothing else, whatever the server says. */
    static String key(JsonObject keys, String name) {
        return checked(DeviceText.text(keys, name), name);
    }

    private static String checked(String line, String name) {
        if (!line.matches("[a-z0-9@.-]+ [A-Za-z0-9+/=]+")) {
            throw new Failure(ExitStatus.FAILED, "the gateway shows no " + name + " key; is it an older one?");
        }
        return line;
    }
}
