/** Why a device is not here: what each entry of the journal means, and what to do about it. */
package homeport.gateway.journal;
