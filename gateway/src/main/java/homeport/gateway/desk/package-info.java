/**
 * What operators do, whichever way they ask for it: may they, then the write, then whoever must know of it, then the event.
 * The audit trail is written in the same transaction as the change.
 */
package homeport.gateway.desk;
