/** The SSH-2 protocol as a sans-IO state machine: any role over any direction. */
@org.jspecify.annotations.NullMarked module homeport.ssh {
    requires org.bouncycastle.provider;
    requires static transitive org.jspecify;

    exports homeport.ssh;
    exports homeport.ssh.blocking;
    exports homeport.ssh.crypto;
    exports homeport.ssh.key;
    exports homeport.ssh.wire;
}
