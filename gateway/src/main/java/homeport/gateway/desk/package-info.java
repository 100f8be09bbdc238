/** What operators do with devices, whichever way they ask: allowed or not, written, told to whoever is to act on it. */
package homeport.gateway.desk;
