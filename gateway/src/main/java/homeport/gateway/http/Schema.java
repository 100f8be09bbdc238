package homeport.gateway.http;

import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** What a value has to look like: a schema of OpenAPI 3.1, which is JSON Schema 2020-12. Immutable, for many threads. */
final class Schema {
    private static final String OTHERS = "additionalProperties";

    private final JsonObject definition;
    private final Validator validator;

    private Schema(JsonObject definition) {
        this.definition = definition;
        this.validator = Validator.create(JsonSchema.of(definition), new JsonSchemaOptions()
                .setBaseUri("app://homeport").setDraft(Draft.DRAFT202012).setOutputFormat(OutputFormat.Basic));
    }

    /** @param definition without any {@code $ref} */
    static Schema of(JsonObject definition) {
        return new Schema(definition);
    }

    /** The one type that a value has. */
    String type() {
        return definition.getValue("type").toString();
    }

    /**
     * @param what the value is called
     * @throws Problem with the rule that is broken and where; never with a text that was sent
     */
    void check(Object value, String what) {
        wrong(value).ifPresent(wrong -> {
            throw Problem.invalid(what + " is not as the contract says" + wrong);
        });
    }

    /** What is wrong, and where: {@code " at login/by: ..."}. Empty when nothing is. */
    Optional<String> wrong(Object value) {
        OutputUnit result = validator.validate(value);
        if (Boolean.TRUE.equals(result.getValid())) {
            return Optional.empty();
        }
        var errors = result.getErrors();
        // All that a broken rule stands in is said to be wrong as well: the rule itself is the one deepest down.
        var rule = errors == null || errors.isEmpty()
                ? result
                : errors.stream().max(Comparator.comparingInt(Schema::depth)).orElseThrow();
        var at = String.valueOf(rule.getInstanceLocation()).replaceFirst("^#?/?", "");
        return Optional.of((at.isEmpty() ? "" : " at " + at) + ": " + words(rule));
    }

    private static int depth(OutputUnit error) {
        return steps(error).size();
    }

    private static List<String> steps(OutputUnit error) {
        return List.of(String.valueOf(error.getKeywordLocation()).split("/", -1));
    }

    private String words(OutputUnit broken) {
        var steps = steps(broken);
        var parent = definition;
        for (var step : steps.subList(1, Math.max(1, steps.size() - 1))) {
            if (!(parent.getValue(step) instanceof JsonObject inner)) {
                return String.valueOf(broken.getError());
            }
            parent = inner;
        }
        return switch (steps.getLast()) {
            case "pattern" -> "it is not " + parent.getString("description", parent.getString("pattern"));
            case OTHERS -> "there is no such property: there are "
                    + String.join(", ",
                            new TreeSet<>(parent.getJsonObject("properties", new JsonObject()).fieldNames()));
            default -> String.valueOf(broken.getError());
        };
    }
}
