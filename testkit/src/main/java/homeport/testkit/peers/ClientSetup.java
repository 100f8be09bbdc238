package homeport.testkit.peers;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a client peer is started.
 *
 * @param directory   the test's own; the peer keeps its files in a new directory inside
 * @param offer       algorithms to offer; of what a peer cannot be told it offers all it knows
 * @param user        the name to log in under
 * @param hostKeys    public keys that the server may present, as {@code TYPE BASE64}; others are refused
 * @param authorities public keys whose host certificates are accepted, as {@code TYPE BASE64}
 * @param roots       a PEM file of trusted roots for {@code x509v3-*} host keys
 * @param identity    private key file in OpenSSH's format; a certificate beside it is presented
 * @param methods     authentication methods to try, in this order; passwords are {@link Peers#PASSWORD}
 * @param rekeyBytes  a new key exchange after this many bytes; 0 for the peer's default
 */
public record ClientSetup(Path directory, Algorithms offer, String user, List<String> hostKeys,
        List<String> authorities, Optional<Path> roots, Optional<Path> identity, List<AuthMethod> methods,
        long rekeyBytes) {

    public ClientSetup {
        hostKeys = List.copyOf(hostKeys);
        authorities = List.copyOf(authorities);
        methods = List.copyOf(methods);
    }

    /** A client that knows one host key and logs in by one user key. */
    public ClientSetup(Path directory, String hostKey, Path identity) {
        this(directory, Algorithms.DEFAULT, Peers.user(), List.of(hostKey), List.of(), Optional.empty(),
                Optional.of(identity), List.of(AuthMethod.PUBLIC_KEY), 0);
    }

    public ClientSetup withOffer(Algorithms offer) {
        return new ClientSetup(directory, offer, user, hostKeys, authorities, roots, identity, methods, rekeyBytes);
    }

    public ClientSetup withUser(String user) {
        return new ClientSetup(directory, offer, user, hostKeys, authorities, roots, identity, methods, rekeyBytes);
    }

    public ClientSetup withHostKeys(List<String> hostKeys) {
        return new ClientSetup(directory, offer, user, hostKeys, authorities, roots, identity, methods, rekeyBytes);
    }

    /** Trusts host certificates of {@code authority} and no plain key. */
    public ClientSetup withAuthority(String authority) {
        return new ClientSetup(directory, offer, user, List.of(), List.of(authority), roots, identity, methods,
                rekeyBytes);
    }

    /** Trusts {@code x509v3-*} chains that end in {@code roots} and no plain key. */
    public ClientSetup withRoots(Path roots) {
        return new ClientSetup(directory, offer, user, List.of(), List.of(), Optional.of(roots), identity, methods,
                rekeyBytes);
    }

    public ClientSetup withIdentity(Path identity) {
        return new ClientSetup(directory, offer, user, hostKeys, authorities, roots, Optional.of(identity), methods,
                rekeyBytes);
    }

    public ClientSetup withMethods(AuthMethod... methods) {
        return new ClientSetup(directory, offer, user, hostKeys, authorities, roots, identity, List.of(methods),
                rekeyBytes);
    }

    public ClientSetup withRekeyBytes(long rekeyBytes) {
        return new ClientSetup(directory, offer, user, hostKeys, authorities, roots, identity, methods, rekeyBytes);
    }
}
