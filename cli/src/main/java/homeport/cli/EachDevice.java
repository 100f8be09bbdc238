package homeport.cli;

import homeport.cli.api.ApiError;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Function;

/** One decision about several devices. All of them are tried; the first failure is the command's exit status. */
final class EachDevice {
    private EachDevice() {}

    static int of(Api api, List<String> ids, String done, Function<String, JsonObject> call) {
        var results = new JsonArray();
        var status = ExitStatus.DONE;
        for (var id : ids) {
            try {
                var result = call.apply(id);
                results.add(result.isEmpty() ? new JsonObject().put("id", id) : result);
                if (!api.json()) {
                    api.print(Table.shown(id) + " " + done + "\n");
                }
            } catch (ApiError e) {
                api.complain(e);
                status = status == ExitStatus.DONE ? Main.status(e) : status;
            }
        }
        if (api.json()) {
            api.print(results.encode() + "\n");
        }
        return status.code();
    }
}
