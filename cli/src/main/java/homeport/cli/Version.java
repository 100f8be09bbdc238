package homeport.cli;

import homeport.ssh.crypto.Providers;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code homeport version}: which Homeport on which Java, with whose cryptography. */
@Command(name = "version", mixinStandardHelpOptions = true, description = "Prints the version of Homeport, of the Java it runs on, and whose cryptography it uses.")
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
        var natives = Providers.natives();
        return new String[]{"homeport " + (version == null ? "from source" : version), "java " + Runtime.version(),
                "cryptography " + (natives.isEmpty() ? "of Java and Bouncy Castle" : String.join(", ", natives))};
    }
}
