/**
 * The words both ends of NETCONF share: errors, capabilities, requests and what a server's operations implement.
 *
 * <p>{@code session} holds the machines that turn bytes into these words, {@code client} the operations of the client.
 */
package homeport.netconf;
