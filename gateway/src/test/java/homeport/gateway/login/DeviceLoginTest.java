package homeport.gateway.login;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.Credentials;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.LoginWay;
import homeport.gateway.inventory.Sighting;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertificateVerdict;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.KeyFileError;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PrivateKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceLoginTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    @TempDir
    Path directory;

    private static Device device(Optional<String> user, LoginWay way) {
        return new Device("r1", DeviceState.ADMITTED, "", List.of(), Optional.empty(), Optional.empty(), false, false,
                false, user, way, new TreeMap<>(), new Sighting("r1", false, "", "", "", "", "", Instant.EPOCH,
                        Instant.EPOCH, ""),
                NOW, 1);
    }

    private Credentials with(DeviceLogin login, Optional<String> user, LoginWay way, byte[] secret) {
        return assertInstanceOf(DeviceLogin.Answer.With.class,
                login.to(device(user, way), Optional.ofNullable(secret), NOW)).credentials();
    }

    @Test
    void theGatewaysKeysAreMadeOnceAndForItsOwnerAlone() throws IOException {
        var keys = GatewayKeys.open(directory, false, RANDOM);
        var again = GatewayKeys.open(directory, false, RANDOM);
        assertEquals(keys.host().publicKey(), again.host().publicKey());
        assertEquals(3, Set.of(keys.host().publicKey(), keys.user().publicKey(), keys.authority().publicKey()).size());
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            }
        }
    }

    @Test
    void aKeyThatOthersMayReadOrThatIsNoneStopsTheStart() throws IOException {
        GatewayKeys.open(directory, false, RANDOM);
        var file = directory.resolve("user_ed25519");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        var error = assertThrows(IllegalStateException.class, () -> GatewayKeys.open(directory, false, RANDOM));
        assertTrue(error.getMessage().contains("user_ed25519") && error.getMessage().contains("chmod 600"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(file, "not a key");
        assertThrows(KeyFileError.class, () -> GatewayKeys.open(directory, false, RANDOM));
    }

    @Test
    void withoutAnythingOnRecordItIsTheGatewaysKey() {
        var keys = GatewayKeys.open(directory, false, RANDOM);
        var credentials = with(new DeviceLogin(keys, RANDOM), Optional.empty(), LoginWay.GATEWAY_KEY, null);
        assertEquals(DeviceLogin.DEFAULT_USER, credentials.user());
        assertEquals(keys.user().publicKey(), credentials.keys().getFirst().publicKey());
        assertTrue(credentials.password().isEmpty());
    }

    @Test
    void aPasswordIsHandedOverAndWhatItCameInOverwritten() {
        byte[] secret = "hunter2".getBytes(StandardCharsets.UTF_8);
        var keys = GatewayKeys.open(directory, false, RANDOM);
        var credentials = with(new DeviceLogin(keys, RANDOM), Optional.of("admin"), LoginWay.PASSWORD, secret);
        assertArrayEquals("hunter2".getBytes(StandardCharsets.UTF_8), credentials.password().orElseThrow());
        assertArrayEquals(new byte[7], secret);
        // The key is for devices that want both.
        assertTrue(credentials.passwordFirst());
        assertEquals(List.of(keys.user().publicKey()),
                credentials.keys().stream().map(key -> key.publicKey()).toList());
        assertFalse(credentials.toString().contains("hunter2"));
    }

    @Test
    void aKeyOfTheDevicesOwnIsUsedAndTheGatewaysNotOffered() {
        var own = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);
        var login = new DeviceLogin(GatewayKeys.open(directory, false, RANDOM), RANDOM);
        var credentials = with(login, Optional.of("admin"), LoginWay.KEY, PrivateKeys.write(own, "", RANDOM));
        assertEquals(List.of(own.publicKey()), credentials.keys().stream().map(key -> key.publicKey()).toList());
    }

    @Test
    void aCertificateIsForOneUserAndAFewMinutes() {
        var keys = GatewayKeys.open(directory, false, RANDOM);
        var credentials = with(new DeviceLogin(keys, RANDOM), Optional.of("admin"), LoginWay.CERTIFICATE, null);
        var certificate = assertInstanceOf(OpenSshCertificate.class, credentials.keys().getFirst().publicKey());
        var authorities = Set.of(keys.authority().publicKey());
        assertInstanceOf(CertificateVerdict.Good.class, certificate.check(CertificateTerms.Kind.USER, authorities, NOW,
                Set.of("admin"), Optional.empty()));
        for (var at : List.of(NOW.minusSeconds(121), NOW.plus(DeviceLogin.CERTIFICATE_LIFE))) {
            assertInstanceOf(CertificateVerdict.Refused.class, certificate.check(CertificateTerms.Kind.USER,
                    authorities, at, Set.of("admin"), Optional.empty()));
        }
        assertInstanceOf(CertificateVerdict.Refused.class, certificate.check(CertificateTerms.Kind.USER, authorities,
                NOW, Set.of("root"), Optional.empty()));
        assertEquals("homeport gateway to r1", certificate.terms().keyId());
    }

    @Test
    void aSecretThatIsMissingIsSaid() {
        var login = new DeviceLogin(GatewayKeys.open(directory, false, RANDOM), RANDOM);
        for (var way : List.of(LoginWay.PASSWORD, LoginWay.KEY)) {
            assertInstanceOf(DeviceLogin.Answer.Missing.class,
                    login.to(device(Optional.empty(), way), Optional.empty(), NOW));
        }
    }
}
