package homeport.cli;

import homeport.cli.api.ApiClient;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code homeport audit}: the trail of what operators did. */
@Command(name = "audit", mixinStandardHelpOptions = true, description = "What operators did, in order.")
final class AuditCommand implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    private static final int MOST = 1_000_000;

    @Option(names = "--device", paramLabel = "ID", description = "About this device.")
    private @Nullable String device;

    @Option(names = "--since", paramLabel = "D", description = "A time such as 2026-01-31T12:00:00Z, a day, or 90m, 24h, 7d ago.")
    private @Nullable String since;

    @Override
    public Integer call() {
        var query = new StringBuilder("/audit");
        if (device != null) {
            query.append("?device=").append(ApiClient.part(device));
        }
        if (since != null) {
            query.append(device == null ? '?' : '&').append("since=")
                    .append(ApiClient.part(Since.parse(since, Instant.now()).toString()));
        }
        return api.call(client -> {
            var entries = client.list(query.toString(), MOST);
            var table = new Table("NUMBER", "AT", "WHO", "DID", "DEVICE", "DETAIL");
            for (int i = 0; i < entries.size(); i++) {
                var entry = entries.getJsonObject(i);
                table.add(String.valueOf(entry.getValue("number")), DeviceText.text(entry, "at"),
                        DeviceText.text(entry, "actor"), DeviceText.text(entry, "action"),
                        DeviceText.text(entry, "device"), DeviceText.text(entry, "detail"));
            }
            return api.show(entries, table);
        });
    }
}
