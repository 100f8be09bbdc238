package homeport.gateway.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a value of the contract looks like (JSON Schema, draft 2020-12), and in words what is wrong with one that does not.
 * Immutable, for many threads.
 */
final class Schema {
    private static final int MOST_NAME = 64;
    /** Of a list or an object, where it is to be said what is wrong with it: all of it could take half a second. */
    private static final int MOST_EXPLAINED = 100;

    private final JsonObject definition;
    /** Ends at the first rule that is broken, and does not say which. */
    private final Validator verdict;
    private final Validator explanation;

    private Schema(JsonObject definition) {
        this.definition = definition;
        this.verdict = validator(definition, OutputFormat.Flag);
        this.explanation = validator(definition, OutputFormat.Basic);
    }

    private static Validator validator(JsonObject definition, OutputFormat format) {
        return Validator.create(JsonSchema.of(definition), new JsonSchemaOptions().setBaseUri("app://homeport")
                .setDraft(Draft.DRAFT202012).setOutputFormat(format));
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
     * @throws Problem with the rule that is broken and the place (a JSON pointer, RFC 6901); never with a value that was
     *         sent, which may be a secret
     */
    void check(Object value, String what) {
        wrong(value).ifPresent(wrong -> {
            throw Problem.invalid(what + wrong);
        });
    }

    /** What is wrong, and where: {@code " at /login/by: must be ..."}. Empty when nothing is. */
    Optional<String> wrong(Object value) {
        if (Boolean.TRUE.equals(verdict.validate(value).getValid())) {
            return Optional.empty();
        }
        var result = explanation.validate(beginning(value));
        if (Boolean.TRUE.equals(result.getValid())) {
            return Optional.of(" is not as the contract says, beyond the first " + MOST_EXPLAINED + " of a list");
        }
        // What is around a broken rule is broken with it: the innermost says what is meant.
        var errors = result.getErrors() == null ? List.<OutputUnit>of() : result.getErrors();
        var broken = errors.stream().max(Comparator.comparingLong((OutputUnit error) -> depth(at(error)))
                .thenComparingLong(error -> depth(rule(error)))).orElse(result);
        var at = at(broken);
        return Optional.of((at.isEmpty() ? "" : " at " + shown(at)) + ": " + words(rule(broken), at, value));
    }

    private static @Nullable Object beginning(@Nullable Object value) {
        return switch (value) {
            case JsonObject object -> {
                var some = new JsonObject();
                object.stream().limit(MOST_EXPLAINED)
                        .forEach(each -> some.put(each.getKey(), beginning(each.getValue())));
                yield some;
            }
            case JsonArray array -> {
                var some = new JsonArray();
                array.stream().limit(MOST_EXPLAINED).forEach(each -> some.add(beginning(each)));
                yield some;
            }
            case null, default -> value;
        };
    }

    private static String at(OutputUnit error) {
        return pointer(error.getInstanceLocation());
    }

    /** The keyword in the schema. */
    private static String rule(OutputUnit error) {
        return pointer(error.getKeywordLocation());
    }

    private static String pointer(@Nullable String location) {
        return location == null ? "" : location.substring(location.indexOf('#') + 1);
    }

    private static long depth(String pointer) {
        return pointer.chars().filter(c -> c == '/').count();
    }

    /** Names in it may have been made up by who sent them. */
    private static String shown(String pointer) {
        var line = pointer.replaceAll("\\p{Cntrl}", "?");
        return line.length() > 4 * MOST_NAME ? line.substring(0, 4 * MOST_NAME) + "…" : line;
    }

    private String words(String rule, String at, Object value) {
        int slash = rule.lastIndexOf('/');
        if (slash < 0) {
            return "is not as the contract says";
        }
        var keyword = rule.substring(slash + 1);
        var around = JsonPointer.from(rule.substring(0, slash)).queryJson(definition) instanceof JsonObject object
                ? object
                : new JsonObject();
        var limit = around.getValue(keyword);
        return switch (keyword) {
            case "type" -> "must be " + types(limit);
            case "enum" -> "must be one of " + list((JsonArray) limit);
            case "const" -> "must be " + limit;
            // A pattern is for machines; what it means stands beside it.
            case "pattern" -> "must be " + around.getString("description", "of the form " + limit);
            case "format" ->
                "must be " + (limit.equals("date-time") ? "a time such as 2026-01-31T12:00:00Z" : "a " + limit);
            case "required" -> "lacks " + ((JsonArray) limit).stream().map(String.class::cast)
                    .filter(name -> !has(value, at, name)).collect(Collectors.joining(", "));
            case "additionalProperties" -> "there is no such name here; there are "
                    + String.join(", ", around.getJsonObject("properties", new JsonObject()).fieldNames());
            case "minLength" -> limit.equals(1) ? "must not be empty" : "must have at least " + limit + " characters";
            case "maxLength" -> "must have at most " + limit + " characters";
            case "minimum" -> "must be at least " + limit;
            case "maximum" -> "must be at most " + limit;
            case "minItems" -> "must have at least " + limit + " in the list";
            case "maxItems" -> "must have at most " + limit + " in the list";
            case "minProperties" -> limit.equals(1) ? "must say something" : "must have at least " + limit + " names";
            case "maxProperties" -> "must have at most " + limit + " names";
            default -> "is not as the contract says: " + keyword;
        };
    }

    private static boolean has(Object value, String at, String name) {
        return JsonPointer.from(at).queryJson(value) instanceof JsonObject object && object.containsKey(name);
    }

    private static String types(@Nullable Object types) {
        return types instanceof JsonArray several
                ? several.stream().map(Schema::typeWord).collect(Collectors.joining(" or "))
                : typeWord(types);
    }

    private static String typeWord(@Nullable Object type) {
        return switch (String.valueOf(type)) {
            case "string" -> "a text";
            case "integer" -> "a whole number";
            case "number" -> "a number";
            case "boolean" -> "true or false";
            case "array" -> "a list";
            case "object" -> "an object";
            default -> String.valueOf(type);
        };
    }

    private static String list(JsonArray values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
