package homeport.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport get-config}: a device's configuration (RFC 6241, section 7.1). */
@Command(name = "get-config", mixinStandardHelpOptions = true, description = "A device's configuration, by NETCONF.")
final class GetConfig implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(paramLabel = "DEVICE", description = "Its id.")
    private String device = "";

    @Option(names = "--source", paramLabel = "DATASTORE", defaultValue = "running", //
            description = "running (as it is without), candidate or startup.")
    private String source = "running";

    @Option(names = "--filter", paramLabel = "FILE", description = "With the elements of a subtree filter; or -.")
    private @Nullable String filter;

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "60", description = "1 to 600 (60).")
    private int timeout;

    @Override
    public Integer call() {
        if (!source.matches("[A-Za-z_][A-Za-z0-9_.-]*")) {
            throw new Failure(ExitStatus.WRONG_USAGE, "--source is running, candidate or startup, not " + source);
        }
        var subtree = filter == null
                ? ""
                : "<filter type=\"subtree\">" + InputFile.read(api.main(), filter, InputFile.MOST_TEXT_BYTES)
                        + "</filter>";
        return Rpc.send(api, device, "<get-config xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><source><" + source
                + "/></source>" + subtree + "</get-config>", timeout);
    }
}
