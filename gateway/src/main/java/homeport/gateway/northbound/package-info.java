/**
 * Operators' SSH: who they are, which devices they reach, and their channels joined to those of the devices.
 *
 * <p>Nothing here dials: whatever an operator asks for is opened by a device, on its own connection, or not at all. So the
 * gateway's own network is out of reach by construction.
 */
package homeport.gateway.northbound;
