/**
 * The agent: the device's side for devices that have no call-home of their own.
 *
 * <pre>
 * AgentConfig ──▶ Agent ──▶ GatewayCall, one for each gateway ──▶ ReconnectStrategy (when, and whom, to dial)
 *                                │
 *                                ▼ one connection at a time
 *                           Departure or StreamPipe ──▶ DeviceConnection ──▶ Programs, EmbeddedNetconf, ChannelRelay
 * </pre>
 */
@org.jspecify.annotations.NullMarked
package homeport.agent;
