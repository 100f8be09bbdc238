package homeport.agent;

import java.time.Duration;

/** What an agent does, for whoever watches it. Told on the loop of the gateway's call: be quick. */
public sealed interface AgentEvent {
    /** Takes the events. */
    @FunctionalInterface
    interface Watcher {
        void on(AgentEvent event);
    }

    /** The gateway's name in the configuration. */
    String gateway();

    record Dialling(String gateway, Endpoint endpoint) implements AgentEvent {}

    /** The gateway has us. */
    record Registered(String gateway, Endpoint endpoint) implements AgentEvent {}

    /** A try came to nothing: nobody answered, or the gateway did not take us. */
    record Failed(String gateway, Endpoint endpoint, String reason) implements AgentEvent {}

    /** A connection that was registered is over. */
    record Ended(String gateway, Endpoint endpoint, String reason) implements AgentEvent {}

    /** @param time until the next step, as far as it is known now */
    record Waiting(String gateway, Duration time) implements AgentEvent {}
}
