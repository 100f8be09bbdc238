package homeport.bench;

/** What takes devices that dial, in a {@link GatewayWorker}. */
interface CallHomeGateway {
    int port();

    /** Devices that are logged in now. */
    int linked();

    /** Devices that were logged in since the start. */
    long admitted();

    /** Connections that ended by something else than the device's going, as {@code code=count} with commas. */
    String refusals();

    /**
     * What is done with devices that come from now on: {@code hold} them, or {@code netconf}: open that subsystem, wait for
     * the first byte, and close the device's connection.
     */
    void mode(String mode);

    /** Opens NETCONF on every device, and leaves it open. */
    void openAll() throws Exception;

    /** Lets one device send {@code bytes}, and takes them. */
    void carry(long bytes) throws Exception;
}
