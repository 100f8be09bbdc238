package homeport.netconf.client;

import homeport.netconf.Capabilities;
import homeport.netconf.Notification;
import homeport.netconf.Rule;
import homeport.netconf.SessionError;
import homeport.netconf.session.ClientSession;
import homeport.netconf.session.Reply;
import homeport.netconf.session.ReplyStream;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A session with its operations as methods. Each waits for its reply on the calling thread, best a virtual one.
 *
 * <p>Every method throws {@link MissingCapability} before anything is sent, {@link homeport.netconf.RpcErrorException} when the
 * server answers with errors, and {@link SessionError} when there is no answer.
 */
public final class NetconfClient implements AutoCloseable {
    private final ClientSession session;
    private final Duration timeout;

    /**
     * Operations on a session.
     *
     * @param timeout how long each waits for its reply
     */
    public NetconfClient(ClientSession session, Duration timeout) {
        this.session = session;
        this.timeout = timeout;
    }

    public ClientSession session() {
        return session;
    }

    public Capabilities capabilities() {
        return session.capabilities();
    }

    /** Does an operation, warnings in the reply included. */
    public Reply call(Operation operation) {
        operation.check(session.capabilities());
        return session.call(operation.element(), timeout).orThrow();
    }

    /** Sends an operation without waiting; several may be under way. */
    public CompletableFuture<Reply> send(Operation operation) {
        operation.check(session.capabilities());
        return session.send(operation.element(), timeout);
    }

    /** Does an operation and reads its reply while it comes, in bounded memory; the cursor is at {@code data}. */
    public <T> T stream(Operation operation, ReplyStream.XmlConsumer<T> consumer) {
        try (ReplyStream reply = stream(operation)) {
            return reply.read(consumer);
        }
    }

    /** Does an operation whose reply the caller reads, or closes. */
    public ReplyStream stream(Operation operation) {
        operation.check(session.capabilities());
        return session.stream(operation.element(), timeout);
    }

    /** Any operation as XML; gives what stands in the reply beside {@code ok}. */
    public List<XmlElement> rpc(XmlElement operation) {
        return call(Operation.of(operation)).content().stream().filter(child -> !child.local().equals("ok")).toList();
    }

    private void ok(Operation operation) {
        Reply reply = call(operation);
        if (reply.content().stream().noneMatch(child -> child.local().equals("ok")) && reply.errors().isEmpty()) {
            throw new SessionError(Rule.REPLY_CONTENT, "there is no ok for " + operation.element().local());
        }
    }

    // Reading

    /** {@code get}; gives {@code data}. */
    public XmlElement get(Optional<Filter> filter, Optional<WithDefaults> defaults) {
        return call(Operations.get(filter, defaults)).content("data");
    }

    public XmlElement get(Filter filter) {
        return get(Optional.of(filter), Optional.empty());
    }

    /** {@code get-config}; gives {@code data}. */
    public XmlElement getConfig(Datastore source, Optional<Filter> filter, Optional<WithDefaults> defaults) {
        return call(Operations.getConfig(source, filter, defaults)).content("data");
    }

    public XmlElement getConfig(Datastore source) {
        return getConfig(source, Optional.empty(), Optional.empty());
    }

    public XmlElement getConfig(Datastore source, Filter filter) {
        return getConfig(source, Optional.of(filter), Optional.empty());
    }

    /** {@code get-data}; gives {@code data}. */
    public XmlElement getData(Nmda.Store store, Nmda.Query query) {
        return call(Nmda.getData(store, query)).content("data");
    }

    /** {@code get-schema}; gives the module's text. */
    public String getSchema(String identifier, Optional<String> version, Optional<String> format) {
        return call(Operations.getSchema(identifier, version, format)).content("data").text();
    }

    /** The YANG library, of either revision; empty when the server has none. */
    public Optional<YangLibrary> yangLibrary() {
        return YangLibrary.read(get(YangLibrary.filter()));
    }

    // Writing

    public void editConfig(EditConfig edit) {
        ok(Operations.editConfig(edit));
    }

    public void editData(Nmda.Store store, Optional<EditConfig.DefaultOperation> defaultOperation,
            XmlElement... config) {
        ok(Nmda.editData(store, defaultOperation, config));
    }

    public void copyConfig(Datastore source, Datastore target) {
        ok(Operations.copyConfig(source, target, Optional.empty()));
    }

    public void deleteConfig(Datastore target) {
        ok(Operations.deleteConfig(target));
    }

    public void validate(Datastore source) {
        ok(Operations.validate(source));
    }

    public void commit() {
        ok(Operations.commit());
    }

    public void commit(Confirm confirm) {
        ok(Operations.commit(confirm));
    }

    /** Confirms a persistent confirmed commit. */
    public void confirmCommit(String persistId) {
        ok(Operations.confirmingCommit(persistId));
    }

    public void cancelCommit(Optional<String> persistId) {
        ok(Operations.cancelCommit(persistId));
    }

    public void discardChanges() {
        ok(Operations.discardChanges());
    }

    // Locks and sessions

    public void lock(Datastore.Named target) {
        ok(Operations.lock(target));
    }

    public void unlock(Datastore.Named target) {
        ok(Operations.unlock(target));
    }

    /** Locks parts of running; gives the lock's id. */
    public long partialLock(List<String> selects, Namespaces namespaces) {
        String id = call(Operations.partialLock(selects, namespaces)).content("lock-id").text().strip();
        try {
            return Long.parseLong(id);
        } catch (NumberFormatException wrong) {
            throw new SessionError(Rule.REPLY_CONTENT, "a lock-id that is no number");
        }
    }

    public void partialUnlock(long lockId) {
        ok(Operations.partialUnlock(lockId));
    }

    public void killSession(long sessionId) {
        ok(Operations.killSession(sessionId));
    }

    // Notifications

    /** Subscribes (RFC 5277); what comes goes to the listener, as {@link ClientSession#onNotification} says. */
    public void createSubscription(Optional<String> stream, Optional<Filter> filter, Optional<Instant> start,
            Optional<Instant> stop, Consumer<Notification> listener) {
        session.onNotification(listener);
        ok(Operations.createSubscription(stream, filter, start, stop));
    }

    /** Subscribes (RFC 8639, 8641); gives the subscription's id. */
    public long establishSubscription(Subscription.Target target, Optional<Instant> stop,
            Consumer<Notification> listener) {
        session.onNotification(listener);
        return Subscription.id(call(Subscription.establish(target, stop)));
    }

    public void modifySubscription(long id, Subscription.Target target, Optional<Instant> stop) {
        ok(Subscription.modify(id, target, stop));
    }

    public void deleteSubscription(long id) {
        ok(Subscription.delete(id));
    }

    public void killSubscription(long id) {
        ok(Subscription.kill(id));
    }

    /** Says {@code close-session}, waits for its answer, and closes the link. */
    @Override
    public void close() {
        session.close(timeout);
    }
}
