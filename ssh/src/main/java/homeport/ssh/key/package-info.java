/**
 * Keys: what a peer shows, what we sign with, and the files that people keep them in.
 *
 * <p>Public keys are their blobs, parsed; the objects of the crypto providers are made when a signature is checked and
 * not kept, because a gateway holds a hundred thousand of these. Nothing here knows a connection.
 */
package homeport.ssh.key;
