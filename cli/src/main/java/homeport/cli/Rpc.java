package homeport.cli;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code homeport rpc}: one NETCONF operation on a device; what the device answers, errors included, comes out. */
@Command(name = "rpc", mixinStandardHelpOptions = true, //
        description = "One NETCONF operation on a device; exit status 1 when the device reports an error.")
final class Rpc implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Parameters(index = "0", paramLabel = "DEVICE", description = "Its id.")
    private String device = "";

    @Parameters(index = "1", arity = "0..1", defaultValue = "-", paramLabel = "FILE", //
            description = "With the operation or a whole rpc element; - for standard input, as it is without.")
    private String file = "-";

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "60", description = "1 to 600 (60).")
    private int timeout;

    @Override
    public Integer call() {
        var xml = InputFile.read(api.main(), file, InputFile.MOST_TEXT_BYTES);
        if (xml.isBlank()) {
            throw new Failure(ExitStatus.WRONG_USAGE, InputFile.named(file)
                    + " is empty: it is to hold one NETCONF operation, such as <get/>");
        }
        return send(api, device, xml, timeout);
    }

    static int send(Api api, String device, String xml, int timeout) {
        if (timeout < 1 || timeout > 600) {
            throw new Failure(ExitStatus.WRONG_USAGE, "--timeout is 1 to 600 seconds");
        }
        return api.call(client -> {
            var reply = client.rpc(device, xml, Duration.ofSeconds(timeout));
            api.show(new JsonObject().put("reply", reply), Api.forPeople(reply) + (reply.endsWith("\n") ? "" : "\n"));
            return (RpcReply.isError(reply) ? ExitStatus.FAILED : ExitStatus.DONE).code();
        });
    }
}
