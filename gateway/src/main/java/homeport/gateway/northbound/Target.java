package homeport.gateway.northbound;

import java.util.Optional;

/**
 * What an SSH user name of an operator says: {@code OPERATOR} or {@code OPERATOR+DEVICE}. Names of operators hold no plus
 * sign, ids of devices may.
 */
record Target(String operator, Optional<String> device) {
    static Target of(String user) {
        int plus = user.indexOf('+');
        return plus < 0
                ? new Target(user, Optional.empty())
                : new Target(user.substring(0, plus), Optional.of(user.substring(plus + 1)));
    }
}
