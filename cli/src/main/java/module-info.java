/** The {@code homeport} command: one class per subcommand. */
@org.jspecify.annotations.NullMarked module homeport.cli {
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires homeport.agent;
    requires homeport.callhome;
    requires homeport.gateway;
    requires homeport.net;
    requires homeport.netconf;
    requires homeport.ssh;
    requires info.picocli;
    requires io.vertx.core;
    requires java.net.http;
    requires java.xml;
    requires jdk.unsupported;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires static org.jspecify;
    requires org.slf4j;

    opens homeport.cli to info.picocli;

    provides ch.qos.logback.classic.spi.Configurator with homeport.cli.Logging;
}
