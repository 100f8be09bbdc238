package homeport.netconf;

import homeport.netconf.xml.XmlLimits;
import java.time.Duration;

/**
 * What one session may cost.
 *
 * <p>The worst a peer can make us keep is one message being collected, plus one being worked on: about
 * {@code 2 × rpcBytes} of bytes at a server and {@code replyBytes} at a client, and at most {@link XmlLimits#elements}
 * elements of about 150 bytes.
 *
 * @param helloDeadline from the session's start to the end of the peer's hello
 * @param helloBytes a hello; routers that list 2,000 modules send about 250 KiB
 * @param rpcBytes a request, at the server
 * @param replyBytes a reply kept in memory, at the client; streams have no limit
 * @param notificationBytes a notification, at the client
 * @param requestBytes a request of ours, at the client; with more than that in the link unsent, the next is refused
 * @param pendingRequests requests sent and not yet answered, at the client; requests read and not yet begun, at the
 *     server: there the session stops reading at this number
 * @param lostReplies timed-out or cancelled requests whose replies are still missing; one more ends the session
 * @param queuedNotifications notifications that wait for their reader, at either end
 * @param sendBacklogBytes bytes the link has taken and not sent, from which on the server's replies wait
 * @param sendDeadline how long a server's reply waits for its peer to read before the session ends
 */
public record Limits(Duration helloDeadline, int helloBytes, int rpcBytes, int replyBytes, int notificationBytes,
        int requestBytes, int pendingRequests, int lostReplies, int queuedNotifications, int sendBacklogBytes,
        Duration sendDeadline, XmlLimits xml) {
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(30), 1 << 20, 16 << 20, 16 << 20, 1 << 20,
            64 << 20, 256, 16, 1024, 256 << 10, Duration.ofSeconds(60), XmlLimits.DEFAULT);

    public Limits {
        if (helloBytes < 1 || rpcBytes < 1 || replyBytes < 1 || notificationBytes < 1 || requestBytes < 1
                || pendingRequests < 1 || lostReplies < 0 || queuedNotifications < 1 || sendBacklogBytes < 1) {
            throw new IllegalArgumentException("a limit is not positive");
        }
        if (!helloDeadline.isPositive() || !sendDeadline.isPositive()) {
            throw new IllegalArgumentException("a deadline is not positive");
        }
    }

    public Limits withReplyBytes(int bytes) {
        return new Limits(helloDeadline, helloBytes, rpcBytes, bytes, notificationBytes, requestBytes, pendingRequests,
                lostReplies, queuedNotifications, sendBacklogBytes, sendDeadline, xml);
    }

    public Limits withRpcBytes(int bytes) {
        return new Limits(helloDeadline, helloBytes, bytes, replyBytes, notificationBytes, requestBytes,
                pendingRequests, lostReplies, queuedNotifications, sendBacklogBytes, sendDeadline, xml);
    }

    public Limits withHelloDeadline(Duration deadline) {
        return new Limits(deadline, helloBytes, rpcBytes, replyBytes, notificationBytes, requestBytes, pendingRequests,
                lostReplies, queuedNotifications, sendBacklogBytes, sendDeadline, xml);
    }

    public Limits withSendDeadline(Duration deadline) {
        return new Limits(helloDeadline, helloBytes, rpcBytes, replyBytes, notificationBytes, requestBytes,
                pendingRequests, lostReplies, queuedNotifications, sendBacklogBytes, deadline, xml);
    }
}
