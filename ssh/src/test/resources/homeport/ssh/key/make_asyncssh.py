#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Made asyncssh_x509: for each key of make_x509.py the blob of its chain and a signature, by AsyncSSH 2.10.1.

One line each: algorithm, blob and signature in base64. What is signed stands in sshsig_data.
"""
import base64
import pathlib

import asyncssh

HERE = pathlib.Path(__file__).parent
DATA = (HERE / "sshsig_data").read_bytes()

with open(HERE / "asyncssh_x509", "w", encoding="ascii") as out:
    for kind in ("p256", "p384", "p521", "rsa", "ed25519"):
        key = asyncssh.read_private_key(HERE / f"x509_{kind}.key")
        chain = asyncssh.read_certificate_list(HERE / f"x509_{kind}.pem") + asyncssh.read_certificate_list(
            HERE / "x509_inter.pem")
        for pair in asyncssh.load_keypairs([(key, chain)]):
            for algorithm in pair.host_key_algorithms:
                algorithm = algorithm.decode()
                if algorithm.startswith("x509v3-"):
                    pair.set_sig_algorithm(algorithm.encode())
                    print(algorithm, base64.b64encode(pair.public_data).decode(),
                          base64.b64encode(pair.sign(DATA)).decode(), file=out)
