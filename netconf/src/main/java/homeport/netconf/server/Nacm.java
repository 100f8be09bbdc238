package homeport.netconf.server;

import homeport.netconf.Identity;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.datastore.Changes.Change;
import homeport.netconf.datastore.ConfigNode;
import homeport.netconf.datastore.DataStep;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Definition.Protection;
import homeport.netconf.datastore.InstancePath;
import homeport.netconf.datastore.PathPattern;
import homeport.netconf.datastore.Redaction;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.xml.XmlName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.model.api.Module;

/**
 * The access control of RFC 8341, by the rules in running. What a user may not read is left out without a word; what a
 * user may not write or execute is {@code access-denied}.
 */
final class Nacm {
    static final String NAMESPACE = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm";
    /** Denied without a rule, like what is marked so in YANG (RFC 8341 §3.4.4, step 10). */
    private static final Set<String> DENIED_OPERATIONS = Set.of("kill-session", "delete-config");

    /** Modules that this server speaks and that are in no published artifact; rules name them all the same. */
    private static final Map<String, String> OUTSIDE_THE_SCHEMA = Map.of(Ns.PARTIAL_LOCK, "ietf-netconf-partial-lock",
            Ns.YANG_PUSH, "ietf-yang-push");

    /** What somebody wants to do. */
    enum Access {
        CREATE,
        READ,
        UPDATE,
        DELETE,
        EXEC;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The rules as configured; made anew when their configuration is another. */
    private record Rules(NormalizedNode from, boolean enabled, boolean externalGroups, boolean readDefault,
            boolean writeDefault, boolean execDefault, List<Group> groups, List<RuleList> lists) {}

    private record Group(String name, List<String> users) {}

    private record RuleList(List<String> groups, List<Rule> rules) {}

    private record Rule(String module, Optional<String> rpc, Optional<String> notification, Optional<PathPattern> path,
            Set<String> operations, boolean permit) {
        /** A path nobody can read denies everywhere and permits nowhere. */
        boolean concerns(Schemas schemas, List<DataStep> line) {
            return path.isEmpty() || path.get().covers(schemas, line) || (!path.get().isReadable() && !permit);
        }

        boolean covers(String moduleName, Access access) {
            return (module.equals("*") || module.equals(moduleName))
                    && (operations.contains("*") || operations.contains(access.wire()));
        }
    }

    private final Datastores datastores;
    private final Predicate<Identity> recovery;
    private final AtomicLong deniedOperations = new AtomicLong();
    private final AtomicLong deniedDataWrites = new AtomicLong();
    private final AtomicLong deniedNotifications = new AtomicLong();
    private volatile @Nullable Rules rules;

    Nacm(Datastores datastores, Predicate<Identity> recovery) {
        this.datastores = datastores;
        this.recovery = recovery;
    }

    long deniedOperations() {
        return deniedOperations.get();
    }

    long deniedDataWrites() {
        return deniedDataWrites.get();
    }

    long deniedNotifications() {
        return deniedNotifications.get();
    }

    private Schemas schemas() {
        return datastores.schemas();
    }

    private Rules rules() {
        ConfigNode nacm = ConfigNode.top(schemas(), datastores.read(Datastores.Name.RUNNING), NAMESPACE, "nacm")
                .orElseThrow(() -> new IllegalStateException("ietf-netconf-acm is not implemented"));
        Rules known = rules;
        if (known == null || !known.from().equals(nacm.data())) {
            known = read(nacm);
            rules = known;
        }
        return known;
    }

    private Rules read(ConfigNode nacm) {
        List<Group> groups = nacm.child("groups").map(all -> all.entries("group")).orElse(List.of()).stream()
                .map(group -> new Group(group.leaf("name").orElse(""), group.leafList("user-name"))).toList();
        List<RuleList> lists = new ArrayList<>();
        for (ConfigNode list : nacm.entries("rule-list")) {
            lists.add(new RuleList(list.leafList("group"), list.entries("rule").stream().map(this::rule).toList()));
        }
        return new Rules(nacm.data(), is(nacm, "enable-nacm", "true"), is(nacm, "enable-external-groups", "true"),
                is(nacm, "read-default", "permit"), is(nacm, "write-default", "permit"),
                is(nacm, "exec-default", "permit"), groups, lists);
    }

    private static boolean is(ConfigNode node, String leaf, String value) {
        return node.leaf(leaf).filter(value::equals).isPresent();
    }

    private Rule rule(ConfigNode rule) {
        return new Rule(rule.leaf("module-name").orElse("*"), rule.leaf("rpc-name"), rule.leaf("notification-name"),
                rule.leaf("path").map(path -> PathPattern.parse(schemas(), path)),
                Set.of(rule.leaf("access-operations").orElse("*").split(" ")), is(rule, "action", "permit"));
    }

    /** The rules that are a user's, in their order; empty when the user is not subject to them. */
    private Optional<List<Rule>> rulesOf(Identity user) {
        Rules now = rules();
        if (!now.enabled() || recovery.test(user)) {
            return Optional.empty();
        }
        Set<String> groups = new HashSet<>();
        now.groups().stream().filter(group -> group.users().contains(user.user())).map(Group::name)
                .forEach(groups::add);
        if (now.externalGroups()) {
            groups.addAll(user.groups());
        }
        List<Rule> own = new ArrayList<>();
        for (RuleList list : now.lists()) {
            boolean applies = !groups.isEmpty()
                    && list.groups().stream().anyMatch(group -> group.equals("*") || groups.contains(group));
            if (applies) {
                own.addAll(list.rules());
            }
        }
        return Optional.of(own);
    }

    /** Whether an operation may be called at all. */
    void execute(Identity user, XmlName operation) {
        Optional<List<Rule>> own = rulesOf(user);
        if (own.isEmpty()) {
            return;
        }
        Optional<Module> module = module(operation.namespace());
        String name = moduleName(operation.namespace(), module);
        for (Rule rule : own.get()) {
            boolean covers = rule.covers(name, Access.EXEC) && rule.path().isEmpty() && rule.notification().isEmpty()
                    && rule.rpc().filter(rpc -> !rpc.equals("*") && !rpc.equals(operation.local())).isEmpty();
            if (covers) {
                if (rule.permit()) {
                    return;
                }
                throw denied();
            }
        }
        boolean guarded = DENIED_OPERATIONS.contains(operation.local()) || module.stream()
                .flatMap(in -> in.getRpcs().stream())
                .filter(rpc -> rpc.getQName().getLocalName().equals(operation.local()))
                .anyMatch(rpc -> Protection.of(rpc) == Protection.ALL);
        if (guarded || !rules().execDefault()) {
            throw denied();
        }
    }

    private RpcErrorException denied() {
        deniedOperations.incrementAndGet();
        return new RpcErrorException(Type.PROTOCOL, Tag.ACCESS_DENIED, "you may not call this operation");
    }

    private static String moduleName(String namespace, Optional<Module> module) {
        return module.map(Module::getName).orElseGet(() -> OUTSIDE_THE_SCHEMA.getOrDefault(namespace, ""));
    }

    private Optional<Module> module(String namespace) {
        return schemas().module(namespace).flatMap(schemas().context()::findModule).map(found -> found);
    }

    /** What of a datastore a user may read. */
    ContainerNode readable(Identity user, ContainerNode data) {
        Optional<List<Rule>> own = rulesOf(user);
        if (own.isEmpty()) {
            return data;
        }
        boolean readDefault = rules().readDefault();
        return Redaction.apply(schemas(), data,
                line -> permits(own.get(), line, Access.READ, readDefault));
    }

    private boolean permits(List<Rule> own, List<DataStep> line, Access access, boolean otherwise) {
        DataStep last = line.getLast();
        String module = module(last.definition().namespace()).map(Module::getName).orElse("");
        for (Rule rule : own) {
            if (rule.rpc().isEmpty() && rule.notification().isEmpty() && rule.covers(module, access)
                    && rule.concerns(schemas(), line)) {
                return rule.permit();
            }
        }
        return switch (last.definition().protection()) {
            case ALL -> false;
            case WRITE -> access == Access.READ && otherwise;
            case NONE -> otherwise;
        };
    }

    /** Stops changes a user may not make. */
    Datastores.Guard guard(Identity user) {
        return changes -> {
            Optional<List<Rule>> own = rulesOf(user);
            if (own.isPresent()) {
                boolean writeDefault = rules().writeDefault();
                changes.forEach(change -> check(own.get(), change, writeDefault));
            }
        };
    }

    private void check(List<Rule> own, Change change, boolean writeDefault) {
        Access access = switch (change.kind()) {
            case CREATED -> Access.CREATE;
            case UPDATED, MOVED -> Access.UPDATE;
            case DELETED -> Access.DELETE;
        };
        Redaction.visit(schemas(), change, line -> {
            // A container that only gives structure is not itself anybody's to make or take away.
            if (!line.getLast().definition().isStructural() && !permits(own, line, access, writeDefault)) {
                deniedDataWrites.incrementAndGet();
                RpcError.Path path = InstancePath.of(schemas(), change.path());
                throw new RpcErrorException(RpcError.of(Type.APPLICATION, Tag.ACCESS_DENIED,
                        "you may not " + access.wire() + " this").withPath(path.xpath(), path.namespaces()));
            }
        });
    }

    /** Whether a user may see a notification. */
    boolean mayReceive(Identity user, XmlName event) {
        Optional<List<Rule>> own = rulesOf(user);
        if (own.isEmpty() || event.local().equals("replayComplete") || event.local().equals("notificationComplete")) {
            return true;
        }
        Optional<Module> module = module(event.namespace());
        String name = moduleName(event.namespace(), module);
        for (Rule rule : own.get()) {
            boolean covers = rule.covers(name, Access.READ) && rule.path().isEmpty() && rule.rpc().isEmpty() && rule
                    .notification().filter(wanted -> !wanted.equals("*") && !wanted.equals(event.local())).isEmpty();
            if (covers) {
                return counted(rule.permit());
            }
        }
        boolean guarded = module.stream().flatMap(in -> in.getNotifications().stream())
                .filter(notification -> notification.getQName().getLocalName().equals(event.local()))
                .anyMatch(notification -> Protection.of(notification) == Protection.ALL);
        return counted(!guarded && rules().readDefault());
    }

    private boolean counted(boolean permitted) {
        if (!permitted) {
            deniedNotifications.incrementAndGet();
        }
        return permitted;
    }
}
