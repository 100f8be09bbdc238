package homeport.callhome;

import homeport.ssh.wire.GlobalRequest;

/** Names of this project's own that go over the wire. */
final class Extensions {
    /**
     * By this global request a gateway says that it is going to open {@code session} channels. A device that answers them
     * says success; any other SSH client says failure.
     */
    static final String SERVER_CHANNELS = "server-channels@homeport";

    private Extensions() {}

    static GlobalRequest serverChannels() {
        return new GlobalRequest.Unknown(SERVER_CHANNELS, new byte[0]);
    }
}
