/** Devices that are connected now. What is on record about them is the inventory's; what they are used for, others'. */
package homeport.gateway.live;
