package homeport.netconf.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import homeport.netconf.datastore.Datastores.Guard;
import homeport.netconf.datastore.Datastores.Name;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A change costs what it touches. Counted in bytes allocated and written, which do not depend on the machine's mood. */
class ScaleTest {
    private static final String IF = "urn:ietf:params:xml:ns:yang:ietf-interfaces";
    private static final int COMMITS = 200;

    @TempDir
    Path directory;

    private static XmlElement interfaces(String inside) {
        return Xml
                .parse("<config><interfaces xmlns=\"" + IF + "\" xmlns:i=\"urn:ietf:params:xml:ns:yang:iana-if-type\">"
                        + inside + "</interfaces></config>");
    }

    private static Datastores filled(Datastores datastores, int interfaces) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < interfaces; i++) {
            all.append("<interface><name>eth").append(i).append("</name><type>i:ethernetCsmacd</type></interface>");
        }
        edit(datastores, all.toString());
        return datastores;
    }

    private static void edit(Datastores datastores, String inside) {
        datastores.edit(Name.CANDIDATE, interfaces(inside), Edit.Operation.MERGE, false, Datastores.Test.SET,
                Guard.NONE);
        datastores.commit(false, Guard.NONE);
    }

    /** Bytes allocated by one edit and commit, on average. */
    private static long costOfACommit(int interfaces) {
        Datastores datastores = filled(Datastores.inMemory(TestSchemas.SCHEMAS, Datastores.Boot.RUNNING), interfaces);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        for (int i = 0; i < 2 * COMMITS; i++) {
            if (i == COMMITS) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            edit(datastores, "<interface><name>eth" + i * 7 % interfaces + "</name><description>d" + i
                    + "</description></interface>");
        }
        return (threads.getCurrentThreadAllocatedBytes() - before) / COMMITS;
    }

    @Test
    void aCommitAmongTenThousandInterfacesCostsAtMostTwiceOneAmongAHundred() {
        long few = costOfACommit(100);
        long many = costOfACommit(10_000);
        assertTrue(many <= 2 * few, many + " bytes among 10,000, " + few + " among 100");
    }

    @Test
    void whatACommitWritesToDiskIsItsChange() throws IOException {
        try (Datastores datastores = filled(
                Datastores.open(TestSchemas.SCHEMAS, directory, Datastores.Boot.RUNNING), 2_000)) {
            long before = size();
            edit(datastores, "<interface><name>eth7</name><description>d</description></interface>");
            assertTrue(size() - before < 400, (size() - before) + " bytes");
        }
        try (Datastores again = Datastores.open(TestSchemas.SCHEMAS, directory, Datastores.Boot.RUNNING)) {
            assertEquals(2_000, again.running(IF, "interfaces").orElseThrow().entries("interface").size());
        }
    }

    private long size() throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }
}
