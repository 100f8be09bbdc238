/**
 * What the gateway knows and must not forget: devices and their keys, authorities, operators, the audit trail, the
 * journal of attempts, alarms. Records and the store that keeps them; no judgement, which is {@code admission}'s.
 *
 * <pre>
 *  Inventory ─▶ DeviceTable, OperatorTable, TrustTable, ... ─▶ Database (Jdbi) ─▶ SQLite or PostgreSQL
 * </pre>
 *
 * Every call blocks: it is for virtual threads, never for an event loop. A write that returned is on disk.
 */
package homeport.gateway.inventory;
