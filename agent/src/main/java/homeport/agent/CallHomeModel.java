package homeport.agent;

import homeport.agent.ReconnectRules.StartWith;
import homeport.netconf.Ns;
import homeport.netconf.datastore.ConfigNode;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Edit;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.XmlElement;
import homeport.ssh.key.PlainKey;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * {@code netconf-server/call-home} of {@code ietf-netconf-server} in a datastore, as the gateways that the agent calls.
 * What the model leaves out, how the pauses between tries grow, stays as the agent was started with.
 */
final class CallHomeModel {
    static final String NS = "urn:ietf:params:xml:ns:yang:ietf-netconf-server";
    static final String TOP = "netconf-server";
    private static final String KEYSTORE = "urn:ietf:params:xml:ns:yang:ietf-keystore";
    private static final String CRYPTO_TYPES = "urn:ietf:params:xml:ns:yang:ietf-crypto-types";
    /** The device's own key, for {@code server-identity}: its private half is not shown. */
    private static final String IDENTITY = "homeport-identity";
    private static final int SECONDS_PER_MINUTE = 60;

    private CallHomeModel() {}

    // ---- Reading

    /**
     * What is configured; empty when nothing is.
     *
     * @param pauses has the pauses
     * @throws IllegalArgumentException for what the model allows and the agent cannot do
     */
    static List<CalledGateway> read(Datastores datastores, ReconnectRules pauses) {
        return datastores.running(NS, TOP).flatMap(top -> top.child("call-home"))
                .map(home -> home.entries("netconf-client").stream().map(client -> gateway(client, pauses)).toList())
                .orElse(List.of());
    }

    private static CalledGateway gateway(ConfigNode client, ReconnectRules pauses) {
        var name = leaf(client, "name");
        var endpoints = child(client, "endpoints").entries("endpoint").stream().map(endpoint -> {
            var tcp = child(child(endpoint, "ssh"), "tcp-client-parameters");
            return new Endpoint(leaf(endpoint, "name"), leaf(tcp, "remote-address"),
                    Endpoint.port(leaf(tcp, "remote-port")));
        }).toList();
        var strategy = child(client, "reconnect-strategy");
        return new CalledGateway(name, endpoints, type(child(client, "connection-type")),
                new ReconnectRules(startWith(leaf(strategy, "start-with")),
                        Duration.ofSeconds(number(strategy, "max-wait")), (int) number(strategy, "max-attempts"),
                        pauses.backOffBase(), pauses.backOffMost(), pauses.stableAfter()));
    }

    private static ConnectionType type(ConfigNode type) {
        var periodic = type.child("periodic").filter(ConfigNode::isSet);
        return periodic.isEmpty()
                ? new ConnectionType.Persistent()
                : new ConnectionType.Periodic(
                        Duration.ofMinutes(number(periodic.get(), "period")), periodic.get().leaf("anchor-time")
                                .map(text -> OffsetDateTime.parse(text).toInstant()),
                        Duration.ofSeconds(number(periodic.get(), "idle-timeout")));
    }

    private static StartWith startWith(String text) {
        return StartWith.of(text)
                .orElseThrow(() -> new IllegalArgumentException("start-with " + text + " is not known"));
    }

    private static ConfigNode child(ConfigNode node, String local) {
        return node.child(local).orElseThrow(() -> new IllegalArgumentException("there is no " + local));
    }

    private static String leaf(ConfigNode node, String local) {
        return node.leaf(local).orElseThrow(() -> new IllegalArgumentException("there is no " + local));
    }

    private static long number(ConfigNode node, String local) {
        return Long.parseLong(leaf(node, local));
    }

    // ---- Writing

    /** Puts these in place of what is configured, for operators to read and change. */
    static void write(Datastores datastores, List<CalledGateway> gateways, PlainKey identity) {
        var clients = gateways.stream().map(CallHomeModel::client).toList();
        var config = XmlElement.of(Ns.BASE, "config", keystore(identity), XmlElement.of(NS, TOP, XmlElement
                .of(NS, "call-home", clients).with("nc", Ns.BASE, "operation", "replace")));
        datastores.edit(Datastores.Name.RUNNING, config, Edit.Operation.MERGE, false, Datastores.Test.TEST_THEN_SET,
                Datastores.Guard.NONE);
    }

    private static XmlElement keystore(PlainKey identity) {
        return XmlElement.of(KEYSTORE, "keystore", XmlElement.of(KEYSTORE, "asymmetric-keys", XmlElement.of(KEYSTORE,
                "asymmetric-key", XmlElement.leaf(KEYSTORE, "name", IDENTITY),
                XmlElement.leaf(KEYSTORE, "public-key-format", "ct:ssh-public-key-format")
                        .declaring(Namespaces.of(Map.of("ct", CRYPTO_TYPES))),
                XmlElement.leaf(KEYSTORE, "public-key", Base64.getEncoder().encodeToString(identity.blob())),
                XmlElement.of(KEYSTORE, "hidden-private-key"))));
    }

    private static XmlElement client(CalledGateway gateway) {
        var endpoints = gateway.endpoints().stream().map(endpoint -> XmlElement.of(NS, "endpoint",
                XmlElement.leaf(NS, "name", endpoint.name()),
                XmlElement.of(NS, "ssh",
                        XmlElement.of(NS, "tcp-client-parameters",
                                XmlElement.leaf(NS, "remote-address", endpoint.host()),
                                XmlElement.leaf(NS, "remote-port", Integer.toString(endpoint.port()))),
                        XmlElement.of(NS, "ssh-server-parameters",
                                XmlElement.of(NS, "server-identity",
                                        XmlElement.of(NS, "host-key", XmlElement.leaf(NS, "name", IDENTITY),
                                                XmlElement.of(NS, "public-key", XmlElement.leaf(NS,
                                                        "central-keystore-reference", IDENTITY))))))))
                .toList();
        var rules = gateway.reconnect();
        return XmlElement.of(NS, "netconf-client", XmlElement.leaf(NS, "name", gateway.name()),
                XmlElement.of(NS, "endpoints", endpoints),
                XmlElement.of(NS, "connection-type", type(gateway.type())),
                XmlElement.of(NS, "reconnect-strategy",
                        XmlElement.leaf(NS, "start-with", rules.startWith().text()),
                        XmlElement.leaf(NS, "max-wait", Long.toString(wholeSeconds(rules.maxWait()))),
                        XmlElement.leaf(NS, "max-attempts", Integer.toString(rules.maxAttempts()))));
    }

    private static XmlElement type(ConnectionType type) {
        return switch (type) {
            case ConnectionType.Persistent persistent -> XmlElement.of(NS, "persistent");
            case ConnectionType.Periodic periodic -> {
                var values = new ArrayList<XmlElement>();
                values.add(XmlElement.leaf(NS, "period", Long.toString(wholeMinutes(periodic.period()))));
                periodic.anchor()
                        .ifPresent(anchor -> values.add(XmlElement.leaf(NS, "anchor-time", anchor.toString())));
                values.add(XmlElement.leaf(NS, "idle-timeout", Long.toString(wholeSeconds(periodic.idleTimeout()))));
                yield XmlElement.of(NS, "periodic", values);
            }
        };
    }

    /** The model has whole minutes, and none is no period. */
    static long wholeMinutes(Duration time) {
        return Math.max(1, Math.ceilDiv(time.toSeconds(), SECONDS_PER_MINUTE));
    }

    /** The model has whole seconds; a shorter time than one is not none. */
    static long wholeSeconds(Duration time) {
        return time.isPositive() ? Math.max(1, time.toSeconds()) : 0;
    }
}
