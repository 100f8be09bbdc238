/**
 * Devices that dial in: each connection's evidence is judged by the inventory's records, admitted devices become {@link
 * homeport.gateway.live.LiveDevice live}, and everything that happens is written down, beside the loops.
 *
 * <pre>
 *  loop:     Arrival asks ──▶ DeviceDoor ─┐                    ┌─▶ Arrival.decide ──▶ LiveDevices
 *  virtual:                               └─▶ Admissions ──────┤
 *  thread                                     (database)       └─▶ Chronicle ──▶ journal, sightings
 * </pre>
 */
package homeport.gateway.southbound;
