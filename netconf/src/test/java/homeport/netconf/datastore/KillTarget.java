package homeport.netconf.datastore;

import homeport.netconf.xml.Xml;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The process that is killed: it writes one state after another and says which, until somebody ends it.
 *
 * <p>Arguments: {@code journal} or {@code datastores}, the directory, and the number to begin with.
 */
public final class KillTarget {
    /** Small, so that snapshots happen all the time. */
    static final long SNAPSHOT_AFTER_BYTES = 2_000;
    static final int PARTS = 20;

    private KillTarget() {}

    static Schemas schemas() {
        return Schemas.of(List.of(new Schemas.YangModule("k", "2026-11-23", """
                module k {
                  yang-version 1.1;
                  namespace "urn:k";
                  prefix k;
                  revision 2026-11-23;
                  container all {
                    leaf number {
                      type uint32;
                    }
                    list part {
                      key "name";
                      leaf name {
                        type uint32;
                      }
                      leaf number {
                        type leafref {
                          path "/k:all/k:number";
                        }
                      }
                    }
                  }
                }
                """)), List.of());
    }

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[1]);
        long first = Long.parseLong(arguments[2]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        if (arguments[0].equals("journal")) {
            journal(directory, first, out);
        } else {
            datastores(directory, first, out);
        }
    }

    private static void journal(Path directory, long first, PrintStream out) throws IOException {
        Journal journal = Journal.open(directory, SNAPSHOT_AFTER_BYTES);
        if (journal.wantsSnapshot()) {
            journal.snapshot(record(first));
        }
        for (long number = first;; number++) {
            journal.append(record(number));
            out.println(number);
            if (journal.wantsSnapshot()) {
                journal.snapshot(record(number));
            }
        }
    }

    /** The number many times over, so that half a record shows. */
    static byte[] record(long number) {
        return (number + " ").repeat(10 + (int) (number % 50)).getBytes(StandardCharsets.US_ASCII);
    }

    private static void datastores(Path directory, long first, PrintStream out) throws IOException {
        Datastores datastores = Datastores.open(schemas(), directory, Datastores.Boot.RUNNING);
        for (long number = first;; number++) {
            StringBuilder config = new StringBuilder("<config><all xmlns=\"urn:k\"><number>" + number + "</number>");
            for (int part = 0; part < PARTS; part++) {
                config.append("<part><name>").append(part).append("</name><number>").append(number)
                        .append("</number></part>");
            }
            datastores.edit(Datastores.Name.CANDIDATE, Xml.parse(config + "</all></config>"), Edit.Operation.MERGE,
                    false, Datastores.Test.SET, Datastores.Guard.NONE);
            datastores.commit(false, Datastores.Guard.NONE);
            out.println(number);
        }
    }
}
