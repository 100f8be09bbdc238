package homeport.netconf;

import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One {@code rpc-error}, every field of it (RFC 6241 §4.3).
 *
 * @param appTag the data-model-specific or implementation-specific condition
 * @param path the element in error; its prefixes resolve in the namespaces kept with it
 * @param info the children of {@code error-info}, in order
 */
public record RpcError(Type type, Tag tag, Severity severity, Optional<String> appTag, Optional<Path> path,
        Optional<Message> message, List<XmlElement> info) {
    public RpcError {
        info = List.copyOf(info);
    }

    /** The layer that the error occurred at. */
    public enum Type {
        TRANSPORT,
        RPC,
        PROTOCOL,
        APPLICATION;

        /** As written in {@code error-type}. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Severity; RFC 6241 defines no tag that uses {@code warning}, but servers send it. */
    public enum Severity {
        ERROR,
        WARNING;

        /** As written in {@code error-severity}. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The conditions of RFC 6241, appendix A, in its order. */
    public enum Tag {
        IN_USE,
        INVALID_VALUE,
        TOO_BIG,
        MISSING_ATTRIBUTE,
        BAD_ATTRIBUTE,
        UNKNOWN_ATTRIBUTE,
        MISSING_ELEMENT,
        BAD_ELEMENT,
        UNKNOWN_ELEMENT,
        UNKNOWN_NAMESPACE,
        ACCESS_DENIED,
        LOCK_DENIED,
        RESOURCE_DENIED,
        ROLLBACK_FAILED,
        DATA_EXISTS,
        DATA_MISSING,
        OPERATION_NOT_SUPPORTED,
        OPERATION_FAILED,
        /** Obsolete in RFC 6241, still sent by old devices. */
        PARTIAL_OPERATION,
        MALFORMED_MESSAGE;

        /** As written in {@code error-tag}. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** {@code error-path}: an instance identifier, and the prefixes it uses. */
    public record Path(String xpath, Namespaces namespaces) {}

    /** {@code error-message}: for people, and in which language ({@code xml:lang}). */
    public record Message(String text, String language) {
        public Message(String text) {
            this(text, "en");
        }
    }

    /** An error of that type and tag, with a message in English; more by the {@code with…} methods. */
    public static RpcError of(Type type, Tag tag, String message) {
        return new RpcError(type, tag, Severity.ERROR, Optional.empty(), Optional.empty(),
                message.isEmpty() ? Optional.empty() : Optional.of(new Message(message)), List.of());
    }

    public RpcError withAppTag(String value) {
        return new RpcError(type, tag, severity, Optional.of(value), path, message, info);
    }

    public RpcError withPath(String xpath, Namespaces namespaces) {
        return new RpcError(type, tag, severity, appTag, Optional.of(new Path(xpath, namespaces)), message, info);
    }

    public RpcError withInfo(List<XmlElement> elements) {
        return new RpcError(type, tag, severity, appTag, path, message, elements);
    }

    public RpcError withSeverity(Severity value) {
        return new RpcError(type, tag, value, appTag, path, message, info);
    }

    /** The error as one sentence for people: tag, path and message. */
    public String sentence() {
        return tag.wire() + path.map(where -> " at " + where.xpath()).orElse("")
                + message.map(said -> ": " + said.text()).orElse("");
    }
}
