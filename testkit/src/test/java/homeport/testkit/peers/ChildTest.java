package homeport.testkit.peers;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {
    /** Two pipes each: more than the 256 carriers that virtual threads have at most. */
    private static final int CHILDREN = 135;

    /** What is under test in the same process, and what MINA's server does there, has virtual threads too. */
    @Test
    void manyChildrenLeaveVirtualThreadsRunning(@TempDir Path directory) throws Exception {
        var children = new ArrayList<Child>();
        try {
            for (int i = 0; i < CHILDREN; i++) {
                children.add(Child.start(directory, List.of("/bin/cat")));
            }
            var ran = new CountDownLatch(1);
            Thread.ofVirtual().start(ran::countDown);
            assertTrue(ran.await(20, TimeUnit.SECONDS), "no virtual thread runs beside " + CHILDREN + " children");
        } finally {
            children.forEach(Child::close);
        }
    }
}
