package homeport.netconf.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import homeport.netconf.Capabilities;
import homeport.netconf.Limits;
import homeport.netconf.Ns;
import homeport.netconf.RpcErrorException;
import homeport.netconf.SessionError;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlError;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The machines, fed every stream in every split, and streams with bytes changed. */
class MachineTest {
    private static final Capabilities BOTH = Capabilities.of(Capabilities.BASE_1_0, Capabilities.BASE_1_1);

    /** Writes down what a client machine brings about. */
    private static final class Log implements ClientMachine.Events {
        final List<String> lines = new ArrayList<>();
        final ClientMachine machine = new ClientMachine(BOTH, Limits.DEFAULT, this, 0);

        @Override
        public void opened(Hello hello) {
            lines.add("opened " + hello.sessionId().orElseThrow());
            for (int i = 1; i <= 4; i++) {
                machine.sending(new Exchange(Integer.toString(i), i == 3 ? streamed() : whole(), Long.MAX_VALUE));
            }
        }

        @Override
        public void notification(XmlElement notification) {
            lines.add("notification " + notification.toXml());
        }

        private Exchange.Whole whole() {
            return new Exchange.Whole() {
                @Override
                public void replied(XmlElement reply) {
                    lines.add("reply " + reply.toXml().hashCode());
                }

                @Override
                public void repliedLarge(byte[] reply) {
                    lines.add("reply " + Xml.parse(new String(reply, StandardCharsets.UTF_8)).toXml().hashCode());
                }

                @Override
                public void failed(SessionError error) {
                    lines.add("failed " + error.rule());
                }
            };
        }

        private Exchange.Streamed streamed() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            return new Exchange.Streamed() {
                @Override
                public void bytes(ByteBuffer slice) {
                    byte[] piece = new byte[slice.remaining()];
                    slice.get(piece);
                    all.writeBytes(piece);
                }

                @Override
                public void end() {
                    lines.add("streamed " + all.toString(StandardCharsets.UTF_8).hashCode());
                }

                @Override
                public void failed(SessionError error) {
                    lines.add("failed " + error.rule());
                }
            };
        }

        /** Feeds a stream in pieces; a broken rule ends it, as in a session. */
        List<String> feed(byte[] stream, Random cuts, int most) {
            try {
                for (int at = 0; at < stream.length;) {
                    int length = Math.min(stream.length - at, 1 + cuts.nextInt(most));
                    machine.receive(ByteBuffer.wrap(stream, at, length));
                    at += length;
                }
            } catch (SessionError error) {
                machine.end(error);
                lines.add("over " + error.rule());
            }
            return lines;
        }
    }

    private static String reply(int id, String content) {
        return "<rpc-reply xmlns=\"" + Ns.BASE + "\" message-id=\"" + id + "\">" + content + "</rpc-reply>";
    }

    private static byte[] serverStream(Random random) {
        StringBuilder stream = new StringBuilder(
                RawPeer.serverHello(7, Capabilities.BASE_1_0, Capabilities.BASE_1_1));
        String notification = "<notification xmlns=\"" + Ns.NOTIFICATION + "\"><event/></notification>";
        for (String message : List.of(reply(1, "<ok/>"), notification,
                reply(2, "<data>" + "x".repeat(90_000) + "</data>"),
                reply(3, "<data>" + "\u00fc".repeat(50_000) + "</data>"), notification,
                reply(4, "<a><![CDATA[<]]></a>"))) {
            byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
            String latin = new String(bytes, StandardCharsets.ISO_8859_1);
            for (int at = 0; at < latin.length();) {
                int length = Math.min(latin.length() - at, 1 + random.nextInt(40_000));
                stream.append("\n#").append(length).append('\n').append(latin, at, at + length);
                at += length;
            }
            stream.append("\n##\n");
        }
        return stream.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Property(tries = 60)
    void clientSeesTheSameHoweverTheStreamIsSplit(@ForAll int seed, @ForAll @IntRange(min = 1, max = 70_000) int most) {
        byte[] stream = serverStream(new Random(1));

        assertEquals(new Log().feed(stream, new Random(0), Integer.MAX_VALUE - 1),
                new Log().feed(serverStream(new Random(seed)), new Random(seed), most));
    }

    @Property(tries = 100)
    void changedBytesEndAClientWithARuleAndNothingElse(@ForAll int seed,
            @ForAll @IntRange(min = 1, max = 8) int changes) {
        Random random = new Random(seed);
        byte[] stream = serverStream(random);
        for (int i = 0; i < changes; i++) {
            stream[random.nextInt(random.nextBoolean() ? 600 : stream.length)] = (byte) random.nextInt();
        }
        new Log().feed(stream, random, 50_000);
    }

    @Property(tries = 1000)
    void changedBytesEndAServerWithARuleAndNothingElse(@ForAll int seed,
            @ForAll @IntRange(min = 1, max = 6) int changes) {
        Random random = new Random(seed);
        String rpc = "<rpc xmlns=\"" + Ns.BASE
                + "\" message-id=\"1\"><get-config><source><running/></source></get-config></rpc>";
        byte[] stream = (RawPeer.clientHello(Capabilities.BASE_1_0, Capabilities.BASE_1_1)
                + ("\n#" + rpc.length() + "\n" + rpc + "\n##\n").repeat(5)).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < changes; i++) {
            stream[random.nextInt(stream.length)] = (byte) random.nextInt();
        }
        ServerMachine machine = new ServerMachine(new Hello(BOTH, Optional.of(1L)), Limits.DEFAULT,
                new ServerMachine.Events() {
                    @Override
                    public void opened(Hello peer, boolean chunked) {
                        assertEquals(Optional.empty(), peer.sessionId());
                    }

                    @Override
                    public void message(byte[] message) {
                        look(message);
                    }
                }, 0);
        try {
            machine.receive(ByteBuffer.wrap(stream));
        } catch (SessionError expected) {
            machine.end(expected);
        }
    }

    /** What a server session does with a message before its handler sees it. */
    private static void look(byte[] message) {
        try {
            RpcReader.read(Xml.parse(message, 0, message.length, Limits.DEFAULT.xml()));
        } catch (XmlError malformed) {
            assertEquals(XmlError.class, malformed.getClass());
        } catch (RpcErrorException refused) {
            assertEquals(1, refused.errors().size());
        }
    }
}
