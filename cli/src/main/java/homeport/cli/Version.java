package homeport.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code homeport version}: which Homeport on which Java. */
@Command(name = "version", mixinStandardHelpOptions = true, description = "Prints the version of Homeport and of the Java it runs on.")
final class Version implements Callable<Integer>, IVersionProvider {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        for (var line : getVersion()) {
            out.println(line);
        }
        out.flush();
        return 0;
    }

    @Override
    public String[] getVersion() {
        var version = Main.class.getPackage().getImplementationVersion();
        return new String[]{"homeport " + (version == null ? "from source" : version), "java " + Runtime.version()};
    }
}
