package homeport.netconf.datastore;

import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.data.api.YangInstanceIdentifier;
import org.opendaylight.yangtools.yang.data.api.YangNetconfError;
import org.opendaylight.yangtools.yang.data.api.YangNetconfErrorAware;

/** The errors of data, by the sections that ask for them (RFC 6241 appendix A, RFC 7950 §8.3 and §15). */
final class DataErrors {
    private static final String BASE = "urn:ietf:params:xml:ns:netconf:base:1.0";
    private static final String YANG = "urn:ietf:params:xml:ns:yang:1";

    private final Schemas schemas;

    DataErrors(Schemas schemas) {
        this.schemas = schemas;
    }

    RpcError at(YangInstanceIdentifier path, Tag tag, String message) {
        RpcError.Path where = InstancePath.of(schemas, path);
        return RpcError.of(Type.APPLICATION, tag, message).withPath(where.xpath(), where.namespaces());
    }

    RpcErrorException thrown(YangInstanceIdentifier path, Tag tag, String message) {
        return new RpcErrorException(at(path, tag, message));
    }

    RpcErrorException unknownElement(YangInstanceIdentifier parent, XmlElement element) {
        XmlElement bad = XmlElement.leaf(BASE, "bad-element", element.local());
        if (schemas.module(element.namespace()).isEmpty()) {
            return new RpcErrorException(at(parent, Tag.UNKNOWN_NAMESPACE,
                    "no module of namespace \"" + element.namespace() + "\" is implemented")
                    .withInfo(List.of(bad, XmlElement.leaf(BASE, "bad-namespace", element.namespace()))));
        }
        return new RpcErrorException(at(parent, Tag.UNKNOWN_ELEMENT,
                "there is no configuration node \"" + element.local() + "\" here").withInfo(List.of(bad)));
    }

    RpcErrorException missingElement(YangInstanceIdentifier parent, QName missing, String message) {
        return new RpcErrorException(at(parent, Tag.MISSING_ELEMENT, message)
                .withInfo(List.of(XmlElement.leaf(BASE, "bad-element", missing.getLocalName()))));
    }

    RpcErrorException badElement(YangInstanceIdentifier path, String bad, String message) {
        return new RpcErrorException(
                at(path, Tag.BAD_ELEMENT, message).withInfo(List.of(XmlElement.leaf(BASE, "bad-element", bad))));
    }

    RpcErrorException attribute(YangInstanceIdentifier path, Tag tag, String attribute, String element,
            String message) {
        return new RpcErrorException(attributeError(path, tag, attribute, element, message));
    }

    RpcError attributeError(YangInstanceIdentifier path, Tag tag, String attribute, String element, String message) {
        return at(path, tag, message).withInfo(List.of(XmlElement.leaf(BASE, "bad-attribute", attribute),
                XmlElement.leaf(BASE, "bad-element", element)));
    }

    /** A leaf whose value its type does not take, with what the type says about it. */
    RpcErrorException badValue(YangInstanceIdentifier path, Schemas.MalformedData found) {
        for (Throwable cause = found; cause != null; cause = cause.getCause()) {
            if (cause instanceof YangNetconfErrorAware aware) {
                YangNetconfError said = aware.getNetconfErrors().getFirst();
                RpcError error = at(path, Tag.INVALID_VALUE,
                        Optional.ofNullable(said.message()).orElse("the value does not fit its type"));
                String appTag = said.appTag();
                return new RpcErrorException(appTag == null ? error : error.withAppTag(appTag));
            }
        }
        String message = Optional.ofNullable(found.getMessage()).orElse("the value does not fit its type");
        int line = message.indexOf('\n');
        return thrown(path, Tag.INVALID_VALUE, line < 0 ? message : message.substring(0, line));
    }

    /** Too few or too many entries, as the library's tree found when the change was to take effect. */
    RpcErrorException refused(YangInstanceIdentifier path, YangNetconfErrorAware aware, String message) {
        List<RpcError> errors = new ArrayList<>();
        for (YangNetconfError said : aware.getNetconfErrors()) {
            RpcError error = at(path, Tag.OPERATION_FAILED, message);
            String appTag = said.appTag();
            errors.add(appTag == null ? error : error.withAppTag(appTag));
        }
        return new RpcErrorException(errors);
    }

    /** RFC 7950 §15.1: every leaf involved, in every entry. */
    RpcError notUnique(YangInstanceIdentifier list, List<YangInstanceIdentifier> leaves) {
        return at(list, Tag.OPERATION_FAILED, "these values have to be unique").withAppTag("data-not-unique")
                .withInfo(leaves.stream().map(this::nonUnique).toList());
    }

    private XmlElement nonUnique(YangInstanceIdentifier path) {
        RpcError.Path where = InstancePath.of(schemas, path);
        return XmlElement.leaf(YANG, "non-unique", where.xpath()).declaring(where.namespaces());
    }

    XmlElement missingChoice(String name) {
        return XmlElement.leaf(YANG, "missing-choice", name);
    }
}
