package homeport.bench;

import homeport.callhome.Departure;
import homeport.callhome.DepartureEvent;
import homeport.callhome.DepartureSettings;
import homeport.callhome.Design;
import homeport.callhome.Refusal;
import homeport.net.Connection;
import homeport.net.Dialler;
import homeport.net.Gate;
import homeport.net.GateLimits;
import homeport.net.Listener;
import homeport.net.Loops;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.LoginDecision;
import homeport.ssh.wire.ChannelType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Devices of ours in a JVM of their own, that dial when a line says so:
 *
 * <pre>
 * new DESIGN N             devices are made, and are the ones that the other lines are about
 * dial PORT FROM N AT_ONCE devices FROM up to FROM + N dial, and stay: answers how many are in, lost, and the nanoseconds
 * visit PORT N AT_ONCE     N of them dial, one after another's end, and leave as soon as they are in
 * bare PORT N AT_ONCE      the same as visit without SSH: see BareEnd
 * serve PORT N AT_ONCE     the same as visit, but it is the gateway that ends it
 * listen                   the first is dialled instead: answers its port
 * cut                      all connections break
 * </pre>
 */
final class DevicesWorker {
    private static final int PATIENCE_SECONDS = 150;
    private static final Duration DIAL_PATIENCE = Duration.ofSeconds(60);

    private final Loops loops = Loops.open(2);
    private final List<Device> devices = new ArrayList<>();

    private DevicesWorker() {}

    public static void main(String[] arguments) throws Exception {
        var worker = new DevicesWorker();
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            say(worker.run(line.split(" ", -1)));
        }
        System.exit(0);
    }

    private String run(String[] words) throws Exception {
        return switch (words[0]) {
            case "new" -> {
                devices.clear();
                var design = Design.valueOf(words[1]);
                for (int i = 0; i < Integer.parseInt(words[2]); i++) {
                    devices.add(new Device(DeviceSettings.device(design)));
                }
                yield "done";
            }
            case "dial" -> {
                int from = Integer.parseInt(words[2]);
                yield run(words[1], devices.subList(from, from + Integer.parseInt(words[3])), words[4], Until.IN);
            }
            case "visit" -> run(words[1], devices.subList(0, Integer.parseInt(words[2])), words[3], Until.LEFT);
            case "bare" -> run(words[1], devices.subList(0, Integer.parseInt(words[2])), words[3], Until.BARELY_LEFT);
            case "serve" -> run(words[1], devices.subList(0, Integer.parseInt(words[2])), words[3], Until.SENT_AWAY);
            case "listen" -> Integer.toString(devices.getFirst().listen());
            case "cut" -> {
                devices.forEach(Device::cut);
                yield "done";
            }
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private String run(String port, List<Device> which, String atOnce, Until until) throws InterruptedException {
        var run = new Run(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)), which,
                until);
        long start = System.nanoTime();
        for (int i = 0; i < Math.min(Integer.parseInt(atOnce), which.size()); i++) {
            run.next();
        }
        if (!run.left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            run.lost.addAndGet((int) run.left.getCount());
        }
        return run.in.get() + " " + run.lost.get() + " " + (System.nanoTime() - start);
    }

    /** When a device's turn is over. */
    private enum Until {
        IN,
        LEFT,
        /** Left, and has not spoken SSH. */
        BARELY_LEFT,
        SENT_AWAY
    }

    /** Devices that dial, so many at a time. */
    private final class Run {
        private final InetSocketAddress gateway;
        private final List<Device> which;
        private final Until until;
        private final CountDownLatch left;
        private final AtomicInteger started = new AtomicInteger();
        private final AtomicInteger in = new AtomicInteger();
        private final AtomicInteger lost = new AtomicInteger();

        Run(InetSocketAddress gateway, List<Device> which, Until until) {
            this.gateway = gateway;
            this.which = which;
            this.until = until;
            this.left = new CountDownLatch(which.size());
        }

        void next() {
            int mine = started.getAndIncrement();
            if (mine < which.size()) {
                which.get(mine).dial(this);
            }
        }

        void over(boolean good) {
            (good ? in : lost).incrementAndGet();
            left.countDown();
            next();
        }
    }

    /** One device, and its connection while it has one. */
    private final class Device {
        private final DepartureSettings settings;
        private volatile @Nullable Connection connection;

        Device(DepartureSettings settings) {
            this.settings = settings;
        }

        void dial(Run run) {
            var call = new Call(run);
            var unused = Dialler.dial(loops.next(), run.gateway, DIAL_PATIENCE, own -> {
                connection = own;
                if (run.until == Until.BARELY_LEFT) {
                    return BareEnd.device(own, call);
                }
                return new Departure(settings, own.loop().environment(), own.loop().output(), own, call::on);
            }).whenComplete((own, failure) -> {
                if (failure != null) {
                    call.over(false);
                }
            });
        }

        /** As a device without a gateway. @return the port */
        int listen() throws IOException {
            return Listener.listen(loops, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), false,
                    new Gate(GateLimits.DEFAULT),
                    own -> new Departure(settings, own.loop().environment(), own.loop().output(), own,
                            new Call(new Run(new InetSocketAddress(0), List.of(), Until.IN))::on))
                    .address().getPort();
        }

        void cut() {
            var own = connection;
            if (own != null) {
                own.cut();
            }
        }

        /** One connection of it. */
        private final class Call implements BareEnd.Watcher {
            private final Run run;
            private boolean registered;
            private boolean over;

            Call(Run run) {
                this.run = run;
            }

            void on(Departure departure, DepartureEvent event) {
                switch (event) {
                    case DepartureEvent.GatewayKeyAsked asked -> departure.decide(asked, new HostKeyDecision.Accept());
                    case DepartureEvent.LoginAsked asked -> departure.decide(asked, new LoginDecision.Accept());
                    case DepartureEvent.ChannelAsked asked -> {
                        if (asked.type() instanceof ChannelType.Session) {
                            departure.accept(asked, 1 << 16, new DeviceSession());
                        } else {
                            departure.refuse(asked, "sessions only");
                        }
                    }
                    case DepartureEvent.StreamAsked asked -> departure.refuse(asked, "no stream");
                    case DepartureEvent.Registered in -> {
                        registered = true;
                        if (run.until == Until.IN) {
                            over(true);
                        } else if (run.until == Until.LEFT) {
                            departure.close(Refusal.CLOSED, "");
                        }
                    }
                    case DepartureEvent.Closed closed -> over(registered);
                }
            }

            @Override
            public void over() {
                over(true);
            }

            void over(boolean good) {
                if (!over) {
                    over = true;
                    run.over(good);
                }
            }
        }
    }

    /** Starts one, with as many connections to hold as a process may. */
    static Worker launch() throws IOException {
        return Worker.start(DevicesWorker.class, List.of("-Xmx2g", "-XX:+UseSerialGC"));
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) {
        System.out.println(line);
    }
}
