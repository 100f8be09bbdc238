package homeport.cli;

import homeport.callhome.Admission;
import homeport.callhome.Credentials;
import homeport.callhome.Evidence;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A device of the demo, with what the gateway's record of it says.
 *
 * @param name       what the gateway calls it
 * @param design     for the table
 * @param recognised by what the gateway will know it, for the table
 */
record DemoDevice(String name, String design, String recognised, Record record, Dialler dialler) {

    /** Decides on evidence: empty when it is not about this device. */
    interface Record {
        Optional<Admission> admit(Evidence evidence, boolean inner, Credentials login);
    }

    /** Opens the connection and keeps it until the result is closed. */
    interface Dialler {
        Closeable dial(InetSocketAddress gateway) throws IOException;
    }
}
