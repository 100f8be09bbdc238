package homeport.cli;

import homeport.cli.api.ApiClient;
import homeport.cli.api.ApiError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code homeport ssh}: the system's ssh to a device, with the terminal handed on, and ssh's own exit status. The gateway's
 * host key comes from its HTTP API where nobody on a network could have changed it; else ssh checks it as it always does.
 */
@Command(name = "ssh", mixinStandardHelpOptions = true, //
        description = "A shell on a device, or a command on it, through the gateway.")
final class Ssh implements Callable<Integer> {
    @Mixin
    private Api api = new Api();

    @Mixin
    private SshReach.Options options = new SshReach.Options();

    @Option(names = {"-i", "--identity"}, paramLabel = "FILE", description = "The operator's private key.")
    private @Nullable Path identity;

    @Parameters(index = "0", paramLabel = "DEVICE", description = "Its id.")
    private String device = "";

    @Parameters(index = "1..*", paramLabel = "COMMAND", description = "Instead of a shell.")
    private List<String> command = List.of();

    @Override
    public Integer call() {
        Optional<Path> known = Optional.empty();
        try {
            var words = new ArrayList<String>();
            known = prepare(words);
            return run(words);
        } catch (IOException e) {
            throw new Failure(ExitStatus.FAILED, "ssh cannot be started: install OpenSSH's client");
        } finally {
            known.ifPresent(Ssh::delete);
        }
    }

    private Optional<Path> prepare(List<String> words) {
        var known = new ArrayList<Path>();
        api.call(client -> {
            var reach = SshReach.of(api, client, options);
            words.addAll(reach.words(device));
            knownHosts(client, reach).ifPresent(known::add);
            return ExitStatus.DONE.code();
        });
        var more = new ArrayList<String>();
        known.forEach(file -> more.addAll(
                List.of("-o", "UserKnownHostsFile=\"" + file + "\"", "-o", "StrictHostKeyChecking=yes")));
        if (identity != null) {
            more.addAll(List.of("-i", identity.toString(), "-o", "IdentitiesOnly=yes"));
        }
        words.addAll(1, more);
        words.addAll(command);
        return known.stream().findFirst();
    }

    private Optional<Path> knownHosts(ApiClient client, SshReach reach) {
        if (!api.isLocal() && !"https".equalsIgnoreCase(api.server().getScheme())) {
            return Optional.empty();
        }
        try {
            var line = reach.knownName() + " " + Keys.key(client.get("/keys"), "host") + "\n";
            return Optional.of(Files.writeString(Files.createTempFile("homeport", ".known_hosts"), line));
        } catch (ApiError e) {
            if (e.kind() == ApiError.Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        } catch (IOException e) {
            return Optional.empty(); // no room for a file: ssh asks its own
        }
    }

    private static int run(List<String> words) throws IOException {
        var process = new ProcessBuilder(words).inheritIO().start();
        var end = Thread.ofPlatform().unstarted(process::destroy);
        Runtime.getRuntime().addShutdownHook(end);
        try {
            int status = process.waitFor();
            Runtime.getRuntime().removeShutdownHook(end);
            return status;
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new Failure(ExitStatus.FAILED, "interrupted");
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }
}
