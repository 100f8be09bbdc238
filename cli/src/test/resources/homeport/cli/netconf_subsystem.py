#!/usr/bin/python3
"""A router's NETCONF (RFC 6241, 6242) on standard input and output, as sshd's subsystem: get, get-config, close-session, and wait."""
import re
import sys
import time
import xml.etree.ElementTree as ET

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
SYSTEM = "urn:example:system"
HOSTNAME = sys.argv[1]
END = b"]]>]]>"

source, sink = sys.stdin.buffer, sys.stdout.buffer


def read_to_end_mark():
    text = b""
    while not text.endswith(END):
        octet = source.read(1)
        if not octet:
            sys.exit(0)
        text += octet
    return text[: -len(END)]


def read_chunks():
    text = b""
    while True:
        line = source.readline()  # the LF before each chunk
        if not line:
            sys.exit(0)
        header = source.readline()
        if header == b"##\n":
            return text
        size = re.fullmatch(rb"#([1-9][0-9]{0,9})\n", header)
        if line != b"\n" or not size:
            sys.exit("no chunk: %r %r" % (line, header))
        text += source.read(int(size.group(1)))


def write(text, chunked):
    octets = text.encode()
    sink.write(b"\n#%d\n%s\n##\n" % (len(octets), octets) if chunked else octets + END)
    sink.flush()


write(
    '<hello xmlns="%s"><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability>'
    "<capability>urn:ietf:params:netconf:base:1.1</capability></capabilities><session-id>7</session-id></hello>" % BASE,
    False,
)
hello = ET.fromstring(read_to_end_mark())
chunked = any((c.text or "").strip().endswith(":base:1.1") for c in hello.iter("{%s}capability" % BASE))
while True:
    rpc = ET.fromstring(read_chunks() if chunked else read_to_end_mark())
    operation = rpc[0].tag.rpartition("}")[2]
    identifier = rpc.get("message-id", "")
    if operation in ("get", "get-config"):
        body = '<data><system xmlns="%s"><hostname>%s</hostname></system></data>' % (SYSTEM, HOSTNAME)
    elif operation == "wait":
        time.sleep(2)
        body = "<ok/>"
    elif operation == "close-session":
        body = "<ok/>"
    else:
        body = (
            "<rpc-error><error-type>protocol</error-type><error-tag>operation-not-supported</error-tag>"
            "<error-severity>error</error-severity></rpc-error>"
        )
    write('<rpc-reply xmlns="%s" message-id="%s">%s</rpc-reply>' % (BASE, identifier, body), chunked)
    if operation == "close-session":
        break
