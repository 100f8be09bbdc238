package homeport.agent;

import homeport.callhome.Refusal;
import homeport.callhome.SshLink;
import homeport.net.Dialler;
import homeport.net.Loop;
import homeport.ssh.Algorithms;
import homeport.ssh.Event;
import homeport.ssh.HostKeyDecision;
import homeport.ssh.Question;
import homeport.ssh.Role;
import homeport.ssh.SshSettings;
import homeport.ssh.key.PlainKey;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the device's own SSH server for its host key, for the bootstrap message to vouch for: the one that it shows to a
 * client with the gateway's preferences.
 */
final class HostKeyScan {
    private static final SshSettings AS_THE_GATEWAY = SshSettings.builder()
            .algorithms(Algorithms.MODERN.withDeviceKeys()).build();

    private HostKeyScan() {}

    static CompletableFuture<PlainKey> of(Loop loop, Endpoint server, Duration patience) {
        var found = new CompletableFuture<PlainKey>();
        var link = new SshLink[1];
        var dialled = Dialler.dial(loop, server.address(), patience, connection -> {
            link[0] = SshLink.as(Role.CLIENT, AS_THE_GATEWAY, loop.environment(), loop.output(), connection, event -> {
                switch (event) {
                    case Question.HostKeyAsked asked -> {
                        if (asked.key() instanceof PlainKey key) {
                            found.complete(key);
                        } else {
                            found.completeExceptionally(new IOException(
                                    "a " + asked.key().type() + " cannot stand in a bootstrap message"));
                        }
                        link[0].run(() -> link[0].connection().decide(asked,
                                new HostKeyDecision.Refuse("only asking for the key")));
                    }
                    case Event.Closed closed -> found.completeExceptionally(new IOException(
                            server + " shows no host key: " + closed.reason().text()));
                    case Event other -> {
                        // On the way to the host key.
                    }
                }
            });
            return link[0];
        });
        var unused = dialled.whenComplete((connection, failure) -> {
            if (failure != null) {
                found.completeExceptionally(failure);
            } else {
                var unusedClosing = found.orTimeout(patience.toNanos(), java.util.concurrent.TimeUnit.NANOSECONDS)
                        .whenComplete((key, none) -> loop.execute(() -> {
                            if (!link[0].isClosed()) {
                                link[0].close(Refusal.CLOSED, "");
                            }
                        }));
            }
        });
        return found;
    }
}
