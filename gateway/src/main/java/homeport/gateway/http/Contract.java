package homeport.gateway.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * {@code openapi.yaml}: which operations there are, and what a request and an answer of each look like. Immutable, for many
 * threads.
 *
 * <p>Vert.x's own OpenAPI router is not used: version 5.0.7 takes no contract with {@code application/xml} or
 * {@code application/problem+json} in it, decodes query values twice, and reads a plus in a path as a blank. What is below
 * is strict: a parameter that the contract does not name is an error.
 */
final class Contract {
    private static final String FILE = "openapi.yaml";
    private static final Set<String> METHODS = Set.of("get", "post", "patch", "delete", "put");

    private final String text;
    private final String base;
    private final List<Operation> operations;

    private Contract(String text, String base, List<Operation> operations) {
        this.text = text;
        this.base = base;
        this.operations = List.copyOf(operations);
    }

    // ---- Reading it

    static Contract load() {
        try (var in = Contract.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is not beside its package");
            }
            return of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Contract of(String text) {
        var root = new JsonObject(texts(new Load(LoadSettings.builder().build()).loadFromString(text)));
        var operations = new ArrayList<Operation>();
        var paths = root.getJsonObject("paths");
        for (var path : paths.fieldNames()) {
            var item = paths.getJsonObject(path);
            for (var method : item.fieldNames()) {
                if (METHODS.contains(method)) {
                    operations.add(operation(root, path, method, item));
                }
            }
        }
        // What stands literally goes before a parameter in its place.
        operations.sort((left, right) -> Long.compare(left.parameters(), right.parameters()));
        return new Contract(text, root.getJsonArray("servers").getJsonObject(0).getString("url"), operations);
    }

    private static Map<String, Object> texts(Object yaml) {
        var map = new LinkedHashMap<String, Object>();
        ((Map<?, ?>) yaml).forEach((key, value) -> map.put(key.toString(), json(value)));
        return map;
    }

    private static @Nullable Object json(@Nullable Object yaml) {
        return switch (yaml) {
            case Map<?, ?> map -> new JsonObject(texts(map));
            case List<?> list -> {
                var array = new JsonArray();
                list.forEach(value -> array.add(json(value)));
                yield array;
            }
            case null, default -> yaml;
        };
    }

    private static Operation operation(JsonObject root, String path, String method, JsonObject item) {
        var found = item.getJsonObject(method);
        var parameters = new ArrayList<Parameter>();
        for (var list : List.of(item, found)) {
            for (var each : list.getJsonArray("parameters", new JsonArray())) {
                parameters.add(parameter(root, resolved(root, (JsonObject) each)));
            }
        }
        var body = found.getJsonObject("requestBody");
        var responses = new HashMap<String, Map<String, Schema>>();
        var answers = found.getJsonObject("responses");
        answers.forEach(answer -> responses.put(answer.getKey(),
                contents(root, resolved(root, (JsonObject) answer.getValue()))));
        return new Operation(found.getString("operationId"), method.toUpperCase(Locale.ROOT),
                Arrays.asList(path.substring(1).split("/", -1)), List.copyOf(parameters),
                body == null ? Map.of() : contents(root, body), body != null && body.getBoolean("required", false),
                Map.copyOf(responses));
    }

    private static Parameter parameter(JsonObject root, JsonObject found) {
        var schema = resolved(root, found.getJsonObject("schema"));
        return new Parameter(found.getString("name"), found.getString("in"), found.getBoolean("required", false),
                Schema.of(schema));
    }

    private static Map<String, Schema> contents(JsonObject root, JsonObject of) {
        var schemas = new HashMap<String, Schema>();
        of.getJsonObject("content", new JsonObject()).forEach(content -> schemas.put(content.getKey(),
                Schema.of(resolved(root, ((JsonObject) content.getValue()).getJsonObject("schema")))));
        return Map.copyOf(schemas);
    }

    /** With every {@code $ref} replaced by what it names; what stands beside one is added. */
    private static JsonObject resolved(JsonObject root, JsonObject schema) {
        var whole = new JsonObject();
        var ref = schema.getValue("$ref");
        if (ref instanceof String pointer) {
            Object at = root;
            for (var step : pointer.substring(2).split("/", -1)) {
                at = ((JsonObject) at).getValue(step);
            }
            whole.mergeIn(resolved(root, (JsonObject) at));
        }
        schema.forEach(entry -> {
            if (!entry.getKey().equals("$ref")) {
                whole.put(entry.getKey(), switch (entry.getValue()) {
                    case JsonObject object -> resolved(root, object);
                    case JsonArray array -> new JsonArray(array.stream()
                            .map(value -> value instanceof JsonObject object ? resolved(root, object) : value)
                            .collect(Collectors.toList()));
                    case null, default -> entry.getValue();
                });
            }
        });
        return whole;
    }

    // ---- What it says

    /** The file as it is. */
    String text() {
        return text;
    }

    List<Operation> operations() {
        return operations;
    }

    /** An operation and the parameters in the path. */
    record Match(Operation operation, Map<String, String> path) {}

    /** @throws Problem when there is no such path, or it has no such method */
    Match match(String method, String path) {
        if (!path.startsWith(base + "/")) {
            throw nothingThere();
        }
        var segments = PercentText.segments(path.substring(base.length()));
        var others = new TreeSet<String>();
        for (var operation : operations) {
            var found = operation.matches(segments);
            if (found.isPresent()) {
                if (operation.method().equals(method)) {
                    return new Match(operation, found.get());
                }
                others.add(operation.method());
            }
        }
        if (others.isEmpty()) {
            throw nothingThere();
        }
        if (others.contains("GET")) {
            others.add("HEAD");
        }
        var allowed = String.join(", ", others);
        throw new Problem(Problem.Type.NO_SUCH_METHOD, "this path has " + allowed, Map.of("Allow", allowed));
    }

    private Problem nothingThere() {
        return new Problem(Problem.Type.NOT_FOUND,
                "there is nothing at this path: " + base + " has devices, events, attempts, audit and more, see /"
                        + FILE);
    }

    /** @param in {@code path}, {@code query} or {@code header} */
    record Parameter(String name, String in, boolean required, Schema schema) {
        Object value(List<String> given) {
            if (schema.type().equals("array")) {
                return checked(new JsonArray(given)).getList();
            }
            if (given.size() > 1) {
                throw Problem.invalid("the parameter " + name + " is given more than once");
            }
            var text = given.getFirst();
            return checked(switch (schema.type()) {
                case "integer" -> {
                    if (!text.matches("-?[0-9]{1,18}")) {
                        throw Problem.invalid("the parameter " + name + " is not a whole number");
                    }
                    yield Long.parseLong(text);
                }
                case "boolean" -> {
                    if (!text.equals("true") && !text.equals("false")) {
                        throw Problem.invalid("the parameter " + name + " is neither true nor false");
                    }
                    yield Boolean.parseBoolean(text);
                }
                default -> text;
            });
        }

        private <T> T checked(T value) {
            schema.check(value, "the parameter " + name);
            return value;
        }
    }

    /**
     * One method of one path.
     *
     * @param bodies by media type
     * @param responses by status or {@code default}, then by media type
     */
    record Operation(String id, String method, List<String> segments, List<Parameter> all,
            Map<String, Schema> bodies, boolean bodyRequired, Map<String, Map<String, Schema>> responses) {
        private static boolean isParameter(String segment) {
            return segment.startsWith("{");
        }

        long parameters() {
            return segments.stream().filter(Operation::isParameter).count();
        }

        Optional<Map<String, String>> matches(List<String> given) {
            if (given.size() != segments.size()) {
                return Optional.empty();
            }
            var found = new HashMap<String, String>();
            for (int i = 0; i < given.size(); i++) {
                var segment = segments.get(i);
                if (isParameter(segment)) {
                    found.put(segment.substring(1, segment.length() - 1), given.get(i));
                } else if (!segment.equals(given.get(i))) {
                    return Optional.empty();
                }
            }
            return Optional.of(found);
        }

        /** @throws Problem naming the first one that is not as it must be */
        void checkPath(Map<String, String> path) {
            of("path").forEach(parameter -> parameter.value(List.of(path.getOrDefault(parameter.name(), ""))));
        }

        private List<Parameter> of(String in) {
            return all.stream().filter(parameter -> parameter.in().equals(in)).toList();
        }

        /** Values by name, checked. */
        Map<String, Object> query(Map<String, List<String>> given) {
            var values = new HashMap<String, Object>();
            var known = of("query");
            for (var name : given.keySet()) {
                if (known.stream().noneMatch(parameter -> parameter.name().equals(name))) {
                    throw Problem.invalid("there is no parameter " + name + " here: there are "
                            + known.stream().map(Parameter::name).collect(Collectors.joining(", ")));
                }
            }
            known.forEach(parameter -> {
                var value = given.get(parameter.name());
                if (value != null) {
                    values.put(parameter.name(), parameter.value(value));
                }
            });
            return values;
        }

        /** Those that the contract names, by their names in lower case; others are not its business. */
        Map<String, String> headers(java.util.function.Function<String, List<String>> given) {
            var values = new HashMap<String, String>();
            of("header").forEach(parameter -> {
                var value = given.apply(parameter.name());
                if (!value.isEmpty()) {
                    values.put(parameter.name().toLowerCase(Locale.ROOT), parameter.value(value).toString());
                }
            });
            return values;
        }

        /** @throws Problem when the contract has no such body here */
        void checkMediaType(String mediaType) {
            if (!bodies.containsKey(mediaType)) {
                throw new Problem(Problem.Type.MEDIA_TYPE, bodies.isEmpty()
                        ? "this takes no body"
                        : "this takes " + String.join(" or ", new TreeSet<>(bodies.keySet())) + ", and not "
                                + (mediaType.isEmpty() ? "a body without Content-Type" : mediaType));
            }
        }

        void checkBody(String mediaType, Object body) {
            var schema = bodies.get(mediaType);
            if (schema == null) {
                throw new IllegalStateException("the media type was not checked");
            }
            schema.check(body, "the body");
        }
    }
}
