package homeport.gateway.northbound;

/** Text of strangers, made fit for a terminal and a log. */
final class Printable {
    private static final int MOST = 300;

    private Printable() {}

    /** One line of bounded length, with a question mark for whatever a terminal might act on. */
    static String of(String text) {
        var line = new StringBuilder(Math.min(text.length(), MOST));
        text.codePoints().limit(MOST).forEach(point -> line.appendCodePoint(switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR, Character.UNASSIGNED, Character.PRIVATE_USE ->
                '?';
            default -> point;
        }));
        return line.toString();
    }
}
