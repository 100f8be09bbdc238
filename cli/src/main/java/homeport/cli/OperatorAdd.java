package homeport.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport operator add}. */
@Command(name = "add", mixinStandardHelpOptions = true, description = "Adds an operator.")
final class OperatorAdd implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "NAME", description = "Without a plus sign, which stands before a device.")
    private String name = "";

    @Option(names = "--public-key", paramLabel = "FILE", //
            description = "By which the operator logs in; - for standard input. Without one, by token only.")
    private List<String> publicKeys = List.of();

    @Option(names = "--role", paramLabel = "ROLE", defaultValue = "operator", //
            description = "viewer, operator (as it is without) or admin.")
    private String role = "";

    @Option(names = "--label", paramLabel = "K=V", //
            description = "Only devices with this label; said again, more values or more labels.")
    private List<String> labels = List.of();

    @Override
    public Integer call() {
        var operator = new JsonObject().put("name", name).put("role", role);
        var lines = new JsonArray();
        for (var file : publicKeys) {
            keys(api.main(), file, "; without --public-key the operator has none, and comes by token only")
                    .forEach(lines::add);
        }
        operator.put("publicKeys", lines);
        var selectors = selectors(labels);
        if (!selectors.isEmpty()) {
            operator.put("selectors", selectors);
        }
        return api.call(client -> {
            var added = client.post("/operators", operator);
            return api.show(added, OperatorList.table(new JsonArray().add(added)).toString());
        });
    }

    /** The lines of a file with public keys. @param advice for a file without one */
    static List<String> keys(Main main, String file, String advice) {
        var keys = InputFile.readPublic(main, file, InputFile.MOST_SECRET_BYTES).lines().map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#")).toList();
        if (keys.isEmpty()) {
            throw new Failure(ExitStatus.WRONG_USAGE,
                    InputFile.named(file) + " holds no public key" + advice);
        }
        return keys;
    }

    /** Values by name, of {@code K=V}. */
    static JsonObject selectors(List<String> labels) {
        var values = new JsonObject();
        for (var label : labels) {
            int equals = label.indexOf('=');
            if (equals < 1) {
                throw new Failure(ExitStatus.WRONG_USAGE, "--label is NAME=VALUE, not " + label);
            }
            var key = label.substring(0, equals);
            values.put(key, values.getJsonArray(key, new JsonArray()).add(label.substring(equals + 1)));
        }
        return values;
    }
}
