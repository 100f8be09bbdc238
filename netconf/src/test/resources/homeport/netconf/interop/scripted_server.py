# SPDX-License-Identifier: Apache-2.0
"""A NETCONF server on AsyncSSH that plays a script: says which operation it expects next and what it answers.

Usage: scripted_server.py SCRIPT.json  - prints its port, serves until its standard input ends.
"""
import asyncio
import json
import re
import sys
import warnings

warnings.filterwarnings("ignore")
import asyncssh  # noqa: E402

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
script = json.load(open(sys.argv[1], encoding="utf-8"))


class Anybody(asyncssh.SSHServer):
    def begin_auth(self, username):
        return False


class Frames:
    """The reading half of RFC 6242, written plainly."""

    def __init__(self, stream):
        self.stream = stream
        self.chunked = False

    async def next(self):
        if not self.chunked:
            return (await self.stream.readuntil(b"]]>]]>"))[:-6].decode()
        message = b""
        while True:
            if await self.stream.readexactly(2) != b"\n#":
                raise ValueError("not a chunk")
            header = await self.stream.readuntil(b"\n")
            if header == b"#\n":
                return message.decode()
            message += await self.stream.readexactly(int(header))


async def serve(process):
    if process.subsystem != "netconf":
        process.exit(1)
        return
    frames = Frames(process.stdin)

    def send(text):
        data = text.encode()
        if not frames.chunked:
            process.stdout.write(data + b"]]>]]>")
            return
        size = script.get("chunk", len(data))
        for at in range(0, len(data), size):
            piece = data[at:at + size]
            process.stdout.write(b"\n#%d\n" % len(piece) + piece)
        process.stdout.write(b"\n##\n")

    capabilities = "".join("<capability>%s</capability>" % uri for uri in script["capabilities"])
    send('<?xml version="1.0" encoding="UTF-8"?>\n<hello xmlns="%s"><capabilities>%s</capabilities>'
         "<session-id>42</session-id></hello>" % (BASE, capabilities))
    try:
        hello = await frames.next()
        both = [text for text in (hello, "".join(script["capabilities"])) if "base:1.1" in text]
        frames.chunked = len(both) == 2
        if frames.chunked and script.get("stray"):
            process.stdout.write(b"\n")
        for exchange in script["exchanges"]:
            request = await frames.next()
            if exchange["expect"] not in request:
                raise ValueError("expected %s, got %s" % (exchange["expect"], request))
            message_id = re.search(r'message-id="([^"]*)"', request).group(1)
            for notification in exchange.get("before", []):
                send(notification)
            send('<rpc-reply xmlns="%s" message-id="%s">%s</rpc-reply>' % (BASE, message_id, exchange["answer"]))
            for notification in exchange.get("after", []):
                send(notification)
        await frames.next()
    except (asyncio.IncompleteReadError, asyncssh.misc.Error):
        pass
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
    process.exit(0)


async def main():
    key = asyncssh.generate_private_key("ssh-ed25519")
    acceptor = await asyncssh.listen("127.0.0.1", 0, server_factory=Anybody, server_host_keys=[key],
                                     process_factory=serve, encoding=None)
    print(acceptor.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_event_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
