package homeport.ssh.crypto;

import java.security.SecureRandom;

/**
 * A key-exchange method whose two messages carry one value each way (30 and 31): all but the group exchange, which
 * asks for its group first and then is one of these.
 */
public interface KexMethod {
    /** Name of the hash for the exchange hash and for key derivation, as JCA has it: {@code SHA-256}. */
    String hash();

    /** Whether the two values are written as {@code mpint} (Diffie-Hellman) or as {@code string} (all others). */
    boolean valuesAreIntegers();

    /** Begins as the SSH client. */
    Initiator initiate(SecureRandom random);

    /**
     * Answers as the SSH server.
     *
     * @param clientValue the client's value: the magnitude of an integer, or the octets
     * @throws homeport.ssh.wire.ProtocolError with {@code KEX_VALUE} when the value is not acceptable
     */
    Answer answer(byte[] clientValue, SecureRandom random);

    /** The client's half, between its message and the server's. */
    interface Initiator {
        /** The value to send: the magnitude of an integer, or the octets. */
        byte[] value();

        /**
         * The shared secret, encoded as it enters the exchange hash and key derivation, with its length field:
         * an {@code mpint}, or a {@code string} for the hybrids.
         *
         * @throws homeport.ssh.wire.ProtocolError with {@code KEX_VALUE} when the value is not acceptable
         */
        byte[] agree(byte[] serverValue);

        /** Overwrites what can be of an exchange that will not end; {@link #agree} does so by itself. */
        void destroy();
    }

    /**
     * The server's half.
     *
     * @param value  the value to send
     * @param secret the shared secret, encoded as {@link Initiator#agree} says
     */
    record Answer(byte[] value, byte[] secret) {
        @Override
        public String toString() {
            return "Answer[value of " + value.length + " bytes]";
        }
    }
}
