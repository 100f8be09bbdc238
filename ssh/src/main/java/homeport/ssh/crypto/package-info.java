/**
 * The algorithms that a key exchange agrees on: shared secrets, ciphers, authentication codes, compression.
 *
 * <p>Primitives come from providers, chosen by measurement in one place ({@code Providers}); what is here is SSH's way
 * of putting them together. Values that a session keeps are small: keys and counters. Cipher contexts are made from them
 * and can be given up at any time.
 */
package homeport.ssh.crypto;
