package homeport.netconf.server;

import homeport.netconf.Caller;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcReply;
import homeport.netconf.datastore.Changes.Change;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Datastores.Name;
import homeport.netconf.datastore.Edit;
import homeport.netconf.datastore.Filter;
import homeport.netconf.datastore.InstancePath;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;

/** The operations that write, and the locks that keep writers apart. */
final class Writing {
    /** Told what changed. */
    @FunctionalInterface
    interface Changed {
        void tell(Optional<Caller> by, Name datastore, List<Change> changes);
    }

    private final ServerSettings settings;
    private final Datastores datastores;
    private final Nacm nacm;
    private final Locks locks;
    private final Commits commits;
    private final Changed changed;

    Writing(ServerSettings settings, Nacm nacm, Locks locks, Commits commits, Changed changed) {
        this.settings = settings;
        this.datastores = settings.datastores();
        this.nacm = nacm;
        this.locks = locks;
        this.commits = commits;
        this.changed = changed;
    }

    void register(Reading.Register register) {
        register.add(Ns.BASE, "edit-config", this::editConfig);
        register.add(Ns.NMDA, "edit-data", this::editData);
        register.add(Ns.BASE, "copy-config", this::copyConfig);
        register.add(Ns.BASE, "delete-config", this::deleteConfig);
        register.add(Ns.BASE, "lock", this::lock);
        register.add(Ns.BASE, "unlock", this::unlock);
        register.add(Ns.PARTIAL_LOCK, "partial-lock", this::partialLock);
        register.add(Ns.PARTIAL_LOCK, "partial-unlock", this::partialUnlock);
        register.add(Ns.BASE, "validate", this::validate);
        register.add(Ns.BASE, "commit", this::commit);
        register.add(Ns.BASE, "cancel-commit", this::cancelCommit);
        register.add(Ns.BASE, "discard-changes", this::discardChanges);
    }

    private Datastores.Guard guard(Caller caller, Name target) {
        Datastores.Guard access = nacm.guard(caller.identity());
        return target != Name.RUNNING ? access : changes -> {
            access.check(changes);
            locks.writable(caller, changes);
        };
    }

    private RpcReply editConfig(Input input) {
        input.only("target", "default-operation", "test-option", "error-option", "config", "url");
        Name target = input.datastore("target", datastores);
        if (target == Name.STARTUP) {
            throw Input.element(Tag.BAD_ELEMENT, "startup", "startup is copied to, not edited");
        }
        Edit.Operation operation = Edit.Operation.valueOf(
                input.choice("default-operation", "merge", "replace", "none").toUpperCase(Locale.ROOT));
        Datastores.Test test = switch (input.choice("test-option", "", "test-then-set", "set", "test-only")) {
            case "test-then-set" -> Datastores.Test.TEST_THEN_SET;
            case "test-only" -> Datastores.Test.TEST_ONLY;
            default -> Datastores.Test.SET;
        };
        boolean continueOnError = input
                .choice("error-option", "stop-on-error", "continue-on-error", "rollback-on-error")
                .equals("continue-on-error");
        if (input.flag("url")) {
            throw Input.element(Tag.OPERATION_NOT_SUPPORTED, "url", "this server does not take urls");
        }
        return edit(input, target, operation, continueOnError, test);
    }

    private RpcReply edit(Input input, Name target, Edit.Operation operation, boolean continueOnError,
            Datastores.Test test) {
        Caller caller = input.caller();
        locks.writable(caller, target);
        Datastores.Outcome outcome = datastores.edit(target, input.required("config"), operation, continueOnError,
                test, guard(caller, target));
        if (target == Name.RUNNING && test != Datastores.Test.TEST_ONLY) {
            changed.tell(Optional.of(caller), target, outcome.changes());
        }
        if (!outcome.errors().isEmpty()) {
            throw new RpcErrorException(outcome.errors());
        }
        return RpcReply.ok();
    }

    /** {@code edit-data} (RFC 8526 §3.2). */
    private RpcReply editData(Input input) {
        input.only("datastore", "default-operation", "config", "url");
        Name target = switch (Reading.identity(input.required("datastore"))) {
            case "running" -> Name.RUNNING;
            case "candidate" -> Name.CANDIDATE;
            default -> throw Input.element(Tag.INVALID_VALUE, "datastore", "this datastore cannot be edited");
        };
        Edit.Operation operation = Edit.Operation.valueOf(
                input.choice("default-operation", "merge", "replace", "none").toUpperCase(Locale.ROOT));
        return edit(input, target, operation, false, Datastores.Test.SET);
    }

    private RpcReply copyConfig(Input input) {
        input.only("target", "source", "with-defaults");
        Caller caller = input.caller();
        Name target = input.datastore("target", datastores);
        XmlElement source = input.inside("source");
        boolean inline = source.local().equals("config");
        if (!inline && Input.datastore(source, datastores) == target) {
            throw Input.element(Tag.INVALID_VALUE, "target", "source and target are the same");
        }
        locks.writable(caller, target);
        ContainerNode content = inline
                ? datastores.parse(source)
                : nacm.readable(caller.identity(), datastores.read(Input.datastore(source, datastores)));
        Datastores.Outcome outcome = datastores.replace(target, content, guard(caller, target));
        if (target != Name.CANDIDATE) {
            changed.tell(Optional.of(caller), target, outcome.changes());
        }
        return RpcReply.ok();
    }

    private RpcReply deleteConfig(Input input) {
        input.only("target");
        Name target = input.datastore("target", datastores);
        if (target != Name.STARTUP) {
            throw Input.element(Tag.INVALID_VALUE, target.name().toLowerCase(Locale.ROOT),
                    "only startup can be deleted");
        }
        locks.writable(input.caller(), target);
        datastores.deleteStartup(guard(input.caller(), target));
        return RpcReply.ok();
    }

    private RpcReply lock(Input input) {
        Name target = input.only("target").datastore("target", datastores);
        if (target == Name.RUNNING) {
            commits.waiting().filter(by -> by.sessionId() != input.caller().sessionId()).ifPresent(by -> {
                throw Locks.denied(by.sessionId(), "a commit waits to be confirmed");
            });
        }
        locks.lock(input.caller(), target, datastores.isCandidateModified(), settings.clock().instant());
        return RpcReply.ok();
    }

    private RpcReply unlock(Input input) {
        Name target = input.only("target").datastore("target", datastores);
        locks.unlock(input.caller(), target);
        if (target == Name.CANDIDATE) {
            datastores.discard();
        }
        return RpcReply.ok();
    }

    /** {@code partial-lock} (RFC 5717 §2.4.1). */
    private RpcReply partialLock(Input input) {
        input.only("select");
        List<XmlElement> selects = input.operation().children();
        if (selects.isEmpty()) {
            throw Input.element(Tag.MISSING_ELEMENT, "select", "partial-lock needs something to select");
        }
        commits.waiting().filter(by -> by.sessionId() != input.caller().sessionId()).ifPresent(by -> {
            throw new RpcErrorException(Locks.denied(by.sessionId(), "a commit waits to be confirmed").errors()
                    .getFirst().withAppTag("outstanding-confirmed-commit"));
        });
        ContainerNode running = nacm.readable(input.caller().identity(), datastores.read(Name.RUNNING));
        Set<YangInstanceIdentifier> nodes = new LinkedHashSet<>();
        for (XmlElement select : selects) {
            nodes.addAll(
                    Filter.select(datastores.schemas(), running, select.text().strip(), select.namespaces()));
        }
        if (nodes.isEmpty()) {
            throw new RpcErrorException(RpcError.of(Type.APPLICATION, Tag.OPERATION_FAILED,
                    "nothing is selected").withAppTag("no-matches"));
        }
        long id = locks.lockPartly(input.caller(), selects.stream().map(select -> select.text().strip()).toList(),
                List.copyOf(nodes), settings.clock().instant());
        List<XmlElement> reply = new ArrayList<>();
        reply.add(XmlElement.leaf(Ns.PARTIAL_LOCK, "lock-id", String.valueOf(id)));
        for (YangInstanceIdentifier node : nodes) {
            RpcError.Path path = InstancePath.of(datastores.schemas(), node);
            reply.add(XmlElement.leaf(Ns.PARTIAL_LOCK, "locked-node", path.xpath()).declaring(path.namespaces()));
        }
        return RpcReply.of(reply.toArray(XmlElement[]::new));
    }

    private RpcReply partialUnlock(Input input) {
        long id = input.only("lock-id").number("lock-id", 0, Long.MAX_VALUE).orElseThrow(
                () -> Input.element(Tag.MISSING_ELEMENT, "lock-id", "partial-unlock needs a lock-id"));
        locks.unlockPartly(input.caller(), id);
        return RpcReply.ok();
    }

    private RpcReply validate(Input input) {
        XmlElement source = input.only("source").inside("source");
        if (source.local().equals("config")) {
            datastores.validate(datastores.parse(source));
        } else {
            datastores.validate(Input.datastore(source, datastores));
        }
        return RpcReply.ok();
    }

    private RpcReply commit(Input input) {
        input.only("confirmed", "confirm-timeout", "persist", "persist-id");
        Caller caller = input.caller();
        locks.writable(caller, Name.RUNNING);
        locks.writable(caller, Name.CANDIDATE);
        List<Change> changes = commits.commit(input, guard(caller, Name.RUNNING));
        changed.tell(Optional.of(caller), Name.RUNNING, changes);
        return RpcReply.ok();
    }

    private RpcReply cancelCommit(Input input) {
        commits.cancel(input.only("persist-id"));
        return RpcReply.ok();
    }

    private RpcReply discardChanges(Input input) {
        input.only();
        locks.writable(input.caller(), Name.CANDIDATE);
        datastores.discard();
        return RpcReply.ok();
    }
}
