/** The running service: inventory, admission, journal, operators. */
@org.jspecify.annotations.NullMarked module homeport.gateway {
    requires transitive homeport.callhome;
    requires transitive homeport.net;
    requires homeport.netconf;
    requires transitive homeport.ssh;
    requires com.fasterxml.jackson.core;
    requires com.zaxxer.hikari;
    requires flyway.core;
    requires java.sql;
    requires io.vertx.core;
    requires io.vertx.jsonschema;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires org.jdbi.v3.core;
    requires org.snakeyaml.engine.v2;
    requires org.slf4j;
    requires org.xerial.sqlitejdbc;
    requires static transitive org.jspecify;

    exports homeport.gateway.access;
    exports homeport.gateway.admission;
    exports homeport.gateway.config;
    exports homeport.gateway.desk;
    exports homeport.gateway.event;
    exports homeport.gateway.http;
    exports homeport.gateway.inventory;
    exports homeport.gateway.journal;
    exports homeport.gateway.live;
    exports homeport.gateway.login;
    exports homeport.gateway.northbound;
    exports homeport.gateway.service;
    exports homeport.gateway.southbound;
}
