/**
 * The engine for programs that like to wait: connect, run a command, close.
 *
 * <p>The only room of this module with threads and streams in it. Each connection has three virtual threads (reader,
 * writer, clock) and one lock around its engine; no stream is written or read, and no {@link homeport.ssh.blocking.Answers}
 * method called, while the lock is held.
 */
package homeport.ssh.blocking;
