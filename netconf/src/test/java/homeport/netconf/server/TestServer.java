package homeport.netconf.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import homeport.netconf.Caller;
import homeport.netconf.Capabilities;
import homeport.netconf.Identity;
import homeport.netconf.Ns;
import homeport.netconf.Rpc;
import homeport.netconf.RpcError;
import homeport.netconf.RpcErrorException;
import homeport.netconf.RpcReply;
import homeport.netconf.ServerSessions;
import homeport.netconf.SessionCounters;
import homeport.netconf.SessionEnd;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.TestSchemas;
import homeport.netconf.session.FakeTime;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLStreamWriter2;

/** A server with a module of rules to break, driven through {@link homeport.netconf.RpcHandler} with XML in and out. */
final class TestServer {
    static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    static final String T = "urn:homeport:test";
    private static final Set<String> USER_ORDERED = Set.of("item", "step");

    final Datastores datastores;
    final ServerSessions sessions = new ServerSessions();
    final FakeTime timers = new FakeTime();
    final NetconfServer server;
    Instant now = NOON;
    boolean restarted;

    TestServer() {
        this(Datastores.inMemory(TestSchemas.SCHEMAS, Datastores.Boot.STARTUP));
    }

    TestServer(Datastores datastores) {
        this(datastores, 100);
    }

    TestServer(Datastores datastores, int replayEvents) {
        this.datastores = datastores;
        this.server = new NetconfServer(ServerSettings
                .of(datastores, sessions, identity -> identity.user().equals("root"))
                .withTime(() -> now, timers.time()).withRestart(() -> restarted = true).withReplayEvents(replayEvents));
    }

    /** A session of somebody access control does not apply to. */
    Session open() {
        return open(Identity.ssh("root"));
    }

    Session open(String user, String... groups) {
        return open(new Identity(user, Set.of(groups), "netconf-ssh", Optional.of("192.0.2.7")));
    }

    Session open(Identity identity) {
        Session session = new Session(sessions.newId(), identity);
        sessions.add(session);
        server.opened(session);
        return session;
    }

    void pass(Duration duration) {
        now = now.plus(duration);
        timers.pass(duration);
    }

    /** A notification as it was sent. */
    record Sent(Instant time, XmlElement content) {}

    final class Session implements Caller {
        final BlockingQueue<Sent> notifications = new LinkedBlockingQueue<>();
        private final Queue<Runnable> afterReply = new ArrayDeque<>();
        boolean takesNotifications = true;
        Optional<SessionEnd> ended = Optional.empty();
        private final long id;
        private final Identity identity;

        Session(long id, Identity identity) {
            this.id = id;
            this.identity = identity;
        }

        @Override
        public long sessionId() {
            return id;
        }

        @Override
        public Identity identity() {
            return identity;
        }

        @Override
        public Capabilities capabilities() {
            return Capabilities.of(Capabilities.BASE_1_1);
        }

        @Override
        public Instant loginTime() {
            return NOON;
        }

        @Override
        public SessionCounters counters() {
            return new SessionCounters(7, 1, 2, 3);
        }

        @Override
        public boolean notify(Instant eventTime, RpcReply.Body content) {
            return takesNotifications && notifications.add(new Sent(eventTime, written(content)));
        }

        @Override
        public void afterReply(Runnable work) {
            afterReply.add(work);
        }

        @Override
        public void end(SessionEnd why) {
            sessions.remove(this);
            ended = Optional.of(why);
            server.closed(this, why);
        }

        void drop() {
            end(new SessionEnd(SessionEnd.Reason.DROPPED, "the link went"));
        }

        /** One operation, in the base namespace unless it says otherwise; the reply. */
        XmlElement call(String operation) {
            XmlElement rpc = Xml.parse("<rpc message-id=\"1\" xmlns=\"" + Ns.BASE + "\">" + operation + "</rpc>");
            afterReply.clear();
            XmlElement reply = switch (server.handle(this, new Rpc(rpc, rpc.children().getFirst()))) {
                case RpcReply.Ok _ -> Xml.parse("<ok xmlns=\"" + Ns.BASE + "\"/>");
                case RpcReply.Content(RpcReply.Body body) -> written(body);
                case RpcReply.Errors(var errors) -> throw new RpcErrorException(errors);
            };
            for (Runnable work = afterReply.poll(); work != null; work = afterReply.poll()) {
                work.run();
            }
            return reply;
        }

        void ok(String operation) {
            assertEquals("ok", call(operation).local());
        }

        /** The first error of an operation that has to fail. */
        RpcError fails(String operation) {
            return assertThrows(RpcErrorException.class, () -> call(operation)).errors().getFirst();
        }

        /** An edit of the candidate's test module. */
        String edit(String config) {
            return edit("candidate", "merge", config);
        }

        String edit(String target, String defaultOperation, String config) {
            return "<edit-config><target><" + target + "/></target><default-operation>" + defaultOperation
                    + "</default-operation><config xmlns:nc=\"" + Ns.BASE + "\" xmlns:yang=\"" + Ns.YANG + "\">"
                    + config
                    + "</config></edit-config>";
        }

        /** Edits running. */
        void set(String config) {
            ok(edit("running", "merge", config));
        }

        RpcError refuses(String config) {
            return fails(edit("running", "merge", config));
        }

        /** The test module's part of a datastore. */
        String config(String datastore) {
            return call("<get-config><source><" + datastore + "/></source></get-config>").children().stream()
                    .filter(child -> child.namespace().equals(T)).map(TestServer::compact).sorted()
                    .reduce("", String::concat);
        }

        String running() {
            return config("running");
        }

        /** The next notification, waited for when it comes from another thread. */
        XmlElement next() {
            try {
                Sent sent = notifications.poll(10, TimeUnit.SECONDS);
                if (sent == null) {
                    throw new AssertionError("no notification came");
                }
                return sent.content();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    static XmlElement written(RpcReply.Body body) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter2 writer = Xml.writer(text);
            writer.writeStartElement("", "reply", Ns.BASE);
            writer.writeDefaultNamespace(Ns.BASE);
            body.writeTo(writer);
            writer.writeEndElement();
            writer.close();
        } catch (XMLStreamException e) {
            throw new AssertionError(e);
        }
        XmlElement reply = Xml.parse(text.toString());
        return reply.children().size() == 1 ? reply.children().getFirst() : reply;
    }

    /** An element with names only, values after a colon: {@code top(plain:a flag)}; easy to compare. */
    static String compact(XmlElement element) {
        String inside = element.children().stream().map(TestServer::compact).sorted(TestServer::inDocumentOrder)
                .reduce((a, b) -> a + " " + b).map(all -> "(" + all + ")").orElse("");
        String text = element.children().isEmpty() ? element.text() : "";
        return element.local() + (text.isEmpty() ? "" : ":" + text) + inside;
    }

    /** The order of siblings is nobody's business, but of the entries that a user orders. */
    private static int inDocumentOrder(String a, String b) {
        String name = a.split("[(:]", 2)[0];
        return USER_ORDERED.contains(name) && name.equals(b.split("[(:]", 2)[0]) ? 0 : a.compareTo(b);
    }

    static String path(RpcError error) {
        return error.path().map(RpcError.Path::xpath).orElse("");
    }

    static Namespaces prefixes(RpcError error) {
        return error.path().map(RpcError.Path::namespaces).orElse(Namespaces.NONE);
    }
}
