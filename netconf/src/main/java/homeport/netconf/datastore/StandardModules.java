package homeport.netconf.datastore;

import java.util.ArrayList;
import java.util.List;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.common.QNameModule;

/** The modules and features of {@link Schemas#standard}, as {@code name@revision}. */
final class StandardModules {
    static final List<String> FILES = List.of(
            // What they all import
            "ietf-inet-types@2013-07-15", "ietf-yang-types@2013-07-15", "ietf-yang-metadata@2016-08-05",
            "iana-crypt-hash@2014-08-06",
            // The protocol
            "ietf-netconf@2011-06-01", "ietf-netconf-with-defaults@2011-06-01", "ietf-netconf-monitoring@2010-10-04",
            "ietf-netconf-notifications@2012-02-06", "notifications@2008-07-14", "nc-notifications@2008-07-14",
            "ietf-netconf-acm@2018-02-14", "ietf-datastores@2018-02-14", "ietf-origin@2018-02-14",
            "ietf-netconf-nmda@2019-01-07", "ietf-yang-library@2019-01-04",
            // Dynamic subscriptions, with what their module imports and does not use here
            "ietf-subscribed-notifications@2019-09-09", "ietf-restconf@2017-01-26", "ietf-network-instance@2019-01-21",
            "ietf-yang-schema-mount@2019-01-14", "homeport-deviations@2026-11-26",
            // Call home
            "ietf-x509-cert-to-name@2014-12-10", "ietf-crypto-types@2024-10-10", "ietf-truststore@2024-10-10",
            "ietf-keystore@2024-10-10", "iana-ssh-encryption-algs@2024-10-16", "iana-ssh-key-exchange-algs@2024-10-16",
            "iana-ssh-mac-algs@2024-10-16", "iana-ssh-public-key-algs@2024-10-16",
            "iana-tls-cipher-suite-algs@2024-10-16", "ietf-tcp-common@2024-10-10", "ietf-tcp-client@2024-10-10",
            "ietf-tcp-server@2024-10-10", "ietf-ssh-common@2024-10-10", "ietf-ssh-server@2024-10-10",
            "ietf-tls-common@2024-10-10", "ietf-tls-server@2024-10-10", "ietf-netconf-server@2024-08-14",
            // The device
            "iana-if-type@2023-01-26", "ietf-interfaces@2018-02-20", "ietf-ip@2018-02-22",
            "homeport-device@2026-11-23");

    /** Modules that define types, groupings or metadata only: RFC 8525 lists them as imported. */
    static final List<String> IMPORT_ONLY = List.of("ietf-inet-types", "ietf-yang-types", "ietf-yang-metadata",
            "iana-crypt-hash", "ietf-restconf", "ietf-network-instance", "ietf-yang-schema-mount",
            "ietf-x509-cert-to-name", "ietf-crypto-types", "ietf-tcp-common", "ietf-tcp-client",
            "ietf-tcp-server", "ietf-ssh-common", "ietf-ssh-server", "ietf-tls-common", "ietf-tls-server");

    static final List<QName> FEATURES = features();

    private StandardModules() {}

    private static List<QName> features() {
        List<QName> all = new ArrayList<>();
        add(all, "urn:ietf:params:xml:ns:netconf:base:1.0", "2011-06-01", "writable-running", "candidate",
                "confirmed-commit", "rollback-on-error", "validate", "startup", "xpath");
        add(all, "urn:ietf:params:xml:ns:yang:ietf-netconf-nmda", "2019-01-07", "with-defaults");
        add(all, "urn:ietf:params:xml:ns:yang:ietf-subscribed-notifications", "2019-09-09", "encode-xml", "replay",
                "subtree", "xpath");
        add(all, "urn:ietf:params:xml:ns:yang:ietf-interfaces", "2018-02-20", "pre-provisioning", "arbitrary-names");
        add(all, "urn:ietf:params:xml:ns:yang:ietf-netconf-server", "2024-08-14", "ssh-call-home",
                "central-netconf-server-supported");
        add(all, "urn:ietf:params:xml:ns:yang:ietf-tcp-client", "2024-10-10", "tcp-client-keepalives");
        add(all, "urn:ietf:params:xml:ns:yang:ietf-tcp-common", "2024-10-10", "keepalives-supported");
        add(all, "urn:ietf:params:xml:ns:yang:ietf-keystore", "2024-10-10", "central-keystore-supported",
                "asymmetric-keys");
        add(all, "urn:ietf:params:xml:ns:yang:ietf-truststore", "2024-10-10", "central-truststore-supported",
                "certificates", "public-keys");
        add(all, "urn:ietf:params:xml:ns:yang:ietf-crypto-types", "2024-10-10", "hidden-private-keys");
        add(all, "urn:ietf:params:xml:ns:yang:ietf-ssh-server", "2024-10-10", "local-users-supported",
                "local-user-auth-publickey");
        return List.copyOf(all);
    }

    private static void add(List<QName> all, String namespace, String revision, String... names) {
        QNameModule module = QNameModule.of(namespace, revision);
        for (String name : names) {
            all.add(QName.create(module, name));
        }
    }
}
