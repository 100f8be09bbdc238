/**
 * The operations of a NETCONF client as types: what to ask, what it takes of the server, and what comes back. {@link
 * homeport.netconf.client.NetconfClient} is the way in. Nothing here touches bytes.
 */
package homeport.netconf.client;
