package homeport.netconf.client;

import homeport.netconf.Capabilities;
import homeport.netconf.Ns;
import homeport.netconf.xml.XmlElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An {@code edit-config} (RFC 6241 §7.2). What is empty is left to the server's default.
 *
 * @param config the content of {@code config}; with {@link Edit} operations on its elements
 * @param url instead of the content, a file that the server reads
 */
public record EditConfig(Datastore target, Optional<DefaultOperation> defaultOperation, Optional<TestOption> testOption,
        Optional<ErrorOption> errorOption, List<XmlElement> config, Optional<String> url) {
    public EditConfig {
        config = List.copyOf(config);
        if (!(target == Datastore.RUNNING || target == Datastore.CANDIDATE)) {
            throw new IllegalArgumentException("edit-config targets running or candidate");
        }
    }

    /** What happens to elements that say nothing themselves. */
    public enum DefaultOperation {
        MERGE,
        REPLACE,
        NONE
    }

    /** Whether the configuration is validated first. */
    public enum TestOption {
        TEST_THEN_SET,
        SET,
        /** Only in {@code :validate:1.1}. */
        TEST_ONLY
    }

    /** What happens at the first error. */
    public enum ErrorOption {
        STOP_ON_ERROR,
        CONTINUE_ON_ERROR,
        ROLLBACK_ON_ERROR
    }

    /** An edit with the server's defaults. */
    public static EditConfig of(Datastore target, XmlElement... config) {
        return new EditConfig(target, Optional.empty(), Optional.empty(), Optional.empty(), List.of(config),
                Optional.empty());
    }

    /** An edit whose content the server fetches. */
    public static EditConfig from(Datastore target, String url) {
        return new EditConfig(target, Optional.empty(), Optional.empty(), Optional.empty(), List.of(),
                Optional.of(url));
    }

    public EditConfig with(DefaultOperation option) {
        return new EditConfig(target, Optional.of(option), testOption, errorOption, config, url);
    }

    public EditConfig with(TestOption option) {
        return new EditConfig(target, defaultOperation, Optional.of(option), errorOption, config, url);
    }

    public EditConfig with(ErrorOption option) {
        return new EditConfig(target, defaultOperation, testOption, Optional.of(option), config, url);
    }

    Operation operation() {
        List<Need> needs = new ArrayList<>(Datastore.target(target));
        List<XmlElement> content = new ArrayList<>();
        content.add(XmlElement.of(Ns.BASE, "target", target.toXml()));
        defaultOperation.ifPresent(option -> content.add(option("default-operation", option)));
        testOption.ifPresent(option -> {
            needs.add(option == TestOption.TEST_ONLY
                    ? Need.capability(Capabilities.VALIDATE_1_1)
                    : Need.anyOf(Capabilities.VALIDATE_1_0, Capabilities.VALIDATE_1_1));
            content.add(option("test-option", option));
        });
        errorOption.ifPresent(option -> {
            if (option == ErrorOption.ROLLBACK_ON_ERROR) {
                needs.add(Need.capability(Capabilities.ROLLBACK_ON_ERROR));
            }
            content.add(option("error-option", option));
        });
        if (url.isPresent()) {
            Datastore file = new Datastore.Url(url.get());
            needs.addAll(Datastore.source(file));
            content.add(file.toXml());
        } else {
            content.add(XmlElement.of(Ns.BASE, "config", config));
        }
        return new Operation(XmlElement.of(Ns.BASE, "edit-config", content), needs);
    }

    private static XmlElement option(String name, Enum<?> value) {
        return XmlElement.leaf(Ns.BASE, name, value.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
}
