package homeport.cli;

import homeport.cli.api.ApiClient;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport device set}: changes what is named, and nothing else. */
@Command(name = "set", mixinStandardHelpOptions = true, description = "Changes a device's record.")
final class DeviceSet implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "ID", description = "The device.")
    private String id = "";

    @Mixin
    private LoginOptions login = new LoginOptions();

    @Option(names = "--secret-file", paramLabel = "F", description = "File with the secret of its HMAC; or -.")
    private @Nullable String secretFile;

    @Option(names = "--label", paramLabel = "K=V", description = "K= removes one; may be said again.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--allow-legacy", arity = "0..1", fallbackValue = "true", paramLabel = "true|false", //
            description = "SHA-1 and CBC for this device only, because it has nothing better.")
    private @Nullable Boolean legacy;

    @Option(names = "--claim", description = "A new one-time token, for a device with a new key; goes alone.")
    private boolean claim;

    @Option(names = "--rename", paramLabel = "ID", description = "Another name; goes alone, and disconnects it.")
    private @Nullable String rename;

    @Override
    public Integer call() {
        var change = new JsonObject();
        if (claim) {
            change.put("claim", true);
        }
        if (rename != null) {
            change.put("id", rename);
        }
        login.into(change, api.main());
        if (!labels.isEmpty()) {
            change.put("labels", LabelOption.object(labels));
        }
        if (legacy != null) {
            change.put("legacyAllowed", legacy);
        }
        if (secretFile != null) {
            change.put("secret", InputFile.secret(api.main(), secretFile));
        }
        if (change.isEmpty()) {
            throw new Failure(ExitStatus.WRONG_USAGE, "nothing to set: see homeport device set --help");
        }
        return api.call(client -> {
            var device = client.patch("/devices/" + ApiClient.part(id), change);
            return api.show(device, DeviceText.page(device) + DeviceText.claim(device));
        });
    }
}
