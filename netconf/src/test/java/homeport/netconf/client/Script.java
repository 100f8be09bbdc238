package homeport.netconf.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import homeport.netconf.Limits;
import homeport.netconf.link.PipeLink;
import homeport.netconf.session.ClientSession;
import homeport.netconf.session.FakeTime;
import homeport.netconf.session.RawPeer;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlAttribute;
import homeport.netconf.xml.XmlElement;
import homeport.netconf.xml.XmlNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A client before a server that plays one exchange after another, as an RFC's text shows them. */
final class Script {
    private final RawPeer server;
    final NetconfClient client;

    Script(String... capabilities) throws Exception {
        PipeLink.Pair pipe = PipeLink.pair();
        server = new RawPeer(pipe.right(), true);
        CompletableFuture<ClientSession> opening = ClientSession.open(pipe.left(), Limits.DEFAULT,
                new FakeTime().time());
        server.next();
        List<String> all = new ArrayList<>(List.of(RawPeer.BASE_1_1));
        all.addAll(List.of(capabilities));
        server.raw(RawPeer.serverHello(4, all.toArray(new String[0])));
        client = new NetconfClient(opening.get(10, TimeUnit.SECONDS), Duration.ofSeconds(10));
    }

    /** Does something at the client; the server expects this operation, and answers with this content. */
    <T> T exchange(Callable<T> call, String expectedOperation, String answer) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                result.complete(call.call());
            } catch (Exception failed) {
                result.completeExceptionally(failed);
            }
        });
        XmlElement asked = server.answer(answer);
        assertEquals(canonical(Xml.parse(expectedOperation)), canonical(asked));
        try {
            return result.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw failed;
        }
    }

    /** As {@link #exchange}, for an operation that is answered with ok. */
    void ok(Runnable call, String expectedOperation) throws Exception {
        exchange(() -> {
            call.run();
            return true;
        }, expectedOperation, "<ok/>");
    }

    void send(String message) {
        server.message(message);
    }

    /** What makes two elements mean the same here: names with namespaces, attributes, text without indentation. */
    static String canonical(XmlElement element) {
        StringBuilder text = new StringBuilder("<").append(element.name());
        element.attributes().stream().map(Script::canonical).sorted().forEach(text::append);
        text.append('>');
        boolean hasElements = !element.children().isEmpty();
        for (XmlNode node : element.content()) {
            switch (node) {
                case XmlElement child -> text.append(canonical(child));
                case XmlNode.Text(String value, boolean _) -> text.append(hasElements ? value.strip() : value);
                case XmlNode.Comment _ -> {
                }
                case XmlNode.Instruction _ -> {
                }
            }
        }
        return text.append("</>").toString();
    }

    private static String canonical(XmlAttribute attribute) {
        return " " + attribute.name() + "=" + attribute.value();
    }
}
