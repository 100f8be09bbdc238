package homeport.cli;

import picocli.CommandLine.Command;

/** {@code homeport device …}: what is on record, and decisions about it. */
@Command(name = "device", mixinStandardHelpOptions = true, description = "Lists devices and decides about them.", //
        subcommands = {DeviceList.class, DeviceShow.class, DeviceWatch.class, DeviceAdd.class, DeviceSet.class,
                DeviceApprove.class, DeviceRefuse.class, DeviceRemove.class, DeviceDisconnect.class})
final class DeviceCommand {}
