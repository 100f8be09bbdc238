package homeport.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.ChannelRefusal;
import homeport.callhome.DepartureEvent;
import homeport.callhome.SessionStart;
import homeport.callhome.SshLink;
import homeport.ssh.Environment;
import homeport.ssh.Event;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.Limits;
import homeport.ssh.LoginAttempt;
import homeport.ssh.LoginDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.wire.ChannelRequest;
import homeport.ssh.wire.ChannelType;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An operator's session through the gateway to a device, whichever loops the two live on. */
class SpliceTest {

    /** The northern port: lets anybody in, and splices every session to the one device there is. */
    private static Listener north(TestPort test, CompletableFuture<TestPort.Linked> device,
            CompletableFuture<String> refused) throws Exception {
        return north(test, TestPort.server(), device, refused);
    }

    private static Listener north(TestPort test, SshSettings settings, CompletableFuture<TestPort.Linked> device,
            CompletableFuture<String> refused) throws Exception {
        return Listener.listen(test.loops, TestPort.ANY_PORT, false, new Gate(GateLimits.DEFAULT), connection -> {
            var self = new SshLink[1];
            self[0] = SshLink.as(Role.SERVER, settings, connection.loop().environment(),
                    connection.loop().output(), connection,
                    event -> serve(self[0], connection.loop(), event, device.join(), refused));
            return self[0];
        });
    }

    private static void serve(SshLink link, Loop loop, Event event, TestPort.Linked device,
            CompletableFuture<String> refused) {
        switch (event) {
            case Question.LoginRequested asked -> link.connection().decide(asked, new LoginDecision.Accept());
            case Question.OpenRequested asked -> Splice.join(loop, link, asked, device.connection().loop(),
                    handler -> device.link().open(new SessionStart.Bare(), 1 << 17, handler), 1 << 17,
                    new Splice.Watcher() {
                        @Override
                        public void refused(Splice splice, ChannelRefusal refusal) {
                            refused.complete(refusal.text());
                        }
                    });
            case Question.GlobalRequested asked -> link.connection().decide(asked, false);
            default -> {
            }
        }
    }

    /** An operator logs in at the northern port and runs a command. */
    private static String operator(TestPort test, Listener north, String command) throws Exception {
        var seen = new TestPort.Collector() {
            @Override
            public void opened(homeport.callhome.LinkChannel channel) {
                channel.request(new ChannelRequest.Exec(command), true);
            }
        };
        var connecting = Dialler.dial(test.loops.next(), north.address(), Duration.ofSeconds(5), connection -> {
            var self = new SshLink[1];
            Environment environment = connection.loop().environment();
            self[0] = SshLink.as(Role.CLIENT, SshSettings.client(), environment, connection.loop().output(), connection,
                    event -> {
                        switch (event) {
                            case Question.HostKeyAsked asked ->
                                self[0].connection().decide(asked, new HostKeyDecision.Accept());
                            case Question.LoginAsked asked ->
                                self[0].connection().decide(asked, new LoginAttempt.None("alice"));
                            case Event.Authenticated in ->
                                self[0].open(new ChannelType.Session(), Optional.empty(), 1 << 17, seen);
                            default -> {
                            }
                        }
                    });
            return self[0];
        });
        var connection = connecting.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS);
        var result = seen.result.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS);
        connection.cut();
        return result;
    }

    @Test
    void commandPassesThroughWithItsExitStatus() throws Exception {
        try (var test = new TestPort()) {
            for (var settings : TestPort.designs("r1")) {
                // Several operators, so that same and different loops both occur.
                test.dial(settings);
                var device = CompletableFuture.completedFuture(test.awaitLinked());
                try (var north = north(test, device, new CompletableFuture<>())) {
                    for (int i = 0; i < 6; i++) {
                        assertEquals("ran show version exit 7", operator(test, north, "show version"));
                    }
                }
            }
        }
    }

    @Test
    void bulkPassesThroughWhole() throws Exception {
        try (var test = new TestPort()) {
            test.dial(TestPort.designs("r1").get(1));
            var device = CompletableFuture.completedFuture(test.awaitLinked());
            try (var north = north(test, device, new CompletableFuture<>())) {
                for (int i = 0; i < 4; i++) {
                    assertEquals(10_000_000 + " exit 7".length(), operator(test, north, "flood 10000000").length());
                }
            }
        }
    }

    @Test
    void refusalOfTheDeviceReachesTheOperator() throws Exception {
        try (var test = new TestPort()) {
            test.dial(TestPort.designs("r1").get(1));
            var linked = test.awaitLinked();
            var refused = new CompletableFuture<String>();
            try (var north = north(test, CompletableFuture.completedFuture(linked), refused)) {
                linked.connection().cut();
                test.awaitEnd();
                var said = operator(test, north, "x");
                assertTrue(said.contains("the connection is closed"), said);
                assertEquals("the connection is closed", refused.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    /** Whoever waits hears who it is that does not answer; what the device opens after that is closed again. */
    @Test
    void aDeviceThatDoesNotAnswerIsGivenUpAndWhatItOpensLaterIsClosed() throws Exception {
        try (var test = new TestPort()) {
            var late = new CompletableFuture<DepartureEvent.ChannelAsked>();
            var departure = new CompletableFuture<homeport.callhome.Departure>();
            test.session = (device, asked) -> {
                departure.complete(device);
                late.complete(asked);
            };
            var dialled = test.dial(TestPort.designs("r1").get(1));
            var settings = SshSettings.builder().hostKeys(TestPort.server().hostKeys())
                    .limits(Limits.DEFAULT.withDecisionTime(Duration.ofSeconds(1))).build();
            var refused = new CompletableFuture<String>();
            try (var north = north(test, settings, CompletableFuture.completedFuture(test.awaitLinked()), refused)) {
                assertEquals("refused: the device refuses the channel: the device has not answered within 1 s"
                        + " (connect failed)", operator(test, north, "x"));
                assertEquals("the device has not answered within 1 s", refused.join());
                var opened = new TestPort.Collector();
                dialled.loop().execute(() -> departure.join().accept(late.join(), 1 << 16, opened));
                assertEquals("", opened.result.get(TestPort.PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
        }
    }
}
