package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.BootstrapMessage;
import homeport.callhome.Credentials;
import homeport.gateway.config.ConfigReader;
import homeport.gateway.inventory.NewDevice;
import homeport.gateway.service.Gateway;
import homeport.net.Loops;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertifiedSigner;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.key.PrivateKeys;
import homeport.ssh.key.SshPublicKey;
import homeport.ssh.key.X509Chain;
import homeport.testkit.peers.Algorithms;
import homeport.testkit.peers.ClientSetup;
import homeport.testkit.peers.KeyType;
import homeport.testkit.peers.OpenSshClient;
import homeport.testkit.peers.OpenSshServer;
import homeport.testkit.peers.Peers;
import homeport.testkit.peers.RunningServer;
import homeport.testkit.peers.ServerSetup;
import homeport.testkit.peers.SshKeygen;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code homeport why} after everything that goes wrong in the field: each failure is staged, the stage, the reason and the
 * remedy are as they should be, and then the remedy is followed, with the very command where it prints one, until the
 * device is in service.
 */
@Timeout(120)
class WhyTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String ID = "router1";
    /** All that a router of fifteen years ago has. */
    private static final Algorithms OLD = new Algorithms(List.of("diffie-hellman-group14-sha1"), List.of(), List.of(),
            List.of());
    private static final byte[] SECRET = "s3cret of this router".getBytes(StandardCharsets.UTF_8);
    private static final Pattern COMMAND = Pattern.compile("homeport ((?:device|keys) [^;,()\\n]*[^;,(). \\n])");

    @TempDir
    private Path directory;
    private int sites;

    /** Does something at a site. */
    private interface Step {
        void at(Site site) throws Exception;
    }

    /**
     * @param about what {@code why} is asked about
     * @param where outcome and stage
     * @param staged makes it fail
     * @param mended does what the remedy says, after which {@link #ID} is in service
     */
    private record Failure(String name, Map<String, String> settings, String about, String where, String sentence,
            String remedy, Step staged, Step mended) {}

    private static Failure failure(String name, String about, String where, String sentence, String remedy,
            Step staged, Step mended) {
        return new Failure(name, Map.of(), about, where, sentence, remedy, staged, mended);
    }

    private static Failure failure(String name, Map<String, String> settings, String about, String where,
            String sentence, String remedy, Step staged, Step mended) {
        return new Failure(name, settings, about, where, sentence, remedy, staged, mended);
    }

    @TestFactory
    Stream<DynamicTest> everyFailureIsExplainedAndItsRemedyWorks() {
        return failures().map(failure -> DynamicTest.dynamicTest(failure.name(), () -> run(failure)));
    }

    private void run(Failure failure) throws Exception {
        try (var site = new Site(Files.createDirectory(directory.resolve("site" + sites++)), failure.settings())) {
            failure.staged().at(site);
            site.explains(failure);
            failure.mended().at(site);
            RunningGateway.until(failure.name() + ": " + ID + " in service", site::inService, () -> site.why(ID));
        }
    }

    private static Stream<Failure> failures() {
        return Stream.of(first(), proofs(), certificates(), tokens(), links()).flatMap(list -> list);
    }

    // ---- Before anybody knows who it is

    private static Stream<Failure> first() {
        return Stream.of(
                failure("nothing has reached the gateway", ID, "", "Nothing on record about router1",
                        "Check the address it dials",
                        site -> site.expect(site.key),
                        site -> site.callHome(site.key)),
                failure("HTTP on the devices' port", "127.0.0.1", "failed at first-byte", "The peer speaks HTTP",
                        "Point the client at the HTTP port",
                        site -> site.say("GET / HTTP/1.1\r\nHost: gateway\r\n\r\n"),
                        site -> {
                            assertEquals("live\n", site.get("/health/live"));
                            site.expect(site.key);
                            site.callHome(site.key);
                        }),
                failure("TLS on the devices' port", "127.0.0.1", "failed at first-byte", "The peer speaks TLS",
                        "Set the device to NETCONF call home over SSH",
                        site -> {
                            site.expect(site.key);
                            site.say(new byte[]{0x16, 3, 1, 0, (byte) 0xc8, 1, 0, 0, (byte) 0xc4, 3, 3});
                        },
                        site -> site.callHome(site.key)),
                failure("something that is no SSH", "127.0.0.1", "failed at first-byte", "does not speak SSH",
                        "Check what runs at 127.0.0.1",
                        site -> {
                            site.expect(site.key);
                            site.say(new byte[]{0, 1, 2, 3, 4, 5, 6, 7});
                        },
                        site -> site.callHome(site.key)),
                failure("something that leaves without a word", "127.0.0.1", "failed at connected",
                        "connected and left without a word", "a health check or a port scan",
                        site -> {
                            site.expect(site.key);
                            site.say("");
                        },
                        site -> site.callHome(site.key)),
                failure("no login within the grace", Map.of("limits.login-grace", "1s"), "127.0.0.1",
                        "failed at version", "", "",
                        site -> {
                            site.expect(site.key);
                            site.sayAndWait("SSH-2.0-slow\r\n");
                        },
                        site -> site.callHome(site.key)),
                failure("a malformed bootstrap message", "127.0.0.1", "failed at first-byte",
                        "The bootstrap message is malformed", "Compare what the device sends with docs/designs.md",
                        site -> {
                            site.expect(site.key);
                            site.say("MSG-ID: DEVICE-CONN-INFO\r\nMSG-VER: V1\r\nSSH-2.0-x\r\n");
                        },
                        site -> site.bootstrap(BootstrapMessage.claim(ID), site.key)),
                failure("a balancer's header that the port does not expect", "127.0.0.1", "failed at first-byte",
                        "The connection begins with a PROXY header, which this port is not set to expect",
                        "If 127.0.0.1 is your balancer, set devices.proxy-protocol: true",
                        site -> {
                            site.expect(site.key);
                            site.say("PROXY TCP4 192.0.2.7 192.0.2.1 4711 4334\r\nSSH-2.0-x\r\n");
                        },
                        // "or switch the header off at the balancer"
                        site -> site.callHome(site.key)),
                failure("a design that is switched off", Map.of("devices.designs", "call-home,tunnel"), "127.0.0.1",
                        "failed at first-byte", "switched off", "add it to devices.designs",
                        site -> {
                            site.expect(site.key);
                            site.bootstrap(BootstrapMessage.claim(ID), site.key);
                        },
                        site -> {
                            site.reload(Map.of("devices.designs", "bootstrap,call-home,tunnel"));
                            site.bootstrap(BootstrapMessage.claim(ID), site.key);
                        }),
                failure("no algorithm in common", "127.0.0.1", "failed at", "algorithm in common",
                        "homeport device set ID --allow-legacy",
                        site -> {
                            site.expect(site.hostKey());
                            site.sshd(new OpenSshServer(), OLD);
                        },
                        site -> {
                            site.runPrinted(Map.of("ID", ID));
                            site.sshd(new OpenSshServer(), OLD);
                        }),
                failure("an old device that hides behind another's permission", ID, "refused at identity",
                        "nothing better than SHA-1 or CBC", "homeport device set router1 --allow-legacy",
                        site -> {
                            site.done("device", "add", "older", "--fingerprint",
                                    StagedDevice.key().publicKey().fingerprint().toString());
                            site.done("device", "set", "older", "--allow-legacy");
                            site.expect(site.hostKey());
                            site.sshd(new OpenSshServer(), OLD);
                        },
                        site -> {
                            site.runPrinted();
                            site.sshd(new OpenSshServer(), OLD);
                        }));
    }

    // ---- Proofs

    private static Stream<Failure> proofs() {
        return Stream.of(
                failure("a key that nobody knows", ID, "held at identity", "Nobody knows this device",
                        "homeport device approve router1",
                        site -> site.logIn(Credentials.byKey(ID, site.key)),
                        Site::runPrinted),
                failure("a stranger who left before an operator looked", ID, "held at identity",
                        "Nobody knows this device", "homeport device approve router1",
                        site -> {
                            var stranger = site.logIn(Credentials.byKey(ID, site.key));
                            RunningGateway.until("a stranger", () -> site.gateway.door().held() == 1);
                            stranger.close();
                        },
                        site -> {
                            site.runPrinted();
                            site.logIn(Credentials.byKey(ID, site.key));
                        }),
                failure("strangers are refused", Map.of("admission.unknown", "refuse"), ID, "refused at identity",
                        "", "homeport device add router1 --fingerprint",
                        site -> site.logIn(Credentials.byKey(ID, site.key)),
                        site -> {
                            site.runPrinted();
                            site.logIn(Credentials.byKey(ID, site.key));
                        }),
                failure("another key than the one on record", ID, "refused at identity", "key",
                        "homeport device approve router1",
                        site -> {
                            site.expect(StagedDevice.key());
                            site.logIn(Credentials.byKey(ID, site.key));
                        },
                        site -> {
                            site.runPrinted();
                            site.logIn(Credentials.byKey(ID, site.key));
                        }),
                failure("an operator has refused it", ID, "refused at identity", "refused",
                        "homeport device approve router1",
                        site -> {
                            site.expect(site.key);
                            site.done("device", "refuse", ID);
                            site.logIn(Credentials.byKey(ID, site.key));
                        },
                        site -> {
                            site.runPrinted();
                            site.logIn(Credentials.byKey(ID, site.key));
                        }),
                failure("a wrong HMAC", ID, "refused at identity", "HMAC", "homeport device set router1 --secret-file",
                        site -> {
                            site.secret("another secret here");
                            site.bootstrap(BootstrapMessage.signed(ID, site.key.publicKey(), SECRET), site.key);
                        },
                        site -> {
                            site.runPrinted(Map.of("FILE", Files.write(site.directory.resolve("right"), SECRET)
                                    .toString()));
                            site.bootstrap(BootstrapMessage.signed(ID, site.key.publicKey(), SECRET), site.key);
                        }),
                failure("a missing HMAC", ID, "refused at identity", "HMAC", "Configure the secret on the device too",
                        site -> {
                            site.secret(new String(SECRET, StandardCharsets.UTF_8));
                            site.bootstrap(BootstrapMessage.claim(ID), site.key);
                        },
                        site -> site.bootstrap(BootstrapMessage.signed(ID, site.key.publicKey(), SECRET), site.key)),
                failure("a recorded message before another key", ID, "refused at identity", "",
                        "A device that changed its host key sends a new HMAC",
                        site -> {
                            site.secret(new String(SECRET, StandardCharsets.UTF_8));
                            site.bootstrap(BootstrapMessage.signed(ID, StagedDevice.key().publicKey(), SECRET),
                                    site.key);
                        },
                        site -> site.bootstrap(BootstrapMessage.signed(ID, site.key.publicKey(), SECRET), site.key)),
                failure("a key that two records have", ID, "refused at identity",
                        "Several devices have this key, so it says of none that it is the one (router1, twin)",
                        "take the key from the other records",
                        site -> {
                            site.expect(site.key);
                            // The command refuses this; approving a device that shows the key does not.
                            assertTrue(site.gateway.inventory().devices().add(
                                    NewDevice.pinned("twin", site.key.publicKey().fingerprint()), Gateway.LOCAL));
                            site.callHome(site.key);
                        },
                        site -> {
                            site.done("device", "remove", "twin");
                            site.callHome(site.key);
                        }),
                failure("one key on two devices", "copy", "held at identity", "", "its private key was copied",
                        site -> {
                            site.expect(site.key);
                            site.logIn(Credentials.byKey("copy", site.key));
                        },
                        site -> {
                            // "if not, its private key was copied": the copy makes its own, the original stays.
                            site.logIn(Credentials.byKey(ID, site.key));
                        }));
    }

    // ---- Certificates

    private static Stream<Failure> certificates() {
        return Stream.of(
                failure("an expired certificate", ID, "refused at identity", "expired",
                        "Renew the device's certificate",
                        site -> {
                            site.trustOpenSsh();
                            site.logIn(Credentials.byKey(ID, site.certified(site.authority, -600, -60)));
                        },
                        site -> site.logIn(Credentials.byKey(ID, site.certified(site.authority, -60, 600)))),
                failure("a certificate that is not valid yet", ID, "refused at identity", "not",
                        "Renew the device's certificate; if its dates are right, set the clock",
                        site -> {
                            site.trustOpenSsh();
                            site.logIn(Credentials.byKey(ID, site.certified(site.authority, 600, 6_000)));
                        },
                        site -> site.logIn(Credentials.byKey(ID, site.certified(site.authority, -60, 600)))),
                failure("a certificate for another name", ID, "refused at identity", "",
                        "Issue the certificate for",
                        site -> {
                            site.trustOpenSsh();
                            site.logIn(Credentials.byKey(ID,
                                    site.certified(site.authority, "router2", -60, 600)));
                        },
                        site -> site.logIn(Credentials.byKey(ID, site.certified(site.authority, -60, 600)))),
                failure("a certificate of another authority", ID, "refused at identity", "certificate",
                        "Let the device show its certificate again, and check homeport trust list",
                        site -> {
                            site.trustOpenSsh();
                            var first = site.logIn(Credentials.byKey(ID, site.certified(site.authority, -60, 600)));
                            site.awaitService();
                            first.close();
                            site.awaitGone();
                            site.logIn(Credentials.byKey(ID, site.certified(StagedDevice.key(), -60, 600)));
                        },
                        site -> {
                            assertTrue(site.done("trust", "list").contains("maker"));
                            site.logIn(Credentials.byKey(ID, site.certified(site.authority, -60, 600)));
                        }),
                failure("a revoked serial", "127.0.0.1", "refused at identity", "revoked",
                        "Give the device a new certificate",
                        site -> {
                            var maker = site.maker();
                            maker.revoke(maker.issue(site.key, 7));
                            site.done("trust", "add", "maker", "--ca", maker.certificate.toString(), "--admit-unknown",
                                    "--crl", maker.revocations.toString());
                            site.callHome(new CertifiedSigner(site.key, maker.chain(7)));
                        },
                        site -> {
                            site.maker().issue(site.key, 8);
                            site.callHome(new CertifiedSigner(site.key, site.maker().chain(8)));
                        }));
    }

    // ---- Claim tokens

    private static Stream<Failure> tokens() {
        return Stream.of(
                failure("a key where a token is due", ID, "refused at identity", "token", "homeport device",
                        site -> {
                            site.done("device", "add", ID, "--claim");
                            site.logIn(Credentials.byKey(ID, site.key));
                        },
                        site -> site.logIn(site.withToken(site.printedToken()))),
                failure("a wrong token", ID, "refused at identity", "token", "homeport device",
                        site -> {
                            site.done("device", "add", ID, "--claim");
                            site.logIn(site.withToken("a-guess-at-a-token"));
                        },
                        site -> site.logIn(site.withToken(site.printedToken()))),
                failure("a token that was used", ID, "refused at identity", "token was used",
                        "device set router1 --claim",
                        site -> {
                            var token = site.token("device", "add", ID, "--claim");
                            var first = site.logIn(new Credentials(ID, List.of(StagedDevice.key()),
                                    Optional.of(token.getBytes(StandardCharsets.UTF_8))));
                            site.awaitService();
                            first.close();
                            site.awaitGone();
                            site.logIn(site.withToken(token));
                        },
                        site -> site.logIn(site.withToken(site.printedToken()))),
                failure("a token that has expired", ID, "refused at identity", "token has expired",
                        "device set router1 --claim",
                        site -> {
                            site.done("device", "add", ID);
                            var late = site.gateway.inventory().devices()
                                    .issueToken(ID, Duration.ofSeconds(-1), RANDOM, "test").orElseThrow();
                            // Alone: a key beside it would be held for an operator, as the token is good for nothing.
                            site.logIn(new Credentials(ID, List.of(),
                                    Optional.of(late.getBytes(StandardCharsets.UTF_8))));
                        },
                        site -> site.logIn(site.withToken(site.printedToken()))));
    }

    // ---- Logins, and links that do not hold

    private static Stream<Failure> links() {
        return Stream.of(
                failure("the device refuses the gateway's login", ID, "failed at login", "does not accept our login",
                        "homeport keys --user",
                        site -> {
                            site.expect(site.hostKey());
                            site.sshd(new OpenSshServer(), Algorithms.DEFAULT, SshKeygen
                                    .publicKeyFile(site.file("nobody")));
                        },
                        site -> {
                            Files.writeString(site.directory.resolve("printed.pub"), site.runPrinted());
                            site.sshd(new OpenSshServer(), Algorithms.DEFAULT,
                                    site.directory.resolve("printed.pub"));
                        }),
                failure("a device without NETCONF", ID, "failed at hello", "refuses the subsystem netconf",
                        "Switch NETCONF over SSH on",
                        site -> {
                            site.expect(site.hostKey());
                            var server = site.sshd(new OpenSshServer(), Algorithms.DEFAULT);
                            site.awaitService();
                            var rpc = site.run("<get/>", "rpc", ID, "-");
                            assertEquals(1, rpc.status(), rpc.err());
                            server.close();
                            site.awaitGone();
                        },
                        site -> {
                            site.sshd(new OpenSshServer().with("Subsystem netconf /usr/bin/python3 "
                                    + site.netconf() + " " + ID), Algorithms.DEFAULT);
                            site.awaitService();
                            var rpc = site.run("<get/>", "rpc", ID, "-");
                            assertEquals(0, rpc.status(), rpc.out() + rpc.err());
                        }),
                failure("a device whose hello makes no sense", ID, "failed at hello",
                        "hello is missing or makes no sense", "Try the device's NETCONF by hand (homeport ssh router1)",
                        site -> {
                            site.expect(site.hostKey());
                            var server = site.sshd(new OpenSshServer().with("Subsystem netconf /bin/echo hello"),
                                    Algorithms.DEFAULT);
                            site.awaitService();
                            assertEquals(1, site.run("<get/>", "rpc", ID, "-").status());
                            server.close();
                            site.awaitGone();
                        },
                        site -> {
                            site.sshd(new OpenSshServer().with("Subsystem netconf /usr/bin/python3 "
                                    + site.netconf() + " " + ID), Algorithms.DEFAULT);
                            site.awaitService();
                            assertEquals(0, site.run("<get/>", "rpc", ID, "-").status());
                        }),
                failure("ssh without a forwarding", Map.of("limits.login-grace", "5s"), ID, "failed at",
                        "offered neither channels nor a forwarded port", "ssh -N -R 0:localhost:22",
                        site -> {
                            site.expectFile(site.file("client"));
                            site.ssh();
                        },
                        site -> {
                            var sshd = site.listen();
                            site.ssh("-R", "0:127.0.0.1:" + sshd.address().getPort());
                        }),
                failure("one key in two places", ID, "failed at linked", "came back on a newer connection",
                        "two devices have one identity",
                        site -> {
                            site.expect(site.key);
                            site.callHome(site.key);
                            site.awaitService();
                            var first = site.gateway.live().find(ID).orElseThrow();
                            site.callHome(site.key);
                            RunningGateway.until("the second", () -> site.gateway.live().find(ID)
                                    .filter(device -> device != first).isPresent());
                        },
                        site -> {
                            // The copy is taken away; the device is what remains.
                        }),
                failure("a device that vanished", Map.of("limits.keep-alive", "1s", "limits.missed", "1"), ID,
                        "failed at linked", "", "it dials again by itself",
                        site -> {
                            site.expect(site.key);
                            site.freeze(site.callHome(site.key));
                        },
                        site -> site.callHome(site.key)),
                failure("a device whose line broke", ID, "failed at linked", "", "it dials again by itself",
                        site -> {
                            site.expect(site.key);
                            var device = site.callHome(site.key);
                            site.awaitService();
                            device.close();
                            site.awaitGone();
                        },
                        site -> site.callHome(site.key)));
    }

    // ---- A gateway and its devices

    private static final class Site implements AutoCloseable {
        private final Path directory;
        private final Path data;
        private final Map<String, String> settings = new LinkedHashMap<>();
        private final Gateway gateway;
        private final Loops loops = Loops.open(2);
        private final PlainSigner key = StagedDevice.key();
        private final PlainSigner authority = StagedDevice.key();
        private final List<AutoCloseable> open = new ArrayList<>();
        private String explained = "";
        private Optional<Maker> maker = Optional.empty();

        Site(Path directory, Map<String, String> more) throws IOException {
            this.directory = directory;
            this.data = directory.resolve("data");
            settings.putAll(Map.of("data", data.toString(), "devices.listen", "127.0.0.1:0", "operators.listen",
                    "127.0.0.1:0", "http.listen", "127.0.0.1:0"));
            settings.putAll(more);
            gateway = Gateway.open(ConfigReader.read(Optional.empty(), Map.of(), settings), Optional.empty(),
                    InstantSource.system());
            new LocalGateway("http://127.0.0.1:" + gateway.httpPort(), gateway.operatorsAddress().getPort(),
                    gateway.devicesAddress().getPort()).write(data);
        }

        void reload(Map<String, String> more) {
            settings.putAll(more);
            assertEquals(List.of(), gateway.reload(ConfigReader.read(Optional.empty(), Map.of(), settings)));
        }

        // Commands

        ScriptedGateway.Result run(String in, String... words) {
            return ScriptedGateway.run(Map.of("HOMEPORT_DATA", data.toString(), "HOMEPORT_OPERATOR", "alice"), in,
                    words);
        }

        String done(String... words) {
            var result = run("", words);
            assertEquals(0, result.status(), () -> String.join(" ", words) + ": " + result.err());
            return result.out();
        }

        String why(String about) {
            return done("why", about);
        }

        void explains(Failure failure) {
            var entry = Pattern.compile("(?m)^\\S+Z  ");
            RunningGateway.until(failure.name(), () -> {
                flush();
                var found = Stream.of(entry.split(why(failure.about())))
                        .filter(each -> each.contains(failure.where()) && each.contains(failure.sentence())
                                && each.contains(failure.remedy()))
                        .findFirst();
                explained = found.orElse("");
                return found.isPresent();
            }, () -> why(failure.about()));
        }

        private void flush() {
            try {
                assertTrue(gateway.door().flush(Duration.ofSeconds(5)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        /** Runs the command that the remedy prints, as it is but for what it leaves open. @return what it prints */
        String runPrinted(Map<String, String> open) {
            var command = COMMAND.matcher(explained);
            assertTrue(command.find(), explained);
            var words = command.group(1).split(" ", -1);
            for (int i = 0; i < words.length; i++) {
                words[i] = open.getOrDefault(words[i], words[i]);
            }
            return done(words);
        }

        String runPrinted() {
            return runPrinted(Map.of());
        }

        /** The token that the printed command prints. */
        String printedToken() {
            var command = COMMAND.matcher(explained);
            String last = "";
            while (command.find()) {
                last = command.group(1);
            }
            return token(last.split(" ", -1));
        }

        String token(String... words) {
            var all = new ArrayList<>(List.of(words));
            all.add("--json");
            return new JsonObject(done(all.toArray(String[]::new))).getJsonObject("claim").getString("token");
        }

        // What is on record

        void expect(PlainSigner key) {
            done("device", "add", ID, "--fingerprint", key.publicKey().fingerprint().toString(), "--login",
                    Peers.user());
        }

        void expectFile(Path file) throws Exception {
            done("device", "add", ID, "--fingerprint", new SshKeygen().fingerprint(SshKeygen.publicKeyFile(file)),
                    "--login", Peers.user());
        }

        void expect(Path hostKey) throws Exception {
            expectFile(hostKey);
        }

        void secret(String secret) throws IOException {
            done("device", "add", ID, "--secret-file",
                    Files.writeString(directory.resolve("secret"), secret).toString());
        }

        boolean inService() {
            return gateway.live().find(ID).isPresent();
        }

        void awaitService() {
            RunningGateway.until(ID + " in service", this::inService, () -> why(ID));
        }

        void awaitGone() {
            RunningGateway.until(ID + " gone", () -> !inService());
        }

        // Devices

        private InetSocketAddress address() {
            return gateway.devicesAddress();
        }

        private StagedDevice started(StagedDevice device) {
            open.add(device);
            return device;
        }

        StagedDevice callHome(homeport.ssh.key.Signer key) {
            return started(StagedDevice.callHome(loops, address(), key));
        }

        StagedDevice bootstrap(BootstrapMessage message, PlainSigner key) {
            return started(StagedDevice.bootstrap(loops, address(), message, key));
        }

        StagedDevice logIn(Credentials credentials) {
            return started(StagedDevice.logsIn(loops, address(), credentials));
        }

        Credentials withToken(String token) {
            return new Credentials(ID, List.of(key), Optional.of(token.getBytes(StandardCharsets.UTF_8)));
        }

        void say(String text) throws IOException {
            say(text.getBytes(StandardCharsets.UTF_8));
        }

        void say(byte[] bytes) throws IOException {
            try (var socket = new Socket(address().getAddress(), address().getPort())) {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            }
        }

        void sayAndWait(String text) throws IOException {
            try (var socket = new Socket(address().getAddress(), address().getPort())) {
                socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
                socket.getInputStream().readAllBytes();
            }
        }

        /** It says nothing more, and neither does its line end. */
        void freeze(StagedDevice device) {
            awaitService();
            device.freeze();
            awaitGone();
        }

        // Programs

        Path file(String name) throws IOException, InterruptedException {
            return new SshKeygen().generate(directory.resolve(name), KeyType.ED25519);
        }

        Path hostKey() throws IOException, InterruptedException {
            return file("host");
        }

        Path netconf() throws IOException {
            return EndToEndTest.netconfSubsystem(directory);
        }

        RunningServer sshd(OpenSshServer server, Algorithms offer) throws Exception {
            return sshd(server, offer, Files.writeString(directory.resolve("gateway.pub"), done("keys", "--user")));
        }

        RunningServer sshd(OpenSshServer server, Algorithms offer, Path authorized) throws Exception {
            var running = server.dial(new ServerSetup(directory, hostKey(), authorized).withOffer(offer), address());
            open.add(running);
            return running;
        }

        RunningServer listen() throws Exception {
            var running = new OpenSshServer().listen(new ServerSetup(directory, hostKey(),
                    Files.writeString(directory.resolve("gateway.pub"), done("keys", "--user"))));
            open.add(running);
            return running;
        }

        void ssh(String... more) throws Exception {
            var hostKey = done("keys", "--host").lines().findFirst().orElseThrow().split(" ", 2)[1];
            var setup = new ClientSetup(directory, hostKey, file("client"));
            var words = new ArrayList<>(OpenSshClient.arguments(setup, Files.createTempDirectory(directory, "ssh")));
            words.addAll(List.of("-N", "-p", Integer.toString(address().getPort()), "-l", ID));
            words.addAll(List.of(more));
            words.add("127.0.0.1");
            var process = new ProcessBuilder(words).redirectErrorStream(true)
                    .redirectOutput(directory.resolve("ssh.log").toFile()).start();
            open.add(() -> {
                process.destroy();
                process.waitFor();
            });
        }

        // Authorities

        void trustOpenSsh() throws IOException {
            var line = line(authority.publicKey());
            done("trust", "add", "maker", "--ca", Files.writeString(directory.resolve("maker.pub"), line).toString(),
                    "--admit-unknown");
        }

        private static String line(SshPublicKey key) {
            return key.type() + " " + Base64.getEncoder().encodeToString(key.blob()) + "\n";
        }

        CertifiedSigner certified(PlainSigner by, int from, int until) {
            return certified(by, ID, from, until);
        }

        CertifiedSigner certified(PlainSigner by, String name, int from, int until) {
            var now = Instant.now();
            var terms = CertificateTerms.forUser(name, List.of(name), now.plusSeconds(from), now.plusSeconds(until));
            return new CertifiedSigner(key, OpenSshCertificate.issue(key.publicKey(), terms, by, RANDOM));
        }

        Maker maker() throws Exception {
            if (maker.isEmpty()) {
                maker = Optional.of(new Maker(Files.createDirectory(directory.resolve("maker"))));
            }
            return maker.get();
        }

        String get(String path) throws Exception {
            try (var client = HttpClient.newHttpClient()) {
                return client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort() + path)).build(),
                        HttpResponse.BodyHandlers.ofString()).body();
            }
        }

        @Override
        public void close() throws Exception {
            for (var each : open) {
                each.close();
            }
            gateway.close();
            loops.close();
        }
    }

    /** A manufacturer's authority, by the openssl command. */
    private static final class Maker {
        private final Path directory;
        private final Path certificate;
        private final Path revocations;

        Maker(Path directory) throws Exception {
            this.directory = directory;
            this.certificate = directory.resolve("ca.pem");
            this.revocations = directory.resolve("crl.pem");
            Peers.require("openssl");
            Files.writeString(directory.resolve("index.txt"), "");
            Files.writeString(directory.resolve("crlnumber"), "01\n");
            Files.writeString(directory.resolve("ca.cnf"), """
                    [ca]
                    default_ca = here
                    [here]
                    database = index.txt
                    crlnumber = crlnumber
                    default_md = sha256
                    default_crl_days = 1
                    """);
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    "ca.key", "-out", "ca.pem", "-days", "1", "-subj", "/CN=Maker");
        }

        private void openssl(String... words) throws Exception {
            var command = new ArrayList<>(List.of("openssl"));
            command.addAll(List.of(words));
            var process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0, said);
        }

        /** @return the serial, as {@link #revoke} takes it */
        int issue(PlainSigner key, int serial) throws Exception {
            var name = "device" + serial;
            var encoded = Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(key.publicKey().jcaKey()
                    .getEncoded());
            Files.writeString(directory.resolve(name + ".pub"),
                    "-----BEGIN PUBLIC KEY-----\n" + encoded + "\n-----END PUBLIC KEY-----\n");
            Files.writeString(directory.resolve("usage"), "keyUsage=critical,digitalSignature\n");
            openssl("x509", "-new", "-force_pubkey", name + ".pub", "-subj", "/serialNumber=" + ID + "/CN=router",
                    "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", Integer.toString(serial), "-days", "1",
                    "-extfile", "usage", "-out", name + ".pem");
            return serial;
        }

        void revoke(int serial) throws Exception {
            openssl("ca", "-config", "ca.cnf", "-keyfile", "ca.key", "-cert", "ca.pem", "-revoke",
                    "device" + serial + ".pem");
            openssl("ca", "-config", "ca.cnf", "-keyfile", "ca.key", "-cert", "ca.pem", "-gencrl", "-out", "crl.pem");
        }

        X509Chain chain(int serial) throws Exception {
            try (var in = Files.newInputStream(directory.resolve("device" + serial + ".pem"))) {
                return X509Chain.of(List.of((X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(in)));
            }
        }
    }
}
