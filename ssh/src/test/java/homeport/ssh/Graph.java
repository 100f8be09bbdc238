package homeport.ssh;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.SecretKey;

/** What a connection holds: every object of ours that can be reached from it, but for what all connections share. */
final class Graph {
    private static final Set<Class<?>> SHARED = Set.of(SshSettings.class, Environment.class, Limits.class,
            Algorithms.class, KeepAlive.class);
    /** For an object of the platform's that we cannot look into: a cipher, say. */
    private static final int OPAQUE_BYTES = 1024;

    private record Value(String name, Object value) {}

    private final Map<Object, Boolean> seen = new IdentityHashMap<>();
    private final List<Value> values = new ArrayList<>();
    private long bytes;

    private Graph() {}

    static Graph of(Object... roots) {
        var graph = new Graph();
        var todo = new ArrayDeque<Object>(List.of(roots));
        while (!todo.isEmpty()) {
            graph.visit(todo.remove(), todo);
        }
        return graph;
    }

    <T> List<T> all(Class<T> type) {
        return seen.keySet().stream().filter(type::isInstance).map(type::cast).toList();
    }

    <T> List<T> field(String name, Class<T> type) {
        return values.stream().filter(value -> value.name.equals(name) && type.isInstance(value.value)).map(
                value -> type.cast(value.value)).toList();
    }

    /** An estimate: arrays by their length, our own objects by their fields. */
    long bytes() {
        return bytes;
    }

    private void visit(Object object, ArrayDeque<Object> todo) {
        if (seen.put(object, true) != null) {
            return;
        }
        var type = object.getClass();
        if (type.isArray()) {
            int length = Array.getLength(object);
            if (type.componentType().isPrimitive()) {
                bytes += 16 + (long) length * (type == byte[].class || type == boolean[].class ? 1 : 8);
                return;
            }
            bytes += 16 + 8L * length;
            for (int i = 0; i < length; i++) {
                follow("", Array.get(object, i), todo);
            }
        } else if (object instanceof String text) {
            bytes += 40 + text.length();
        } else if (object instanceof Collection<?> collection) {
            bytes += 40 + 8L * collection.size();
            collection.forEach(each -> follow("", each, todo));
        } else if (object instanceof Optional<?> optional) {
            bytes += 16;
            optional.ifPresent(value -> follow("", value, todo));
        } else if (type.getName().startsWith("homeport.") && !(object instanceof Enum)) {
            bytes += 16;
            for (Class<?> part = type; part != Object.class && part != null; part = part.getSuperclass()) {
                for (var field : part.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())) {
                        bytes += 8;
                        read(field, object, todo);
                    }
                }
            }
        } else if (!(object instanceof Number || object instanceof Boolean || object instanceof Enum)) {
            bytes += OPAQUE_BYTES;
        }
    }

    private void read(Field field, Object object, ArrayDeque<Object> todo) {
        if (field.getType().isPrimitive()) {
            return;
        }
        try {
            field.setAccessible(true);
            follow(field.getName(), field.get(object), todo);
        } catch (IllegalAccessException | InaccessibleObjectException e) {
            throw new AssertionError(field.toString(), e);
        }
    }

    private void follow(String name, @org.jspecify.annotations.Nullable Object value, ArrayDeque<Object> todo) {
        if (value == null || SHARED.contains(value.getClass())) {
            return;
        }
        values.add(new Value(name, value));
        // The owner's buffer and handler are the owner's; keys of the host are shared.
        boolean owners = name.equals("out") || name.equals("handler") || name.equals("settings");
        if (!owners && (value instanceof SecretKey || !(value instanceof java.security.Key))) {
            todo.add(value);
        }
    }

    @Override
    public String toString() {
        return Collections.unmodifiableCollection(values).size() + " values, about " + bytes + " bytes";
    }
}
