package homeport.gateway.http;

import homeport.gateway.inventory.Operator;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request that is as the contract says.
 *
 * @param path parameters by name, decoded
 * @param query {@link String}, {@link Long}, {@link Boolean} or a list of texts, by name
 * @param headers those that the contract names, in lower case
 * @param mediaType of the body; empty without one
 */
record Call(Operator operator, Map<String, String> path, Map<String, Object> query, Map<String, String> headers,
        String mediaType, Optional<JsonObject> json, String text) {
    String path(String name) {
        var value = path.get(name);
        if (value == null) {
            throw new IllegalStateException("the contract has no parameter " + name);
        }
        return value;
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(query.get(name)).map(String.class::cast);
    }

    Optional<Boolean> flag(String name) {
        return Optional.ofNullable(query.get(name)).map(Boolean.class::cast);
    }

    int number(String name, int otherwise) {
        return query.get(name) instanceof Long value ? Math.toIntExact(value) : otherwise;
    }

    List<String> texts(String name) {
        return query.get(name) instanceof List<?> values ? values.stream().map(String.class::cast).toList() : List.of();
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** The body, where the contract has it in JSON; an empty object when there was none. */
    JsonObject body() {
        return json.orElseGet(JsonObject::new);
    }

    /** A cursor that is a number. */
    Optional<Long> numberCursor() {
        return text("cursor").map(cursor -> {
            if (!cursor.matches("[0-9]{1,18}")) {
                throw Problem.invalid("not a cursor of this list: " + cursor);
            }
            return Long.parseLong(cursor);
        });
    }
}
