package homeport.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows under a head, aligned. What strangers called themselves cannot move the cursor. */
final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... head) {
        rows.add(List.of(head));
    }

    void add(String... cells) {
        rows.add(List.of(cells).stream().map(Table::shown).toList());
    }

    /** Control and format characters as their codes. */
    static String shown(String text) {
        var out = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            int type = Character.getType(point);
            if (type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR) {
                out.append("\\u").append(String.format("%04x", point));
            } else {
                out.appendCodePoint(point);
            }
        });
        return out.toString();
    }

    @Override
    public String toString() {
        int columns = rows.getFirst().size();
        var text = new StringBuilder();
        for (var row : rows) {
            for (int column = 0; column < columns; column++) {
                var cell = row.get(column);
                text.append(cell);
                if (column < columns - 1) {
                    text.repeat(' ', width(column) - cell.length() + 2);
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }
}
