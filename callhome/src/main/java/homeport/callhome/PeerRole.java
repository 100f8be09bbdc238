package homeport.callhome;

import homeport.ssh.RoleDecision;
import homeport.ssh.wire.KexInit;
import java.util.Optional;

/** What SSH role a dialler has, told from its version line and its KEXINIT and from nothing else. */
public final class PeerRole {
    /** Maverick's callback client: it dials, names itself in the version line, and is the SSH server. */
    private static final String CALLBACK = "CallbackClient_";

    private PeerRole() {}

    /** Our role towards this peer. Where nothing tells, the answer is to watch whether it speaks first, as clients do. */
    public static RoleDecision ours(String identification, KexInit peerKexInit) {
        if (callbackId(identification).isPresent()) {
            return RoleDecision.CLIENT;
        }
        boolean client = peerKexInit.markedAsClient();
        boolean server = peerKexInit.markedAsServer();
        if (client == server) {
            return RoleDecision.WATCH;
        }
        return client ? RoleDecision.SERVER : RoleDecision.CLIENT;
    }

    /** The id that a callback client's version line claims. */
    public static Optional<String> callbackId(String identification) {
        int dash = identification.indexOf('-', 4);
        if (dash < 0 || !identification.startsWith(CALLBACK, dash + 1)) {
            return Optional.empty();
        }
        var id = identification.substring(dash + 1 + CALLBACK.length());
        int comment = id.indexOf(' ');
        if (comment >= 0) {
            id = id.substring(0, comment);
        }
        return id.isEmpty() ? Optional.empty() : Optional.of(id);
    }
}
