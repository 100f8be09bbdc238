/**
 * Bytes as SSH writes them (RFC 4251 §5), the messages made of them, and the ways in which a peer can get them wrong.
 *
 * <p>Nothing here knows a key, a cipher or a state. A reader never reads past its slice and never allocates more than
 * the slice holds, whatever the lengths inside it say.
 */
package homeport.ssh.wire;
