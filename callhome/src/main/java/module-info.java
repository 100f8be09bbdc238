/** The four ways in which a device dials in, and both of their ends, as machines without I/O. */
@org.jspecify.annotations.NullMarked module homeport.callhome {
    requires transitive homeport.ssh;
    requires java.xml;
    requires static transitive org.jspecify;

    exports homeport.callhome;
}
