/**
 * The four ways in which a device dials in, as machines without I/O: the gateway's end ({@link
 * homeport.callhome.Arrival}) and the device's ({@link homeport.callhome.Departure}).
 *
 * <pre>
 *  bytes in ─▶ first bytes ─▶ message or identity ─▶ SSH in the right role ─▶ evidence ─▶ admission ─▶ DeviceLink
 *                  └─▶ refused, with the reason         (SshLink)             (Claim, Proof)   │
 *                                                                        refused or held ◀────┘
 * </pre>
 *
 * Above a {@link homeport.callhome.DeviceLink} nobody needs to know which way a device came.
 */
package homeport.callhome;
