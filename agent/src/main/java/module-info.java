/** The device's side: dials gateways by any of the four designs, and serves what they ask for. */
@org.jspecify.annotations.NullMarked module homeport.agent {
    requires transitive homeport.callhome;
    requires transitive homeport.net;
    requires homeport.netconf;
    requires transitive homeport.ssh;
    requires org.slf4j;
    requires org.snakeyaml.engine.v2;
    requires static transitive org.jspecify;

    exports homeport.agent;
}
