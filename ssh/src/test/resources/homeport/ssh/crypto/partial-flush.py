#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes partial-flush.txt: one zlib stream, flushed after each payload as OpenSSH does it (Z_PARTIAL_FLUSH).

Run it as: ./partial-flush.py > partial-flush.txt
Each line: a payload and what it is compressed to, both in hex.
"""
import zlib as library

stream = library.compressobj(6)
for payload in [b"\x5e" + b"homeport " * 20, b"\x5e", bytes(range(200)), b"\x5e" + b"homeport " * 20, b"\x02" + bytes(3000)]:
    made = stream.compress(payload) + stream.flush(library.Z_PARTIAL_FLUSH)
    print(payload.hex(), made.hex())
