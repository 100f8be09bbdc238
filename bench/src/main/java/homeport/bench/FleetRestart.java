package homeport.bench;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A fleet at a gateway that is killed: devices of several processes come and are held, are approved by the thousand, are
 * listed, and while records are being written the gateway dies. Then it starts again, and what it had answered is looked
 * for.
 */
final class FleetRestart {
    private static final int PROCESSES = 4;
    private static final int WRITERS = 4;
    private static final int PAGES = 200;
    /** As many as a reconnecting fleet dials at a time, of each process. */
    private static final int AT_ONCE = 64;
    private static final int WRITE_MILLIS = 1_500;
    private static final int PATIENCE_SECONDS = 180;

    /**
     * What came of it.
     *
     * @param pageMillis of each page of 200 devices, while records were being written
     * @param approvals the calls that approved many
     * @param written answered writes, and approved devices, before the kill
     * @param lost those of them that are not there afterwards
     * @param pins keys on record before the kill
     * @param changedPins those that are not the same afterwards
     * @param back devices that are online again
     * @param backSeconds from the kill until the last was
     * @param readySeconds from the new start until the gateway was ready, of those
     */
    record Result(int devices, double[] pageMillis, List<Approval> approvals, int written,
            Set<String> lost, int pins, Set<String> changedPins, int back, double backSeconds, double readySeconds) {}

    /** A call that approved so many at once. */
    record Approval(int devices, double millis) {}

    private final Path directory;
    private final int devices;

    private FleetRestart(Path directory, int devices) {
        this.directory = directory;
        this.devices = devices;
    }

    /** @param devices in all; half of them are approved before the list is read, the others while it is */
    static Result run(Path directory, int devices) throws Exception {
        return new FleetRestart(directory, devices).run();
    }

    private Result run() throws Exception {
        var workers = new ArrayList<Worker>();
        try (var gateway = GatewayProcess.start(directory, List.of(), GatewayProcess.MANY_DEVICES);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            int each = devices / PROCESSES;
            for (int i = 0; i < PROCESSES; i++) {
                workers.add(DevicesWorker.launch());
            }
            all(threads, workers, worker -> worker.ask("new CALL_HOME " + each));
            var coming = start(threads, workers, worker -> worker.ask("dial " + gateway.devicesPort() + " 0 " + each
                    + " " + each));
            int count = each * PROCESSES;
            gateway.awaitDevices("state=pending&", count);
            return killed(gateway, threads, workers, coming, count);
        } finally {
            workers.forEach(Worker::close);
        }
    }

    private Result killed(GatewayProcess gateway, ExecutorService threads, List<Worker> workers,
            List<Future<String>> coming, int count) throws Exception {
        var approvals = new ArrayList<Approval>();
        var answered = new ConcurrentLinkedQueue<String>();
        var stop = new AtomicBoolean();
        var writing = new ArrayList<Future<Integer>>();
        approve(gateway, count / 2, approvals, answered);
        for (int i = 0; i < WRITERS; i++) {
            int writer = i;
            writing.add(threads.submit(() -> write(gateway, "written-" + writer + "-", answered, stop)));
        }
        approve(gateway, count - count / 2, approvals, answered);
        int in = 0;
        for (var one : coming) {
            in += Integer.parseInt(one.get(PATIENCE_SECONDS, TimeUnit.SECONDS).split(" ", 2)[0]);
        }
        if (in != count) {
            throw new IOException("of " + count + " devices " + in + " were in");
        }
        gateway.awaitDevices("online=true&", count);
        var pages = pages(gateway);
        var pins = pins(gateway);
        // Those that write go on until nobody answers them any more.
        TimeUnit.MILLISECONDS.sleep(WRITE_MILLIS);
        gateway.kill();
        long killed = System.nanoTime();
        stop.set(true);
        for (var one : writing) {
            one.get();
        }
        gateway.again();
        double ready = (System.nanoTime() - killed) / 1e9;
        for (var line : all(threads, workers, worker -> worker.ask("dial " + gateway.devicesPort() + " 0 "
                + count / PROCESSES + " " + AT_ONCE))) {
            DesignsBench.allIn(line, count / PROCESSES);
        }
        gateway.awaitDevices("online=true&", count);
        double back = (System.nanoTime() - killed) / 1e9;
        return new Result(count, pages, approvals, answered.size(), lost(gateway, answered),
                pins.size(), changed(pins, pins(gateway)), gateway.devices("online=true&").size(), back, ready);
    }

    /** In as many calls as it takes. */
    private static void approve(GatewayProcess gateway, int count, List<Approval> approvals,
            ConcurrentLinkedQueue<String> answered) throws Exception {
        for (int left = count; left > 0;) {
            long start = System.nanoTime();
            var approved = gateway.approve(left);
            approvals.add(new Approval(approved.size(), (System.nanoTime() - start) / 1e6));
            if (approved.isEmpty()) {
                throw new IOException(left + " of " + count + " devices do not wait for approval any more");
            }
            answered.addAll(approved);
            left -= approved.size();
        }
    }

    /** Adds devices, and keeps those that were said to be added. @return how many, until the gateway was gone */
    private static int write(GatewayProcess gateway, String prefix, ConcurrentLinkedQueue<String> answered,
            AtomicBoolean stop) throws InterruptedException {
        int count = 0;
        while (!stop.get()) {
            var id = prefix + count;
            try {
                var answer = gateway.send("POST", "/devices", new JsonObject().put("id", id).encode());
                if (answer.statusCode() == 201) {
                    answered.add(id);
                    count++;
                } else {
                    TimeUnit.MILLISECONDS.sleep(50); // it has had enough for a moment
                }
            } catch (IOException e) {
                return count; // killed before it answered: nothing was promised
            }
        }
        return count;
    }

    private static double[] pages(GatewayProcess gateway) throws Exception {
        var millis = new double[PAGES];
        var cursor = "";
        for (int i = 0; i < PAGES; i++) {
            var page = gateway.page("", cursor);
            millis[i] = page.nanos() / 1e6;
            cursor = page.next();
            // As an operator's screen would; a program that asks faster is held to a rate.
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return millis;
    }

    /** Beside the gateway, which has the file open: as lines of device, key and state, of those that came. */
    private static Set<String> pins(GatewayProcess gateway) throws SQLException {
        var all = new TreeSet<String>();
        try (var database = DriverManager.getConnection("jdbc:sqlite:" + gateway.data().resolve("inventory.db"));
                var statement = database.createStatement();
                var rows = statement.executeQuery("SELECT device_id, fingerprint, state FROM pin")) {
            while (rows.next()) {
                all.add(rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3));
            }
        }
        return all;
    }

    private static Set<String> changed(Set<String> before, Set<String> after) {
        var all = new HashSet<>(before);
        all.removeAll(after);
        var more = new HashSet<>(after);
        more.removeAll(before);
        all.addAll(more);
        return all;
    }

    private static Set<String> lost(GatewayProcess gateway, Iterable<String> answered) throws Exception {
        var there = gateway.devices("");
        var lost = new TreeSet<String>();
        for (var id : answered) {
            var device = there.get(id);
            if (device == null || !"admitted".equals(device.getString("state"))) {
                lost.add(id);
            }
        }
        return lost;
    }

    // ---- Several processes at once

    private interface Ask {
        String of(Worker worker) throws IOException;
    }

    private static List<Future<String>> start(ExecutorService threads, List<Worker> workers, Ask ask) {
        var running = new ArrayList<Future<String>>();
        for (var worker : workers) {
            Callable<String> one = () -> ask.of(worker);
            running.add(threads.submit(one));
        }
        return running;
    }

    private static List<String> all(ExecutorService threads, List<Worker> workers, Ask ask)
            throws InterruptedException, ExecutionException {
        var answers = new ArrayList<String>();
        for (var one : start(threads, workers, ask)) {
            answers.add(one.get());
        }
        return answers;
    }
}
