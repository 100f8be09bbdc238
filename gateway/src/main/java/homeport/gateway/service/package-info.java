/** The running gateway: its data directory, its parts in the order in which they start, and their end. */
package homeport.gateway.service;
