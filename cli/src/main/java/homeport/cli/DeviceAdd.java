package homeport.cli;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport device add}: a device before it comes. */
@Command(name = "add", mixinStandardHelpOptions = true, description = "Adds a device that is expected.")
final class DeviceAdd implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "ID", description = "The device.")
    private String id = "";

    @Option(names = "--fingerprint", paramLabel = "SHA256:…", description = "Of its key, as ssh-keygen -l shows it.")
    private @Nullable String fingerprint;

    @Option(names = "--public-key", paramLabel = "F", description = "File with its public key; - for standard input.")
    private @Nullable String publicKey;

    @Option(names = "--secret-file", paramLabel = "F", description = "File with the secret of its HMAC; or -.")
    private @Nullable String secretFile;

    @Option(names = "--claim", description = "A one-time token, by which it gets in once.")
    private boolean claim;

    @Mixin
    private LoginOptions login = new LoginOptions();

    @Option(names = "--label", paramLabel = "K=V", description = "May be said again.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Override
    public Integer call() {
        var device = new JsonObject().put("id", id);
        int proofs = 0;
        if (fingerprint != null) {
            device.put("fingerprint", fingerprint);
            proofs++;
        }
        if (publicKey != null) {
            device.put("publicKey", InputFile.readPublic(api.main(), publicKey, InputFile.MOST_SECRET_BYTES).strip());
            proofs++;
        }
        if (secretFile != null) {
            device.put("secret", InputFile.secret(api.main(), secretFile));
            proofs++;
        }
        if (claim) {
            device.put("claim", true);
            proofs++;
        }
        if (proofs > 1) {
            throw new Failure(ExitStatus.WRONG_USAGE,
                    "one of --fingerprint, --public-key, --secret-file and --claim: a device proves itself by one");
        }
        login.into(device, api.main());
        if (!labels.isEmpty()) {
            device.put("labels", LabelOption.object(labels));
        }
        return api.call(client -> {
            var added = client.post("/devices", device);
            return api.show(added, DeviceText.page(added) + DeviceText.claim(added));
        });
    }
}
