package homeport.cli;

/** Words of a command that is printed to be copied. */
final class Shell {
    private Shell() {}

    /** As one word of a POSIX shell, whatever is in it; control characters, which no word of ours needs, are left out. */
    static String word(String text) {
        if (text.matches("[A-Za-z0-9_@%+=:,./-]+") && !text.startsWith("=")) {
            return text;
        }
        var plain = text.codePoints().filter(point -> !Character.isISOControl(point))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
        return "'" + plain.replace("'", "'\\''") + "'";
    }
}
