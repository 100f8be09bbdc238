package homeport.cli;

import homeport.cli.api.ApiClient;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** Which devices an export holds. */
final class Exported {
    private static final int MOST = 1_000_000;

    @Option(names = "--label", paramLabel = "K=V", description = "Only with this label; may be said again.")
    private List<String> labels = List.of();

    /** Those that are admitted. */
    List<JsonObject> devices(ApiClient client) {
        var query = new StringBuilder("/devices?state=admitted");
        labels.forEach(label -> query.append("&label=").append(ApiClient.part(label)));
        var devices = client.list(query.toString(), MOST);
        return IntStream.range(0, devices.size()).mapToObj(devices::getJsonObject).toList();
    }
}
