package homeport.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code homeport why}: the journal, with what happened and what to do. */
@Command(name = "why", mixinStandardHelpOptions = true, //
        description = "Why a device is not here: its attempts, the reason of each, and what to do.")
final class Why implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "ID|FINGERPRINT|ADDRESS", arity = "0..1")
    private @Nullable String about;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20")
    private int limit;

    @Override
    public Integer call() {
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        var items = api.get("/attempts?limit=" + limit + (about == null ? "" : "&about=" + Api.part(about)))
                .getJsonArray("items");
        if (api.json) {
            out.println(items.encode());
        } else if (items.isEmpty()) {
            out.println("Nothing on record" + (about == null ? "" : " about " + Table.shown(about))
                    + ": it has not reached this gateway. Check the address it dials, and firewalls on the way.");
        } else {
            for (int i = 0; i < items.size(); i++) {
                var attempt = items.getJsonObject(i);
                var who = attempt.getString("device").isEmpty() ? "somebody" : attempt.getString("device");
                out.println(Table.shown(attempt.getString("at") + "  " + who + " from " + attempt.getString("address")
                        + ", " + attempt.getString("outcome") + " at " + attempt.getString("stage")));
                out.println("    " + Table.shown(attempt.getString("happened")));
                out.println("    " + Table.shown(attempt.getString("remedy")));
            }
        }
        out.flush();
        return ExitStatus.DONE.code();
    }
}
