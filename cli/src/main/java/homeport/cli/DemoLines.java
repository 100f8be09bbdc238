package homeport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What can be typed in another terminal while the demo runs: every line works as it stands, and none holds a secret. */
record DemoLines(List<String> lines) {
    DemoLines {
        lines = List.copyOf(lines);
    }

    /**
     * @param environment {@code HOMEPORT_COMMAND} is how this command was called, and {@code PATH} says what else there is
     * @param names of devices that are in and speak NETCONF
     * @param pending a device that waits
     */
    static DemoLines of(Map<String, String> environment, DemoGateway gateway, List<String> names,
            List<String> shellOnly, String pending) throws IOException {
        var homeport = Shell.word(environment.getOrDefault("HOMEPORT_COMMAND", "homeport"));
        var data = " --data " + Shell.word(gateway.data().toString());
        var path = environment.getOrDefault("PATH", "");
        var lines = new ArrayList<String>();
        lines.add(homeport + " device list" + data);
        lines.add(homeport + " why " + Shell.word(pending) + data);
        lines.add(homeport + " device approve " + Shell.word(pending) + data);
        lines.add(homeport + " get-config " + Shell.word(names.getLast()) + data);
        if (isOn(path, "ssh")) {
            var all = new ArrayList<>(names);
            all.addAll(shellOnly);
            all.add(pending);
            var config = " -F " + Shell.word(gateway.sshConfig(all).toString());
            var ssh = "ssh" + config;
            lines.add(ssh + " gateway");
            lines.add(ssh + " " + Shell.word(names.getFirst()) + " 'uname -a'");
            lines.add(ssh + " -s " + Shell.word(names.getLast()) + " netconf");
            if (!shellOnly.isEmpty()) {
                lines.add(ssh + " " + Shell.word(shellOnly.getFirst()) + " 'uname -a'");
            }
            if (StockDevices.hasOpenSsh() && isOn(path, "sftp")) {
                lines.add("echo ls /etc/hostname | sftp" + config + " -b - " + Shell.word(shellOnly.getFirst()));
            }
        }
        if (isOn(path, "curl")) {
            var curl = "curl --silent --show-error --fail-with-body --header @"
                    + Shell.word(gateway.header().toString());
            lines.add(curl + " " + gateway.api() + "/devices");
            lines.add(curl + " --header 'Content-Type: application/json' --data '{\"rpc\":\"<get/>\"}' " + gateway.api()
                    + "/devices/"
                    + Shell.word(names.getFirst()) + "/rpc");
        }
        return new DemoLines(lines);
    }

    private static boolean isOn(String path, String program) {
        for (var directory : path.split(":", -1)) {
            if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }
}
