package homeport.gateway.inventory;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;

/** All that the gateway keeps. Safe for many threads; every call blocks. */
public final class Inventory implements AutoCloseable {
    /** Takes a page of its own, which a full database has not. */
    private static final int CHECK_BYTES = 6_000;

    private final Database database;
    private final InstantSource clock;
    private final Devices devices;
    private final Groups groups;
    private final TrustAnchors anchors;
    private final Operators operators;
    private final Audit audit;
    private final Attempts attempts;
    private final Alarms alarms;
    private final KeptAnswers answers;

    private Inventory(Database database, Sealer sealer, InventoryLimits limits, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        audit = new Audit(database, clock);
        alarms = new Alarms(database, audit, clock);
        groups = new Groups(database, audit, sealer, clock);
        devices = new Devices(database, audit, alarms, new DeviceRows(sealer, groups), limits, clock);
        anchors = new TrustAnchors(database, audit, clock);
        operators = new Operators(database, audit, clock);
        attempts = new Attempts(database, limits);
        answers = new KeptAnswers(database, sealer, clock);
    }

    /**
     * Opens the database, and makes or brings up to date its tables.
     *
     * @throws InventoryError when that cannot be done
     */
    public static Inventory open(DatabaseSettings settings, Sealer sealer, InventoryLimits limits,
            InstantSource clock) {
        return new Inventory(Database.open(settings), sealer, limits, clock);
    }

    /**
     * The same, with the key of its secrets from a file, which is made when nothing is sealed with it yet.
     *
     * @throws InventoryError with {@code KEY_LOST} when the file is missing and something is
     */
    public static Inventory open(DatabaseSettings settings, Path keyFile, SecureRandom random, InventoryLimits limits,
            InstantSource clock) {
        var database = Database.open(settings);
        try {
            if (!Files.exists(keyFile, LinkOption.NOFOLLOW_LINKS) && hasSecrets(database)) {
                throw new InventoryError(InventoryError.Problem.KEY_LOST, keyFile.toString());
            }
            return new Inventory(database, Sealer.open(keyFile, random), limits, clock);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** Kept answers do not count: they are gone in a day anyway. */
    private static boolean hasSecrets(Database database) {
        return database.read(handle -> handle.createQuery("""
                SELECT EXISTS (SELECT 1 FROM device WHERE sealed_secret IS NOT NULL OR sealed_login IS NOT NULL)
                    OR EXISTS (SELECT 1 FROM device_group WHERE sealed_secret IS NOT NULL)""").mapTo(boolean.class)
                .one());
    }

    /**
     * Completes when another gateway has taken the database meanwhile, with what there is to say: nothing is read or written
     * any more, and whoever runs this one is to end it. Another thread completes it.
     */
    public CompletionStage<InventoryError> lost() {
        return database.lost();
    }

    /** Whether there are devices or operators, who know the gateway by its keys. */
    public boolean inUse() {
        return database.read(handle -> handle
                .createQuery("SELECT EXISTS (SELECT 1 FROM device) OR EXISTS (SELECT 1 FROM operator)")
                .mapTo(boolean.class).one());
    }

    public Devices devices() {
        return devices;
    }

    public Groups groups() {
        return groups;
    }

    public TrustAnchors anchors() {
        return anchors;
    }

    public Operators operators() {
        return operators;
    }

    public Audit audit() {
        return audit;
    }

    public Attempts attempts() {
        return attempts;
    }

    public Alarms alarms() {
        return alarms;
    }

    public KeptAnswers answers() {
        return answers;
    }

    /**
     * Whether a write would succeed now, for {@code /health/ready}: writes a row that is nobody's answer and takes it back,
     * so that pages go to the disk but nothing stays.
     *
     * @throws InventoryError with what is wrong
     */
    public void check() {
        var now = clock.millis();
        database.write(handle -> {
            handle.execute("UPDATE device_group SET id = id WHERE id = ''");
            handle.createUpdate("""
                    INSERT INTO kept_answer (operator, name, request, at, done, sealed)
                    VALUES ('', '', '', :now, TRUE, :filler)""").bind("now", now).bind("filler", new byte[CHECK_BYTES])
                    .execute();
            return handle.execute("DELETE FROM kept_answer WHERE operator = '' AND name = ''");
        });
    }

    @Override
    public void close() {
        database.close();
    }
}
