package homeport.cli;

import homeport.callhome.Design;
import homeport.gateway.event.Events;
import homeport.gateway.event.GatewayEvent;
import homeport.gateway.service.Gateway;
import homeport.ssh.key.PublicKeyFile;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** What the gateway says on standard output: where it is, and each time the next command to copy. */
final class FirstSteps implements AutoCloseable {
    /** Strangers are not to fill a terminal: after so many, whoever reads along knows how. */
    private static final int MOST_ARRIVALS = 3;

    private final Gateway gateway;
    private final String flags;
    private final BlockingQueue<String> arrivals = new ArrayBlockingQueue<>(MOST_ARRIVALS);
    private final Optional<Events.Watch> watch;
    private int told;

    /** @param flags by which commands find this gateway, with a blank before them */
    FirstSteps(Gateway gateway, String flags) {
        this.gateway = gateway;
        this.flags = flags;
        this.watch = gateway.events().watch(Optional.empty(), event -> {
            if (event.type() == GatewayEvent.Type.DEVICE_PENDING) {
                boolean unused = arrivals.offer(event.device()); // one that has no room is in the list all the same
            }
        });
    }

    String greeting() {
        int devicesPort = gateway.devicesAddress().getPort();
        int operatorsPort = gateway.operatorsAddress().getPort();
        var text = new StringBuilder("Devices dial port " + devicesPort + ", operators log in on port " + operatorsPort
                + ", the HTTP API is on port " + gateway.httpPort() + ".\n");
        var operators = gateway.inventory().operators();
        if (operators.none()) {
            text.append("There is no operator yet. End this, and start it with: --operator NAME=PUBLIC_KEY_FILE\n");
        }
        if (!gateway.firstStart()) {
            return text.toString();
        }
        var key = new PublicKeyFile(gateway.keys().user().publicKey(), "homeport").write().strip();
        text.append("On a device, let the gateway log in and dial it (here with OpenSSH's sshd and socat):\n") //
                .append("  echo '").append(key).append("' >> ~/.ssh/authorized_keys\n") //
                .append("  socat TCP:GATEWAY:").append(devicesPort).append(",nodelay EXEC:'/usr/sbin/sshd -i'\n") //
                .append("Then see who waits:\n  homeport device list --state pending").append(flags).append('\n');
        return text.toString();
    }

    /** Waits for a stranger, and says how to let it in. */
    String arrival() throws InterruptedException {
        var id = arrivals.take();
        if (told == MOST_ARRIVALS) {
            return "";
        }
        told++;
        var design = gateway.inventory().devices().find(id).map(device -> device.sighting().design()).orElse("");
        return "A device waits. If you know it, with the account on it whose authorized_keys has the gateway's key:\n  "
                + approve(id, design, flags) + '\n';
    }

    /** The command that lets a device in. ACCOUNT is for the reader to fill in: nobody else knows whose it is. */
    static String approve(String id, String design, String flags) {
        var login = design.equals(Design.SERVER_CHANNELS.text()) ? "" : " --login ACCOUNT";
        return "homeport device approve " + Shell.word(id) + login + flags;
    }

    @Override
    public void close() {
        watch.ifPresent(Events.Watch::close);
    }
}
