package homeport.netconf.server;

import homeport.netconf.Caller;
import homeport.netconf.Ns;
import homeport.netconf.RpcError;
import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcError.Type;
import homeport.netconf.RpcErrorException;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.xml.XmlElement;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An operation's parameters as they came.
 *
 * @param operation the child of {@code rpc}
 */
record Input(Caller caller, XmlElement operation) {
    static RpcErrorException error(Tag tag, String message) {
        return new RpcErrorException(Type.PROTOCOL, tag, message);
    }

    static RpcErrorException element(Tag tag, String element, String message) {
        return new RpcErrorException(RpcError.of(Type.PROTOCOL, tag, message)
                .withInfo(List.of(XmlElement.leaf(Ns.BASE, "bad-element", element))));
    }

    /** Refuses parameters the operation does not have. */
    Input only(String... names) {
        Set<String> known = Set.of(names);
        for (XmlElement child : operation.children()) {
            if (!known.contains(child.local())) {
                throw element(Tag.UNKNOWN_ELEMENT, child.local(),
                        operation.local() + " has no parameter \"" + child.local() + "\"");
            }
        }
        return this;
    }

    Optional<XmlElement> optional(String name) {
        return operation.children().stream().filter(child -> child.local().equals(name)).findFirst();
    }

    XmlElement required(String name) {
        return optional(name).orElseThrow(
                () -> element(Tag.MISSING_ELEMENT, name, operation.local() + " needs \"" + name + "\""));
    }

    /** A parameter that has parameters itself. */
    Optional<Input> inner(String name) {
        return optional(name).map(element -> new Input(caller, element));
    }

    Optional<String> text(String name) {
        return optional(name).map(element -> element.text().strip());
    }

    boolean flag(String name) {
        return optional(name).isPresent();
    }

    /** A number in bounds. */
    Optional<Long> number(String name, long least, long most) {
        return text(name).map(text -> {
            try {
                long value = Long.parseLong(text);
                if (value >= least && value <= most) {
                    return value;
                }
            } catch (NumberFormatException e) {
                throw element(Tag.INVALID_VALUE, name, "\"" + text + "\" is not a number");
            }
            throw element(Tag.INVALID_VALUE, name, "\"" + name + "\" is out of its range");
        });
    }

    /** One of some words, or the first when the parameter is not there. */
    String choice(String name, String... words) {
        String word = text(name).orElse(words[0]);
        if (!List.of(words).contains(word)) {
            throw element(Tag.INVALID_VALUE, name, "\"" + word + "\" is none of " + String.join(", ", words));
        }
        return word;
    }

    /** The one element inside {@code target} or {@code source}. */
    XmlElement inside(String name) {
        List<XmlElement> inside = required(name).children();
        if (inside.size() != 1) {
            throw element(inside.isEmpty() ? Tag.MISSING_ELEMENT : Tag.BAD_ELEMENT, name,
                    "\"" + name + "\" needs exactly one element inside");
        }
        return inside.getFirst();
    }

    /** The datastore that {@code target} or {@code source} names. */
    Datastores.Name datastore(String name, Datastores datastores) {
        return datastore(inside(name), datastores);
    }

    static Datastores.Name datastore(XmlElement named, Datastores datastores) {
        return switch (named.local()) {
            case "running" -> Datastores.Name.RUNNING;
            case "candidate" -> Datastores.Name.CANDIDATE;
            case "startup" -> {
                if (datastores.boot() != Datastores.Boot.STARTUP) {
                    throw element(Tag.OPERATION_NOT_SUPPORTED, "startup", "this server has no startup datastore");
                }
                yield Datastores.Name.STARTUP;
            }
            case "url" -> throw element(Tag.OPERATION_NOT_SUPPORTED, "url", "this server does not take urls");
            default -> throw element(Tag.BAD_ELEMENT, named.local(), "not a datastore: \"" + named.local() + "\"");
        };
    }
}
