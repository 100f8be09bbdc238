package homeport.gateway.inventory;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/**
 * The migrations, by name. Flyway would otherwise search the class path, which costs time at every start and finds
 * nothing in a module.
 */
final class Migrations implements ResourceProvider {
    private final List<LoadableResource> all;

    Migrations(String dialect) {
        all = List.of(new Script("V1__inventory.sql"), new Script(dialect + "/V2__audit_is_append_only.sql"),
                new Script("V3__kept_answers.sql"), new Script("V4__attempt_source.sql"));
    }

    @Override
    public @Nullable LoadableResource getResource(String name) {
        return all.stream().filter(script -> script.getRelativePath().equals(name)).findFirst().orElse(null);
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
        return all.stream().filter(script -> script.getFilename().startsWith(prefix))
                .filter(script -> List.of(suffixes).stream().anyMatch(script.getFilename()::endsWith)).toList();
    }

    private static final class Script extends LoadableResource {
        private final String path;

        Script(String path) {
            this.path = path;
        }

        @Override
        public Reader read() {
            var stream = Objects.requireNonNull(Migrations.class.getResourceAsStream(path), path);
            return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        }

        @Override
        public String getAbsolutePath() {
            return path;
        }

        @Override
        public String getAbsolutePathOnDisk() {
            return path;
        }

        @Override
        public String getFilename() {
            return path.substring(path.lastIndexOf('/') + 1);
        }

        @Override
        public String getRelativePath() {
            return path;
        }
    }
}
