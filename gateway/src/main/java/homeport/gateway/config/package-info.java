/**
 * The configuration: a YAML file, {@code HOMEPORT_*} in the environment, and flags, the later before the earlier. One
 * immutable record for each component; whatever is wrong stops the start, with file, line and key.
 */
package homeport.gateway.config;
