package homeport.netconf.client;

import homeport.netconf.Capabilities;
import java.util.function.Predicate;

/**
 * What an operation takes of a server, found in its hello.
 *
 * @param what the missing thing in words, when it is missing
 */
record Need(String what, Predicate<Capabilities> met) {
    static Need capability(String uri) {
        return new Need(uri, capabilities -> capabilities.has(uri));
    }

    static Need anyOf(String first, String second) {
        return new Need(second + " or " + first, capabilities -> capabilities.has(first) || capabilities.has(second));
    }

    static Need module(String namespace, String module) {
        return new Need("module " + module, capabilities -> capabilities.hasModule(namespace, module));
    }
}
