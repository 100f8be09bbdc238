# SPDX-License-Identifier: Apache-2.0
"""A link between two network namespaces that loses and delays packets, for kernels without netem.

lossy_link.py NAMESPACE DEVICE ADDRESS/PREFIX NAMESPACE DEVICE ADDRESS/PREFIX LOSS_PERCENT DELAY_MILLISECONDS SEED

Each packet of either direction is dropped with that probability, or comes out that much later. Runs until its standard
input ends; says "up" once the link is there, and at the end how many packets it carried and lost.
"""
import fcntl, heapq, os, random, select, struct, subprocess, sys, time

TUNSETIFF, TUN, NO_INFO = 0x400454CA, 0x0001, 0x1000


def tun(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), TUN | NO_INFO))
    return device


def run(*command):
    subprocess.run(command, check=True)


ends = []
for namespace, name, address in (sys.argv[1:4], sys.argv[4:7]):
    ends.append(tun(name))
    run("ip", "link", "set", name, "netns", namespace)
    run("ip", "-n", namespace, "address", "add", address, "dev", name)
    run("ip", "-n", namespace, "link", "set", name, "mtu", "1500", "txqueuelen", "1000", "up")
loss, delay = float(sys.argv[7]) / 100, float(sys.argv[8]) / 1000
chance = random.Random(int(sys.argv[9]))
other = {ends[0]: ends[1], ends[1]: ends[0]}
waiting, number, carried, lost = [], 0, 0, 0
print("up", flush=True)
while True:
    timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    ready, _, _ = select.select(ends + [sys.stdin], [], [], timeout)
    if sys.stdin in ready and not os.read(sys.stdin.fileno(), 1):
        break
    for end in ends:
        if end in ready:
            packet = os.read(end, 65536)
            if chance.random() < loss:
                lost += 1
            else:
                number += 1
                heapq.heappush(waiting, (time.monotonic() + delay, number, other[end], packet))
    while waiting and waiting[0][0] <= time.monotonic():
        _, _, end, packet = heapq.heappop(waiting)
        try:
            os.write(end, packet)
            carried += 1
        except OSError:
            lost += 1  # the interface is down, or its queue is full
print(f"carried {carried}, lost {lost}", flush=True)
