package homeport.gateway.desk;

import java.time.Duration;

/** NETCONF with a device that is connected. */
public interface DeviceRpc {
    /**
     * Sends one rpc and waits for its reply.
     *
     * @param xml an operation, or a whole {@code rpc} element
     * @return the {@code rpc-reply} element, whatever it says
     * @throws DeskError {@code OFFLINE}, {@code TIMEOUT}, {@code INVALID} for what is no rpc, or {@code DEVICE_FAILED}
     */
    String rpc(String deviceId, String xml, Duration timeout) throws InterruptedException;
}
