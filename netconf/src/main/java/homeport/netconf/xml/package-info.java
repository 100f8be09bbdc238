/**
 * XML as NETCONF needs it: a small immutable element tree that keeps namespaces, prefixes, comments and CDATA, and the
 * ways into and out of it. Nothing here knows a NETCONF message; nothing enters that reads a DTD.
 */
package homeport.netconf.xml;
