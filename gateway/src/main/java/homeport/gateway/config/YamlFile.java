package homeport.gateway.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads settings from YAML: sections of names with texts or lists of texts. Nodes are kept, for their lines. */
final class YamlFile {
    private static final int MOST_BYTES = 1 << 20;

    private final Path path;
    private final Settings settings;

    private YamlFile(Path path, Settings settings) {
        this.path = path;
        this.settings = settings;
    }

    static void read(Path path, Settings settings) {
        var file = new YamlFile(path, settings);
        var options = LoadSettings.builder().setLabel(path.toString()).setAllowDuplicateKeys(false)
                .setAllowRecursiveKeys(false).setMaxAliasesForCollections(0).setCodePointLimit(MOST_BYTES).build();
        try {
            var root = new Compose(options).composeString(file.text());
            if (root.isPresent()) {
                if (root.get() instanceof MappingNode mapping) {
                    file.section("", mapping);
                } else {
                    throw file.error(root.get(), "", "settings are due, as NAME: VALUE");
                }
            }
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            throw new ConfigError(new Origin.File(path, line), "", "not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new ConfigError(new Origin.File(path, 0), "", "not YAML");
        }
    }

    private String text() {
        try {
            if (Files.size(path) > MOST_BYTES) {
                throw new ConfigError(new Origin.File(path, 0), "", "larger than any configuration");
            }
            return Files.readString(path, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new ConfigError(new Origin.File(path, 0), "", "there is no such file");
        } catch (AccessDeniedException e) {
            throw new ConfigError(new Origin.File(path, 0), "", "it may not be read: check its owner and mode");
        } catch (CharacterCodingException e) {
            throw new ConfigError(new Origin.File(path, 0), "", "it is not text in UTF-8");
        } catch (IOException e) {
            throw new ConfigError(new Origin.File(path, 0), "", "it cannot be read");
        }
    }

    private void section(String prefix, MappingNode mapping) {
        var seen = new HashSet<String>();
        for (var pair : mapping.getValue()) {
            if (!(pair.getKeyNode() instanceof ScalarNode scalar)) {
                throw error(pair.getKeyNode(), prefix, "a name is due");
            }
            var name = prefix.isEmpty() ? scalar.getValue() : prefix + "." + scalar.getValue();
            if (!seen.add(name)) {
                throw error(scalar, name, "it stands there twice");
            }
            var node = pair.getValueNode();
            switch (node) {
                case MappingNode inner when settings.isSection(name) -> section(name, inner);
                case ScalarNode value when settings.isSection(name) && !settings.has(name) ->
                    throw error(value, name, "settings are due below it, as NAME: VALUE");
                case ScalarNode value -> settings.put(name, value.getValue(), origin(scalar));
                case SequenceNode values when settings.has(name) -> {
                    var texts = new ArrayList<String>();
                    for (var item : values.getValue()) {
                        if (!(item instanceof ScalarNode value)) {
                            throw error(item, name, "a plain value is due");
                        }
                        texts.add(value.getValue());
                    }
                    settings.put(name, texts, origin(scalar));
                }
                default -> {
                    if (settings.has(name)) {
                        throw error(node, name, "a plain value is due");
                    }
                    settings.put(name, "", origin(scalar));
                }
            }
        }
    }

    private Origin.File origin(Node node) {
        return new Origin.File(path, node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0));
    }

    private ConfigError error(Node node, String key, String what) {
        return new ConfigError(origin(node), key, what);
    }
}
