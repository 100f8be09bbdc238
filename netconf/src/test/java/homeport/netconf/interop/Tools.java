package homeport.netconf.interop;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Foreign programs that these tests need: found, or the test is skipped by the program's name; never skipped in CI. */
final class Tools {
    static final Path PYTHON = Path.of("/usr/bin/python3");

    private Tools() {}

    /** A program on the search path, or in the places for daemons. */
    static Path program(String name) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin";
        for (String folder : path.split(":", -1)) {
            Path program = Path.of(folder.isEmpty() ? "." : folder, name);
            if (Files.isExecutable(program)) {
                return program;
            }
        }
        return missing(name);
    }

    /** The system's Python with these modules. */
    static Path python(String... modules) throws Exception {
        if (!Files.isExecutable(PYTHON)) {
            return missing(PYTHON.toString());
        }
        for (String module : modules) {
            Process check = new ProcessBuilder(PYTHON.toString(), "-W", "ignore", "-c", "import " + module)
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!check.waitFor(60, TimeUnit.SECONDS) || check.exitValue() != 0) {
                return missing("Python module " + module);
            }
        }
        return PYTHON;
    }

    private static Path missing(String what) {
        if ("true".equals(System.getenv("CI"))) {
            return fail(what + " is not installed");
        }
        return abort(what + " is not installed");
    }

    /** A file of this package, put where another program can read it. */
    static Path resource(String name, Path folder) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = Tools.class.getResourceAsStream(name)) {
            Files.copy(in, file);
        }
        return file;
    }

    /** Runs a program to its end; gives its output, and fails with it when the program does. */
    static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            fail(command + " failed:\n" + output);
        }
        return output;
    }

    /** Ends a process that a test started. */
    static void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
