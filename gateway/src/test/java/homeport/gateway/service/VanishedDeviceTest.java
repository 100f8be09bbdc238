package homeport.gateway.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.LinkChannel;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.inventory.NewDevice;
import homeport.ssh.Question;
import homeport.ssh.wire.ChannelRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device that is gone without a FIN: its cable was pulled, and its socket stays open for all that TCP knows. */
class VanishedDeviceTest {
    private static final Duration KEEP_ALIVE = Duration.ofMillis(500);
    private static final int MISSED = 2;
    /** The last sign of life may be just over, one interval passes, and the missed ones; the rest is a slow machine's. */
    private static final Duration LIMIT = KEEP_ALIVE.multipliedBy(MISSED + 1).plusSeconds(1);
    private static final int RPCS = 8;
    private static final String HELLO = """
            <hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>\
            <capability>urn:ietf:params:netconf:base:1.0</capability></capabilities>\
            <session-id>4</session-id></hello>]]>]]>""";

    @TempDir
    private Path directory;

    /** NETCONF that takes an rpc and thinks about it for ever, unless it is {@code <ok/>} that is asked for. */
    private static final class Thinking implements ChannelHandler {
        private final Semaphore rpcs;
        private final StringBuilder text = new StringBuilder();

        Thinking(Semaphore rpcs) {
            this.rpcs = rpcs;
        }

        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {}

        @Override
        public void requested(LinkChannel channel, Question.ChannelRequested question) {
            channel.decide(question, true);
            if (question.request() instanceof ChannelRequest.Subsystem) {
                say(channel, HELLO);
            }
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            text.append(new String(array, offset, length, StandardCharsets.UTF_8));
            channel.consumed(length);
            for (int end = text.indexOf("]]>]]>"); end >= 0; end = text.indexOf("]]>]]>")) {
                var message = text.substring(0, end);
                text.delete(0, end + 6);
                if (message.contains("think")) {
                    rpcs.release();
                } else if (message.contains("message-id")) {
                    var id = message.replaceAll("(?s).*message-id=[\"']([^\"']*)[\"'].*", "$1");
                    say(channel, "<rpc-reply xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" message-id=\"" + id
                            + "\"><ok/></rpc-reply>]]>]]>");
                }
            }
        }

        private static void say(LinkChannel channel, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            assertEquals(bytes.length, channel.send(bytes, 0, bytes.length));
        }

        @Override
        public void closed(LinkChannel channel) {}
    }

    private static CompletableFuture<HttpResponse<String>> rpc(HttpClient client, Gateway gateway, String xml) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort()
                + "/api/v1/devices/router1/rpc")).header("Authorization", "Bearer " + gateway.localToken())
                .header("Content-Type", "application/xml").POST(HttpRequest.BodyPublishers.ofString(xml)).build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void itIsOfflineWithinTheKeepAliveAndWhatWaitedSaysSoAndItComesBackAtOnce() throws Exception {
        try (var operated = new OperatedGateway(directory,
                Map.of("limits.keep-alive", KEEP_ALIVE.toMillis() + "ms", "limits.missed", String.valueOf(MISSED)));
                var cable = Cable.to(operated.gateway.devicesAddress());
                var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var gateway = operated.gateway;
            var offline = new CompletableFuture<Long>();
            var rpcs = new Semaphore(0);
            var key = TestDevice.key();
            gateway.inventory().devices().add(NewDevice.pinned("router1", key.publicKey().fingerprint()), "test");
            var device = operated.online("router1", () -> TestDevice.callHome(operated.deviceLoops, cable.end(), key,
                    () -> new Thinking(rpcs)));
            try (var watch = gateway.events().watch(Optional.empty(), event -> {
                if (event.type() == GatewayEvent.Type.DEVICE_OFFLINE) {
                    offline.complete(System.nanoTime());
                }
            }).orElseThrow()) {
                var waiting = new java.util.ArrayList<CompletableFuture<HttpResponse<String>>>();
                for (int i = 0; i < RPCS; i++) {
                    waiting.add(rpc(client, gateway, "<think xmlns='urn:test'/>"));
                }
                assertTrue(rpcs.tryAcquire(RPCS, OperatedGateway.SECONDS, TimeUnit.SECONDS));
                var alice = operated.ssh(operated.operator("alice"), "alice", "router1", List.of("-s"), "netconf");
                assertEquals('<', alice.getInputStream().read());

                cable.pull();
                long pulled = System.nanoTime();
                var gone = Duration.ofNanos(offline.get(OperatedGateway.SECONDS, TimeUnit.SECONDS) - pulled);
                assertTrue(gone.compareTo(LIMIT) < 0, "it took " + gone);
                for (var one : waiting) {
                    var answer = one.get(OperatedGateway.SECONDS, TimeUnit.SECONDS);
                    assertEquals(409, answer.statusCode(), answer.body());
                    assertTrue(answer.body().contains("router1 is offline"), answer.body());
                }
                var all = Duration.ofNanos(System.nanoTime() - pulled);
                assertTrue(all.compareTo(LIMIT.plusSeconds(1)) < 0, "the last rpc failed after " + all);
                // Who had a session on it sees its end, too, and keeps no place of the budget.
                assertTrue(alice.waitFor(OperatedGateway.SECONDS, TimeUnit.SECONDS));
                OperatedGateway.until(() -> !gateway.inventory().devices().find("router1").orElseThrow().sighting()
                        .online(), "it is not offline on record");
                assertFalse(device.ended.isDone());
            }

            long back = System.nanoTime();
            operated.online("router1", () -> TestDevice.callHome(operated.deviceLoops, gateway.devicesAddress(), key,
                    () -> new Thinking(rpcs)));
            assertTrue(System.nanoTime() - back < Duration.ofSeconds(2).toNanos());
            var answer = rpc(client, gateway, "<quick xmlns='urn:test'/>").get(OperatedGateway.SECONDS,
                    TimeUnit.SECONDS);
            assertEquals(200, answer.statusCode(), answer.body());
            assertEquals(1, gateway.live().size());
        }
    }

    @Test
    void backBeforeAnybodyNoticedItTakesTheOldConnectionsPlace() throws Exception {
        try (var operated = new OperatedGateway(directory, Map.of());
                var cable = Cable.to(operated.gateway.devicesAddress());
                var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var gateway = operated.gateway;
            var rpcs = new Semaphore(0);
            var key = TestDevice.key();
            gateway.inventory().devices().add(NewDevice.pinned("router1", key.publicKey().fingerprint()), "test");
            operated.online("router1", () -> TestDevice.callHome(operated.deviceLoops, cable.end(), key,
                    () -> new Thinking(rpcs)));
            var waiting = rpc(client, gateway, "<think xmlns='urn:test'/>");
            assertTrue(rpcs.tryAcquire(OperatedGateway.SECONDS, TimeUnit.SECONDS));
            cable.pull();
            long back = System.nanoTime();
            operated.online("router1", () -> TestDevice.callHome(operated.deviceLoops, gateway.devicesAddress(), key,
                    () -> new Thinking(rpcs)));
            // The keep-alive would take two minutes.
            var answer = waiting.get(OperatedGateway.SECONDS, TimeUnit.SECONDS);
            assertTrue(System.nanoTime() - back < Duration.ofSeconds(10).toNanos());
            assertEquals(409, answer.statusCode(), answer.body());
            var next = rpc(client, gateway, "<quick xmlns='urn:test'/>").get(OperatedGateway.SECONDS,
                    TimeUnit.SECONDS);
            assertEquals(200, next.statusCode(), next.body());
        }
    }
}
