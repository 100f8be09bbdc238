package homeport.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What worked with whom, as a table: a row for each algorithm, a column for each peer. */
final class Matrix {
    private final String title;
    private final Set<String> peers = new LinkedHashSet<>();
    private final Map<String, Map<String, int[]>> rows = new TreeMap<>();

    Matrix(String title) {
        this.title = title;
    }

    /** Notes that a cell is to be tried: until it {@link #worked}, it shows as failed. */
    synchronized void planned(String peer, Cell cell) {
        peers.add(peer);
        cell.names().forEach(name -> count(peer, name)[0]++);
    }

    synchronized void worked(String peer, Cell cell) {
        cell.names().forEach(name -> count(peer, name)[1]++);
    }

    private int[] count(String peer, String name) {
        return rows.computeIfAbsent(name, n -> new TreeMap<>()).computeIfAbsent(peer, p -> new int[2]);
    }

    /** {@code 3/3}: cells that worked of those tried; a dash where the peer does not know the algorithm. */
    private synchronized List<String> lines() {
        var lines = new ArrayList<String>();
        var head = new StringBuilder("%-58s".formatted(title));
        peers.forEach(peer -> head.append("%-20s".formatted(peer)));
        lines.add(head.toString());
        rows.forEach((name, counts) -> {
            var line = new StringBuilder("%-58s".formatted(name));
            for (var peer : peers) {
                var count = counts.get(peer);
                line.append("%-20s".formatted(count == null ? "-" : count[1] + "/" + count[0]));
            }
            lines.add(line.toString());
        });
        return lines;
    }

    /** Prints it, and writes it to {@code target/NAME.txt}. */
    void show(String name) throws IOException {
        var lines = lines();
        lines.forEach(System.out::println);
        Files.write(Path.of("target", name + ".txt"), lines);
    }
}
