package homeport.gateway.http;

import homeport.gateway.inventory.Operator;
import homeport.gateway.inventory.Operators;
import homeport.gateway.inventory.Role;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Who a bearer token (RFC 6750) is. */
final class Doorkeeper {
    private static final String SCHEME = "bearer ";
    private static final Operator LOCAL = new Operator("local", Role.ADMIN, Map.of(), Map.of());

    private final Operators operators;
    private final byte[] localTokenHash;

    /** @param localToken by which commands on the gateway's own machine are let in, as admin */
    Doorkeeper(Operators operators, String localToken) {
        if (localToken.length() < 32) {
            throw new IllegalArgumentException("a local token that can be guessed");
        }
        this.operators = operators;
        this.localTokenHash = sha256(localToken.getBytes(StandardCharsets.US_ASCII));
    }

    /** @throws Problem when the header is none with a token */
    static byte[] token(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw noToken("this needs a token: Authorization: Bearer TOKEN");
        }
        return authorization.substring(SCHEME.length()).strip().getBytes(StandardCharsets.ISO_8859_1);
    }

    static Problem noToken(String detail) {
        return new Problem(Problem.Type.NO_TOKEN, detail, Map.of("WWW-Authenticate", "Bearer realm=\"homeport\""));
    }

    /** Whose token it is now. Blocks. Hashes are compared, in a time that tells nothing of the token. */
    Optional<Operator> who(byte[] token) {
        return MessageDigest.isEqual(sha256(token), localTokenHash) ? Optional.of(LOCAL) : operators.byToken(token);
    }

    /**
     * A hash of who asks, by what token and with which rights. Who comes back under a name after removal, or with other
     * rights, is another. The local token is another in each run, and always admin's.
     */
    static byte[] standing(Operator operator, byte[] token) {
        var selectors = new JsonObject();
        operator.selectors().forEach((label, values) -> selectors.put(label, List.copyOf(new TreeSet<>(values))));
        var rights = new JsonArray().add(operator.name()).add(operator.role().text()).add(selectors).encode();
        return sha256(rights.getBytes(StandardCharsets.UTF_8), operator.equals(LOCAL) ? new byte[0] : sha256(token));
    }

    static byte[] sha256(byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
