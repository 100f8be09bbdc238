package homeport.ssh.wire;

import java.util.List;

/**
 * SSH_MSG_KEXINIT (RFC 4253 §7.1): what a side can do, by name, the preferred first.
 *
 * @param languagesClientToServer not used by anyone; kept so that what was read can be shown
 */
public record KexInit(
        byte[] cookie,
        List<String> kex,
        List<String> hostKeys,
        List<String> ciphersClientToServer,
        List<String> ciphersServerToClient,
        List<String> macsClientToServer,
        List<String> macsServerToClient,
        List<String> compressionClientToServer,
        List<String> compressionServerToClient,
        List<String> languagesClientToServer,
        List<String> languagesServerToClient,
        boolean firstKexPacketFollows) {

    /** RFC 8308 §2.1: the sender is an SSH client and reads extension information. */
    public static final String EXT_INFO_C = "ext-info-c";
    /** RFC 8308 §2.1: the sender is an SSH server and reads extension information. */
    public static final String EXT_INFO_S = "ext-info-s";
    /** OpenSSH's strict key exchange; the sender is an SSH client. */
    public static final String STRICT_C = "kex-strict-c-v00@openssh.com";
    /** OpenSSH's strict key exchange; the sender is an SSH server. */
    public static final String STRICT_S = "kex-strict-s-v00@openssh.com";

    /** Names that stand in the kex list as marks and are never selected. */
    public static final List<String> MARKS = List.of(EXT_INFO_C, EXT_INFO_S, STRICT_C, STRICT_S);

    /** Reads a payload, message number and all. */
    public static KexInit read(SshReader in) {
        if (in.uint8() != MessageNumber.KEXINIT) {
            throw new ProtocolError(Rule.KEX_STATE, "not a KEXINIT");
        }
        var message = new KexInit(in.bytes(16), in.nameList(), in.nameList(), in.nameList(), in.nameList(),
                in.nameList(), in.nameList(), in.nameList(), in.nameList(), in.nameList(), in.nameList(), in.bool());
        in.uint32(); // reserved for future extension
        in.end();
        return message;
    }

    /** Writes the payload, message number and all. */
    public void write(SshWriter out) {
        out.uint8(MessageNumber.KEXINIT).bytes(cookie);
        out.nameList(kex).nameList(hostKeys);
        out.nameList(ciphersClientToServer).nameList(ciphersServerToClient);
        out.nameList(macsClientToServer).nameList(macsServerToClient);
        out.nameList(compressionClientToServer).nameList(compressionServerToClient);
        out.nameList(languagesClientToServer).nameList(languagesServerToClient);
        out.bool(firstKexPacketFollows).uint32(0);
    }

    /** Whether a mark says that the sender is an SSH client. */
    public boolean markedAsClient() {
        return kex.contains(EXT_INFO_C) || kex.contains(STRICT_C);
    }

    /** Whether a mark says that the sender is an SSH server. */
    public boolean markedAsServer() {
        return kex.contains(EXT_INFO_S) || kex.contains(STRICT_S);
    }
}
