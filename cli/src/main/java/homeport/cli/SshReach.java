package homeport.cli;

import homeport.cli.api.ApiClient;
import homeport.cli.api.ApiError;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How operators' SSH of the gateway is reached. */
record SshReach(String host, int port, int devicesPort, String operator) {
    static final int STANDARD_PORT = 2222;
    private static final int STANDARD_DEVICES_PORT = 4334;

    /** What a command may say about it. */
    static final class Options {
        @Option(names = "--as", paramLabel = "OPERATOR", //
                description = "As whom; else HOMEPORT_OPERATOR, else whose the token is, else the only operator.")
        private String operator = "";

        @Option(names = "--ssh-host", paramLabel = "HOST", description = "The gateway, where the HTTP API's is another.")
        private String host = "";

        @Option(names = {"-p", "--port"}, paramLabel = "PORT", description = "Of operators' SSH (2222).")
        private int port;
    }

    static SshReach of(Api api, ApiClient client, Options options) {
        // As ssh does where nobody says as whom.
        return of(api, client, options, System.getProperty("user.name"));
    }

    /** For a line to copy: where nobody says as whom, the reader has to. */
    static SshReach toShow(Api api, ApiClient client, Options options) {
        return of(api, client, options, "OPERATOR");
    }

    private static SshReach of(Api api, ApiClient client, Options options, String otherwise) {
        var local = api.isLocal() ? api.local() : Optional.<LocalGateway>empty();
        var host = options.host.isEmpty() ? api.server().getHost() : options.host;
        // An address of IPv6 has brackets in a URL, and none for ssh.
        var bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        if (bare.startsWith("-")) {
            throw new Failure(ExitStatus.WRONG_USAGE, "not the name of a host: " + bare);
        }
        int port = options.port == 0 ? local.map(LocalGateway::operatorsPort).orElse(STANDARD_PORT) : options.port;
        int devicesPort = local.map(LocalGateway::devicesPort).orElse(STANDARD_DEVICES_PORT);
        return new SshReach(bare, port, devicesPort,
                options.operator.isEmpty() ? operator(api, client).orElse(otherwise) : options.operator);
    }

    private static Optional<String> operator(Api api, ApiClient client) {
        var said = api.environment().get("HOMEPORT_OPERATOR");
        if (said != null && !said.isBlank()) {
            return Optional.of(said.strip());
        }
        try {
            var ours = DeviceText.text(client.get("/version"), "operator");
            if (!ours.isEmpty() && !ours.equals("local")) {
                return Optional.of(ours);
            }
            var names = client.get("/operators").getJsonArray("items").stream()
                    .map(each -> DeviceText.text((JsonObject) each, "name")).toList();
            return names.size() == 1
                    ? Optional.of(names.getFirst())
                    : Optional.of(System.getProperty("user.name")).filter(names::contains);
        } catch (ApiError e) {
            if (e.kind() != ApiError.Kind.NOT_ALLOWED && e.kind() != ApiError.Kind.NOT_FOUND) {
                throw e;
            }
        }
        return Optional.empty();
    }

    /** The SSH user name that leads to a device. */
    String user(String device) {
        return operator + "+" + device;
    }

    /** Words that run ssh. */
    List<String> words(String device) {
        return List.of("ssh", "-p", String.valueOf(port), "-l", user(device), host);
    }

    /** To be copied. */
    String command(String device) {
        return "ssh -p " + port + " " + (user(device).matches("[A-Za-z0-9_.+:/-]+")
                ? user(device) + "@" + host
                : "-l " + Shell.word(user(device)) + " " + host);
    }

    /** As known_hosts names it. */
    String knownName() {
        return knownName(port);
    }

    /** The same for those who dial either port: the gateway has one host key. */
    String knownNames() {
        return knownName(port) + "," + knownName(devicesPort);
    }

    private String knownName(int at) {
        return at == 22 ? host : "[" + host + "]:" + at;
    }
}
