package homeport.testkit.peers;

import java.nio.file.Path;
import java.util.List;

/**
 * How a server peer is started.
 *
 * @param directory      the test's own; the peer keeps its files in a new directory inside
 * @param offer          algorithms to offer; a peer that cannot be told (Dropbear) offers all it knows
 * @param hostKeys       private key files in OpenSSH's format; a certificate beside one ({@code NAME-cert.pub}) is
 *                       presented too, where the peer can; a PEM file of key and certificate chain is for
 *                       {@code x509v3-*}
 * @param authorizedKeys public key files that may log in
 * @param authorities    public key files of the authorities whose user certificates may log in
 * @param methods        authentication methods to offer
 * @param requireAll     every one of {@code methods} has to succeed, in their order, not any one
 * @param rekeyBytes     a new key exchange after this many bytes; 0 for the peer's default
 */
public record ServerSetup(Path directory, Algorithms offer, List<Path> hostKeys, List<Path> authorizedKeys,
        List<Path> authorities, List<AuthMethod> methods, boolean requireAll, long rekeyBytes) {

    public ServerSetup {
        hostKeys = List.copyOf(hostKeys);
        authorizedKeys = List.copyOf(authorizedKeys);
        authorities = List.copyOf(authorities);
        methods = List.copyOf(methods);
    }

    /** A server with one host key, for one user key. */
    public ServerSetup(Path directory, Path hostKey, Path authorizedKey) {
        this(directory, Algorithms.DEFAULT, List.of(hostKey), List.of(authorizedKey), List.of(),
                List.of(AuthMethod.PUBLIC_KEY), false, 0);
    }

    public ServerSetup withOffer(Algorithms offer) {
        return new ServerSetup(directory, offer, hostKeys, authorizedKeys, authorities, methods, requireAll,
                rekeyBytes);
    }

    public ServerSetup withHostKeys(List<Path> hostKeys) {
        return new ServerSetup(directory, offer, hostKeys, authorizedKeys, authorities, methods, requireAll,
                rekeyBytes);
    }

    public ServerSetup withAuthorizedKeys(List<Path> authorizedKeys) {
        return new ServerSetup(directory, offer, hostKeys, authorizedKeys, authorities, methods, requireAll,
                rekeyBytes);
    }

    public ServerSetup withAuthorities(Path... authorities) {
        return new ServerSetup(directory, offer, hostKeys, authorizedKeys, List.of(authorities), methods, requireAll,
                rekeyBytes);
    }

    /** Any one of {@code methods} logs in. */
    public ServerSetup withAnyOf(AuthMethod... methods) {
        return new ServerSetup(directory, offer, hostKeys, authorizedKeys, authorities, List.of(methods), false,
                rekeyBytes);
    }

    /** All of {@code methods}, in this order, log in. */
    public ServerSetup withAllOf(AuthMethod... methods) {
        return new ServerSetup(directory, offer, hostKeys, authorizedKeys, authorities, List.of(methods), true,
                rekeyBytes);
    }

    public ServerSetup withRekeyBytes(long rekeyBytes) {
        return new ServerSetup(directory, offer, hostKeys, authorizedKeys, authorities, methods, requireAll,
                rekeyBytes);
    }
}
