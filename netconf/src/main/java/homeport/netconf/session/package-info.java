/**
 * From bytes to messages and back, for both ends of a session.
 *
 * <pre>
 *  link ─▶ FrameDecoder ─▶ ClientMachine ─▶ ClientSession ─▶ whoever asked
 *  link ◀─ FrameEncoder ◀────────────────── ClientSession ◀─ requests
 * </pre>
 *
 * <p>Decoders, encoders and machines are sans-IO: no thread, no clock, no link. The sessions hold a machine under a lock,
 * give it the link's bytes and the time, and hand on what comes out. Nothing of a client's operations enters here.
 */
package homeport.netconf.session;
