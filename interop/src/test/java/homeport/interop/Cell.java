package homeport.interop;

import homeport.ssh.Algorithms;
import homeport.ssh.crypto.CipherAlgorithm;
import homeport.ssh.crypto.KexAlgorithm;
import homeport.ssh.crypto.MacAlgorithm;
import homeport.ssh.key.KeyAlgorithm;
import homeport.testkit.peers.AuthMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * One cell of the matrix: by what two ends exchange keys, show a host key, protect packets and log in.
 *
 * @param mac  {@code none} beside a cipher that authenticates by itself
 * @param user the algorithm of the user's key, or empty for a method without one
 */
record Cell(KexAlgorithm kex, KeyAlgorithm hostKey, CipherAlgorithm cipher, MacAlgorithm mac, AuthMethod method,
        String user) {
    /** What ciphers that need a MAC are tried with, so that all of both come up. */
    private record Protection(CipherAlgorithm cipher, MacAlgorithm mac) {}

    private record Login(AuthMethod method, String user) {}

    private static final Algorithms OURS = Algorithms.MODERN.withLegacy();

    /** The names of our algorithms for users' keys, without SHA-1. */
    static List<String> userAlgorithms() {
        return OURS.userKeys().stream().filter(a -> !a.legacy()).map(KeyAlgorithm::wireName).toList();
    }

    static List<String> hostAlgorithms() {
        return OURS.hostKeys().stream().map(KeyAlgorithm::wireName).toList();
    }

    /** What of ours a peer does not name, apart from what it is known not to. */
    static Set<String> missing(homeport.testkit.peers.Algorithms peer, Set<String> expected) {
        var ours = new TreeSet<String>(hostAlgorithms());
        OURS.kex().forEach(a -> ours.add(a.wireName()));
        OURS.ciphers().forEach(a -> ours.add(a.wireName()));
        OURS.macs().forEach(a -> ours.add(a.wireName()));
        ours.removeAll(expected);
        Stream.of(peer.kex(), peer.hostKeys(), peer.ciphers(), peer.macs()).forEach(ours::removeAll);
        return ours;
    }

    /** Our algorithms when this cell is to be it: nothing else can be negotiated. */
    Algorithms algorithms() {
        return new Algorithms(List.of(kex), List.of(hostKey), OURS.userKeys(), List.of(cipher),
                mac == MacAlgorithm.NONE ? OURS.macs() : List.of(mac), OURS.compression());
    }

    /** What the peer is told to offer: the same. */
    homeport.testkit.peers.Algorithms offer() {
        return new homeport.testkit.peers.Algorithms(List.of(kex.wireName()), List.of(hostKey.wireName()),
                List.of(cipher.wireName()), mac == MacAlgorithm.NONE ? List.of() : List.of(mac.wireName()));
    }

    /** What the matrix's rows count. */
    List<String> names() {
        var names = new ArrayList<>(List.of("kex " + kex.wireName(), "host key " + hostKey.wireName(),
                "cipher " + cipher.wireName(),
                "login " + method.wireName() + (user.isEmpty() ? "" : " " + user)));
        if (mac != MacAlgorithm.NONE) {
            names.add("mac " + mac.wireName());
        }
        return names;
    }

    @Override
    public String toString() {
        return String.join(", ", names());
    }

    /** The cells to try with a peer: the whole product or a slice of it, without those that it is known not to do. */
    static List<Cell> of(homeport.testkit.peers.Algorithms peer, Set<AuthMethod> methods, boolean product,
            Predicate<Cell> supported) {
        return (product ? product(peer, methods) : slice(peer, methods)).stream().filter(supported).toList();
    }

    /** Every value of each kind at least once, in as few cells as the longest list has values. */
    private static List<Cell> slice(homeport.testkit.peers.Algorithms peer, Set<AuthMethod> methods) {
        var kex = kex(peer);
        var hostKeys = hostKeys(peer);
        var protections = protections(peer);
        var logins = logins(peer, methods);
        int longest = Math.max(Math.max(kex.size(), hostKeys.size()), Math.max(protections.size(), logins.size()));
        var cells = new ArrayList<Cell>();
        for (int i = 0; i < longest; i++) {
            cells.add(cell(kex.get(i % kex.size()), hostKeys.get(i % hostKeys.size()),
                    protections.get(i % protections.size()), logins.get(i % logins.size())));
        }
        return cells;
    }

    /**
     * Every key exchange with every host key, and every protection with every login: the first two decide the exchange
     * together, the other two what follows, and neither half sees the other's choice.
     */
    private static List<Cell> product(homeport.testkit.peers.Algorithms peer, Set<AuthMethod> methods) {
        var kex = kex(peer);
        var hostKeys = hostKeys(peer);
        var protections = protections(peer);
        var logins = logins(peer, methods);
        var cells = new ArrayList<Cell>();
        for (var method : kex) {
            for (var hostKey : hostKeys) {
                cells.add(cell(method, hostKey, protections.getFirst(), logins.getFirst()));
            }
        }
        for (var protection : protections) {
            for (var login : logins) {
                cells.add(cell(kex.getFirst(), hostKeys.getFirst(), protection, login));
            }
        }
        for (var protection : everyProtection(peer)) {
            if (!protections.contains(protection)) {
                cells.add(cell(kex.getFirst(), hostKeys.getFirst(), protection, logins.getFirst()));
            }
        }
        return cells;
    }

    private static Cell cell(KexAlgorithm kex, KeyAlgorithm hostKey, Protection protection, Login login) {
        return new Cell(kex, hostKey, protection.cipher(), protection.mac(), login.method(), login.user());
    }

    private static List<KexAlgorithm> kex(homeport.testkit.peers.Algorithms peer) {
        return OURS.kex().stream().filter(a -> peer.kex().contains(a.wireName())).toList();
    }

    private static List<KeyAlgorithm> hostKeys(homeport.testkit.peers.Algorithms peer) {
        return OURS.hostKeys().stream().filter(a -> peer.hostKeys().contains(a.wireName())).toList();
    }

    private static List<Protection> protections(homeport.testkit.peers.Algorithms peer) {
        var ciphers = OURS.ciphers().stream().filter(a -> peer.ciphers().contains(a.wireName())).toList();
        var macs = OURS.macs().stream().filter(a -> peer.macs().contains(a.wireName())).toList();
        var all = new ArrayList<Protection>();
        ciphers.stream().filter(CipherAlgorithm::authenticated)
                .forEach(cipher -> all.add(new Protection(cipher, MacAlgorithm.NONE)));
        var bare = ciphers.stream().filter(cipher -> !cipher.authenticated()).toList();
        for (int i = 0; i < Math.max(bare.size(), macs.size()); i++) {
            all.add(new Protection(bare.get(i % bare.size()), macs.get(i % macs.size())));
        }
        return all;
    }

    /** Every cipher that needs a MAC with every one. */
    private static List<Protection> everyProtection(homeport.testkit.peers.Algorithms peer) {
        var all = new ArrayList<Protection>();
        for (var cipher : OURS.ciphers()) {
            for (var mac : OURS.macs()) {
                if (!cipher.authenticated() && peer.ciphers().contains(cipher.wireName())
                        && peer.macs().contains(mac.wireName())) {
                    all.add(new Protection(cipher, mac));
                }
            }
        }
        return all;
    }

    private static List<Login> logins(homeport.testkit.peers.Algorithms peer, Set<AuthMethod> methods) {
        var all = new ArrayList<Login>();
        for (var method : methods) {
            if (method == AuthMethod.PUBLIC_KEY) {
                OURS.userKeys().stream().filter(a -> !a.legacy() && peer.hostKeys().contains(a.wireName()))
                        .forEach(algorithm -> all.add(new Login(method, algorithm.wireName())));
            } else {
                all.add(new Login(method, ""));
            }
        }
        return all;
    }
}
