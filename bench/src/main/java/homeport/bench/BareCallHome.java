package homeport.bench;

import homeport.net.Gate;
import homeport.net.GateLimits;
import homeport.net.Listener;
import homeport.net.Loops;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The least that a device's call home can cost a gateway on our sockets: the flights of a login, and the gateway's
 * {@link PublicKeyOperations}. No SSH, no admission, no record of who came.
 */
final class BareCallHome implements CallHomeGateway {
    private final LongAdder admitted = new LongAdder();
    private final AtomicInteger linked = new AtomicInteger();
    private final ThreadLocal<PublicKeyOperations> operations = ThreadLocal.withInitial(BareCallHome::operations);
    private final Listener listener;

    private BareCallHome() throws IOException {
        var gate = new Gate(GateLimits.DEFAULT);
        listener = Listener.listen(Loops.open(2), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), false,
                gate, connection -> BareEnd.gateway(connection, new BareEnd.Watcher() {
                    private boolean in;

                    @Override
                    public void keys() {
                        try {
                            operations.get().once();
                        } catch (GeneralSecurityException e) {
                            throw new IllegalStateException(e);
                        }
                    }

                    @Override
                    public void in() {
                        in = true;
                        admitted.increment();
                        linked.incrementAndGet();
                        gate.leave(connection.peer().getAddress(), Gate.Leaving.KNOWN);
                    }

                    @Override
                    public void over() {
                        if (in) {
                            linked.decrementAndGet();
                            gate.unlinked(connection.peer().getAddress());
                        } else {
                            gate.leave(connection.peer().getAddress(), Gate.Leaving.GONE);
                        }
                    }
                }));
    }

    static BareCallHome start() throws IOException {
        return new BareCallHome();
    }

    private static PublicKeyOperations operations() {
        try {
            return new PublicKeyOperations();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int port() {
        return listener.address().getPort();
    }

    @Override
    public int linked() {
        return linked.get();
    }

    @Override
    public long admitted() {
        return admitted.sum();
    }
}
