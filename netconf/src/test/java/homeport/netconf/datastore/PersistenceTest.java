package homeport.netconf.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.datastore.Datastores.Boot;
import homeport.netconf.datastore.Datastores.Guard;
import homeport.netconf.datastore.Datastores.Name;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of the datastores is there again after a restart. */
class PersistenceTest {
    @TempDir
    Path directory;

    private Datastores open(Boot boot) throws IOException {
        return Datastores.open(TestSchemas.SCHEMAS, directory, boot);
    }

    private static XmlElement top(String inside) {
        return Xml.parse("<config xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\" "
                + "xmlns:yang=\"urn:ietf:params:xml:ns:yang:1\"><top xmlns=\"urn:homeport:test\">" + inside
                + "</top></config>");
    }

    private static void edit(Datastores datastores, Name name, String inside) {
        datastores.edit(name, top(inside), Edit.Operation.MERGE, false, Datastores.Test.SET, Guard.NONE);
    }

    private static String plain(Datastores datastores, Name name) {
        return ConfigNode.top(TestSchemas.SCHEMAS, datastores.read(name), "urn:homeport:test", "top")
                .flatMap(top -> top.leaf("plain")).orElse("");
    }

    @Test
    void runningIsWhatItWas() throws IOException {
        try (Datastores datastores = open(Boot.RUNNING)) {
            edit(datastores, Name.RUNNING,
                    "<plain>a</plain><tag>x</tag><item><name>b</name></item><item><name>a</name></item>"
                            + "<pair><first>a</first><second>1</second></pair><port>eth0</port><flag/>");
            edit(datastores, Name.RUNNING,
                    "<item yang:insert=\"first\"><name>c</name></item><tag nc:operation=\"delete\">x</tag>");
            edit(datastores, Name.RUNNING,
                    "<radio><ssid>s</ssid></radio><kind xmlns:t=\"urn:homeport:test\">t:circle</kind>");
            datastores.close();
            try (Datastores again = open(Boot.RUNNING)) {
                assertEquals(datastores.read(Name.RUNNING), again.read(Name.RUNNING));
            }
        }
    }

    @Test
    void whatWasDeletedStaysDeleted() throws IOException {
        try (Datastores datastores = open(Boot.RUNNING)) {
            edit(datastores, Name.RUNNING, "<plain>a</plain>");
            edit(datastores, Name.RUNNING, "<plain nc:operation=\"delete\"/>");
        }
        try (Datastores again = open(Boot.RUNNING)) {
            assertEquals(Datastores.empty(), again.read(Name.RUNNING));
            edit(again, Name.RUNNING, "<plain>b</plain>");
        }
        try (Datastores again = open(Boot.RUNNING)) {
            assertEquals("b", plain(again, Name.RUNNING));
        }
    }

    @Test
    void theCandidateIsRunningAgain() throws IOException {
        try (Datastores datastores = open(Boot.RUNNING)) {
            edit(datastores, Name.CANDIDATE, "<plain>a</plain>");
        }
        try (Datastores again = open(Boot.RUNNING)) {
            assertEquals("", plain(again, Name.CANDIDATE));
        }
    }

    @Test
    void aServerThatBootsFromStartupBeginsWithIt() throws IOException {
        try (Datastores datastores = open(Boot.STARTUP)) {
            edit(datastores, Name.RUNNING, "<plain>saved</plain>");
            datastores.replace(Name.STARTUP, datastores.read(Name.RUNNING), Guard.NONE);
            edit(datastores, Name.RUNNING, "<plain>notsaved</plain>".replace("notsaved", "lost"));
        }
        try (Datastores again = open(Boot.STARTUP)) {
            assertEquals("saved", plain(again, Name.RUNNING));
            again.deleteStartup(Guard.NONE);
        }
        try (Datastores again = open(Boot.STARTUP)) {
            assertEquals("", plain(again, Name.RUNNING));
        }
    }

    @Test
    void startupWithContentOfItsOwnIsKept() throws IOException {
        try (Datastores datastores = open(Boot.STARTUP)) {
            datastores.replace(Name.STARTUP, datastores.parse(top("<plain>own</plain>")), Guard.NONE);
        }
        try (Datastores again = open(Boot.STARTUP)) {
            assertEquals("own", plain(again, Name.STARTUP));
            assertEquals("own", plain(again, Name.RUNNING));
        }
    }

    @Test
    void aCommitThatNobodyConfirmedIsUndone() throws IOException {
        try (Datastores datastores = open(Boot.RUNNING)) {
            edit(datastores, Name.RUNNING, "<plain>old</plain>");
            edit(datastores, Name.CANDIDATE, "<plain>new</plain>");
            datastores.commit(true, Guard.NONE);
            edit(datastores, Name.RUNNING, "<small>1</small>");
            assertEquals("new", plain(datastores, Name.RUNNING));
        }
        try (Datastores again = open(Boot.RUNNING)) {
            assertEquals("old", plain(again, Name.RUNNING));
        }
        try (Datastores again = open(Boot.RUNNING)) {
            assertEquals("old", plain(again, Name.RUNNING), "and stays so");
        }
    }

    @Test
    void aCommitThatWasConfirmedStays() throws IOException {
        try (Datastores datastores = open(Boot.RUNNING)) {
            edit(datastores, Name.CANDIDATE, "<plain>new</plain>");
            datastores.commit(true, Guard.NONE);
            datastores.commit(false, Guard.NONE);
        }
        try (Datastores again = open(Boot.RUNNING)) {
            assertEquals("new", plain(again, Name.RUNNING));
        }
    }

    @Test
    void aRollBackIsKept() throws IOException {
        try (Datastores datastores = open(Boot.RUNNING)) {
            edit(datastores, Name.RUNNING, "<plain>old</plain>");
            edit(datastores, Name.CANDIDATE, "<plain>new</plain>");
            datastores.commit(true, Guard.NONE);
            datastores.rollBack();
            edit(datastores, Name.RUNNING, "<small>1</small>");
        }
        try (Datastores again = open(Boot.RUNNING)) {
            assertEquals("old", plain(again, Name.RUNNING));
        }
    }

    @Test
    void snapshotsTakeThePlaceOfALongJournal() throws IOException {
        String last = "";
        try (Datastores datastores = open(Boot.RUNNING)) {
            for (int i = 0; i < 20; i++) {
                StringBuilder tags = new StringBuilder();
                for (int j = 0; j < 1_500; j++) {
                    tags.append("<tag>").append("some tag that takes its room in the journal ").append(i).append(j)
                            .append("</tag>");
                }
                last = "v" + i;
                datastores.edit(Name.RUNNING, top("<plain>" + last + "</plain>" + tags), Edit.Operation.REPLACE, false,
                        Datastores.Test.SET, Guard.NONE);
            }
        }
        try (var files = Files.list(directory)) {
            assertTrue(files.noneMatch(path -> path.toString().endsWith("0000.journal")),
                    "a later generation has taken over");
        }
        try (Datastores again = open(Boot.RUNNING)) {
            assertEquals(last, plain(again, Name.RUNNING));
        }
    }

    @Test
    void twoCannotHaveThemOpen() throws IOException {
        try (Datastores first = open(Boot.RUNNING)) {
            assertEquals("", plain(first, Name.RUNNING));
            assertThrows(IOException.class, () -> open(Boot.RUNNING));
        }
    }
}
