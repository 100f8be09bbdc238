#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes derivation.txt: keys derived as RFC 4253 section 7.2 says, by Python's hashlib alone.

Run it as: ./derivation.py > derivation.txt
Each line: hash, K as encoded, H, session id, letter, length, key.
"""
import hashlib


def mpint(number):
    octets = number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b""
    return len(octets).to_bytes(4, "big") + octets


def string(octets):
    return len(octets).to_bytes(4, "big") + octets


def derive(name, secret, exchange, session, letter, length):
    key = hashlib.new(name, secret + exchange + letter.encode() + session).digest()
    while len(key) < length:
        key += hashlib.new(name, secret + exchange + key).digest()
    return key[:length]


SECRETS = [mpint(0x7F << 248 | 12345), mpint(0xFF << 248 | 99), mpint(pow(3, 1234, 1 << 2048)), string(bytes(range(32)))]
for name, jca in [("sha1", "SHA-1"), ("sha256", "SHA-256"), ("sha384", "SHA-384"), ("sha512", "SHA-512")]:
    size = hashlib.new(name).digest_size
    for index, secret in enumerate(SECRETS):
        exchange = hashlib.new(name, b"exchange %d" % index).digest()
        # At a later key exchange the session id stays that of the first.
        session = exchange if index == 0 else hashlib.new(name, b"first exchange").digest()
        for letter, length in zip("ABCDEF", [12, 16, 32, 64, size, 2 * size + 1]):
            key = derive(name, secret, exchange, session, letter, length)
            print(jca, secret.hex(), exchange.hex(), session.hex(), letter, length, key.hex())
