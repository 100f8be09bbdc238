package homeport.gateway.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Design;
import homeport.gateway.config.GatewayConfig.DatabaseConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigReaderTest {
    @TempDir
    Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("homeport.yaml"), text);
    }

    private GatewayConfig read(String text) throws IOException {
        return ConfigReader.read(Optional.of(file(text)), Map.of(), Map.of());
    }

    private String error(String text) throws IOException {
        var path = file(text);
        return assertThrows(ConfigError.class, () -> ConfigReader.read(Optional.of(path), Map.of(), Map.of()))
                .getMessage().replace(directory.toString(), "");
    }

    @Test
    void whatIsNotSaidIsStandard() {
        var config = ConfigReader.read(Optional.empty(), Map.of("PATH", "/bin"), Map.of());
        assertEquals(new Address("0.0.0.0", 4334), config.devices().listen());
        assertEquals(Set.of(Design.values()), config.devices().designs());
        assertEquals(new Address("127.0.0.1", 8080), config.http());
        assertEquals(new DatabaseConfig.Sqlite(), config.database());
        assertTrue(config.holdUnknown());
        assertEquals(new GatewayConfig.LimitsConfig(Duration.ofSeconds(30), 10_000, 200, Duration.ofSeconds(30), 3,
                64),
                config.limits());
    }

    @Test
    void aWholeFileIsRead() throws IOException {
        var config = read("""
                data: /srv/homeport
                database: postgresql://homeport@db:5433/inventory?sslmode=verify-full
                database-password-file: /etc/homeport/db
                devices:
                  listen: "[::]:14334"
                  designs: [call-home, tunnel]
                  proxy-protocol: true
                operators: { listen: ":2022" }
                http: { listen: 127.0.0.1:0 }
                admission: { unknown: refuse }
                limits: { login-grace: 500ms, unauthenticated: 20, per-address: 20, keep-alive: 5m, missed: 1 }
                journal:
                  entries: 1000
                  age: 7d
                """);
        assertEquals(Path.of("/srv/homeport"), config.data());
        var database = assertInstanceOf(DatabaseConfig.Postgresql.class, config.database());
        assertEquals("jdbc:postgresql://db:5433/inventory?sslmode=verify-full", database.url());
        assertEquals("homeport", database.user());
        assertEquals(Optional.of(Path.of("/etc/homeport/db")), database.passwordFile());
        assertEquals(new Address("::", 14334), config.devices().listen());
        assertEquals(Set.of(Design.CALL_HOME, Design.TUNNEL), config.devices().designs());
        assertTrue(config.devices().proxyProtocol());
        assertEquals(new Address("", 2022), config.operators());
        assertFalse(config.holdUnknown());
        assertEquals(Duration.ofMillis(500), config.limits().loginGrace());
        assertEquals(Duration.ofDays(7), config.journal().age());
    }

    @Test
    void flagsComeBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
        var path = Optional.of(file("limits: {missed: 4, per-address: 5, unauthenticated: 6}\n"));
        var environment = Map.of("HOMEPORT_LIMITS_MISSED", "7", "HOMEPORT_LIMITS_PER_ADDRESS", "3",
                "HOMEPORT_DEVICES_DESIGNS", "tunnel, bootstrap", "HOMEPORT_TOKEN", "x");
        var config = ConfigReader.read(path, environment, Map.of("limits.missed", "9"));
        assertEquals(9, config.limits().missed());
        assertEquals(3, config.limits().perAddress());
        assertEquals(6, config.limits().unauthenticated());
        assertEquals(Set.of(Design.TUNNEL, Design.BOOTSTRAP), config.devices().designs());
    }

    @Test
    void anUnknownKeyStopsWithFileLineAndKey() throws IOException {
        assertEquals(
                "/homeport.yaml line 3: limits.login-grase: there is no such setting; is limits.login-grace meant?",
                error("data: /x\nlimits:\n  login-grase: 3s\n"));
        assertEquals("/homeport.yaml line 1: colour: there is no such setting", error("colour: {red: 1}\n"));
        assertEquals("/homeport.yaml line 1: colour: there is no such setting", error("colour: [red]\n"));
        assertEquals("environment variable HOMEPORT_LIMIT_MISSED: there is no such setting",
                assertThrows(ConfigError.class, () -> ConfigReader.read(Optional.empty(),
                        Map.of("HOMEPORT_LIMIT_MISSED", "1"), Map.of())).getMessage());
    }

    @Test
    void aBadValueStopsWithFileLineAndKey() throws IOException {
        assertEquals("/homeport.yaml line 2: devices.listen: a whole number from 0 to 65535 is due",
                error("devices:\n  listen: 0.0.0.0:99999\n"));
        assertEquals(
                "/homeport.yaml line 2: devices.designs: each is one of bootstrap,call-home,server-channels,tunnel",
                error("\ndevices: {designs: [call-home, teleport]}\n"));
        assertEquals("/homeport.yaml line 1: devices.designs: no design is left, so no device could come in",
                error("devices: {designs: []}\n"));
        assertEquals("environment variable HOMEPORT_ADMISSION_UNKNOWN: admission.unknown: hold or refuse is due",
                assertThrows(ConfigError.class, () -> ConfigReader.read(Optional.empty(),
                        Map.of("HOMEPORT_ADMISSION_UNKNOWN", "admit"), Map.of())).getMessage());
        assertEquals("option --http-listen: http.listen: an address is HOST:PORT",
                assertThrows(ConfigError.class,
                        () -> ConfigReader.read(Optional.empty(), Map.of(), Map.of("http.listen", "8080")))
                        .getMessage());
        assertEquals("/homeport.yaml line 1: limits.per-address: more than limits.unauthenticated, which is 5",
                error("limits: {per-address: 6, unauthenticated: 5}\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"30", "s", "-1s", "0s", "1.5s", "30 s", "1y", "99999999999s", "999999999d", ""})
    void aTimeHasAUnitAndALimit(String text) {
        assertThrows(ConfigError.class,
                () -> ConfigReader.read(Optional.empty(), Map.of("HOMEPORT_LIMITS_LOGIN_GRACE", text), Map.of()));
    }

    @ParameterizedTest
    @CsvSource({"::1:4334", "host", "host:", "ho st:1", "h:70000", "h:-1", "[::1:1", "'h:1\n'"})
    void anAddressHasAHostAndAPort(String text) {
        assertThrows(ConfigError.class,
                () -> ConfigReader.read(Optional.empty(), Map.of(), Map.of("http.listen", text)));
    }

    @Test
    void whatIsNoYamlOrNoFileStopsWithItsName() throws IOException {
        assertTrue(error("data: [unclosed\n").startsWith("/homeport.yaml line 2: not YAML: "));
        assertEquals("/homeport.yaml line 1: settings are due, as NAME: VALUE", error("- a\n- b\n"));
        assertEquals("/homeport.yaml line 1: limits: settings are due below it, as NAME: VALUE", error("limits: 7\n"));
        assertEquals("/homeport.yaml line 1: data: a plain value is due", error("data: {a: b}\n"));
        assertTrue(error("limits: {missed: 1}\nlimits: {missed: 2}\n").startsWith("/homeport.yaml line 2: "));
        assertTrue(error("a: &a [x]\ndata: *a\n").startsWith("/homeport.yaml"));
        assertEquals("there is no such file", assertThrows(ConfigError.class, () -> ConfigReader.read(
                Optional.of(directory.resolve("none.yaml")), Map.of(), Map.of())).getMessage().replaceAll(".*: ", ""));
        Files.write(directory.resolve("binary.yaml"), new byte[]{(byte) 0xff, (byte) 0xfe, 0});
        assertThrows(ConfigError.class,
                () -> ConfigReader.read(Optional.of(directory.resolve("binary.yaml")), Map.of(), Map.of()));
        assertThrows(ConfigError.class, () -> ConfigReader.read(Optional.of(directory), Map.of(), Map.of()));
    }

    @Test
    void anEmptyFileIsAllStandard() throws IOException {
        assertEquals(read(""), ConfigReader.read(Optional.empty(), Map.of(), Map.of()));
        assertEquals(read("# nothing\n"), read(""));
    }

    @Test
    void aPasswordInTheDatabasesAddressIsRefusedAndNotRepeated() throws IOException {
        for (var address : new String[]{"postgresql://u:hunter2@db/x", "postgresql://u:hunter 2@db/x",
                "mysql://u:hunter2@h/x"}) {
            var message = error("database: " + address + "\n");
            assertTrue(message.startsWith("/homeport.yaml line 1: database: "), message);
            assertFalse(message.contains("hunter"), message);
        }
    }
}
