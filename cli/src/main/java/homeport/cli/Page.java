package homeport.cli;

/** Names and values, a line each; empty values are left out. What strangers called themselves cannot move the cursor. */
final class Page {
    private static final int NAME_WIDTH = 10;

    private final StringBuilder text = new StringBuilder();

    void add(String name, String value) {
        if (!value.isEmpty()) {
            text.append(name).repeat(' ', Math.max(1, NAME_WIDTH - name.length())).append(Table.shown(value))
                    .append('\n');
        }
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
