package homeport.gateway.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.callhome.ChannelHandler;
import homeport.callhome.ChannelRefusal;
import homeport.callhome.LinkChannel;
import homeport.callhome.SessionStart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many operators on one device, which has one connection and one budget of channels. */
class SharedDeviceTest {
    private static final int OPERATORS = 20;
    private static final int TRANSFER_BYTES = 3 << 20;

    @TempDir
    private Path directory;

    /** What an operator holds open; each answers what it is sent. */
    private enum Use {
        SHELL,
        NETCONF,
        TRANSFER;

        static Use of(int operator) {
            return values()[operator % values().length];
        }
    }

    private record Held(Use use, Process process) {
        /** The device echoes a line. */
        void answers(String line) throws IOException {
            var in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
            var seen = new StringBuilder();
            while (seen.indexOf(line) < 0) {
                int next = process.getInputStream().read();
                assertTrue(next >= 0, () -> use + " ended after " + seen);
                seen.append((char) next);
            }
        }

        /** Bytes go there and come back, all of them, while the others are at work too. */
        void carries(byte[] bytes) throws Exception {
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var sent = threads.submit(() -> {
                    process.getOutputStream().write(bytes);
                    process.getOutputStream().flush();
                    return bytes.length;
                });
                assertArrayEquals(bytes, process.getInputStream().readNBytes(bytes.length));
                assertEquals(bytes.length, sent.get());
            }
        }
    }

    @Test
    void twentyOperatorsHoldShellsSessionsAndTransfersAndTheNextIsToldWhyNot() throws Exception {
        try (var operated = new OperatedGateway(directory, Map.of("limits.channels", String.valueOf(OPERATORS)))) {
            operated.device("router1", key -> TestDevice.callHome(operated.deviceLoops,
                    operated.gateway.devicesAddress(), key));
            var device = operated.gateway.live().find("router1").orElseThrow();
            var held = new ArrayList<Held>();
            for (int i = 0; i < OPERATORS; i++) {
                var name = "op" + i;
                var key = operated.operator(name);
                var use = Use.of(i);
                held.add(new Held(use, switch (use) {
                    case SHELL -> operated.ssh(key, name, "router1", List.of("-tt"));
                    case NETCONF -> operated.ssh(key, name, "router1", List.of("-s"), "netconf");
                    case TRANSFER -> operated.ssh(key, name, "router1", List.of(), "cat");
                }));
            }
            everyoneWorks(held, "first");
            assertEquals(OPERATORS, device.channels());
            assertEquals(1, operated.gateway.live().size());

            var late = operated.ssh(operated.operator("late"), "late", "router1", List.of(), "who");
            var reason = new String(late.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(late.waitFor(OperatedGateway.SECONDS, TimeUnit.SECONDS));
            assertEquals(1, late.exitValue());
            assertTrue(reason.contains("all " + OPERATORS + " channels of router1 are in use: end one, or raise"),
                    reason);

            // One of each kind goes, one of them without a word: the others do not notice.
            for (int i = 0; i < Use.values().length; i++) {
                var gone = held.removeFirst().process();
                if (i == 0) {
                    gone.destroyForcibly();
                } else {
                    gone.destroy();
                }
                assertTrue(gone.waitFor(OperatedGateway.SECONDS, TimeUnit.SECONDS));
            }
            OperatedGateway.until(() -> device.channels() == OPERATORS - Use.values().length, "no place became free");
            everyoneWorks(held, "second");
            assertTrue(device.isOpen());

            var next = operated.ssh(operated.operator("next"), "next", "router1", List.of(), "who");
            assertEquals("home", new String(next.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static void everyoneWorks(List<Held> held, String line) throws Exception {
        byte[] bytes = new byte[TRANSFER_BYTES];
        new Random(7).nextBytes(bytes);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var working = held.stream().map(one -> threads.submit(() -> {
                if (one.use() == Use.TRANSFER) {
                    one.carries(bytes);
                } else {
                    one.answers(line);
                }
                return one;
            })).toList();
            for (var one : working) {
                one.get(2 * OperatedGateway.SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    /** Of sessions that do nothing. */
    record Quiet() implements ChannelHandler {
        @Override
        public void opened(LinkChannel channel) {}

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {}

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {
            channel.consumed(length);
        }

        @Override
        public void closed(LinkChannel channel) {}
    }

    /** Counts what opened, and keeps why the rest did not. */
    private record Opening(AtomicInteger opened, BlockingQueue<String> refusals) implements ChannelHandler {
        @Override
        public void opened(LinkChannel channel) {
            opened.incrementAndGet();
        }

        @Override
        public void refused(LinkChannel channel, ChannelRefusal refusal) {
            refusals.add(refusal.text());
        }

        @Override
        public void data(LinkChannel channel, int dataType, byte[] array, int offset, int length) {}

        @Override
        public void closed(LinkChannel channel) {}
    }

    @Test
    void aBudgetAboveWhatOneConnectionOtherwiseHoldsCanBeUsedUp() throws Exception {
        int budget = 300;
        try (var operated = new OperatedGateway(directory, Map.of("limits.channels", String.valueOf(budget)))) {
            operated.device("router1", key -> TestDevice.callHome(operated.deviceLoops,
                    operated.gateway.devicesAddress(), key, Quiet::new));
            var device = operated.gateway.live().find("router1").orElseThrow();
            var all = new Opening(new AtomicInteger(), new LinkedBlockingQueue<>());
            for (int i = 0; i <= budget; i++) {
                device.open(new SessionStart.Bare(), 1 << 15, all);
            }
            assertEquals(device.fullText(), all.refusals().poll(OperatedGateway.SECONDS, TimeUnit.SECONDS));
            OperatedGateway.until(() -> all.opened().get() == budget, "not all of the budget opened");
            assertTrue(all.refusals().isEmpty(), all.refusals()::toString);
        }
    }

    @Test
    void aDeviceThatTakesFewerThanTheBudgetIsTheOneNamed() throws Exception {
        try (var operated = new OperatedGateway(directory, Map.of("limits.channels", "200"))) {
            operated.device("router1", key -> TestDevice.callHome(operated.deviceLoops,
                    operated.gateway.devicesAddress(), key));
            var device = operated.gateway.live().find("router1").orElseThrow();
            var all = new Opening(new AtomicInteger(), new LinkedBlockingQueue<>());
            int most = homeport.ssh.Limits.DEFAULT.channels();
            for (int i = 0; i <= most; i++) {
                device.open(new SessionStart.Bare(), 1 << 15, all);
            }
            var reason = all.refusals().poll(OperatedGateway.SECONDS, TimeUnit.SECONDS);
            assertTrue(reason != null && reason.startsWith("the device refuses the channel"), reason);
            OperatedGateway.until(() -> all.opened().get() == most && device.channels() == most,
                    "the place of the refused one was kept");
        }
    }
}
