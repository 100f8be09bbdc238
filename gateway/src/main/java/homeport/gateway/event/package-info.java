/** What happens at the gateway, for whoever watches: numbered, so that a watcher who was away goes on where it was. */
package homeport.gateway.event;
