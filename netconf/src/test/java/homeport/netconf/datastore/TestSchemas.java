package homeport.netconf.datastore;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The standard schemas and the module of rules to break, parsed once for all tests. */
public final class TestSchemas {
    public static final Schemas SCHEMAS = Schemas.standardAnd(List.of(module()), List.of());

    private TestSchemas() {}

    public static Schemas.YangModule module() {
        try (InputStream in = TestSchemas.class.getResourceAsStream("/yang/homeport-test@2026-11-23.yang")) {
            return new Schemas.YangModule("homeport-test", "2026-11-23",
                    new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
