package homeport.agent;

import homeport.agent.ReconnectRules.StartWith;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads which gateways to call, from YAML in the shape of {@code ietf-netconf-server}'s call-home subtree:
 *
 * <pre>
 * call-home:
 *   netconf-client:
 *     - name: data-centre
 *       endpoints:
 *         endpoint:
 *           - name: east
 *             ssh:
 *               tcp-client-parameters: {remote-address: east.example.net, remote-port: 4334}
 *       connection-type:
 *         periodic: {period: 60, anchor-time: "2026-01-01T00:00:00Z", idle-timeout: 180}   # or persistent: {}
 *       reconnect-strategy: {start-with: first-listed, max-wait: 5, max-attempts: 3}
 * </pre>
 *
 * A key that is not known stops the start: a misspelt one would be silently without effect.
 */
public final class AgentConfigFile {
    private static final int MOST_BYTES = 1 << 20;

    private final Path path;

    private AgentConfigFile(Path path) {
        this.path = path;
    }

    /** @throws AgentError with file, line and what is wrong there */
    public static List<CalledGateway> read(Path path) {
        var root = root(path);
        var file = new AgentConfigFile(path);
        return file.gateways(root, file.map(root, Set.of("call-home")));
    }

    /** The agent's own file: {@code given} stands there, too, and {@code call-home} may be missing. */
    static KeptCallHome.Kept readKept(Path path) {
        var root = root(path);
        var file = new AgentConfigFile(path);
        var top = file.map(root, Set.of("call-home", "given"));
        return new KeptCallHome.Kept(file.text(file.required(top, root, "given")),
                top.containsKey("call-home") ? file.gateways(root, top) : List.of());
    }

    private static Node root(Path path) {
        var options = LoadSettings.builder().setLabel(path.toString()).setAllowDuplicateKeys(false)
                .setAllowRecursiveKeys(false).setMaxAliasesForCollections(0).setCodePointLimit(MOST_BYTES).build();
        try {
            if (Files.size(path) > MOST_BYTES) {
                throw new AgentError(path + " is larger than any configuration");
            }
            return new Compose(options).composeString(Files.readString(path))
                    .orElseThrow(() -> new AgentError(path + " is empty"));
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            throw new AgentError(path + ", line " + line + ": not YAML: " + e.getProblem(), e);
        } catch (YamlEngineException e) {
            throw new AgentError(path + " is not YAML", e);
        } catch (IOException e) {
            throw new AgentError(path + " cannot be read: " + DeviceIdentity.reason(e), e);
        }
    }

    private List<CalledGateway> gateways(Node root, Map<String, Node> top) {
        var home = map(required(top, root, "call-home"), Set.of("netconf-client"));
        var list = required(home, root, "netconf-client");
        var gateways = new ArrayList<CalledGateway>();
        var names = new HashSet<String>();
        for (var each : items(list)) {
            var gateway = gateway(each);
            if (!names.add(gateway.name())) {
                throw error(each, "a second netconf-client of the name " + gateway.name());
            }
            gateways.add(gateway);
        }
        return gateways;
    }

    private CalledGateway gateway(Node node) {
        var fields = map(node, Set.of("name", "endpoints", "connection-type", "reconnect-strategy"));
        var name = text(required(fields, node, "name"));
        var outer = required(fields, node, "endpoints");
        var list = required(map(outer, Set.of("endpoint")), outer, "endpoint");
        var endpoints = items(list).stream().map(this::endpoint).toList();
        var type = fields.get("connection-type");
        var reconnect = fields.get("reconnect-strategy");
        return checked(node, () -> new CalledGateway(name, endpoints,
                type == null ? new ConnectionType.Persistent() : type(type),
                reconnect == null ? ReconnectRules.DEFAULT : reconnect(reconnect)));
    }

    private Endpoint endpoint(Node node) {
        var fields = map(node, Set.of("name", "ssh"));
        var ssh = required(fields, node, "ssh");
        var tcp = required(map(ssh, Set.of("tcp-client-parameters")), ssh, "tcp-client-parameters");
        var parameters = map(tcp, Set.of("remote-address", "remote-port"));
        var port = parameters.get("remote-port");
        return checked(node,
                () -> new Endpoint(text(required(fields, node, "name")),
                        text(required(parameters, tcp, "remote-address")),
                        port == null ? Endpoint.CALL_HOME_PORT : Endpoint.port(text(port))));
    }

    private ConnectionType type(Node node) {
        var fields = map(node, Set.of("persistent", "periodic"));
        if (fields.size() != 1) {
            throw error(node, "either persistent or periodic");
        }
        var periodic = fields.get("periodic");
        if (periodic == null) {
            return new ConnectionType.Persistent();
        }
        var values = map(periodic, Set.of("period", "anchor-time", "idle-timeout"));
        var anchor = Optional.ofNullable(values.get("anchor-time")).map(this::instant);
        return checked(periodic, () -> new ConnectionType.Periodic(
                number(values.get("period")).map(Duration::ofMinutes).orElse(ConnectionType.Periodic.DEFAULT_PERIOD),
                anchor, number(values.get("idle-timeout")).map(Duration::ofSeconds)
                        .orElse(ConnectionType.Periodic.DEFAULT_IDLE_TIMEOUT)));
    }

    private ReconnectRules reconnect(Node node) {
        var values = map(node, Set.of("start-with", "max-wait", "max-attempts"));
        var start = values.get("start-with");
        var with = start == null
                ? StartWith.FIRST_LISTED
                : StartWith.of(text(start))
                        .orElseThrow(() -> error(start,
                                "start-with is first-listed, last-connected or random-selection"));
        return checked(node, () -> ReconnectRules.of(with,
                number(values.get("max-wait")).map(Duration::ofSeconds).orElse(ReconnectRules.DEFAULT.maxWait()),
                number(values.get("max-attempts")).orElse(ReconnectRules.DEFAULT.maxAttempts())));
    }

    // ---- Writing

    /** In the shape that is read. Times are rounded up to the model's units. */
    static String write(List<CalledGateway> gateways) {
        var text = new StringBuilder("call-home:\n  netconf-client:\n");
        for (var gateway : gateways) {
            text.append("    - name: ").append(quoted(gateway.name()))
                    .append("\n      endpoints:\n        endpoint:\n");
            for (var endpoint : gateway.endpoints()) {
                text.append("          - name: ").append(quoted(endpoint.name()))
                        .append("\n            ssh: {tcp-client-parameters: {remote-address: ")
                        .append(quoted(endpoint.host())).append(", remote-port: ").append(endpoint.port())
                        .append("}}\n");
            }
            text.append("      connection-type: ").append(written(gateway.type()));
            var rules = gateway.reconnect();
            text.append("\n      reconnect-strategy: {start-with: ").append(rules.startWith().text())
                    .append(", max-wait: ").append(CallHomeModel.wholeSeconds(rules.maxWait()))
                    .append(", max-attempts: ").append(rules.maxAttempts()).append("}\n");
        }
        return text.toString();
    }

    private static String written(ConnectionType type) {
        return switch (type) {
            case ConnectionType.Persistent persistent -> "{persistent: {}}";
            case ConnectionType.Periodic periodic -> "{periodic: {period: "
                    + CallHomeModel.wholeMinutes(periodic.period())
                    + periodic.anchor().map(anchor -> ", anchor-time: " + quoted(anchor.toString())).orElse("")
                    + ", idle-timeout: " + CallHomeModel.wholeSeconds(periodic.idleTimeout()) + "}}";
        };
    }

    private static String quoted(String text) {
        var quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format(Locale.ROOT, "\\U%08x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('"').toString();
    }

    // ---- Values

    private Map<String, Node> map(Node node, Set<String> known) {
        if (node instanceof ScalarNode scalar && (scalar.getValue().isEmpty() || scalar.getValue().equals("null"))) {
            return Map.of();
        }
        if (!(node instanceof MappingNode mapping)) {
            throw error(node, "NAME: VALUE is due, of " + String.join(", ", known.stream().sorted().toList()));
        }
        var fields = new HashMap<String, Node>();
        for (var pair : mapping.getValue()) {
            var key = text(pair.getKeyNode());
            if (!known.contains(key)) {
                throw error(pair.getKeyNode(), "\"" + key + "\" is not known here; known are "
                        + String.join(", ", known.stream().sorted().toList()));
            }
            if (fields.put(key, pair.getValueNode()) != null) {
                throw error(pair.getKeyNode(), "\"" + key + "\" stands there twice");
            }
        }
        return fields;
    }

    private List<Node> items(Node node) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        throw error(node, "a list is due");
    }

    private Node required(Map<String, Node> fields, Node around, String key) {
        var node = fields.get(key);
        if (node == null) {
            throw error(around, key + " is missing");
        }
        return node;
    }

    private String text(Node node) {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw error(node, "a plain value is due");
    }

    private Optional<Integer> number(@Nullable Node node) {
        if (node == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Integer.parseInt(text(node)));
        } catch (NumberFormatException e) {
            throw error(node, "a whole number is due");
        }
    }

    private Instant instant(Node node) {
        try {
            return OffsetDateTime.parse(text(node)).toInstant();
        } catch (DateTimeException e) {
            throw error(node, "a time is due, such as 2026-01-01T00:00:00Z");
        }
    }

    private <T> T checked(Node node, java.util.function.Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw error(node, String.valueOf(e.getMessage()));
        }
    }

    private AgentError error(Node node, String what) {
        int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
        return new AgentError(path + ", line " + line + ": " + what);
    }
}
