package homeport.agent;

import homeport.ssh.HostKeyDecision;
import homeport.ssh.key.CertificateTerms;
import homeport.ssh.key.CertificateVerdict;
import homeport.ssh.key.KnownHosts;
import homeport.ssh.key.OpenSshCertificate;
import homeport.ssh.key.PlainKey;
import homeport.ssh.key.SshPublicKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Is this our gateway? By a file of known keys and authorities, or by what was seen at the first meeting. Files are read
 * anew each time, so that a key can be exchanged under a running agent. Reads and writes files: not for a loop.
 */
final class GatewayTrust {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayTrust.class);
    private static final int MOST_BYTES = 1 << 20;

    private final AgentConfig.Trust trust;
    private final Path remembered;
    private final InstantSource clock;

    /** @param remembered where gateways of a first meeting are kept */
    GatewayTrust(AgentConfig.Trust trust, Path remembered, InstantSource clock) {
        this.trust = trust;
        this.remembered = remembered;
        this.clock = clock;
    }

    /** One caller at a time: two first meetings must not overwrite each other's memory. */
    synchronized HostKeyDecision check(Endpoint gateway, SshPublicKey shown) {
        try {
            if (trust.knownHosts().isPresent()) {
                var file = trust.knownHosts().get();
                var answer = known(file, read(file), gateway, shown);
                if (!(answer instanceof KnownHosts.Answer.Unknown) || !trust.firstUse()) {
                    return decide(answer, gateway, shown, file);
                }
            }
            var text = Files.exists(remembered) ? read(remembered) : "";
            var answer = known(remembered, text, gateway, shown);
            return answer instanceof KnownHosts.Answer.Unknown && trust.firstUse()
                    ? remember(text, gateway, shown)
                    : decide(answer, gateway, shown, remembered);
        } catch (IOException e) {
            return refuse(gateway, "what is known of it cannot be read or written: " + DeviceIdentity.reason(e));
        }
    }

    private static KnownHosts.Answer known(Path file, String text, Endpoint gateway, SshPublicKey shown) {
        var hosts = KnownHosts.parse(file.toString(), text);
        hosts.problems().forEach(problem -> LOG.warn("{}", problem.getMessage()));
        return hosts.lookup(gateway.host(), gateway.port(), shown);
    }

    private HostKeyDecision decide(KnownHosts.Answer answer, Endpoint gateway, SshPublicKey shown, Path file) {
        return switch (answer) {
            case KnownHosts.Answer.Match match -> new HostKeyDecision.Accept();
            case KnownHosts.Answer.Changed changed -> refuse(gateway, "THE GATEWAY'S KEY HAS CHANGED: it shows "
                    + shown.fingerprint() + ", known is "
                    + changed.known().stream().map(key -> key.fingerprint().toString())
                            .collect(Collectors.joining(" or "))
                    + ". Nothing was sent to it. If the change is right, put the new key into " + file);
            case KnownHosts.Answer.Unknown unknown -> refuse(gateway,
                    "its key " + shown.fingerprint() + " is not known. If it is right, put it into " + file);
            case KnownHosts.Answer.Revoked revoked -> refuse(gateway,
                    "its key is revoked by line " + revoked.line() + " of " + file);
            case KnownHosts.Answer.CertAuthority authority -> certified(gateway, shown, authority.authorities());
        };
    }

    private HostKeyDecision certified(Endpoint gateway, SshPublicKey shown, Set<PlainKey> authorities) {
        if (!(shown instanceof OpenSshCertificate certificate)) {
            return refuse(gateway, "it shows no certificate");
        }
        return switch (certificate.check(CertificateTerms.Kind.HOST, authorities, clock.instant(),
                Set.of(gateway.host()), Optional.empty())) {
            case CertificateVerdict.Good good -> new HostKeyDecision.Accept();
            case CertificateVerdict.Refused refused -> refuse(gateway,
                    "its certificate is refused: " + refused.detail());
        };
    }

    private HostKeyDecision remember(String text, Endpoint gateway, SshPublicKey shown) throws IOException {
        PlainKey key = switch (shown) {
            case PlainKey plain -> plain;
            case OpenSshCertificate certificate -> certificate.key();
            case SshPublicKey other -> null;
        };
        if (key == null) {
            return refuse(gateway, "a key of the kind " + shown.type() + " is not taken at a first meeting");
        }
        DurableFile.replace(remembered,
                (text + KnownHosts.line(gateway.host(), gateway.port(), key)).getBytes(StandardCharsets.UTF_8));
        LOG.warn(
                "first meeting with the gateway {}: its key {} is believed and kept in {}; compare it with the gateway's",
                gateway, key.fingerprint(), remembered);
        return new HostKeyDecision.Accept();
    }

    private static HostKeyDecision refuse(Endpoint gateway, String why) {
        LOG.error("the gateway {} is not trusted: {}", gateway, why);
        return new HostKeyDecision.Refuse(why);
    }

    private static String read(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException(file + " is larger than any such file");
        }
        return Files.readString(file);
    }
}
