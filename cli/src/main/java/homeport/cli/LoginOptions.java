package homeport.cli;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** As whom and by what the gateway logs in to a device. Secrets come from files, never from the command line. */
final class LoginOptions {
    @Option(names = "--login", paramLabel = "USER", description = "As whom the gateway logs in to it.")
    private @Nullable String user;

    @Option(names = "--login-by", paramLabel = "WAY", description = "gateway-key or certificate.")
    private @Nullable String by;

    @Option(names = "--password-file", paramLabel = "F", description = "File with the password; - for standard input.")
    private @Nullable String passwordFile;

    @Option(names = "--key-file", paramLabel = "F", description = "File with a private key without passphrase; or -.")
    private @Nullable String keyFile;

    /** Puts {@code login} into a request, where anything is said about it. */
    void into(JsonObject request, Main main) {
        int ways = (by == null ? 0 : 1) + (passwordFile == null ? 0 : 1) + (keyFile == null ? 0 : 1);
        if (ways > 1) {
            throw new Failure(ExitStatus.WRONG_USAGE, "one of --login-by, --password-file and --key-file");
        }
        var login = new JsonObject();
        if (user != null) {
            login.put("user", user);
        }
        if (by != null) {
            login.put("by", by);
        }
        if (passwordFile != null) {
            login.put("by", "password").put("password", InputFile.secret(main, passwordFile));
        }
        if (keyFile != null) {
            login.put("by", "key").put("key", InputFile.read(main, keyFile, InputFile.MOST_SECRET_BYTES));
        }
        if (!login.isEmpty()) {
            request.put("login", login);
        }
    }
}
