/**
 * Foreign SSH implementations as test peers: OpenSSH, Dropbear, AsyncSSH, MINA SSHD and sshj, each as client or server
 * and each at either end of the TCP connection.
 *
 * <pre>
 *   ServerPeer ── listen ──▶ RunningServer, has an address       ClientPeer ── dial ───▶ RunningClient, ends with a result
 *              └─ dial ────▶ RunningServer, called us                       └─ accept ─▶ RunningClient, has an address
 * </pre>
 *
 * A peer that cannot open the connection, or cannot be opened, itself goes through {@code Relay}. Everything stays on
 * the loopback interface and in a directory that the test hands in; processes are ended by their own id. Knows nothing
 * of our engine.
 *
 * <p>No Java module: sshd-core and sshd-common share packages, so both can only stand on the class path.
 */
@org.jspecify.annotations.NullMarked
package homeport.testkit.peers;
