/**
 * The byte channel a session runs over, as this module sees it, and two ways to have one without a network library: a
 * pair of blocking streams, and a pipe in memory. Whoever carries NETCONF over SSH or TLS implements {@link
 * homeport.netconf.link.ByteLink}.
 */
package homeport.netconf.link;
