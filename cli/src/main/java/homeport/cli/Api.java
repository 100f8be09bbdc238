package homeport.cli;

import homeport.cli.api.ApiClient;
import homeport.cli.api.ApiError;
import homeport.gateway.config.ConfigError;
import homeport.gateway.config.ConfigReader;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands share that talk to a gateway: where it is, as whom, and how to show what it says. */
final class Api {
    private static final String STANDARD_SERVER = "http://127.0.0.1:8080";
    private static final String STANDARD_DATA = "/var/lib/homeport";
    private static final int MOST_TOKEN_BYTES = 4096;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(names = "--server", paramLabel = "URL", //
            description = "The gateway's HTTP API; else HOMEPORT_SERVER, else the local one, else " + STANDARD_SERVER
                    + ".")
    private @Nullable String server;

    @Option(names = "--data", paramLabel = "DIR", //
            description = "The local gateway's data directory, for its token; HOMEPORT_TOKEN stands above it.")
    private @Nullable Path data;

    @Option(names = "--json", description = "JSON instead of text.")
    private boolean json;

    int call(ToIntFunction<ApiClient> work) {
        try (var client = new ApiClient(server(), token())) {
            return work.applyAsInt(client);
        }
    }

    boolean json() {
        return json;
    }

    PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    PrintWriter err() {
        return Objects.requireNonNull(spec).commandLine().getErr();
    }

    Map<String, String> environment() {
        return main().environment();
    }

    Main main() {
        return Main.of(Objects.requireNonNull(spec));
    }

    // ---- Showing

    /** A listing. */
    int show(JsonArray items, Table table) {
        return show(items, table.toString());
    }

    int show(JsonArray items, String text) {
        return print(json ? items.encode() + "\n" : text);
    }

    /** One thing. @param text for people */
    int show(JsonObject thing, String text) {
        return print(json ? thing.encode() + "\n" : text);
    }

    int print(String text) {
        out().print(text);
        out().flush();
        return ExitStatus.DONE.code();
    }

    /** A device's text: as it is for a program, and for a terminal so that it moves nothing. */
    static String forPeople(String text) {
        var console = System.console();
        return console != null && console.isTerminal() ? Table.shownLines(text) : text;
    }

    /** What may be done next, for people who read along; a program that reads standard output does not see it. */
    void next(String line) {
        if (!json) {
            err().println(line);
            err().flush();
        }
    }

    /** One of several things did not work. */
    void complain(ApiError error) {
        err().println("homeport: " + Table.shown(String.valueOf(error.getMessage())));
        err().flush();
    }

    // ---- Where and as whom

    URI server() {
        var text = server == null
                ? Optional.ofNullable(environment().get("HOMEPORT_SERVER")).or(() -> local().map(LocalGateway::http))
                        .orElse(STANDARD_SERVER)
                : server;
        try {
            var uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http && uri.getHost() != null && uri.getRawQuery() == null && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw notAServer(text);
        }
        throw notAServer(text);
    }

    /** A password that stands before the host is not shown again. */
    private static Failure notAServer(String text) {
        int at = text.lastIndexOf('@');
        return new Failure(ExitStatus.WRONG_USAGE, at < 0
                ? "not the URL of a gateway: " + text + "; it is such as " + STANDARD_SERVER
                : "not the URL of a gateway: ***" + text.substring(at) + "; it is such as " + STANDARD_SERVER
                        + ", without a name or password: set HOMEPORT_TOKEN");
    }

    /** The gateway of the data directory, where it is the one we talk to. */
    Optional<LocalGateway> local() {
        return LocalGateway.read(directory());
    }

    /** Whether nobody on a network stands between us and the gateway. */
    boolean isLocal() {
        try {
            return InetAddress.getByName(server().getHost()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Words for a command to be copied, that reaches the same gateway. */
    String flags() {
        return (server == null ? "" : " --server " + Shell.word(server))
                + (data == null ? "" : " --data " + Shell.word(data.toString()));
    }

    private String token() {
        var said = environment().get("HOMEPORT_TOKEN");
        if (said != null && !said.isBlank()) {
            return checked(said.strip(), "HOMEPORT_TOKEN");
        }
        if (!isLocal()) {
            // The local gateway's own token is no other server's to see.
            throw new Failure(ExitStatus.NOT_ALLOWED, "no token for " + server().getHost()
                    + ": set HOMEPORT_TOKEN to one that homeport operator token NAME printed there");
        }
        var file = directory().resolve("local-token");
        try (var in = Files.newInputStream(file)) {
            return checked(new String(in.readNBytes(MOST_TOKEN_BYTES), StandardCharsets.US_ASCII).strip(),
                    file.toString());
        } catch (IOException e) {
            throw new Failure(ExitStatus.NOT_ALLOWED, "no token: set HOMEPORT_TOKEN, or name the data directory of a"
                    + " gateway that runs here with --data DIR (" + file + " cannot be read)");
        }
    }

    /** It goes into a header, so it may not hold what ends one. */
    private static String checked(String token, String where) {
        if (!token.matches("[\\x21-\\x7e]+")) {
            throw new Failure(ExitStatus.NOT_ALLOWED, where + " holds no token");
        }
        return token;
    }

    private Path directory() {
        if (data != null) {
            return data;
        }
        var said = environment().get("HOMEPORT_DATA");
        if (said != null && !said.isBlank()) {
            return Path.of(said);
        }
        var config = environment().get("HOMEPORT_CONFIG");
        if (config == null || config.isBlank()) {
            return Path.of(STANDARD_DATA);
        }
        try {
            return ConfigReader.read(Optional.of(Path.of(config)), Map.of(), Map.of()).data();
        } catch (ConfigError e) {
            throw new Failure(ExitStatus.WRONG_USAGE, String.valueOf(e.getMessage()));
        }
    }
}
