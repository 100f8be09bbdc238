package homeport.cli;

import java.io.PrintWriter;

/** How far something of known length has come: a bar that is drawn over on a terminal, and a line each tenth elsewhere. */
final class Progress {
    private static final int WIDTH = 40;
    private static final int PARTS = 10;

    private final PrintWriter out;
    private final boolean terminal;
    private final String what;
    private final int total;
    private int done;
    private int shown;

    /** @param terminal whether the line may be drawn over */
    Progress(PrintWriter out, boolean terminal, String what, int total) {
        this.out = out;
        this.terminal = terminal;
        this.what = what;
        this.total = total;
    }

    /** One more is done. */
    synchronized void step() {
        done++;
        int parts = terminal ? WIDTH : PARTS;
        int now = (int) ((long) done * parts / total);
        if (now == shown && done != total) {
            return;
        }
        shown = now;
        if (terminal) {
            out.print("\r" + what + " [" + "#".repeat(now) + " ".repeat(WIDTH - now) + "] " + done + " of " + total
                    + (done == total ? "\n" : ""));
        } else {
            out.println(what + " " + done + " of " + total);
        }
        out.flush();
    }
}
