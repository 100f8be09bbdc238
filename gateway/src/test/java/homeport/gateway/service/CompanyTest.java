package homeport.gateway.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.LinkChannel;
import homeport.gateway.config.ConfigReader;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.NewDevice;
import homeport.net.Loops;
import homeport.ssh.Question;
import homeport.ssh.key.PlainSigner;
import homeport.ssh.wire.ChannelRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices that hang up where nobody opens NETCONF, as those with libnetconf2 do after ten seconds. */
class CompanyTest {
    private static final int SECONDS = 30;

    @TempDir
    private Path directory;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-27T09:00:00Z"));
    private final Semaphore sessions = new Semaphore(0);
    private final PlainSigner key = TestDevice.key();
    private Loops loops;
    private Gateway gateway;

    /** A NETCONF server that greets. */
    private final class Greeting implements ChannelHandler {
        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {}

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            channel.decide(question, true);
            if (question.request() instanceof ChannelRequest.Subsystem) {
                byte[] hello = """
                        <hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>\
                        <capability>urn:ietf:params:netconf:base:1.0</capability></capabilities>\
                        <session-id>4</session-id></hello>]]>]]>""".getBytes(StandardCharsets.UTF_8);
                assertEquals(hello.length, channel.send(hello, 0, hello.length));
            }
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            channel.consumed(length);
            sessions.release(); // the client's hello
        }

        @Override
        public void closed(LinkChannel channel) {}
    }

    @BeforeEach
    void open() throws Exception {
        loops = Loops.open(1);
        gateway = Gateway.open(ConfigReader.read(Optional.empty(), Map.of(),
                Map.of("data", directory.resolve("data").toString(), "devices.listen", "127.0.0.1:0",
                        "operators.listen", "127.0.0.1:0", "http.listen", "127.0.0.1:0")),
                Optional.empty(), now::get);
        gateway.inventory().devices().add(NewDevice.pinned("router1", key.publicKey().fingerprint()), "test");
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        loops.close();
    }

    /** Comes, stays so long by the gateway's clock, and hangs up. */
    private void visit(Duration stay) throws InterruptedException {
        try (var device = come()) {
            now.updateAndGet(time -> time.plus(stay));
            leave(device);
        }
    }

    private TestDevice come() throws InterruptedException {
        var online = new AtomicReference<TestDevice>();
        await(GatewayEvent.Type.DEVICE_ONLINE,
                () -> online.set(TestDevice.callHome(loops, gateway.devicesAddress(), key, Greeting::new)));
        return online.get();
    }

    private void leave(TestDevice device) throws InterruptedException {
        await(GatewayEvent.Type.DEVICE_OFFLINE, device::close);
    }

    private void await(GatewayEvent.Type type, Runnable cause) throws InterruptedException {
        var told = new CountDownLatch(1);
        try (var watch = gateway.events().watch(Optional.empty(), event -> {
            if (event.type() == type) {
                told.countDown();
            }
        }).orElseThrow()) {
            cause.run();
            assertTrue(told.await(SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void whoHungUpTwiceForWantOfNetconfIsGivenASessionThatStays() throws Exception {
        visit(Duration.ofSeconds(10));
        visit(Duration.ofSeconds(10));
        assertEquals(0, sessions.availablePermits());
        try (var device = come()) {
            assertTrue(sessions.tryAcquire(SECONDS, TimeUnit.SECONDS));
            now.updateAndGet(time -> time.plus(Duration.ofHours(1)));
            leave(device);
        }
        // It has helped, and is there again the next time.
        try (var device = come()) {
            assertTrue(sessions.tryAcquire(SECONDS, TimeUnit.SECONDS));
        }
    }

    /** Whose line breaks at once, or who stays, has not waited for anybody. */
    @Test
    void othersAreLeftAlone() throws Exception {
        for (var stay : new Duration[]{Duration.ofSeconds(1), Duration.ofHours(1), Duration.ofSeconds(10),
                Duration.ofSeconds(1), Duration.ofSeconds(10)}) {
            visit(stay);
        }
        // A visit that is told of after any session could have been asked for: each goes through the same loop.
        visit(Duration.ofHours(1));
        assertEquals(0, sessions.availablePermits());
    }
}
