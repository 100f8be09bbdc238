package homeport.gateway.desk;

/** The connections of devices. */
public interface DeviceLinks {
    /** Ends a device's connection. @return false when it has none */
    boolean disconnect(String deviceId, String detail);
}
