package homeport.callhome;

/** The owner's answer to the question whether a device may in. */
public sealed interface Admission {
    /**
     * It may: it is this device. Not good for a {@link Proof.SecretToCheck}, where nothing is proved yet.
     *
     * @param login for a device that is an SSH server; what a device that logs in itself needs no use for
     */
    record Admit(String deviceId, Credentials login) implements Admission {}

    /** It may if it proves to hold {@code secret}; only for {@link Proof.SecretToCheck}. The secret is not kept. */
    record AdmitWithSecret(String deviceId, byte[] secret, Credentials login) implements Admission {
        @Override
        public String toString() {
            return "AdmitWithSecret[" + deviceId + "]";
        }
    }

    /**
     * An operator has to say. The connection waits without being logged in, until another answer comes or its time is
     * over. A {@link Proof.SecretToCheck} does not wait: that its key id is unknown must not show.
     */
    record Hold(String reason) implements Admission {}

    /** It may not. The reason is for the journal and, in general terms, for the peer. */
    record Refuse(String reason) implements Admission {}
}
