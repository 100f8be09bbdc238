/**
 * The operations of a NETCONF server over {@code datastore}: one {@link homeport.netconf.RpcHandler} for all its
 * sessions. Locks, confirmed commits, access control, notifications and the server's own state live here; data, its
 * validation and its survival do not.
 */
package homeport.netconf.server;
