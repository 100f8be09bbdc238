package homeport.gateway.inventory;

import homeport.ssh.key.Fingerprint;
import homeport.ssh.key.PublicKeyFile;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** Operators, their keys and tokens. */
public final class Operators {
    private final Database database;
    private final Audit audit;
    private final InstantSource clock;

    Operators(Database database, Audit audit, InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Adds an operator.
     *
     * @return false when the name is taken, or one of the keys is another operator's: then the trail would not tell them
     *         apart
     */
    public boolean add(String name, Role role, List<PublicKeyFile> keys, Map<String, Set<String>> selectors,
            String actor) {
        if (!Operator.isName(name)) {
            throw new IllegalArgumentException("not a name for an operator");
        }
        try {
            return database.write(handle -> {
                Database.insert(() -> {
                    handle.createUpdate("INSERT INTO operator (name, role, added) VALUES (:name, :role, :now)")
                            .bind("name", name).bind("role", role.text()).bind("now", clock.millis()).execute();
                    insertKeys(handle, name, keys);
                });
                insertSelectors(handle, name, selectors);
                audit.add(handle, actor, "operator.add", "", name + " as " + role.text());
                return true;
            });
        } catch (Database.Undone e) {
            return false;
        }
    }

    /** What stands twice in a file is one key. */
    private void insertKeys(Handle handle, String name, List<PublicKeyFile> keys) {
        var done = new HashSet<Fingerprint>();
        keys.stream().filter(key -> done.add(key.key().fingerprint())).forEach(key -> insertKey(handle, name, key));
    }

    private void insertKey(Handle handle, String name, PublicKeyFile key) {
        handle.createUpdate("""
                INSERT INTO operator_key (fingerprint, operator_name, key_line, added)
                VALUES (:fingerprint, :name, :line, :now)""").bind("fingerprint", key.key().fingerprint().toString())
                .bind("name", name).bind("line", key.write().strip()).bind("now", clock.millis()).execute();
    }

    private static void insertSelectors(Handle handle, String name, Map<String, Set<String>> selectors) {
        if (!selectors.isEmpty()) {
            var batch = handle
                    .prepareBatch("INSERT INTO operator_selector (operator_name, name, content) VALUES (:o, :n, :c)");
            selectors.forEach((label, values) -> values
                    .forEach(value -> batch.bind("o", name).bind("n", label).bind("c", value).add()));
            batch.execute();
        }
    }

    /** What came of a change. */
    public enum Changed {
        DONE,
        NO_SUCH_OPERATOR,
        /** A key is another operator's. */
        KEY_TAKEN
    }

    /** Changes an operator, whole or not at all. */
    public Changed change(String name, OperatorChange change, String actor) {
        try {
            return database.write(handle -> {
                var before = find(handle, name);
                if (before.isEmpty()) {
                    return Changed.NO_SUCH_OPERATOR;
                }
                change.role()
                        .ifPresent(role -> handle.createUpdate("UPDATE operator SET role = :role WHERE name = :name")
                                .bind("role", role.text()).bind("name", name).execute());
                change.keys().ifPresent(keys -> {
                    deleteOf(handle, "operator_key", name);
                    Database.insert(() -> insertKeys(handle, name, keys));
                });
                change.selectors().ifPresent(selectors -> {
                    deleteOf(handle, "operator_selector", name);
                    insertSelectors(handle, name, selectors);
                });
                var now = find(handle, name).orElseThrow();
                audit.add(handle, actor, "operator.set", "", name + " as " + now.role().text() + " " + now.selectors()
                        + " with keys "
                        + new TreeSet<>(now.keys().keySet().stream().map(Fingerprint::toString).toList()));
                return Changed.DONE;
            });
        } catch (Database.Undone e) {
            return Changed.KEY_TAKEN;
        }
    }

    private static void deleteOf(Handle handle, String table, String name) {
        handle.createUpdate("DELETE FROM " + table + " WHERE operator_name = :name").bind("name", name).execute();
    }

    /** Removes an operator with keys, tokens and what it was answered. @return false when there is none */
    public boolean remove(String name, String actor) {
        return database.write(handle -> {
            boolean removed = handle.createUpdate("DELETE FROM operator WHERE name = :name").bind("name", name)
                    .execute() > 0;
            if (removed) {
                KeptAnswers.forgetAll(handle, name);
                audit.add(handle, actor, "operator.remove", "", name);
            }
            return removed;
        });
    }

    /** A new bearer token; empty when there is no such operator. It is shown this once. */
    public Optional<String> issueToken(String name, Duration life, SecureRandom random, String actor) {
        return database.write(handle -> {
            if (find(handle, name).isEmpty()) {
                return Optional.empty();
            }
            var token = Tokens.make(random);
            handle.createUpdate("""
                    INSERT INTO operator_token (hash, operator_name, expires, added)
                    VALUES (:hash, :name, :expires, :now)""").bind("hash", Tokens.hash(token)).bind("name", name)
                    .bind("expires", clock.instant().plus(life).toEpochMilli()).bind("now", clock.millis()).execute();
            handle.createUpdate("DELETE FROM operator_token WHERE expires <= :now").bind("now", clock.millis())
                    .execute();
            audit.add(handle, actor, "operator.token", "", name + " for " + life);
            return Optional.of(token);
        });
    }

    /** Whose token it is, while it is good. It is looked up by its hash, so that timing tells nothing of it. */
    public Optional<Operator> byToken(byte[] token) {
        return database.read(handle -> handle
                .createQuery("SELECT operator_name FROM operator_token WHERE hash = :hash AND expires > :now")
                .bind("hash", Tokens.hash(token)).bind("now", clock.millis()).mapTo(String.class).findOne()
                .flatMap(name -> find(handle, name)));
    }

    public Optional<Operator> find(String name) {
        return database.read(handle -> find(handle, name));
    }

    public List<Operator> list() {
        return database.read(handle -> handle.createQuery("SELECT name FROM operator ORDER BY name")
                .mapTo(String.class).list().stream().flatMap(name -> find(handle, name).stream()).toList());
    }

    private static Optional<Operator> find(Handle handle, String name) {
        return handle.createQuery("SELECT role FROM operator WHERE name = :name").bind("name", name)
                .mapTo(String.class).findOne().map(role -> {
                    var keys = new HashMap<Fingerprint, String>();
                    handle.createQuery("SELECT fingerprint, key_line FROM operator_key WHERE operator_name = :name")
                            .bind("name", name).map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
                            .forEach(key -> keys.put(Fingerprint.parse(key.getKey()), key.getValue()));
                    var selectors = new HashMap<String, Set<String>>();
                    handle.createQuery("SELECT name, content FROM operator_selector WHERE operator_name = :name")
                            .bind("name", name).map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
                            .forEach(pair -> selectors.computeIfAbsent(pair.getKey(), label -> new HashSet<>())
                                    .add(pair.getValue()));
                    return new Operator(name, Role.ofText(role), keys, selectors);
                });
    }

    /** Whether anybody at all is there who may decide: a gateway without one says how to add the first. */
    public boolean none() {
        return database.read(handle -> handle.createQuery("SELECT COUNT(*) FROM operator").mapTo(long.class)
                .one() == 0);
    }

}
