/** The gateway's own keys, and by what it logs in to devices that are SSH servers. */
package homeport.gateway.login;
