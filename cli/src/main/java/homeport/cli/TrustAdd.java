package homeport.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport trust add}: an authority whose certificates are believed. */
@Command(name = "add", mixinStandardHelpOptions = true, description = "Adds an authority.")
final class TrustAdd implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "NAME", description = "The authority.")
    private String name = "";

    @Option(names = "--ca", paramLabel = "FILE", required = true, //
            description = "Certificates in PEM, or an OpenSSH public key; - for standard input.")
    private String ca = "";

    @Option(names = "--id-from", paramLabel = "FIELD", //
            description = "serialNumber (as it is without), CN or SAN: where a certificate names the device.")
    private @Nullable String idFrom;

    @Option(names = "--admit-unknown", description = "Whoever it certifies may in, without being on record.")
    private boolean admitUnknown;

    @Option(names = "--listed", paramLabel = "FILE", description = "Only these ids, one a line.")
    private @Nullable String listed;

    @Option(names = "--crl", paramLabel = "FILE", description = "Revocation lists in PEM.")
    private @Nullable String revocations;

    @Option(names = "--operators", description = "For operators' certificates instead of devices'.")
    private boolean operators;

    @Override
    public Integer call() {
        var text = InputFile.readPublic(api.main(), ca, InputFile.MOST_TEXT_BYTES).strip();
        var authority = new JsonObject().put("name", name).put("purpose", operators ? "operators" : "devices")
                .put("kind", text.contains("-----BEGIN CERTIFICATE-----") ? "x509" : "openssh").put("material", text)
                .put("admitsUnknown", admitUnknown);
        if (idFrom != null) {
            authority.put("idFrom", idFrom);
        }
        if (listed != null) {
            var ids = new JsonArray();
            InputFile.read(api.main(), listed, InputFile.MOST_TEXT_BYTES).lines().map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#")).forEach(ids::add);
            authority.put("listed", ids);
        }
        if (revocations != null) {
            authority.put("revocations", InputFile.readPublic(api.main(), revocations, InputFile.MOST_TEXT_BYTES));
        }
        return api.call(client -> {
            var added = client.post("/trust", authority);
            return api.show(added, TrustList.table(new JsonArray().add(added)).toString());
        });
    }
}
