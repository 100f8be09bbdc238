/** Sockets: event loops, listening, dialling, limits. */
@org.jspecify.annotations.NullMarked module homeport.net {
    requires transitive homeport.callhome;
    requires transitive homeport.ssh;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.haproxy;
    requires io.netty.common;
    requires transitive io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports homeport.net;
}
