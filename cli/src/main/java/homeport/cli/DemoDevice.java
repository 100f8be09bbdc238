package homeport.cli;

import homeport.callhome.Design;
import homeport.gateway.service.Gateway;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A device of the demo.
 *
 * @param name what the gateway calls it
 * @param design that the gateway has to find out by itself
 * @param identified how the device says who it is, for the table
 * @param grounds on which the gateway has to let it in, as its event says
 * @param netconf whether it speaks NETCONF; of a device that has only a shell, that is asked
 * @param enrolment what the gateway's operator does before it comes
 */
record DemoDevice(String name, Design design, String identified, String grounds, boolean netconf,
        Enrolment enrolment, Start start) {
    /** Puts on record what the gateway will know the device by. */
    interface Enrolment {
        void enrol(Gateway gateway) throws IOException;
    }

    /** Makes the device dial until the result is closed. */
    interface Start {
        AutoCloseable dial(InetSocketAddress gateway) throws IOException;
    }
}
