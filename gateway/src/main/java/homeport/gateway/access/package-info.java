/** What operators may do, and to which devices: pure functions of their record and the device's labels. */
package homeport.gateway.access;
