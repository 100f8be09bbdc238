package homeport.netconf.server;

import homeport.netconf.Identity;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcReply;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Filter;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.datastore.Schemas.YangModule;
import homeport.netconf.datastore.WithDefaults;
import homeport.netconf.xml.XmlElement;
import java.util.List;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;

/** The operations that read: {@code get}, {@code get-config}, {@code get-data}, {@code get-schema}. */
final class Reading {
    /** Where operations are entered. */
    @FunctionalInterface
    interface Register {
        void add(String namespace, String name, NetconfServer.Operation operation);
    }

    private final Datastores datastores;
    private final Schemas schemas;
    private final Nacm nacm;
    private final State state;

    Reading(ServerSettings settings, Nacm nacm, State state) {
        this.datastores = settings.datastores();
        this.schemas = datastores.schemas();
        this.nacm = nacm;
        this.state = state;
    }

    void register(Register register) {
        register.add(Ns.BASE, "get", this::get);
        register.add(Ns.BASE, "get-config", this::getConfig);
        register.add(Ns.NMDA, "get-data", this::getData);
        register.add(Ns.MONITORING, "get-schema", this::getSchema);
    }

    /** What a filter selects of a datastore by RFC 8342's name, of what a user may read. */
    ContainerNode selected(Identity user, String datastore, Filter filter) {
        boolean withState = datastore.equals("operational");
        ContainerNode content = withState ? operational(filter) : datastores.read(Datastores.Name.RUNNING);
        return filter.apply(schemas,
                nacm.readable(user, WithDefaults.EXPLICIT.apply(schemas, content, withState)));
    }

    private RpcReply get(Input input) {
        input.only("filter", "with-defaults");
        Filter filter = filter(input);
        return data(Ns.BASE, input, operational(filter), filter, true, 0);
    }

    private RpcReply getConfig(Input input) {
        input.only("source", "filter", "with-defaults");
        Datastores.Name name = input.datastore("source", datastores);
        return data(Ns.BASE, input, datastores.read(name), filter(input), false, 0);
    }

    private Filter filter(Input input) {
        return input.optional("filter").map(element -> Filter.of(schemas, element)).orElseGet(Filter.All::new);
    }

    /** Running with the state a filter can concern. */
    private ContainerNode operational(Filter filter) {
        return datastores.withState(state.elements(filter));
    }

    /** Access control comes before the filter: what cannot be read cannot be asked after either. */
    private RpcReply data(String namespace, Input input, ContainerNode content, Filter filter, boolean withState,
            int depth) {
        WithDefaults mode = input.text("with-defaults").map(text -> WithDefaults.of(text).orElseThrow(
                () -> Input.element(Tag.INVALID_VALUE, "with-defaults", "not a mode of this server: \"" + text + "\"")))
                .orElse(WithDefaults.EXPLICIT);
        ContainerNode shaped = mode.apply(schemas, content, withState);
        ContainerNode readable = nacm.readable(input.caller().identity(), shaped);
        ContainerNode selected = Datastores.toDepth(filter.apply(schemas, readable), depth);
        return RpcReply.content(writer -> {
            writer.writeStartElement("", "data", namespace);
            writer.writeDefaultNamespace(namespace);
            schemas.write(selected, schemas.root(), writer);
            writer.writeEndElement();
        });
    }

    /** {@code get-data} (RFC 8526 §3.1). */
    private RpcReply getData(Input input) {
        input.only("datastore", "subtree-filter", "xpath-filter", "config-filter", "max-depth", "with-defaults");
        Filter filter = input.optional("subtree-filter").<Filter>map(element -> new Filter.Subtree(element.children()))
                .or(() -> input.optional("xpath-filter")
                        .map(element -> Filter.xpath(schemas, element.text().strip(), element.namespaces())))
                .orElseGet(Filter.All::new);
        int depth = input.text("max-depth").filter("unbounded"::equals).isPresent()
                ? 0
                : input.number("max-depth", 1, 0xffff).orElse(0L).intValue();
        String config = input.text("config-filter").orElse("");
        XmlElement named = input.required("datastore");
        String name = identity(named);
        return switch (name) {
            case "operational" -> {
                ContainerNode all = operational(filter);
                yield data(Ns.NMDA, input, switch (config) {
                    case "true" -> datastores.read(Datastores.Name.RUNNING);
                    case "false" -> Datastores.stateOf(schemas, all);
                    default -> all;
                }, filter, !config.equals("true"), depth);
            }
            case "intended" -> data(Ns.NMDA, input, datastores.read(Datastores.Name.RUNNING), filter, false, depth);
            default -> data(Ns.NMDA, input, config.equals("false")
                    ? Datastores.nothing()
                    : datastores.read(conventional(name)), filter, false, depth);
        };
    }

    private Datastores.Name conventional(String name) {
        return switch (name) {
            case "running" -> Datastores.Name.RUNNING;
            case "candidate" -> Datastores.Name.CANDIDATE;
            case "startup" -> Input.datastore(XmlElement.of(Ns.BASE, "startup"), datastores);
            default -> throw Input.element(Tag.INVALID_VALUE, "datastore", "this server has no such datastore");
        };
    }

    /** A datastore's identity, its prefix resolved. */
    static String identity(XmlElement element) {
        String text = element.text().strip();
        int colon = text.indexOf(':');
        String namespace = element.namespaces().resolve(colon < 0 ? "" : text.substring(0, colon));
        if (!Ns.DATASTORES.equals(namespace)) {
            throw Input.element(Tag.INVALID_VALUE, "datastore", "not a datastore: \"" + text + "\"");
        }
        return text.substring(colon + 1);
    }

    /** {@code get-schema} (RFC 6022 §3.1). */
    private RpcReply getSchema(Input input) {
        input.only("identifier", "version", "format");
        String format = input.text("format").map(text -> text.substring(text.indexOf(':') + 1)).orElse("yang");
        String name = input.required("identifier").text().strip();
        List<YangModule> found = format.equals("yang")
                ? schemas.find(name, input.text("version").orElse(""))
                : List.of();
        if (found.isEmpty()) {
            throw Input.element(Tag.INVALID_VALUE, "identifier", "this server has no such schema");
        }
        if (found.size() > 1) {
            throw new RpcErrorException(
                    RpcError.of(Type.APPLICATION, Tag.OPERATION_FAILED, "there is more than one such schema")
                            .withAppTag("data-not-unique"));
        }
        return RpcReply.of(XmlElement.leaf(Ns.MONITORING, "data", found.getFirst().text()));
    }
}
