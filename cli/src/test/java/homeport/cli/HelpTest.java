package homeport.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Whoever does not know a command can ask it. */
class HelpTest {
    /** Those that show a table or a page. */
    private static final Set<String> SHOWING = Set.of("demo", "device list", "device show", "device watch",
            "device add",
            "device set", "device approve", "device refuse", "device remove", "device disconnect", "operator list",
            "operator add", "operator token", "trust list", "trust add", "keys", "audit", "why", "export ssh-config",
            "export ansible", "export known-hosts");

    private static List<CommandLine> all() {
        var found = new ArrayList<CommandLine>();
        collect(Main.commandLine(), found);
        return found;
    }

    private static void collect(CommandLine command, List<CommandLine> found) {
        found.add(command);
        command.getSubcommands().values().stream().distinct().forEach(each -> collect(each, found));
    }

    private static String name(CommandLine command) {
        var whole = command.getCommandSpec().qualifiedName();
        return whole.equals("homeport") ? "" : whole.substring("homeport ".length());
    }

    @Test
    void everyCommandSaysWhatItIsForAndWhatEachOptionDoes() {
        for (var command : all()) {
            var spec = command.getCommandSpec();
            assertTrue(spec.usageMessage().description().length > 0, name(command));
            for (var option : spec.options()) {
                assertTrue(option.description().length > 0, name(command) + " " + option.longestName());
            }
            for (var parameter : spec.positionalParameters()) {
                assertTrue(parameter.description().length > 0, name(command) + " " + parameter.paramLabel());
            }
        }
    }

    @Test
    void everyCommandTakesHelp() {
        for (var command : all()) {
            if (name(command).equals("help")) {
                continue; // it is the help
            }
            var words = new ArrayList<>(List.of(name(command).split(" ", 0)));
            words.removeIf(String::isEmpty);
            words.add("--help");
            var result = ScriptedGateway.run(Map.of(), "", words.toArray(String[]::new));
            assertEquals(0, result.status(), name(command));
            assertTrue(result.out().startsWith("Usage: " + command.getCommandSpec().qualifiedName()), result.out());
        }
    }

    @Test
    void whateverShowsSomethingShowsItAsJsonToo() {
        var json = all().stream().filter(command -> command.getCommandSpec().findOption("--json") != null)
                .map(HelpTest::name).toList();
        for (var command : SHOWING) {
            assertTrue(json.contains(command), command);
        }
    }

    @Test
    void aWrongWordIsOneLineThatNamesTheHelp() {
        for (var command : all()) {
            if (name(command).equals("help") || name(command).equals("ssh")) {
                continue; // what follows a device is the device's
            }
            var words = new ArrayList<>(List.of(name(command).split(" ", 0)));
            words.removeIf(String::isEmpty);
            words.add("--no-such-option");
            var result = ScriptedGateway.run(Map.of(), "", words.toArray(String[]::new));
            assertNotEquals(0, result.status(), name(command));
            assertEquals(1, result.err().lines().count(), result.err());
            assertTrue(result.err().contains("--help"), result.err());
        }
    }

    @Test
    void completionKnowsEveryCommandAndOption() {
        var script = ScriptedGateway.run(Map.of(), "", "completion").out();
        for (var command : all()) {
            var spec = command.getCommandSpec();
            assertTrue(script.contains(spec.name()), spec.name());
            for (var option : spec.options()) {
                assertFalse(!option.hidden() && !script.contains(option.longestName()),
                        name(command) + " " + option.longestName());
            }
        }
    }
}
