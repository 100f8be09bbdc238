package homeport.gateway.config;

import homeport.callhome.Design;
import homeport.gateway.config.GatewayConfig.DatabaseConfig;
import homeport.gateway.config.GatewayConfig.DevicesConfig;
import homeport.gateway.config.GatewayConfig.JournalConfig;
import homeport.gateway.config.GatewayConfig.LimitsConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a gateway's configuration: flags before the environment, before the file, before what is standard. */
public final class ConfigReader {
    /** Of one device; what each may hold is its windows. */
    private static final int MOST_CHANNELS = 1_024;
    private static final String ALL_DESIGNS = "bootstrap,call-home,server-channels,tunnel";

    private static final List<Settings.Key> KEYS = List.of(new Settings.Key("data", "/var/lib/homeport", false),
            new Settings.Key("database", "sqlite", false), new Settings.Key("database-password-file", "", false),
            new Settings.Key("devices.listen", "0.0.0.0:4334", false),
            new Settings.Key("devices.designs", ALL_DESIGNS, true),
            new Settings.Key("devices.proxy-protocol", "false", false),
            new Settings.Key("operators.listen", "0.0.0.0:2222", false),
            new Settings.Key("http.listen", "127.0.0.1:8080", false),
            new Settings.Key("admission.unknown", "hold", false), new Settings.Key("limits.login-grace", "30s", false),
            new Settings.Key("limits.unauthenticated", "10000", false),
            new Settings.Key("limits.per-address", "200", false), new Settings.Key("limits.keep-alive", "30s", false),
            new Settings.Key("limits.missed", "3", false),
            new Settings.Key("limits.channels", "64", false), new Settings.Key("journal.entries", "100000", false),
            new Settings.Key("journal.age", "30d", false));

    /** What the command reads from the environment, and the gateway does not. */
    private static final Set<String> OTHER_VARIABLES = Set.of("HOMEPORT_SERVER", "HOMEPORT_TOKEN", "HOMEPORT_CONFIG",
            "HOMEPORT_DATABASE_PASSWORD", "HOMEPORT_JAVA_OPTIONS", "HOMEPORT_OPERATOR", "HOMEPORT_COMMAND");

    private ConfigReader() {}

    /**
     * Reads and checks everything.
     *
     * @param file empty when there is none
     * @param environment all of it; only {@code HOMEPORT_*} is looked at
     * @param flags values by key, such as {@code devices.listen}; shown as {@code --devices-listen} in messages
     * @throws ConfigError with the first thing that is wrong
     */
    public static GatewayConfig read(Optional<Path> file, Map<String, String> environment,
            Map<String, String> flags) {
        var settings = new Settings(KEYS);
        file.ifPresent(path -> YamlFile.read(path, settings));
        environment.entrySet().stream().filter(entry -> entry.getKey().startsWith("HOMEPORT_"))
                .filter(entry -> !OTHER_VARIABLES.contains(entry.getKey())).sorted(Map.Entry.comparingByKey())
                .forEach(entry -> {
                    var origin = new Origin.Variable(entry.getKey());
                    var key = settings.byVariable(entry.getKey());
                    if (key == null) {
                        throw new ConfigError(origin, "", "there is no such setting");
                    }
                    settings.put(key.name(), entry.getValue(), origin);
                });
        flags.forEach((key, text) -> settings.put(key, text, new Origin.Flag("--" + key.replace('.', '-'))));
        return config(settings);
    }

    private static GatewayConfig config(Settings settings) {
        var passwordFile = settings.one("database-password-file",
                text -> text.isEmpty() ? Optional.<Path>empty() : Optional.of(Path.of(text)));
        var database = settings.one("database", text -> database(text, passwordFile));
        if (passwordFile.isPresent() && database instanceof DatabaseConfig.Sqlite) {
            throw new ConfigError(settings.origin("database-password-file"), "database-password-file",
                    "sqlite has no password");
        }
        boolean proxy = settings.one("devices.proxy-protocol", Values::truth);
        var listen = settings.one("devices.listen", Address::parse);
        var devices = settings.all("devices.designs",
                texts -> new DevicesConfig(listen, designs(texts), proxy));
        var limits = new LimitsConfig(settings.one("limits.login-grace", Values::duration),
                settings.one("limits.unauthenticated", text -> Values.whole(text, 1, 1_000_000)),
                settings.one("limits.per-address", text -> Values.whole(text, 1, 1_000_000)),
                settings.one("limits.keep-alive", Values::duration),
                settings.one("limits.missed", text -> Values.whole(text, 1, 100)),
                settings.one("limits.channels", text -> Values.whole(text, 1, MOST_CHANNELS)));
        if (limits.perAddress() > limits.unauthenticated()) {
            throw new ConfigError(settings.origin("limits.per-address"), "limits.per-address",
                    "more than limits.unauthenticated, which is " + limits.unauthenticated());
        }
        return new GatewayConfig(settings.one("data", ConfigReader::directory), database, devices,
                settings.one("operators.listen", Address::parse), settings.one("http.listen", Address::parse),
                settings.one("admission.unknown", ConfigReader::holds), limits,
                new JournalConfig(settings.one("journal.entries", text -> Values.whole(text, 100, 100_000_000)),
                        settings.one("journal.age", Values::duration)));
    }

    private static Path directory(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("a directory is due");
        }
        return Path.of(text);
    }

    private static DatabaseConfig database(String text, Optional<Path> passwordFile) {
        if (text.equals("sqlite")) {
            return new DatabaseConfig.Sqlite();
        }
        URI address;
        try {
            address = new URI(text);
        } catch (java.net.URISyntaxException e) {
            // Its message would show the text, and that may hold a password.
            throw new IllegalArgumentException("sqlite or postgresql://USER@HOST[:PORT]/NAME is due");
        }
        return new DatabaseConfig.Postgresql(address, passwordFile);
    }

    private static Set<Design> designs(List<String> texts) {
        var designs = EnumSet.noneOf(Design.class);
        for (var text : texts) {
            designs.add(Arrays.stream(Design.values()).filter(design -> design.text().equals(text)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("each is one of " + ALL_DESIGNS)));
        }
        return designs;
    }

    private static boolean holds(String text) {
        return switch (text) {
            case "hold" -> true;
            case "refuse" -> false;
            default -> throw new IllegalArgumentException("hold or refuse is due");
        };
    }
}
