package homeport.cli;

import io.vertx.core.json.JsonObject;
import java.util.Map;

/** {@code --label K=V}, as the API has it. */
final class LabelOption {
    private LabelOption() {}

    static JsonObject object(Map<String, String> labels) {
        var object = new JsonObject();
        labels.forEach(object::put);
        return object;
    }
}
