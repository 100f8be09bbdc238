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

    /** The same for text of several lines, which stay lines. */
    static String shownLines(String text) {
        var out = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (point == '\n' || point == '\t') {
                out.appendCodePoint(point);
            } else if (point != '\r') {
                out.append(shown(Character.toString(point)));
            }
        });
        return out.toString();
    }

    @Override
    public String toString() {
        int columns = rows.getFirst().size();
        var widths = new int[columns];
        for (var row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], width(row.get(column)));
            }
        }
        var text = new StringBuilder();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                var cell = row.get(column);
                line.append(cell).repeat(' ', widths[column] - width(cell) + 2);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /** In columns of a terminal: marks stand over the letter before them, ideographs and most pictures take two. */
    private static int width(String cell) {
        return cell.codePoints().map(point -> switch (Character.getType(point)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> 0;
            default -> Character.isIdeographic(point) || isWide(point) ? 2 : 1;
        }).sum();
    }

    /** Hangul, kana, full width forms, emoji. */
    private static boolean isWide(int point) {
        return (point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0xa4cf)
                || (point >= 0xac00 && point <= 0xd7a3) || (point >= 0xf900 && point <= 0xfaff)
                || (point >= 0xff00 && point <= 0xff60) || (point >= 0x1f300 && point <= 0x1faff);
    }
}
