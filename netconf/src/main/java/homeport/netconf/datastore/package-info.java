/**
 * YANG-modelled data at rest: schemas, the datastores over yangtools' data trees, edits, validation, filters and the
 * journal they survive in. It knows no sessions and no access control; {@code server} brings those.
 *
 * <pre>
 *  rpc ─▶ server ─▶ Edit ─▶ DataTreeModification ─▶ Constraints ─▶ Datastores ─▶ Journal
 *                   Filter ◀─ Mask ◀─ XPath ◀──────── Definition (the schema as data nodes see it)
 * </pre>
 */
package homeport.netconf.datastore;
