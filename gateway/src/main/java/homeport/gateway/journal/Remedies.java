package homeport.gateway.journal;

import homeport.callhome.Refusal;
import homeport.gateway.admission.Reason;
import homeport.gateway.inventory.AttemptStage;
import homeport.ssh.wire.Rule;

/** One sentence of advice for everything that can go wrong. {@code {id}}, {@code {key}} and {@code {address}} are filled. */
final class Remedies {
    private static final String BROKEN_PEER = "The peer's SSH breaks the protocol: update its software, and report it"
            + " with the line of the journal if it is current.";
    private static final String PROBE = "Nothing: something connects and leaves, such as a health check or a port scan; an"
            + " address has one such entry an hour.";
    private static final String BUSY = "Nothing is wrong with the device: it gets in when others have finished; raise"
            + " limits.%s if this lasts.";

    private Remedies() {}

    static String of(Reason reason) {
        return switch (reason) {
            case UNKNOWN_DEVICE, NEW_MEMBER, STILL_PENDING, ONLY_CLAIMED ->
                "Compare {key} with the device's own key, then: homeport device approve {id}";
            case CERTIFICATE_NOT_LISTED ->
                "Check that the device is yours, then: homeport device approve {id}, or put its id on the authority's"
                        + " list.";
            case NEW_KEY_PROVED ->
                "If the device got a new host key, compare {key}, then: homeport device approve {id}";
            case NO_SECRET -> "Give it the secret that the device has: homeport device add {id} --secret-file FILE";
            case KEY_OF_ANOTHER_ID ->
                "If the device was renamed, remove the old record and approve {id}; if not, its private key was copied:"
                        + " make a new one on the device.";
            case DEVICE_REFUSED -> "If it may in again: homeport device approve {id}";
            case UNKNOWN_REFUSED ->
                "Add the device first: homeport device add {id} --fingerprint {key}, or set admission.unknown: hold";
            case OTHER_KEY ->
                "If the device was reset or replaced, compare {key} with the device's own key, then: homeport device"
                        + " approve {id}; if not, somebody else uses its id.";
            case CERTIFICATE_EXPECTED ->
                "Let the device show its certificate again, and check homeport trust list; if it is to come by its key"
                        + " from now on, compare {key}, then: homeport device approve {id}";
            case OTHER_AUTHORITY ->
                "If the device moved to another authority: homeport device remove {id}, then let it come again.";
            case KEY_ON_SEVERAL_DEVICES ->
                "Make a new host key on all devices but one (cloned images share theirs), or take the key from the other"
                        + " records.";
            case HMAC_MISSING ->
                "Configure the secret on the device too, with HMAC-SHA2-256 where the record requires it; nobody gets"
                        + " in without it.";
            case HMAC_WRONG ->
                "Make the secret the same on both sides: homeport device set {id} --secret-file FILE, without a line"
                        + " end in the file.";
            case HMAC_REPLAYED ->
                "Somebody sends a recorded message of this device from {address}: look who that is. A device that"
                        + " changed its host key sends a new HMAC.";
            case SECRET_TOO_SHORT -> "Make a new secret of 16 to 64 random bytes on both sides.";
            case GROUP_ID -> "Give the device an id of its own; the group's id comes with an HMAC only.";
            case BAD_ID -> "Set an id of 1 to 255 printable characters on the device.";
            case CLAIM_CONTRADICTS -> "Let the device call itself as its certificate does, or leave its name out.";
            case CERTIFICATE_NOT_YET_VALID, CERTIFICATE_EXPIRED ->
                "Renew the device's certificate; if its dates are right, set the clock of this machine.";
            case CERTIFICATE_REVOKED -> "Give the device a new certificate; a revoked one is never taken.";
            case CERTIFICATE_WRONG_USAGE ->
                "Issue the certificate with digitalSignature and, if it has an extended key usage, SSH server for a"
                        + " device that calls home or SSH client for one that logs in.";
            case CERTIFICATE_BAD ->
                "Let the device send all intermediate certificates, and check with openssl verify or ssh-keygen -L.";
            case CERTIFICATE_WRONG_NAME -> "Issue the certificate for {id}, without wildcards.";
            case CERTIFICATE_WRONG_ADDRESS -> "Issue the certificate for {address} too, or without source-address.";
            case CERTIFICATE_WITHOUT_ID, CERTIFICATE_SEVERAL_IDS ->
                "Add the authority again with the --id-from under which its certificates have exactly one id:"
                        + " serialNumber, CN or SAN.";
            case TOKEN_EXPECTED ->
                "Start the device's agent with its token; a new one: homeport device set {id} --claim; its key is known after"
                        + " that.";
            case NO_TOKEN ->
                "A device logs in by its key and not by a password: with ssh, give it -i KEYFILE. To let a token claim {id}:"
                        + " homeport device set {id} --claim";
            case TOKEN_WRONG -> "Take the token that was made for {id}; a new one: homeport device set {id} --claim";
            case TOKEN_USED, TOKEN_EXPIRED -> "Make a new token: homeport device set {id} --claim";
            case TOKEN_WITHOUT_KEY ->
                "Let the device offer its key first, then the token as password: with ssh, give it -i KEYFILE.";
            case LEGACY_ALGORITHMS ->
                "Update the device's SSH; until then, if you accept the risk: homeport device set {id} --allow-legacy";
            case TOO_MANY_PENDING ->
                "Approve or remove those that wait: homeport device list --state pending; or add {id} before it comes.";
        };
    }

    static String of(Refusal refusal, AttemptStage stage) {
        return switch (refusal) {
            case SILENT ->
                "Something connects and says nothing; if it is a device, let it start SSH at once when it is connected.";
            case PROBED -> PROBE;
            case SLOW -> "Check the line from {address}, and that the device starts SSH on the connection it dialled.";
            case HTTP -> "Point the client at the HTTP port: this one is for devices.";
            case TLS -> "Set the device to NETCONF call home over SSH (port 4334): TLS is not offered on this port.";
            case NOT_SSH -> "Check what runs at {address}: this port is for devices that speak SSH.";
            case NO_PROXY_HEADER ->
                "Let the balancer send PROXY headers and devices dial it and not this port; without a balancer, set"
                        + " devices.proxy-protocol: false and start the gateway again.";
            case PROXY_HEADER ->
                "If {address} is your balancer, set devices.proxy-protocol: true and start the gateway again, or switch"
                        + " the header off at the balancer.";
            case PREFACE_TOO_LONG, BAD_MESSAGE, BAD_IDENTITY ->
                "Compare what the device sends with docs/designs.md; the detail says where it differs.";
            case CONTRADICTION ->
                "Let the device be the SSH server after its message, as its kind of call home has it.";
            case DESIGN_OFF -> "Switch it on: add it to devices.designs in the configuration.";
            case REFUSED -> "See the reason in the same entry: homeport why {id}";
            case HELD ->
                "Compare {key} with the device's own key, then: homeport device approve {id}; it serves at its next"
                        + " dial.";
            case LOGIN_FAILED ->
                "Say whose account there has the gateway's key (homeport keys --user): homeport device set {id} --login USER;"
                        + " or give the account's password too: --password-file FILE";
            case NOTHING_OFFERED ->
                "Let the device forward a port (ssh -N -R 0:localhost:22), or run the agent, which takes channels.";
            case HOST_KEY -> "Give the device the gateway's host key: homeport keys --host";
            case DISPLACED ->
                "Nothing, if the device reconnected; if this repeats, two devices have one identity: homeport why {id}";
            case OUTPUT_BACKLOG ->
                "The device does not read what it is sent: check its load and the line from {address}.";
            case CLOSED -> "Nothing: an operator or the gateway itself closed it.";
            case LOST -> lost(stage);
            case TOO_MANY -> BUSY.formatted("unauthenticated");
            case TOO_MANY_FROM_ADDRESS -> BUSY.formatted("per-address");
            case PENALTY ->
                "Mend what fails first (homeport why {address}); the address is let in again within a minute.";
            case DRAINING -> "Nothing: the device comes back when the gateway is up again.";
        };
    }

    /** The peer went away without a word: how far it had come says most. */
    private static String lost(AttemptStage stage) {
        return switch (stage) {
            case CONNECTED -> PROBE;
            case FIRST_BYTE, VERSION, KEY_EXCHANGE ->
                "Look in the device's own log: it left before keys were agreed, often for want of a common algorithm.";
            case IDENTITY ->
                "The device did not wait for an operator: approve {id} before its next dial, and raise its login grace.";
            case LOGIN ->
                "Look in the device's own log: it left while the gateway logged in, often because it does not accept"
                        + " the gateway's key (homeport keys --user).";
            case LINKED, HELLO -> "Check power and line of the device; it dials again by itself.";
        };
    }

    static String of(Rule rule, AttemptStage stage) {
        return switch (rule) {
            case NOT_SSH -> "Check what runs at {address}: this port is for devices that speak SSH.";
            case VERSION_NOT_SUPPORTED -> "Update the device: it speaks SSH 1, which nobody should.";
            case NO_COMMON_ALGORITHM ->
                "Update the device's SSH; until then, if you accept the risk: homeport device set {id} --allow-legacy";
            case KEY_NOT_SUPPORTED ->
                "Make a new key on the device: Ed25519, ECDSA or RSA of at least 2048 bits.";
            case HOST_KEY_SIGNATURE ->
                "The device does not have the key or secret it shows: with a secret, make it the same on both sides"
                        + " (homeport device set {id} --secret-file FILE).";
            case HOST_KEY_CHANGED, HOST_KEY_REFUSED -> "See the reason in the same entry: homeport why {id}";
            case AUTH_TOO_MANY -> "Let the device offer one key only: with ssh, -i KEYFILE -o IdentitiesOnly=yes.";
            case AUTH_EXHAUSTED ->
                "Let one side accept the other's key: homeport keys --user for the device, homeport device approve {id}"
                        + " here.";
            case DECISION_TIMEOUT -> "Approve it before its next dial: homeport device approve {id}";
            case FIRST_BYTE_TIMEOUT -> of(Refusal.SILENT, stage);
            case LOGIN_TIMEOUT ->
                "Check the device's load and the line from {address}; if it waited for an operator: homeport device"
                        + " approve {id}";
            case KEX_TIMEOUT -> "Check the device's load and the line from {address}: its key exchange took too long.";
            case KEEPALIVE_TIMEOUT -> "Check power and line of the device; it dials again by itself.";
            case END_OF_STREAM -> lost(stage);
            case PEER_DISCONNECTED -> "The device's own words are in the detail; its log says more.";
            case USER_NAME -> "Set an id of printable characters as the device's user name.";
            case WINDOW_EXCEEDED, WINDOW_OVERFLOW, CHANNEL_PACKET_TOO_LONG, CHANNEL_UNKNOWN, CHANNEL_STATE,
                    CONNECTION_STATE, REPLY_UNEXPECTED, EXT_INFO, TRUNCATED, TRAILING_BYTES, FIELD_TOO_LONG,
                    BAD_ENCODING, VERSION_LINE_TOO_LONG, BANNER_TOO_LONG, PACKET_TOO_LONG, PACKET_LENGTH, PADDING,
                    COMPRESSION, SEQUENCE_WRAPPED, KEX_VALUE, KEX_STATE, KEX_TOO_OFTEN, KEY_FORMAT,
                    SERVICE_NOT_AVAILABLE, AUTH_STATE ->
                BROKEN_PEER;
            case MAC, STRICT_KEX ->
                "Something between {address} and here may change the bytes: check proxies and firewalls on the way.";
            case TOO_MANY_CHANNELS, TOO_MANY_REQUESTS, INPUT_BACKLOG, OUTPUT_BACKLOG ->
                "The device asks for more than it reads or may have: check its load and its software.";
        };
    }

    static String of(SessionCode code) {
        return switch (code) {
            case JOINED -> "Nothing.";
            case NO_NETCONF ->
                "Switch NETCONF over SSH on at the device (with OpenSSH: a Subsystem netconf line); shells work without.";
            case BAD_HELLO ->
                "Try the device's NETCONF by hand (homeport ssh {id}); its hello must come within the login grace.";
        };
    }
}
