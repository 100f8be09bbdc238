/** NETCONF (RFC 6241, 6242), client and server, over any byte channel. It knows nothing of SSH. */
@org.jspecify.annotations.NullMarked module homeport.netconf {
    requires com.ctc.wstx;
    requires transitive java.xml;
    requires transitive org.codehaus.stax2;
    requires static transitive org.jspecify;

    exports homeport.netconf;
    exports homeport.netconf.client;
    exports homeport.netconf.link;
    exports homeport.netconf.session;
    exports homeport.netconf.xml;
}
