package homeport.netconf.datastore;

import homeport.netconf.xml.XmlElement;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.common.QNameModule;
import org.opendaylight.yangtools.yang.common.XMLNamespace;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.api.schema.NormalizedNode;
import org.opendaylight.yangtools.yang.data.api.schema.stream.NormalizedNodeStreamWriter;
import org.opendaylight.yangtools.yang.data.api.schema.stream.NormalizedNodeWriter;
import org.opendaylight.yangtools.yang.data.codec.xml.XMLStreamNormalizedNodeStreamWriter;
import org.opendaylight.yangtools.yang.data.codec.xml.XmlCodecFactory;
import org.opendaylight.yangtools.yang.data.codec.xml.XmlParserStream;
import org.opendaylight.yangtools.yang.data.impl.schema.ImmutableNormalizedNodeStreamWriter;
import org.opendaylight.yangtools.yang.data.impl.schema.NormalizationResultHolder;
import org.opendaylight.yangtools.yang.model.api.EffectiveModelContext;
import org.opendaylight.yangtools.yang.model.api.Module;
import org.opendaylight.yangtools.yang.model.api.source.SourceIdentifier;
import org.opendaylight.yangtools.yang.model.api.stmt.FeatureSet;
import org.opendaylight.yangtools.yang.model.spi.source.StringYangTextSource;
import org.opendaylight.yangtools.yang.parser.api.YangParser;
import org.opendaylight.yangtools.yang.parser.api.YangParserConfiguration;
import org.opendaylight.yangtools.yang.parser.api.YangParserException;
import org.opendaylight.yangtools.yang.parser.impl.DefaultYangParserFactory;

/**
 * The YANG modules a server implements: their text, the schema context yangtools makes of them, and its XML codecs.
 * Immutable and shared; parsing takes a second or two on a small machine, so {@link #standard} is made once a JVM and
 * on first use.
 */
public final class Schemas {
    private static final String RESOURCES = "/META-INF/yang/";

    private static final QNameModule UNKNOWN = QNameModule.of(XMLNamespace.of("urn:homeport:unknown"));

    /** Within a text it may strike out an example, which changes no meaning. */
    private static final Pattern NUMBERS = Pattern.compile("\\b(min|max)-elements\\s+\"?\\w+\"?\\s*;");

    private final List<YangModule> modules;
    private final FeatureSet features;
    private final EffectiveModelContext context;
    private final XmlCodecFactory codecs;
    private final Definition root;
    private final Defaults defaults;
    private final Rules rules;
    private volatile @Nullable EffectiveModelContext withoutNumbers;
    private final Map<String, QNameModule> byNamespace = new LinkedHashMap<>();

    private Schemas(List<YangModule> modules, FeatureSet features, EffectiveModelContext context) {
        this.modules = List.copyOf(modules);
        this.features = features;
        this.context = context;
        this.codecs = XmlCodecFactory.create(context);
        for (Module module : context.getModules()) {
            byNamespace.put(module.getNamespace().toString(), module.getQNameModule());
        }
        this.root = Definition.root(context);
        this.defaults = new Defaults(this);
        this.rules = new Rules(root);
    }

    /** One module's source. {@code revision} is empty when the module has none. */
    public record YangModule(String name, String revision, String text) {}

    /** What every Homeport device implements; parsed on first use. */
    public static Schemas standard() {
        return Standard.SCHEMAS;
    }

    /** The modules of {@link #standard} and more of a device's own. */
    public static Schemas standardAnd(Collection<YangModule> more, Collection<QName> moreFeatures) {
        List<YangModule> all = new ArrayList<>();
        StandardModules.FILES.forEach(file -> all.add(resource(file)));
        all.addAll(more);
        List<QName> features = new ArrayList<>(StandardModules.FEATURES);
        features.addAll(moreFeatures);
        return of(all, features);
    }

    /**
     * Parses modules with exactly these features.
     *
     * @throws IllegalArgumentException when they are not valid YANG, or an import is missing
     */
    public static Schemas of(List<YangModule> modules, Collection<QName> supported) {
        FeatureSet features = FeatureSet.of(supported.toArray(QName[]::new));
        return new Schemas(modules, features, parse(modules, features));
    }

    private static EffectiveModelContext parse(List<YangModule> modules, FeatureSet features) {
        try {
            YangParser parser = new DefaultYangParserFactory().createParser(YangParserConfiguration.DEFAULT);
            for (YangModule module : modules) {
                SourceIdentifier id = module.revision().isEmpty()
                        ? new SourceIdentifier(module.name())
                        : new SourceIdentifier(module.name(), module.revision());
                parser.addSource(new StringYangTextSource(id, module.text(), id.toYangFilename()));
            }
            parser.setSupportedFeatures(features);
            return parser.buildEffectiveModel();
        } catch (YangParserException e) {
            throw new IllegalArgumentException("the YANG modules do not parse: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Made when first asked for, and once. */
    private static final class Standard {
        static final Schemas SCHEMAS = standardAnd(List.of(), List.of());
    }

    private static YangModule resource(String file) {
        try (InputStream in = Schemas.class.getResourceAsStream(RESOURCES + file + ".yang")) {
            if (in == null) {
                throw new IllegalStateException("the YANG module " + file + " is not on the class path");
            }
            int at = file.indexOf('@');
            return new YangModule(file.substring(0, at), file.substring(at + 1),
                    new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The sources, in the order they were given. */
    public List<YangModule> modules() {
        return modules;
    }

    /** Finds a module's text by its name and, unless empty, its revision ({@code get-schema}). */
    public List<YangModule> find(String name, String revision) {
        return modules.stream().filter(module -> module.name().equals(name)
                && (revision.isEmpty() || module.revision().equals(revision))).toList();
    }

    /** Whether a module only lends its definitions to others (RFC 8525 §3). */
    public boolean isImportOnly(String module) {
        return StandardModules.IMPORT_ONLY.contains(module);
    }

    public boolean supports(QName feature) {
        return features.contains(feature);
    }

    public EffectiveModelContext context() {
        return context;
    }

    /**
     * The same schemas without least and largest numbers of entries, for a candidate that is not complete yet: the
     * library's tree enforces those with every change, and RFC 7950 §8.3.3 leaves them to the commit. Few candidates
     * need it; it is made, at the cost of parsing again, when the first does.
     */
    EffectiveModelContext withoutNumbers() {
        EffectiveModelContext known = withoutNumbers;
        if (known == null) {
            known = parse(modules.stream().map(module -> new YangModule(module.name(), module.revision(),
                    NUMBERS.matcher(module.text()).replaceAll(""))).toList(), features);
            withoutNumbers = known;
        }
        return known;
    }

    /** The schema tree as data nodes see it. */
    public Definition root() {
        return root;
    }

    /** The module of a namespace, when one is implemented. */
    public Optional<QNameModule> module(String namespace) {
        return Optional.ofNullable(byNamespace.get(namespace));
    }

    Defaults defaults() {
        return defaults;
    }

    Rules rules() {
        return rules;
    }

    /**
     * Reads an element that instantiates a data node, all of its content included, with yangtools' codec.
     *
     * @return the node as it stands in the tree: for an entry of a list or leaf-list, the entry
     * @throws MalformedData when it does not fit the schema; it says no more than the library does
     */
    NormalizedNode parse(Definition definition, XmlElement element) throws MalformedData {
        NormalizationResultHolder holder = new NormalizationResultHolder();
        try (NormalizedNodeStreamWriter writer = ImmutableNormalizedNodeStreamWriter.from(holder);
                XmlParserStream parser = XmlParserStream.create(writer, codecs, definition.inference(context))) {
            parser.parse(element.reader());
        } catch (IOException | XMLStreamException | IllegalArgumentException | IllegalStateException e) {
            throw new MalformedData(e);
        }
        return definition.entryOf(holder.result().data());
    }

    /** Writes a container's children where the writer stands, each as an element of its own. */
    public void write(ContainerNode parent, Definition definition, XMLStreamWriter writer) throws XMLStreamException {
        NormalizedNodeStreamWriter out = definition.isRoot()
                ? XMLStreamNormalizedNodeStreamWriter.create(writer, context)
                : XMLStreamNormalizedNodeStreamWriter.create(writer, definition.inference(context));
        NormalizedNodeWriter nodes = NormalizedNodeWriter.forStreamWriter(out);
        try {
            for (NormalizedNode child : parent.body()) {
                nodes.write(child);
            }
            nodes.flush();
        } catch (IOException e) {
            if (e.getCause() instanceof XMLStreamException inner) {
                throw inner;
            }
            throw new XMLStreamException(e);
        }
    }

    /** A name of the namespace's implemented revision; of a namespace nobody implements, a name nothing has. */
    QName name(String namespace, String local) {
        QNameModule module = byNamespace.get(namespace);
        try {
            return QName.create(module == null ? UNKNOWN : module, local);
        } catch (IllegalArgumentException e) {
            // XML allows names that YANG does not.
            return QName.create(UNKNOWN, "unknown");
        }
    }

    /** Data that does not fit the schema, as the library found it. */
    static final class MalformedData extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedData(Exception cause) {
            super(cause.getMessage(), cause);
        }
    }
}
