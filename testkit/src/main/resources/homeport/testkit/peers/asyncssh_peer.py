# SPDX-License-Identifier: Apache-2.0
"""AsyncSSH as a test peer: asyncssh_peer.py ROLE SETTINGS

ROLE is server-listen, server-dial, client-dial, client-accept or algorithms. SETTINGS is a file of "key value" lines; a
key may come more than once. What the test waits for is written to standard error as "peer: ..."; a client's standard
input and output are the command's.
"""
import asyncio
import os
import signal
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
import asyncssh  # noqa: E402  (after the warnings are off)


def say(text):
    print("peer: " + text, file=sys.stderr, flush=True)


class Settings:
    def __init__(self, path):
        self.values = {}
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                key, _, value = line.rstrip("\n").partition(" ")
                self.values.setdefault(key, []).append(value)

    def all(self, key):
        return self.values.get(key, [])

    def get(self, key, default=None):
        return self.values[key][-1] if key in self.values else default

    def algorithms(self):
        options = {}
        for key, option in (("kex", "kex_algs"), ("cipher", "encryption_algs"), ("mac", "mac_algs")):
            if self.all(key):
                options[option] = self.all(key)
        if self.get("rekey_bytes"):
            options["rekey_bytes"] = int(self.get("rekey_bytes"))
        return options


class Server(asyncssh.SSHServer):
    def __init__(self, settings):
        self.settings = settings
        self.methods = settings.all("method")

    def connection_lost(self, exc):
        say("connection lost: %s" % (exc,))

    def begin_auth(self, username):
        return "none" not in self.methods

    def public_key_auth_supported(self):
        return "publickey" in self.methods

    def password_auth_supported(self):
        return "password" in self.methods

    def validate_password(self, username, password):
        return username == self.settings.get("user") and password == self.settings.get("password")

    def kbdint_auth_supported(self):
        return "keyboard-interactive" in self.methods

    def get_kbdint_challenge(self, username, lang, submethods):
        return ("Homeport", "Two questions", "", [("Password: ", False), ("Again: ", False)])

    def validate_kbdint_response(self, username, responses):
        return list(responses) == [self.settings.get("password")] * 2


async def pump(source, sink):
    while True:
        data = await source.read(32768)
        if not data:
            return
        sink.write(data)
        await sink.drain()


async def feed(process, child):
    try:
        await pump(process.stdin, child.stdin)
        child.stdin.close()
    except (OSError, asyncssh.Error) as error:
        # The command ended, or the channel did, before all was read: the exit status tells.
        say("standard input: %s" % (error,))


async def execute(process):
    """What the client asked for, in /bin/sh. The exit status goes out before EOF: dbclient closes at EOF."""
    child = await asyncio.create_subprocess_exec("/bin/sh", "-c", process.command or "true",
                                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                 stderr=subprocess.PIPE)
    feeding = asyncio.ensure_future(feed(process, child))
    await asyncio.gather(pump(child.stdout, process.stdout), pump(child.stderr, process.stderr))
    status = await child.wait()
    feeding.cancel()
    process.exit(status)


def server_options(settings):
    options = settings.algorithms()
    options.update(server_factory=lambda: Server(settings), server_host_keys=settings.all("host_key"),
                   process_factory=execute, encoding=None, allow_pty=False, login_timeout=30,
                   line_editor=False)
    if settings.all("signature"):
        options["signature_algs"] = settings.all("signature")
    if settings.get("authorized_keys"):
        options["authorized_client_keys"] = settings.get("authorized_keys")
    return options


async def server_listen(settings):
    server = await asyncssh.listen("127.0.0.1", 0, **server_options(settings))
    say("listening on %d" % server.sockets[0].getsockname()[1])
    await server.wait_closed()


async def server_dial(settings):
    connection = await asyncssh.connect_reverse("127.0.0.1", int(settings.get("port")), **server_options(settings))
    say("connected")
    await connection.wait_closed()


class Client(asyncssh.SSHClient):
    def __init__(self, settings):
        self.settings = settings

    def password_auth_requested(self):
        return self.settings.get("password")

    def kbdint_auth_requested(self):
        return ""

    def kbdint_challenge_received(self, name, instructions, lang, prompts):
        return [self.settings.get("password")] * len(prompts)


def client_options(settings):
    options = settings.algorithms()
    options.update(client_factory=lambda: Client(settings), username=settings.get("user"),
                   known_hosts=settings.get("known_hosts"), preferred_auth=settings.all("method"), agent_path=None,
                   client_keys=settings.all("identity") or None, login_timeout=30)
    if settings.all("server_host_key"):
        options["server_host_key_algs"] = settings.all("server_host_key")
    if settings.get("roots"):
        options["x509_trusted_certs"] = settings.get("roots")
        options["x509_purposes"] = "any"
    return options


async def client_run(connection, settings):
    standard_input = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    result = await connection.run(settings.get("command"), encoding=None, input=standard_input)
    sys.stdout.buffer.write(result.stdout)
    sys.stdout.buffer.flush()
    sys.stderr.buffer.write(result.stderr)
    status = result.exit_status
    connection.close()
    await connection.wait_closed()
    say("exit status %s" % (status,))
    os._exit(254 if status is None else status)


async def client_dial(settings):
    connection = await asyncssh.connect("127.0.0.1", int(settings.get("port")), config=None,
                                        **client_options(settings))
    await client_run(connection, settings)


async def client_accept(settings):
    came = asyncio.get_running_loop().create_future()
    options = client_options(settings)
    acceptor = await asyncssh.listen_reverse("127.0.0.1", 0, acceptor=came.set_result, error_handler=lambda c, e:
                                             came.done() or came.set_exception(e), config=None, **options)
    say("listening on %d" % acceptor.sockets[0].getsockname()[1])
    await client_run(await came, settings)


async def algorithms(settings):
    from asyncssh import encryption, kex, mac, public_key
    kinds = (("kex", kex.get_kex_algs()), ("host", public_key.get_public_key_algs()
              + public_key.get_certificate_algs() + public_key.get_x509_certificate_algs()),
             ("cipher", encryption.get_encryption_algs()), ("mac", mac.get_mac_algs()))
    for kind, names in kinds:
        print(kind, ",".join(name.decode("ascii") for name in names if not name.startswith(b"gss-")))


def main():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(254))
    role, path = sys.argv[1:]
    roles = {"server-listen": server_listen, "server-dial": server_dial, "client-dial": client_dial,
             "client-accept": client_accept, "algorithms": algorithms}
    try:
        asyncio.run(roles[role](Settings(path)))
    except (OSError, asyncssh.Error, ValueError) as error:
        say("failed: %s: %s" % (type(error).__name__, error))
        os._exit(254)


main()
