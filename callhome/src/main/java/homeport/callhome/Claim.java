package homeport.callhome;

/**
 * What a device says about who it is. Anybody can say it: a claim tells which record to look at and proves nothing.
 */
public sealed interface Claim {
    /** The id under which it wants to be known. */
    String id();

    /** From the message of {@link Design#BOOTSTRAP}; with a secret, {@link BootstrapMessage#check} makes a proof of it. */
    record InMessage(BootstrapMessage message) implements Claim {
        @Override
        public String id() {
            return message.deviceId();
        }
    }

    /** From Calix's XML identity. */
    record InXml(CalixIdentity identity) implements Claim {
        @Override
        public String id() {
            return identity.serialNumber();
        }
    }

    /** From the version line {@code SSH-2.0-CallbackClient_id}. The exchange hash covers it, so nobody else changed it. */
    record InVersionLine(String id) implements Claim {}

    /** The user name of an SSH login. */
    record LoginName(String id) implements Claim {}

    /** The key id of an {@code hmac-*} host key. */
    record KeyId(String id) implements Claim {}
}
