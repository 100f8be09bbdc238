#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes packets.txt: what AsyncSSH's packet ciphers (on OpenSSL) make of known packets under known keys.

Needs python3-asyncssh (made with 2.10.1). Run it as: ./packets.py > packets.txt
One line names a suite and its keys; each line behind it is a packet: sequence number, length field, sealed bytes
(or their SHA-256, for long ones). Byte i of a packet, from its length field on, is (7 * i + sequence) mod 256.
"""
import hashlib
import warnings

warnings.simplefilter("ignore")
from asyncssh.encryption import get_encryption, get_encryption_params  # noqa: E402

CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com",
           "aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-cbc", "aes192-cbc", "aes256-cbc"]
MACS = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512",
        "hmac-sha1-etm@openssh.com", "hmac-sha1"]


def octets(name, count):
    made = b""
    while len(made) < count:
        made += hashlib.sha256(("%s %d" % (name, len(made))).encode()).digest()
    return made[:count]


def main():
    for cipher in CIPHERS:
        alone = "@openssh.com" in cipher
        for mac in ["none"] if alone else MACS:
            sizes = get_encryption_params(cipher.encode(), mac.encode())
            key_bytes, iv_bytes, _, mac_key_bytes, _, etm = sizes
            key, iv = octets(cipher + " key", key_bytes), octets(cipher + " iv", iv_bytes)
            if "gcm" in cipher:
                # The counter's carry must be right too.
                iv = iv[:4] + b"\x00\x00\x00\x00\xff\xff\xff\xff"
            elif "ctr" in cipher:
                iv = iv[:4] + b"\xff" * 12
            mac_key = octets(mac + " key", mac_key_bytes)
            print(cipher, mac, key.hex(), iv.hex() or "-", mac_key.hex() or "-")
            encryption = get_encryption(cipher.encode(), key, iv, mac.encode(), mac_key, etm)
            for sequence, blocks in [(0, 2), (1, 3), (2, 40), (0x80000000, 2049), (0xFFFFFFFF, 2)]:
                length = blocks * 16 if alone or etm else blocks * 16 - 4
                packet = bytearray((7 * i + sequence) % 256 for i in range(4 + length))
                packet[:4] = length.to_bytes(4, "big")
                sealed, tag = encryption.encrypt_packet(sequence, bytes(packet[:4]), bytes(packet[4:]))
                whole = sealed + tag
                told = whole.hex() if blocks < 10 else "sha256:" + hashlib.sha256(whole).hexdigest()
                print(sequence, length, told)


main()
