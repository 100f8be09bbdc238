package homeport.gateway.config;

import homeport.callhome.Design;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** All settings of a gateway, checked. */
public record GatewayConfig(Path data, DatabaseConfig database, DevicesConfig devices, Address operators, Address http,
        boolean holdUnknown, LimitsConfig limits, JournalConfig journal) {

    /** Where the inventory lives. */
    public sealed interface DatabaseConfig {
        /** A file in the data directory. */
        record Sqlite() implements DatabaseConfig {}

        /**
         * @param address {@code postgresql://user@host:port/name}, without a password
         * @param passwordFile of which the first line is the password
         */
        record Postgresql(URI address, Optional<Path> passwordFile) implements DatabaseConfig {
            public Postgresql {
                var user = address.getRawUserInfo();
                if (!"postgresql".equals(address.getScheme()) || address.getHost() == null || user == null
                        || address.getPath() == null || address.getPath().length() < 2) {
                    throw new IllegalArgumentException("sqlite or postgresql://USER@HOST[:PORT]/NAME is due");
                }
                if (user.indexOf(':') >= 0) {
                    throw new IllegalArgumentException("the password does not stand here: use database-password-file");
                }
            }

            public String user() {
                return address.getUserInfo();
            }

            /** As JDBC has it. */
            public String url() {
                return "jdbc:postgresql://" + address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort())
                        + address.getRawPath() + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery());
            }
        }
    }

    /** @param proxyProtocol whether a PROXY header is due on every connection; then nobody may connect past the proxy */
    public record DevicesConfig(Address listen, Set<Design> designs, boolean proxyProtocol) {
        public DevicesConfig {
            designs = Set.copyOf(designs);
            if (designs.isEmpty()) {
                throw new IllegalArgumentException("no design is left, so no device could come in");
            }
        }
    }

    /**
     * @param loginGrace from the first byte to a login
     * @param unauthenticated connections that are not logged in, in all
     * @param perAddress the same from one address
     * @param keepAlive between signs of life
     * @param missed signs of life until a device is gone
     * @param channels that may be open on one device at once
     */
    public record LimitsConfig(Duration loginGrace, int unauthenticated, int perAddress, Duration keepAlive,
            int missed, int channels) {}

    /** @param entries kept at most, some 300 bytes each */
    public record JournalConfig(int entries, Duration age) {}
}
