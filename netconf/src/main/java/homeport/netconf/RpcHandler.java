package homeport.netconf;

/**
 * The operations of a server, called by its sessions.
 *
 * <p>A session calls on its own thread, one request at a time and in the order they came (RFC 6241 §4.5), so a handler
 * may block. Different sessions call at once. {@code close-session} and malformed requests never get here;
 * {@code kill-session} does, so that access control can have its say, and is done with {@link ServerSessions#kill}.
 */
public interface RpcHandler {
    /** Both hellos are exchanged; requests follow. */
    default void opened(Caller caller) {}

    /**
     * Does one request.
     *
     * @throws RpcErrorException for an {@code rpc-error} reply; any other unchecked exception becomes
     *     {@code operation-failed} with no detail for the peer
     */
    RpcReply handle(Caller caller, Rpc rpc);

    /**
     * A request failed in a way that is no {@code rpc-error}, or its reply could not be written. The peer is told that the
     * operation failed and nothing more; this is where the cause can be logged.
     */
    default void failed(Caller caller, Rpc rpc, Exception failure) {}

    /** The session ended, however it did; called once, after the last {@link #handle} returned. Release its locks. */
    default void closed(Caller caller, SessionEnd end) {}
}
