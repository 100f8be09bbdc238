package homeport.bench;

/** What takes devices that dial, in a {@link GatewayWorker}. What one does not override is measured at others only. */
interface CallHomeGateway {
    int port();

    /** Devices that are logged in now. */
    int linked();

    /** Devices that were logged in since the start. */
    long admitted();

    /** Connections that ended by something else than the device's going, as {@code code=count} with commas. */
    default String refusals() {
        return "";
    }

    /**
     * What is done with devices that come from now on: {@code hold} them, or {@code netconf}: open that subsystem, wait for
     * the first byte, and close the device's connection.
     */
    default void mode(String mode) {
        if (!mode.equals("hold")) {
            throw new UnsupportedOperationException(mode);
        }
    }

    /** Opens NETCONF on every device, and leaves it open. */
    default void openAll() throws Exception {
        throw new UnsupportedOperationException("open");
    }

    /** Lets one device send {@code bytes}, and takes them. */
    default void carry(long bytes) throws Exception {
        throw new UnsupportedOperationException("carry");
    }
}
