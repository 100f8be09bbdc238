/** The {@code homeport} command: one class per subcommand. */
@org.jspecify.annotations.NullMarked module homeport.cli {
    requires homeport.callhome;
    requires homeport.net;
    requires homeport.ssh;
    requires info.picocli;
    requires static org.jspecify;

    opens homeport.cli to info.picocli;
}
