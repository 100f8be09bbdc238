/** Sockets on Netty's event loops: each connection belongs to one loop, and its machine is touched by no other thread. */
package homeport.net;
