package homeport.netconf.server;

import homeport.netconf.Caller;
import homeport.netconf.Capabilities;
import homeport.netconf.Ns;
import homeport.netconf.Rpc;
import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcHandler;
import homeport.netconf.RpcReply;
import homeport.netconf.SessionEnd;
import homeport.netconf.datastore.Changes.Change;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.opendaylight.yangtools.yang.common.Revision;
import org.opendaylight.yangtools.yang.common.YangVersion;
import org.opendaylight.yangtools.yang.model.api.Module;

/**
 * The operations of one NETCONF server, for all its sessions: RFC 6241 with candidate, confirmed-commit,
 * rollback-on-error, validate, startup, xpath; RFC 5277, 5717, 6022, 6243, 6470, 8341, 8525, 8526, 8639 and 8641.
 */
public final class NetconfServer implements RpcHandler, AutoCloseable {
    /** One operation. */
    @FunctionalInterface
    interface Operation {
        RpcReply run(Input input);
    }

    private final ServerSettings settings;
    private final Schemas schemas;
    private final Locks locks = new Locks();
    private final Nacm nacm;
    private final EventStream events;
    private final Commits commits;
    private final Capabilities capabilities;
    private final State state;
    private final Subscriptions subscriptions;
    private final Map<XmlName, Operation> operations = new HashMap<>();

    @SuppressWarnings("this-escape") // operations are handed the finished parts of this server
    public NetconfServer(ServerSettings settings) {
        this.settings = settings;
        Datastores datastores = settings.datastores();
        this.schemas = datastores.schemas();
        this.nacm = new Nacm(datastores, settings.recovery());
        this.events = new EventStream(settings.clock(), settings.time(), settings.replayEvents(),
                (caller, event) -> nacm.mayReceive(caller.identity(), event.name()));
        this.commits = new Commits(datastores, settings.time(), new Commits.Listener() {
            @Override
            public void confirmation(Commits.Event event, Optional<Caller> by, long timeoutSeconds) {
                events.publish(Events.confirmedCommit(event, by, timeoutSeconds));
            }

            @Override
            public void rolledBack(List<Change> changes, Optional<Caller> by) {
                changed(by, Datastores.Name.RUNNING, changes);
            }
        });
        Library library = new Library(schemas, datastores.boot());
        this.capabilities = capabilities(library);
        this.state = new State(settings, locks, events, nacm, library, capabilities);
        Reading reading = new Reading(settings, nacm, state);
        reading.register(this::register);
        this.subscriptions = new Subscriptions(settings, nacm, events, reading::selected);
        subscriptions.register(this::register);
        new Writing(settings, nacm, locks, commits, this::changed).register(this::register);
        register(Ns.BASE, "kill-session", this::kill);
        register("urn:homeport:device", "restart", input -> {
            input.only();
            settings.time().timers().execute(settings.restart());
            return RpcReply.ok();
        });
    }

    private void register(String namespace, String name, Operation operation) {
        operations.put(new XmlName(namespace, name), operation);
    }

    /** What the hello announces. */
    public Capabilities capabilities() {
        return capabilities;
    }

    private Capabilities capabilities(Library library) {
        List<String> all = new ArrayList<>(List.of(Capabilities.BASE_1_0, Capabilities.BASE_1_1,
                Capabilities.WRITABLE_RUNNING, Capabilities.CANDIDATE, Capabilities.CONFIRMED_COMMIT_1_0,
                Capabilities.CONFIRMED_COMMIT_1_1, Capabilities.ROLLBACK_ON_ERROR, Capabilities.VALIDATE_1_0,
                Capabilities.VALIDATE_1_1));
        if (settings.datastores().boot() == Datastores.Boot.STARTUP) {
            all.add(Capabilities.STARTUP);
        }
        all.addAll(List.of(Capabilities.XPATH, Capabilities.NOTIFICATION, Capabilities.INTERLEAVE,
                Capabilities.PARTIAL_LOCK,
                Capabilities.WITH_DEFAULTS + "?basic-mode=explicit&also-supported=report-all,trim",
                Capabilities.YANG_LIBRARY_1_0 + "?revision=2019-01-04&module-set-id=" + library.contentId(),
                Capabilities.YANG_LIBRARY_1_1 + "?revision=2019-01-04&content-id=" + library.contentId()));
        // Modules of YANG 1 are announced one by one, those of 1.1 by the library alone (RFC 7950 §5.6.4).
        for (Module module : schemas.context().getModules()) {
            if (module.getYangVersion() == YangVersion.VERSION_1) {
                all.add(module.getNamespace() + "?module=" + module.getName()
                        + module.getQNameModule().findRevision().map(Revision::toString).map("&revision="::concat)
                                .orElse(""));
            }
        }
        return Capabilities.of(all);
    }

    @Override
    public void opened(Caller caller) {
        state.opened();
        events.publish(Events.sessionStart(caller));
    }

    @Override
    public RpcReply handle(Caller caller, Rpc rpc) {
        Operation operation = operations.get(rpc.name());
        if (operation == null) {
            throw unknown(rpc);
        }
        nacm.execute(caller.identity(), rpc.name());
        return operation.run(new Input(caller, rpc.operation()));
    }

    private RpcErrorException unknown(Rpc rpc) {
        XmlElement bad = XmlElement.leaf(Ns.BASE, "bad-element", rpc.name().local());
        if (schemas.module(rpc.name().namespace()).isEmpty()) {
            return new RpcErrorException(RpcError.of(Type.PROTOCOL, Tag.UNKNOWN_NAMESPACE,
                    "no module of namespace \"" + rpc.name().namespace() + "\" is implemented").withInfo(
                            List.of(bad, XmlElement.leaf(Ns.BASE, "bad-namespace", rpc.name().namespace()))));
        }
        return new RpcErrorException(RpcError.of(Type.PROTOCOL, Tag.OPERATION_NOT_SUPPORTED,
                "there is no operation \"" + rpc.name().local() + "\"").withInfo(List.of(bad)));
    }

    private RpcReply kill(Input input) {
        long id = input.only("session-id").number("session-id", 1, 0xffff_ffffL)
                .orElseThrow(() -> Input.element(Tag.MISSING_ELEMENT, "session-id", "kill-session needs a session-id"));
        settings.sessions().kill(input.caller(), id);
        return RpcReply.ok();
    }

    /** Tells that a datastore changed; a change of nothing is none. */
    private void changed(Optional<Caller> by, Datastores.Name datastore, List<Change> changes) {
        if (!changes.isEmpty()) {
            if (datastore == Datastores.Name.RUNNING) {
                subscriptions.runningChanged();
            }
            events.publish(Events.configChange(schemas, by, datastore, changes));
        }
    }

    @Override
    public void closed(Caller caller, SessionEnd end) {
        subscriptions.closed(caller);
        if (locks.release(caller).contains(Datastores.Name.CANDIDATE)) {
            // What was begun under a lock nobody can finish (RFC 6241 §8.3.5.2).
            settings.datastores().discard();
        }
        commits.closed(caller);
        state.closed(caller, end.reason() == SessionEnd.Reason.DROPPED);
        events.publish(Events.sessionEnd(caller, end));
    }

    /** Stops the timers; a commit that waits to be confirmed is undone when the datastores are opened again. */
    @Override
    public void close() {
        commits.close();
    }
}
