/**
 * The engine: one SSH connection as a machine without sockets, threads or clocks.
 *
 * <pre>
 * bytes in ─▶ version ─▶ packets ─▶ key exchange ─▶ authentication ─▶ channels ─▶ events
 * bytes out ◀──────────── packets ◀──────────────────────────────── channels ◀─ commands
 * </pre>
 *
 * <p>{@link homeport.ssh.SshConnection} is the way in. Its owner feeds it bytes, takes what it wrote, answers its
 * questions and tells it the time. One thread at a time; the engine calls back only while it is being called.
 */
package homeport.ssh;
