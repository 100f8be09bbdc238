package homeport.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code homeport device …}: what is on record, and decisions about it. */
@Command(name = "device", mixinStandardHelpOptions = true, description = "Lists devices and decides about them.")
final class DeviceCommand {
    private static final int MOST_SECRET_BYTES = 4096;

    @Spec
    private @Nullable CommandSpec spec;

    private PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    private void show(Api api, JsonObject device) {
        out().print(api.json ? device.encode() + "\n" : table(new JsonArray().add(device)));
        out().flush();
    }

    private static String table(JsonArray devices) {
        var table = new Table("DEVICE", "STATE", "ONLINE", "DESIGN", "ADDRESS", "SINCE", "REASON");
        for (int i = 0; i < devices.size(); i++) {
            var device = devices.getJsonObject(i);
            table.add(device.getString("id"), device.getString("state"), device.getBoolean("online") ? "yes" : "no",
                    device.getString("design"), device.getString("address"),
                    Objects.requireNonNullElse(device.getString("since"), "never seen"),
                    device.getString("reason"));
        }
        return table.toString();
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Devices within reach.")
    int list(@Mixin Api api, @Option(names = "--state", paramLabel = "S") @Nullable String state,
            @Option(names = "--label", paramLabel = "K=V") @Nullable List<String> labels) {
        var query = new StringBuilder("/devices?limit=1000");
        if (state != null) {
            query.append("&state=").append(Api.part(state));
        }
        for (var label : labels == null ? List.<String>of() : labels) {
            query.append("&label=").append(Api.part(label));
        }
        var all = new JsonArray();
        @Nullable
        String next = "";
        do {
            var page = api.get(next.isEmpty() ? query.toString() : query + "&cursor=" + Api.part(next));
            all.addAll(page.getJsonArray("items"));
            next = page.getString("next");
        } while (next != null);
        out().print(api.json ? all.encode() + "\n" : table(all));
        out().flush();
        return ExitStatus.DONE.code();
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "One device.")
    int show(@Mixin Api api, @Parameters(paramLabel = "ID") String id) {
        show(api, api.get("/devices/" + Api.part(id)));
        return ExitStatus.DONE.code();
    }

    @Command(name = "add", mixinStandardHelpOptions = true, description = "A device that is expected.")
    int add(@Mixin Api api, @Parameters(paramLabel = "ID") String id,
            @Option(names = "--fingerprint", paramLabel = "SHA256:…") @Nullable String fingerprint,
            @Option(names = "--secret-file", paramLabel = "F") @Nullable Path secretFile) {
        if (fingerprint != null && secretFile != null) {
            throw new Failure(ExitStatus.WRONG_USAGE, "a fingerprint or a secret: a device proves itself by one");
        }
        var device = new JsonObject().put("id", id);
        if (fingerprint != null) {
            device.put("fingerprint", fingerprint);
        }
        if (secretFile != null) {
            device.put("secret", secret(secretFile));
        }
        show(api, api.post("/devices", device));
        return ExitStatus.DONE.code();
    }

    private static String secret(Path file) {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_SECRET_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Failure(ExitStatus.WRONG_USAGE, "the secret's file " + file + " cannot be read");
        }
    }

    @Command(name = "approve", mixinStandardHelpOptions = true, description = "Lets devices in that wait.")
    int approve(@Mixin Api api, @Parameters(paramLabel = "ID", arity = "0..*") @Nullable List<String> ids,
            @Option(names = "--pending", description = "All that wait.") boolean pending,
            @Option(names = "--limit", paramLabel = "N", defaultValue = "10000") int limit) {
        var named = ids == null ? List.<String>of() : ids;
        if (pending != named.isEmpty()) {
            throw new Failure(ExitStatus.WRONG_USAGE, "name devices, or say --pending");
        }
        if (!pending) {
            return each(named, id -> api.post("/devices/" + Api.part(id) + "/approve", new JsonObject()));
        }
        var results = api.post("/devices/approve?limit=" + limit, new JsonObject()).getJsonObject("results");
        if (api.json) {
            out().println(results.encode());
        } else {
            var table = new Table("DEVICE", "RESULT");
            results.forEach(result -> table.add(result.getKey(), String.valueOf(result.getValue())));
            out().print(table);
        }
        out().flush();
        return ExitStatus.DONE.code();
    }

    @Command(name = "refuse", mixinStandardHelpOptions = true, description = "Shuts devices out.")
    int refuse(@Mixin Api api, @Parameters(paramLabel = "ID", arity = "1..*") List<String> ids,
            @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "") String reason) {
        return each(ids,
                id -> api.post("/devices/" + Api.part(id) + "/refuse", new JsonObject().put("reason", reason)));
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Forgets devices.")
    int remove(@Mixin Api api, @Parameters(paramLabel = "ID", arity = "1..*") List<String> ids) {
        return each(ids, id -> api.delete("/devices/" + Api.part(id)));
    }

    @Command(name = "disconnect", mixinStandardHelpOptions = true, description = "Ends devices' connections.")
    int disconnect(@Mixin Api api, @Parameters(paramLabel = "ID", arity = "1..*") List<String> ids) {
        return each(ids, id -> api.post("/devices/" + Api.part(id) + "/disconnect", new JsonObject()));
    }

    private interface Call {
        JsonObject of(String id);
    }

    /** All of them are tried; the first failure is the command's. */
    private static int each(List<String> ids, Call call) {
        var failures = new ArrayList<Failure>();
        for (var id : ids) {
            try {
                call.of(id);
            } catch (Failure e) {
                failures.add(e);
            }
        }
        if (failures.isEmpty()) {
            return ExitStatus.DONE.code();
        }
        throw new Failure(failures.getFirst().status(),
                String.join("; ", failures.stream().map(failure -> String.valueOf(failure.getMessage())).toList()));
    }
}
