package homeport.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code homeport completion}: for bash and zsh, to be sourced. */
@Command(name = "completion", mixinStandardHelpOptions = true, //
        description = "Completion for bash and zsh: source <(homeport completion)")
final class Completion implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var commandLine = Objects.requireNonNull(spec).commandLine();
        var out = commandLine.getOut();
        out.print(AutoComplete.bash("homeport", Objects.requireNonNull(spec).root().commandLine()));
        out.flush();
        return ExitStatus.DONE.code();
    }
}
