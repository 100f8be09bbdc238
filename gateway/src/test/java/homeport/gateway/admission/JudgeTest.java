package homeport.gateway.admission;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.BootstrapMessage;
import homeport.callhome.Claim;
import homeport.callhome.Design;
import homeport.callhome.Evidence;
import homeport.callhome.Proof;
import homeport.gateway.inventory.AlarmKind;
import homeport.gateway.inventory.Change;
import homeport.gateway.inventory.ClaimToken;
import homeport.gateway.inventory.Device;
import homeport.gateway.inventory.DeviceState;
import homeport.gateway.inventory.Group;
import homeport.gateway.inventory.IdFrom;
import homeport.gateway.inventory.Known;
import homeport.gateway.inventory.LoginWay;
import homeport.gateway.inventory.Pin;
import homeport.gateway.inventory.PinState;
import homeport.gateway.inventory.Sighting;
import homeport.gateway.inventory.Tokens;
import homeport.gateway.inventory.TrustAnchor;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.HmacKeyId;
import homeport.ssh.key.KeyAlgorithm;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.PublicKeyFile;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the first-time questions, and the attacks on it. */
class JudgeTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] SECRET = "a secret of some length".getBytes(StandardCharsets.UTF_8);
    private static final byte[] OTHER_SECRET = "another secret, as long".getBytes(StandardCharsets.UTF_8);
    private static final PlainSigner SIGNER = newKey();
    private static final PlainKey KEY = SIGNER.publicKey();
    private static final PlainKey OTHER = newKey().publicKey();
    private static final byte[] TOKEN = "one-time".getBytes(StandardCharsets.US_ASCII);

    private static PlainSigner newKey() {
        return PrivateKeys.generate(KeyAlgorithm.ECDSA_P256, RANDOM);
    }

    // ---- What is shown

    private static Evidence evidence(Claim claim, Proof proof) {
        var design = claim instanceof Claim.LoginName
                ? Optional.<Design>empty()
                : Optional.of(claim instanceof Claim.InMessage || claim instanceof Claim.InXml
                        ? Design.BOOTSTRAP
                        : Design.CALL_HOME);
        return new Evidence(design, Optional.ofNullable(claim), proof, "SSH-2.0-test");
    }

    private static Evidence login(String id, PlainKey key) {
        return evidence(new Claim.LoginName(id), new Proof.HoldsKey(key));
    }

    private static Evidence callHome(PlainKey key) {
        return evidence(null, new Proof.HoldsKey(key));
    }

    private static Evidence message(BootstrapMessage message, PlainKey key) {
        return evidence(new Claim.InMessage(message), new Proof.HoldsKey(key));
    }

    private static Evidence keyId(String id) {
        return evidence(new Claim.KeyId(id), new Proof.SecretToCheck(HmacKeyId.of(KeyAlgorithm.HMAC_SHA2_256, id)));
    }

    // ---- What is on record

    private static Device device(String id, DeviceState state, Optional<String> anchor, boolean sha256, Pin... pins) {
        return new Device(id, state, "because", List.of(pins), anchor, Optional.empty(), false, sha256, false,
                Optional.empty(), LoginWay.GATEWAY_KEY, new TreeMap<>(), new Sighting(id, false, "", "", "", "", "",
                        Instant.EPOCH, Instant.EPOCH, "never seen"),
                NOW, 1);
    }

    private static Pin pin(PlainKey key, PinState state) {
        return new Pin(key.fingerprint(), Optional.empty(), state, "alice", NOW);
    }

    private static Pin active(PlainKey key) {
        return pin(key, PinState.ACTIVE);
    }

    private static Known known(Device device, String... withKey) {
        return new Known(Optional.of(device), Optional.empty(), Optional.empty(), Optional.empty(), List.of(withKey),
                List.of());
    }

    private static Known withSecret(Device device, byte[] secret) {
        return new Known(Optional.of(device), Optional.of(secret), Optional.empty(), Optional.empty(), List.of(),
                List.of());
    }

    private static Known keyOf(String... ids) {
        return new Known(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(ids),
                List.of());
    }

    private static Device admitted(String id, Pin... pins) {
        return device(id, DeviceState.ADMITTED, Optional.empty(), false, pins);
    }

    private static Device pending(String id, Pin... pins) {
        return device(id, DeviceState.PENDING, Optional.empty(), false, pins);
    }

    private static Verdict judge(Evidence evidence, Known known, Policy policy) {
        return judge(evidence, known, policy, Optional.empty());
    }

    private static Verdict judge(Evidence evidence, Known known, Policy policy, Optional<PlainKey> before) {
        return Judge.judge(Subject.of(evidence, policy, Optional.empty(), before, NOW), known, policy);
    }

    private static Verdict judge(Evidence evidence, Known known) {
        return judge(evidence, known, Policy.DEFAULT);
    }

    // ---- What comes out, as one line

    private static String told(Verdict verdict) {
        var line = switch (verdict) {
            case Verdict.Admit admit -> "admit " + admit.deviceId() + " " + admit.grounds();
            case Verdict.AdmitWithSecret admit -> "admit " + admit.deviceId() + " if secret";
            case Verdict.Hold hold -> "hold " + hold.name() + " " + hold.reason();
            case Verdict.Refuse refuse -> "refuse " + refuse.name() + " " + refuse.reason();
        };
        var changes = new StringBuilder(line);
        for (var change : verdict.changes()) {
            changes.append(switch (change) {
                case Change.AddDevice add -> " +" + add.state().text() + add.anchor().map(a -> "@" + a).orElse("");
                case Change.PinKey pin -> " +" + pin.state().text() + (pin.fingerprint().equals(KEY.fingerprint())
                        ? " key"
                        : " other key");
                case Change.BindAnchor bind -> " @" + bind.anchor();
                case Change.Admit admit -> " admitted";
                case Change.UseToken token -> " token";
                case Change.RaiseAlarm alarm -> " !" + alarm.kind().text() + ":" + alarm.device();
            });
        }
        return changes.toString();
    }

    record Row(String rule, Evidence evidence, Known known, String verdict) {
        @Override
        public String toString() {
            return rule;
        }
    }

    private static final BootstrapMessage SIGNED = BootstrapMessage.signed("r1", KEY, SECRET);
    private static final BootstrapMessage BARE = BootstrapMessage.claim("r1");
    private static final BootstrapMessage SHA1_ONLY = new BootstrapMessage("r1", SIGNED.hostKey(), SIGNED.hmacSha1(),
            Optional.empty(), 0);

    static Stream<Row> rows() {
        return Stream.of(
                // A key, under a claimed id
                new Row("the pinned key is admitted", login("r1", KEY), known(admitted("r1", active(KEY)), "r1"),
                        "admit r1 PINNED_KEY"),
                new Row("each of several pinned keys is admitted", login("r1", KEY),
                        known(admitted("r1", active(OTHER), active(KEY)), "r1"), "admit r1 PINNED_KEY"),
                new Row("a known id with another key is refused with an alarm", login("r1", KEY),
                        known(admitted("r1", active(OTHER))), "refuse r1 OTHER_KEY +waiting key !new-key:r1"),
                new Row("a key that waits is good for nothing", login("r1", KEY),
                        known(admitted("r1", active(OTHER), pin(KEY, PinState.WAITING))),
                        "refuse r1 OTHER_KEY +waiting key !new-key:r1"),
                new Row("a stranger is held", login("r9", KEY), Known.NOTHING,
                        "hold r9 UNKNOWN_DEVICE +pending +waiting key"),
                new Row("an expected id without a key is only claimed", login("r1", KEY), known(admitted("r1")),
                        "hold r1 ONLY_CLAIMED +waiting key"),
                new Row("a pending device stays held", login("r1", KEY),
                        known(pending("r1", pin(KEY, PinState.WAITING))), "hold r1 STILL_PENDING +waiting key"),
                new Row("a pending device with its pinned key stays held", login("r1", KEY),
                        known(pending("r1", active(KEY)), "r1"), "hold r1 STILL_PENDING"),
                new Row("a refused device is refused with its own key", login("r1", KEY),
                        known(device("r1", DeviceState.REFUSED, Optional.empty(), false, active(KEY)), "r1"),
                        "refuse r1 DEVICE_REFUSED"),
                new Row("another device's key under a new id is held with an alarm", login("r9", KEY), keyOf("r1"),
                        "hold r9 KEY_OF_ANOTHER_ID +pending +waiting key !key-on-many-devices:r1"),
                new Row("another device's key under a known id is refused", login("r2", KEY),
                        known(admitted("r2", active(OTHER)), "r1"),
                        "refuse r2 OTHER_KEY +waiting key !new-key:r2"),
                new Row("a version line's claim is looked up like any other",
                        evidence(new Claim.InVersionLine("r1"), new Proof.HoldsKey(KEY)),
                        known(admitted("r1", active(OTHER))), "refuse r1 OTHER_KEY +waiting key !new-key:r1"),

                // A key by itself (RFC 8071)
                new Row("a pinned host key names its device", callHome(KEY), known(admitted("r1", active(KEY)), "r1"),
                        "admit r1 PINNED_KEY"),
                new Row("an unknown host key is held under its fingerprint", callHome(KEY), Known.NOTHING,
                        "hold " + KEY.fingerprint() + " UNKNOWN_DEVICE +pending +waiting key"),
                new Row("a key on two devices names neither", callHome(KEY), keyOf("r1", "r2"),
                        "refuse " + KEY.fingerprint()
                                + " KEY_ON_SEVERAL_DEVICES !key-on-many-devices:r1 !key-on-many-devices:r2"),

                // A bootstrap message
                new Row("the right HMAC admits and pins", message(SIGNED, KEY), withSecret(admitted("r1"), SECRET),
                        "admit r1 SECRET +active key"),
                new Row("HMAC-SHA1 alone admits with less", message(SHA1_ONLY, KEY), withSecret(admitted("r1"), SECRET),
                        "admit r1 SECRET_SHA1 +active key"),
                new Row("HMAC-SHA1 is not enough where SHA-256 is required", message(SHA1_ONLY, KEY),
                        withSecret(device("r1", DeviceState.ADMITTED, Optional.empty(), true), SECRET),
                        "refuse r1 HMAC_MISSING"),
                new Row("the right HMAC and the pinned key admit", message(SIGNED, KEY),
                        withSecret(admitted("r1", active(KEY)), SECRET), "admit r1 SECRET"),
                new Row("the right HMAC does not replace a pinned key", message(SIGNED, KEY),
                        withSecret(admitted("r1", active(OTHER)), SECRET),
                        "hold r1 NEW_KEY_PROVED +waiting key !new-key:r1"),
                new Row("the right HMAC does not admit a pending device", message(SIGNED, KEY),
                        withSecret(pending("r1"), SECRET), "hold r1 STILL_PENDING +waiting key"),
                new Row("a wrong HMAC is refused", message(SIGNED, KEY), withSecret(admitted("r1"), OTHER_SECRET),
                        "refuse r1 HMAC_WRONG"),
                new Row("a wrong HMAC is refused with the pinned key too", message(SIGNED, KEY),
                        withSecret(admitted("r1", active(KEY)), OTHER_SECRET), "refuse r1 HMAC_WRONG"),
                new Row("a message without HMAC is a downgrade", message(BARE, KEY),
                        withSecret(admitted("r1", active(KEY)), SECRET), "refuse r1 HMAC_MISSING"),
                new Row("a replayed message is refused with an alarm", message(SIGNED, OTHER),
                        withSecret(admitted("r1"), SECRET), "refuse r1 HMAC_REPLAYED !proof-replayed:r1"),
                new Row("without a secret on record an HMAC is a claim", message(SIGNED, KEY), known(admitted("r1")),
                        "hold r1 ONLY_CLAIMED +waiting key"),
                new Row("a bare message with the pinned key is admitted", message(BARE, KEY),
                        known(admitted("r1", active(KEY)), "r1"), "admit r1 PINNED_KEY"),
                new Row("a bare message of a stranger is held under its id", message(BARE, KEY), Known.NOTHING,
                        "hold r1 UNKNOWN_DEVICE +pending +waiting key"),

                // A key id
                new Row("a key id with a secret is for the engine to check", keyId("r1"),
                        withSecret(admitted("r1"), SECRET), "admit r1 if secret"),
                new Row("a pending device's key id is held", keyId("r1"), withSecret(pending("r1"), SECRET),
                        "hold r1 STILL_PENDING"),
                new Row("a key id without a secret is held", keyId("r1"), known(admitted("r1")), "hold r1 NO_SECRET"),
                new Row("an unknown key id is held", keyId("r9"), Known.NOTHING, "hold r9 NO_SECRET +pending"),
                new Row("a short secret proves nothing to an exchange hash", keyId("r1"),
                        withSecret(admitted("r1"), Arrays.copyOf(SECRET, 15)), "refuse r1 SECRET_TOO_SHORT"),

                // A token
                new Row("an open token lets the key wait for it", login("r1", KEY),
                        tokens(admitted("r1"), NOW.plusSeconds(1), Optional.empty()), "refuse r1 TOKEN_EXPECTED"),
                new Row("an expired token lets nobody wait for it", login("r1", KEY),
                        tokens(admitted("r1"), NOW, Optional.empty()), "hold r1 ONLY_CLAIMED +waiting key"),
                new Row("an open token does not open a pinned device", login("r1", KEY),
                        tokens(admitted("r1", active(OTHER)), NOW.plusSeconds(1), Optional.empty()),
                        "refuse r1 OTHER_KEY +waiting key !new-key:r1"),

                // Ids
                new Row("an id that does not show is refused", login("r\u202e1", KEY), Known.NOTHING,
                        "refuse " + KEY.fingerprint() + " BAD_ID"),
                new Row("nobody calls himself by another's fingerprint", login(OTHER.fingerprint().toString(), KEY),
                        Known.NOTHING, "refuse " + KEY.fingerprint() + " BAD_ID"),
                new Row("a fingerprint of one's own is an id", login(KEY.fingerprint().toString(), KEY), Known.NOTHING,
                        "hold " + KEY.fingerprint() + " UNKNOWN_DEVICE +pending +waiting key"));
    }

    private static Known tokens(Device device, Instant expires, Optional<Instant> used) {
        return new Known(Optional.of(device), Optional.empty(), Optional.empty(), Optional.empty(), List.of(),
                List.of(new ClaimToken("0".repeat(64), device.id(), NOW.plusSeconds(9), Optional.of(NOW)),
                        new ClaimToken(Tokens.hash(TOKEN), device.id(), expires, used)));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void firstTimeQuestions(Row row) {
        assertEquals(row.verdict(), told(judge(row.evidence(), row.known())));
    }

    /** Whatever is claimed, without a pin, a secret, a certificate or a token nobody is admitted. */
    @Test
    void claimsNeverAdmit() {
        var claims = List.<Claim>of(new Claim.LoginName("r1"), new Claim.InVersionLine("r1"),
                new Claim.InMessage(BARE), new Claim.InMessage(SIGNED));
        var records = List.of(Known.NOTHING, known(admitted("r1")), known(pending("r1")),
                known(admitted("r1", active(OTHER))), known(admitted("r1", pin(KEY, PinState.WAITING))),
                known(device("r1", DeviceState.ADMITTED, Optional.of("acme"), false)), keyOf("r2"), keyOf("r2", "r3"));
        for (var claim : claims) {
            for (var record : records) {
                var verdict = judge(evidence(claim, new Proof.HoldsKey(KEY)), record);
                assertFalse(verdict instanceof Verdict.Admit, () -> told(verdict));
                assertTrue(verdict.changes().stream().noneMatch(change -> change instanceof Change.Admit
                        || change instanceof Change.PinKey pin && pin.state() == PinState.ACTIVE), () -> told(verdict));
            }
        }
    }

    @Test
    void strangersAreRefusedWhereThePolicySaysSo() {
        var policy = new Policy(false, Authorities.NONE);
        for (var evidence : List.of(login("r9", KEY), callHome(KEY), message(BARE, KEY), keyId("r9"))) {
            var refuse = assertInstanceOf(Verdict.Refuse.class, judge(evidence, Known.NOTHING, policy));
            assertEquals(Reason.UNKNOWN_REFUSED, refuse.reason());
            assertEquals(List.of(), refuse.changes());
        }
        assertInstanceOf(Verdict.Admit.class, judge(login("r1", KEY), known(admitted("r1", active(KEY))), policy));
    }

    @Test
    void theSecretForTheEngineIsACopyAndShowsNowhere() {
        var known = withSecret(admitted("r1"), SECRET.clone());
        var admit = assertInstanceOf(Verdict.AdmitWithSecret.class, judge(keyId("r1"), known));
        known.close();
        assertArrayEquals(SECRET, admit.secret());
        assertFalse((admit.toString() + known).contains("a secret"));
    }

    // ---- Groups

    private static Known group(Optional<Device> member, Optional<byte[]> secret, boolean admits) {
        return new Known(member, Optional.empty(),
                Optional.of(new Group("r1", admits, false, secret.isPresent(), NOW)), secret, List.of(), List.of());
    }

    @Test
    void aGroupsSecretProvesMembershipAndTheKeyWhichMember() {
        var member = "r1/" + KEY.fingerprint();
        var secret = Optional.of(SECRET);
        assertEquals("admit " + member + " SECRET +admitted +active key",
                told(judge(message(SIGNED, KEY), group(Optional.empty(), secret, true))));
        assertEquals("hold " + member + " NEW_MEMBER +pending +waiting key",
                told(judge(message(SIGNED, KEY), group(Optional.empty(), secret, false))));
        assertEquals("admit edge-9 PINNED_KEY",
                told(judge(message(SIGNED, KEY), group(Optional.of(admitted("edge-9", active(KEY))), secret, false))));
        assertEquals("refuse r1 HMAC_WRONG",
                told(judge(message(SIGNED, KEY), group(Optional.empty(), Optional.of(OTHER_SECRET), true))));
        assertEquals("refuse r1 HMAC_MISSING",
                told(judge(message(BARE, KEY), group(Optional.empty(), secret, true))));
        assertEquals("refuse r1 HMAC_REPLAYED !proof-replayed:r1",
                told(judge(message(SIGNED, OTHER), group(Optional.empty(), secret, true))));
    }

    @Test
    void aGroupWithoutASecretAdmitsNobodyByItself() {
        assertEquals("hold r1/" + KEY.fingerprint() + " NEW_MEMBER +pending +waiting key",
                told(judge(message(BARE, KEY), group(Optional.empty(), Optional.empty(), true))));
    }

    @Test
    void nobodyIsAGroup() {
        for (var evidence : List.of(login("r1", KEY), keyId("r1"),
                evidence(new Claim.InVersionLine("r1"), new Proof.HoldsKey(KEY)),
                evidence(new Claim.LoginName("r1"), new Proof.Token(TOKEN.clone())))) {
            assertEquals("refuse r1 GROUP_ID",
                    told(judge(evidence, group(Optional.empty(), Optional.of(SECRET), true))));
        }
    }

    // ---- Tokens

    private static Evidence token(byte[] value) {
        return evidence(new Claim.LoginName("r1"), new Proof.Token(value));
    }

    @Test
    void aTokenMakesTheKeyThatWasShownTheDevicesOwn() {
        var open = tokens(admitted("r1"), NOW.plusSeconds(1), Optional.empty());
        assertEquals("admit r1 TOKEN token +active key",
                told(judge(token(TOKEN), open, Policy.DEFAULT, Optional.of(KEY))));
        assertEquals("admit r1 TOKEN token +active key admitted", told(judge(token(TOKEN),
                tokens(pending("r1"), NOW.plusSeconds(1), Optional.empty()), Policy.DEFAULT, Optional.of(KEY))));
        assertEquals("refuse r1 TOKEN_WITHOUT_KEY", told(judge(token(TOKEN), open)));
    }

    @Test
    void aTokenIsRefusedWhenWrongUsedExpiredOrForARefusedDevice() {
        var key = Optional.of(KEY);
        var later = NOW.plusSeconds(1);
        assertEquals("refuse r1 TOKEN_WRONG", told(judge(token("two-time".getBytes(StandardCharsets.US_ASCII)),
                tokens(admitted("r1"), later, Optional.empty()), Policy.DEFAULT, key)));
        assertEquals("refuse r1 TOKEN_WRONG", told(judge(token(new byte[0]),
                tokens(admitted("r1"), later, Optional.empty()), Policy.DEFAULT, key)));
        assertEquals("refuse r1 NO_TOKEN", told(judge(token(TOKEN), Known.NOTHING, Policy.DEFAULT, key)));
        assertEquals("refuse r1 TOKEN_USED", told(judge(token(TOKEN),
                tokens(admitted("r1"), later, Optional.of(NOW)), Policy.DEFAULT, key)));
        assertEquals("refuse r1 TOKEN_EXPIRED", told(judge(token(TOKEN),
                tokens(admitted("r1"), NOW, Optional.empty()), Policy.DEFAULT, key)));
        assertEquals("refuse r1 DEVICE_REFUSED", told(judge(token(TOKEN),
                tokens(device("r1", DeviceState.REFUSED, Optional.empty(), false), later, Optional.empty()),
                Policy.DEFAULT, key)));
    }

    @Test
    void aTokenDoesNotMakeAnotherDevicesKeyThisOnes() {
        var open = tokens(admitted("r1"), NOW.plusSeconds(1), Optional.empty());
        var known = new Known(open.device(), Optional.empty(), Optional.empty(), Optional.empty(), List.of("r2"),
                open.tokens());
        assertEquals("refuse r1 KEY_OF_ANOTHER_ID !key-on-many-devices:r2",
                told(judge(token(TOKEN), known, Policy.DEFAULT, Optional.of(KEY))));
    }

    // ---- Manufacturers' certificates

    private static Policy trusting(TrustAnchor... anchors) {
        return new Policy(true, Authorities.of(List.of(anchors), TrustAnchor.Purpose.DEVICES));
    }

    private static Evidence chain(homeport.ssh.key.X509Chain chain) {
        return evidence(null, new Proof.HoldsChain(chain));
    }

    @Test
    void aCertificateOfAListedSerialIsAdmittedAndOthersAreHeld() throws Exception {
        var acme = new Manufacturer("acme", NOW);
        var shown = chain(acme.issue(SIGNER, "SERIALNUMBER=S1"));
        var listed = trusting(acme.anchor("acme", IdFrom.SERIAL_NUMBER, false, Set.of("S1"), ""));
        var unlisted = trusting(acme.anchor("acme", IdFrom.SERIAL_NUMBER, false, Set.of("S2"), ""));
        var all = trusting(acme.anchor("acme", IdFrom.SERIAL_NUMBER, true, Set.of(), ""));
        assertEquals("admit S1 CERTIFICATE +admitted@acme", told(judge(shown, Known.NOTHING, listed)));
        assertEquals("hold S1 CERTIFICATE_NOT_LISTED +pending +waiting key",
                told(judge(shown, Known.NOTHING, unlisted)));
        assertEquals("admit S1 CERTIFICATE +admitted@acme", told(judge(shown, Known.NOTHING, all)));
        assertEquals("admit S1 CERTIFICATE @acme", told(judge(shown, known(admitted("S1")), unlisted)));
        assertEquals("hold S1 STILL_PENDING +waiting key", told(judge(shown, known(pending("S1")), unlisted)));
        assertEquals("admit S1 CERTIFICATE @acme admitted", told(judge(shown, known(pending("S1")), listed)));
    }

    @Test
    void aNewCertificateOfTheSameAuthorityIsARotation() throws Exception {
        var acme = new Manufacturer("acme", NOW);
        var policy = trusting(acme.anchor("acme", IdFrom.SERIAL_NUMBER, false, Set.of(), ""));
        var bound = device("S1", DeviceState.ADMITTED, Optional.of("acme"), false);
        assertEquals("admit S1 CERTIFICATE",
                told(judge(chain(acme.issue(newKey(), "SERIALNUMBER=S1")), known(bound), policy)));
    }

    @Test
    void aBoundDeviceIsNeitherAnotherAuthoritysNorABareKeys() throws Exception {
        var acme = new Manufacturer("acme", NOW);
        var evil = new Manufacturer("evil", NOW);
        var policy = trusting(acme.anchor("acme", IdFrom.SERIAL_NUMBER, false, Set.of(), ""),
                evil.anchor("evil", IdFrom.SERIAL_NUMBER, true, Set.of("S1"), ""));
        var bound = device("S1", DeviceState.ADMITTED, Optional.of("acme"), false);
        assertEquals("refuse S1 OTHER_AUTHORITY !authority-changed:S1",
                told(judge(chain(evil.issue(SIGNER, "SERIALNUMBER=S1")), known(bound), policy)));
        assertEquals("refuse S1 CERTIFICATE_EXPECTED +waiting key !new-key:S1",
                told(judge(login("S1", KEY), known(bound), policy)));
        // The same authority, removed: its devices are free for nobody.
        assertEquals("refuse S1 CERTIFICATE_EXPECTED +waiting key !new-key:S1", told(judge(
                evidence(new Claim.InVersionLine("S1"), new Proof.HoldsChain(acme.issue(SIGNER, "SERIALNUMBER=S1"))),
                known(bound), Policy.DEFAULT)));
    }

    @Test
    void aCertificateDoesNotReplaceAPinnedKey() throws Exception {
        var acme = new Manufacturer("acme", NOW);
        var policy = trusting(acme.anchor("acme", IdFrom.SERIAL_NUMBER, true, Set.of("S1"), ""));
        var shown = chain(acme.issue(SIGNER, "SERIALNUMBER=S1"));
        assertEquals("refuse S1 OTHER_KEY +waiting key !new-key:S1",
                told(judge(shown, known(admitted("S1", active(OTHER))), policy)));
        assertEquals("admit S1 CERTIFICATE @acme", told(judge(shown, known(admitted("S1", active(KEY))), policy)));
    }

    @Test
    void aCertificateThatDoesNotHoldIsRefusedWhateverIsPinned() throws Exception {
        var acme = new Manufacturer("acme", NOW);
        var plain = trusting(acme.anchor("acme", IdFrom.SERIAL_NUMBER, true, Set.of(), ""));
        var revoking = trusting(acme.anchor("acme", IdFrom.SERIAL_NUMBER, true, Set.of("S1"), acme.revoking(7)));
        var pinned = known(admitted("S1", active(KEY)), "S1");
        var before = NOW.minusSeconds(60);
        var after = NOW.plusSeconds(60);
        int sign = KeyUsage.digitalSignature;
        assertEquals("refuse S1 CERTIFICATE_REVOKED",
                told(judge(chain(acme.issue(SIGNER, "SERIALNUMBER=S1")), pinned, revoking)));
        assertEquals("refuse S1 CERTIFICATE_EXPIRED", told(judge(
                chain(acme.issue(SIGNER, "SERIALNUMBER=S1", 8, sign, before, NOW.minusSeconds(1))), pinned, plain)));
        assertEquals("refuse S1 CERTIFICATE_NOT_YET_VALID", told(judge(
                chain(acme.issue(SIGNER, "SERIALNUMBER=S1", 8, sign, NOW.plusSeconds(1), after)), pinned, plain)));
        assertEquals("refuse S1 CERTIFICATE_WRONG_USAGE", told(judge(
                chain(acme.issue(SIGNER, "SERIALNUMBER=S1", 8, KeyUsage.keyEncipherment, before, after)), pinned,
                plain)));
        assertEquals("refuse S1 CERTIFICATE_WITHOUT_ID",
                told(judge(chain(acme.issue(SIGNER, "CN=S1")), pinned, plain)));
        assertEquals("refuse S1 CERTIFICATE_SEVERAL_IDS",
                told(judge(chain(acme.issue(SIGNER, "SERIALNUMBER=S1,SERIALNUMBER=S2")), pinned, plain)));
    }

    @Test
    void theIdStandsWhereTheAuthorityHasIt() throws Exception {
        var acme = new Manufacturer("acme", NOW);
        var byName = trusting(acme.anchor("acme", IdFrom.COMMON_NAME, true, Set.of(), ""));
        assertEquals("admit n1 CERTIFICATE +admitted@acme",
                told(judge(chain(acme.issue(SIGNER, "CN=n1,SERIALNUMBER=S1")), Known.NOTHING, byName)));
    }

    @Test
    void anUnknownAuthoritysCertificateIsAKeyLikeAnyOther() throws Exception {
        var nobody = new Manufacturer("nobody", NOW);
        var shown = chain(nobody.issue(SIGNER, "SERIALNUMBER=S1"));
        assertEquals("hold " + KEY.fingerprint() + " UNKNOWN_DEVICE +pending +waiting key",
                told(judge(shown, Known.NOTHING)));
        assertEquals("admit r1 PINNED_KEY", told(judge(shown, known(admitted("r1", active(KEY)), "r1"))));
    }

    @Test
    void aClaimThatContradictsTheCertificateIsRefused() throws Exception {
        var acme = new Manufacturer("acme", NOW);
        var policy = trusting(acme.anchor("acme", IdFrom.SERIAL_NUMBER, true, Set.of(), ""));
        var chain = new Proof.HoldsChain(acme.issue(SIGNER, "SERIALNUMBER=S1"));
        assertEquals("refuse S2 CLAIM_CONTRADICTS",
                told(judge(evidence(new Claim.LoginName("S2"), chain), Known.NOTHING, policy)));
        assertEquals("admit S1 CERTIFICATE +admitted@acme",
                told(judge(evidence(new Claim.LoginName("S1"), chain), Known.NOTHING, policy)));
    }

    // ---- OpenSSH certificates

    private static final PlainSigner AUTHORITY = PrivateKeys.generate(KeyAlgorithm.SSH_ED25519, RANDOM);

    private static Policy trustingSsh(boolean admitsUnknown) {
        return trusting(new TrustAnchor("corp", TrustAnchor.Kind.OPENSSH, TrustAnchor.Purpose.DEVICES,
                new PublicKeyFile(AUTHORITY.publicKey(), "corp").write(), IdFrom.SERIAL_NUMBER, admitsUnknown,
                Set.of("r1"), ""));
    }

    private static Proof certificate(CertificateTerms terms) {
        return new Proof.HoldsCertificate(OpenSshCertificate.issue(KEY, terms, AUTHORITY, RANDOM));
    }

    private static CertificateTerms user(String... names) {
        return CertificateTerms.forUser("id", List.of(names), NOW.minusSeconds(60), NOW.plusSeconds(60));
    }

    private static CertificateTerms host(String... names) {
        return CertificateTerms.forHost("id", List.of(names), NOW.minusSeconds(60), NOW.plusSeconds(60));
    }

    private static String loginBy(String id, CertificateTerms terms) {
        return told(judge(evidence(new Claim.LoginName(id), certificate(terms)), Known.NOTHING, trustingSsh(false)));
    }

    @Test
    void anOpenSshCertificateIsForItsDeviceAndEndOnly() {
        assertEquals("admit r1 CERTIFICATE +admitted@corp", loginBy("r1", user("r1")));
        assertEquals("admit r1 CERTIFICATE +admitted@corp", loginBy("r1", user("r0", "r1")));
        assertEquals("hold r2 CERTIFICATE_NOT_LISTED +pending +waiting key", loginBy("r2", user("r2")));
        assertEquals("refuse r2 CERTIFICATE_WRONG_NAME", loginBy("r2", user("r1")));
        assertEquals("refuse r1 CERTIFICATE_WRONG_NAME", loginBy("r1", user()));
        assertEquals("refuse r1 CERTIFICATE_WRONG_USAGE", loginBy("r1", host("r1")));
        assertEquals("refuse r1 CERTIFICATE_EXPIRED", loginBy("r1",
                CertificateTerms.forUser("id", List.of("r1"), NOW.minusSeconds(60), NOW.minusSeconds(1))));
        assertEquals("refuse r1 CERTIFICATE_BAD", loginBy("r1", user("r1").withCriticalOption("unheard-of", "x")));
        var callingHome = evidence(null, certificate(host("r1")));
        assertEquals("admit r1 CERTIFICATE +admitted@corp",
                told(judge(callingHome, Known.NOTHING, trustingSsh(false))));
        assertEquals("refuse " + KEY.fingerprint() + " CERTIFICATE_SEVERAL_IDS",
                told(judge(evidence(null, certificate(host("r1", "r2"))), Known.NOTHING, trustingSsh(true))));
    }

    @Test
    void aWildcardCertificateIsNoDevice() {
        var policy = trustingSsh(true);
        for (var names : List.of("*", "r*", "r?")) {
            for (var id : List.of("r1", "*", names)) {
                var verdict = judge(evidence(new Claim.InVersionLine(id), certificate(host(names))), Known.NOTHING,
                        policy);
                assertInstanceOf(Verdict.Refuse.class, verdict, () -> told(verdict));
            }
        }
    }

    @Test
    void aCertificateBoundToAnAddressIsForThatOneAlone() throws Exception {
        var proof = certificate(user("r1").withCriticalOption(CertificateTerms.SOURCE_ADDRESS, "192.0.2.0/24"));
        var evidence = evidence(new Claim.LoginName("r1"), proof);
        for (var from : List.of("192.0.2.7", "198.51.100.7")) {
            var subject = Subject.of(evidence, trustingSsh(false), Optional.of(InetAddress.getByName(from)),
                    Optional.empty(), NOW);
            assertEquals(from.startsWith("192")
                    ? "admit r1 CERTIFICATE +admitted@corp"
                    : "refuse r1 CERTIFICATE_WRONG_ADDRESS",
                    told(Judge.judge(subject, Known.NOTHING, trustingSsh(false))));
        }
    }

    @Test
    void operatorsAuthoritiesSayNothingAboutDevices() {
        var anchor = new TrustAnchor("staff", TrustAnchor.Kind.OPENSSH, TrustAnchor.Purpose.OPERATORS,
                new PublicKeyFile(AUTHORITY.publicKey(), "").write(), IdFrom.SERIAL_NUMBER, true, Set.of(), "");
        assertEquals("hold r1 UNKNOWN_DEVICE +pending +waiting key", told(judge(
                evidence(new Claim.LoginName("r1"), certificate(user("r1"))), Known.NOTHING, trusting(anchor))));
    }

    @Test
    void unreadableAuthoritiesAreRefusedBeforeTheyAreKept() {
        for (var kind : TrustAnchor.Kind.values()) {
            var anchor = new TrustAnchor("bad", kind, TrustAnchor.Purpose.DEVICES, "rubbish", IdFrom.COMMON_NAME, true,
                    Set.of(), "");
            assertThrows(IllegalArgumentException.class, () -> Authorities.check(anchor));
        }
    }

    @Test
    void everyAlarmKindIsRaisedForADeviceOnRecordOnly() {
        // An alarm under a stranger's claim would let strangers make as many as they like.
        rows().forEach(row -> judge(row.evidence(), row.known()).changes().forEach(change -> {
            if (change instanceof Change.RaiseAlarm alarm) {
                assertTrue(row.known().device().filter(device -> device.id().equals(alarm.device())).isPresent()
                        || row.known().devicesWithKey().contains(alarm.device()), row.rule());
                assertFalse(alarm.kind() == AlarmKind.KEY_IN_TWO_PLACES);
            }
        }));
    }
}
