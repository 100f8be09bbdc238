package homeport.testkit.peers;

import java.util.List;

/**
 * Algorithm names by kind, in order of preference: what a peer knows, or what it is told to offer. As an offer, an
 * empty list leaves that kind at the peer's default.
 *
 * @param kex      key-exchange methods, without the marks ({@code ext-info-*}, {@code kex-strict-*})
 * @param hostKeys host-key and signature algorithms
 * @param ciphers  for both directions
 * @param macs     for both directions; unused by ciphers that authenticate themselves
 */
public record Algorithms(List<String> kex, List<String> hostKeys, List<String> ciphers, List<String> macs) {
    /** An offer of whatever the peer offers by default. */
    public static final Algorithms DEFAULT = new Algorithms(List.of(), List.of(), List.of(), List.of());

    public Algorithms {
        kex = kex.stream().filter(name -> !name.startsWith("ext-info-") && !name.startsWith("kex-strict-")).toList();
        hostKeys = List.copyOf(hostKeys);
        ciphers = List.copyOf(ciphers);
        macs = List.copyOf(macs);
    }

    public Algorithms withKex(String... names) {
        return new Algorithms(List.of(names), hostKeys, ciphers, macs);
    }

    public Algorithms withHostKeys(String... names) {
        return new Algorithms(kex, List.of(names), ciphers, macs);
    }

    public Algorithms withCiphers(String... names) {
        return new Algorithms(kex, hostKeys, List.of(names), macs);
    }

    public Algorithms withMacs(String... names) {
        return new Algorithms(kex, hostKeys, ciphers, List.of(names));
    }
}
