package homeport.netconf.server;

import homeport.netconf.Caller;
import homeport.netconf.Identity;
import homeport.netconf.RpcError;
import homeport.netconf.SessionEnd;
import homeport.netconf.datastore.Changes.Change;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.InstancePath;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The notifications of {@code ietf-netconf-notifications} (RFC 6470), as elements. */
final class Events {
    static final String NAMESPACE = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications";
    /** A change of more nodes than this is told by its first ones; a reader has to look for itself anyway. */
    private static final int MOST_EDITS = 200;

    private Events() {}

    static XmlElement leaf(String name, String text) {
        return XmlElement.leaf(NAMESPACE, name, text);
    }

    static XmlElement sessionStart(Caller caller) {
        return XmlElement.of(NAMESPACE, "netconf-session-start", session(caller));
    }

    static XmlElement sessionEnd(Caller caller, SessionEnd end) {
        List<XmlElement> content = new ArrayList<>(session(caller));
        end.killedBy().filter(_ -> end.reason() == SessionEnd.Reason.KILLED)
                .ifPresent(by -> content.add(leaf("killed-by", String.valueOf(by))));
        content.add(leaf("termination-reason", end.reason().wire()));
        return XmlElement.of(NAMESPACE, "netconf-session-end", content);
    }

    /** The common-session-parms grouping. */
    private static List<XmlElement> session(Caller caller) {
        Identity identity = caller.identity();
        List<XmlElement> parameters = new ArrayList<>();
        parameters.add(leaf("username", identity.user()));
        parameters.add(leaf("session-id", String.valueOf(caller.sessionId())));
        identity.sourceHost().ifPresent(host -> parameters.add(leaf("source-host", host)));
        return parameters;
    }

    static XmlElement configChange(Schemas schemas, Optional<Caller> by, Datastores.Name datastore,
            List<Change> changes) {
        List<XmlElement> content = new ArrayList<>();
        content.add(XmlElement.of(NAMESPACE, "changed-by", by.map(Events::session)
                .orElseGet(() -> List.of(XmlElement.of(NAMESPACE, "server")))));
        content.add(leaf("datastore", datastore.name().toLowerCase(Locale.ROOT)));
        changes.stream().limit(MOST_EDITS).forEach(change -> content.add(edit(schemas, change)));
        return XmlElement.of(NAMESPACE, "netconf-config-change", content);
    }

    private static XmlElement edit(Schemas schemas, Change change) {
        RpcError.Path path = InstancePath.of(schemas, change.path());
        String operation = switch (change.kind()) {
            case CREATED -> "create";
            case UPDATED -> "replace";
            case DELETED -> "delete";
            case MOVED -> "merge";
        };
        return XmlElement.of(NAMESPACE, "edit", leaf("target", path.xpath()).declaring(path.namespaces()),
                leaf("operation", operation));
    }

    static XmlElement confirmedCommit(Commits.Event event, Optional<Caller> by, long timeoutSeconds) {
        List<XmlElement> content = new ArrayList<>();
        if (event != Commits.Event.TIMEOUT) {
            by.ifPresent(caller -> content.addAll(session(caller)));
        }
        content.add(leaf("confirm-event", event.name().toLowerCase(Locale.ROOT)));
        if (event == Commits.Event.START || event == Commits.Event.EXTEND) {
            content.add(leaf("timeout", String.valueOf(timeoutSeconds)));
        }
        return XmlElement.of(NAMESPACE, "netconf-confirmed-commit", content);
    }
}
