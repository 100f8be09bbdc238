/** NETCONF (RFC 6241, 6242), client and server, over any byte channel. It knows nothing of SSH. */
@org.jspecify.annotations.NullMarked module homeport.netconf {
    requires com.ctc.wstx;
    requires transitive java.xml;
    requires transitive org.codehaus.stax2;
    requires static transitive org.jspecify;
    requires transitive org.opendaylight.yangtools.yang.common;
    requires transitive org.opendaylight.yangtools.yang.data.api;
    requires org.opendaylight.yangtools.yang.data.codec.binfmt;
    requires org.opendaylight.yangtools.yang.data.codec.xml;
    requires org.opendaylight.yangtools.yang.data.impl;
    requires org.opendaylight.yangtools.yang.data.tree;
    requires org.opendaylight.yangtools.yang.data.tree.api;
    requires org.opendaylight.yangtools.yang.data.tree.spi;
    requires org.opendaylight.yangtools.yang.data.spi;
    requires transitive org.opendaylight.yangtools.yang.model.api;
    requires org.opendaylight.yangtools.yang.model.spi;
    requires org.opendaylight.yangtools.yang.model.util;
    requires org.opendaylight.yangtools.yang.parser.api;
    requires org.opendaylight.yangtools.yang.parser.impl;
    requires org.opendaylight.yangtools.yang.xpath.api;

    uses org.opendaylight.yangtools.yang.xpath.api.YangXPathParserFactory;

    exports homeport.netconf;
    exports homeport.netconf.client;
    exports homeport.netconf.datastore;
    exports homeport.netconf.link;
    exports homeport.netconf.server;
    exports homeport.netconf.session;
    exports homeport.netconf.xml;
}
