package homeport.netconf;

/** The namespaces of the protocol itself. */
public final class Ns {
    /** NETCONF base 1.0 and 1.1 (RFC 6241 §3.1). */
    public static final String BASE = "urn:ietf:params:xml:ns:netconf:base:1.0";
    /** {@code create-subscription} and {@code notification} (RFC 5277). */
    public static final String NOTIFICATION = "urn:ietf:params:xml:ns:netconf:notification:1.0";
    /** The events and streams of RFC 5277 §3.2.5.1. */
    public static final String NOTIFICATION_STREAMS = "urn:ietf:params:xml:ns:netmod:notification";
    /** {@code ietf-netconf-monitoring} (RFC 6022). */
    public static final String MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring";
    /** {@code ietf-netconf-with-defaults} (RFC 6243). */
    public static final String WITH_DEFAULTS = "urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults";
    /** {@code ietf-netconf-nmda} (RFC 8526). */
    public static final String NMDA = "urn:ietf:params:xml:ns:yang:ietf-netconf-nmda";
    /** {@code ietf-datastores} (RFC 8342). */
    public static final String DATASTORES = "urn:ietf:params:xml:ns:yang:ietf-datastores";
    /** {@code ietf-yang-library} (RFC 7895, 8525). */
    public static final String YANG_LIBRARY = "urn:ietf:params:xml:ns:yang:ietf-yang-library";
    /** Partial lock (RFC 5717). */
    public static final String PARTIAL_LOCK = "urn:ietf:params:xml:ns:netconf:partial-lock:1.0";
    /** {@code ietf-subscribed-notifications} (RFC 8639). */
    public static final String SUBSCRIBED = "urn:ietf:params:xml:ns:yang:ietf-subscribed-notifications";
    /** {@code ietf-yang-push} (RFC 8641). */
    public static final String YANG_PUSH = "urn:ietf:params:xml:ns:yang:ietf-yang-push";
    /** YANG's own statements in XML, such as {@code insert} (RFC 7950 §7.8.6). */
    public static final String YANG = "urn:ietf:params:xml:ns:yang:1";

    private Ns() {}
}
