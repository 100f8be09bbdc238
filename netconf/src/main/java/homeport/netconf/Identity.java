package homeport.netconf;

import java.util.Optional;
import java.util.Set;

/**
 * Who is at the other end of a server's session, as the transport established it.
 *
 * @param user the name access control goes by
 * @param groups the groups the transport assigned, for RFC 8341's {@code enable-external-groups}
 * @param transport the identity in {@code ietf-netconf-monitoring}, such as {@code netconf-ssh}
 * @param sourceHost the peer's address, when there is one
 */
public record Identity(String user, Set<String> groups, String transport, Optional<String> sourceHost) {
    public Identity {
        groups = Set.copyOf(groups);
    }

    /** A user over SSH, of no groups and from nowhere in particular. */
    public static Identity ssh(String user) {
        return new Identity(user, Set.of(), "netconf-ssh", Optional.empty());
    }
}
