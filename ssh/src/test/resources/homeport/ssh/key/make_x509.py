#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Made the X.509 certificates of this directory, with the Python library "cryptography".

x509_root -> x509_inter -> x509_*, valid from 2026 to 2046 unless their name says otherwise. They protect nothing.
"""
import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

HERE = pathlib.Path(__file__).parent
START, END = datetime.datetime(2026, 1, 1), datetime.datetime(2046, 1, 1)
SSH_CLIENT, SSH_SERVER = ObjectIdentifier("1.3.6.1.5.5.7.3.21"), ObjectIdentifier("1.3.6.1.5.5.7.3.22")
TLS_SERVER = ObjectIdentifier("1.3.6.1.5.5.7.3.1")
# hardwareModuleName: SEQUENCE { OID 1.3.6.1.4.1.99999.1, OCTET STRING "HW-4711" }
HARDWARE = bytes.fromhex("3014" "0609" "2b06010401868d1f01" "0407" + b"HW-4711".hex())

WITH_KEY = ("p256", "p384", "p521", "rsa", "rsa1024", "ed25519")


def usage(**given):
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})


def name(common, serial=None):
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if serial:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial))
    return x509.Name(parts)


def make(file, subject, key, issuer, issuer_key, number, extensions, start=START, end=END):
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
               .serial_number(number).not_valid_before(start).not_valid_after(end))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    certificate = builder.sign(issuer_key, hashes.SHA256())
    (HERE / f"x509_{file}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    if file in WITH_KEY:
        (HERE / f"x509_{file}.key").write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return certificate


authority = [(x509.BasicConstraints(True, None), True), (usage(key_cert_sign=True, crl_sign=True), True)]
root_key, inter_key, other_key = (ec.generate_private_key(curve) for curve in
                                  (ec.SECP384R1(), ec.SECP256R1(), ec.SECP256R1()))
root_name, inter_name = name("Acme Device Root"), name("Acme Device CA")
make("root", root_name, root_key, root_name, root_key, 1, authority)
make("inter", inter_name, inter_key, root_name, root_key, 2, authority)
make("other_root", root_name, other_key, root_name, other_key, 1, authority)

leaf = [(x509.BasicConstraints(False, None), True), (usage(digital_signature=True), True)]
keys = {
    "p256": ec.generate_private_key(ec.SECP256R1()), "p384": ec.generate_private_key(ec.SECP384R1()),
    "p521": ec.generate_private_key(ec.SECP521R1()), "rsa": rsa.generate_private_key(65537, 2048),
    "rsa1024": rsa.generate_private_key(65537, 1024), "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
number = 0x100
for kind, key in keys.items():
    number += 1
    make(kind, name("router-1", "SN12345"), key, inter_name, inter_key, number, leaf)
key = keys["p256"]


def variant(file, extensions, **more):
    global number
    number += 1
    make(file, name("router-1", "SN12345"), key, inter_name, inter_key, number, extensions, **more)


variant("san", leaf + [(x509.SubjectAlternativeName(
    [x509.DNSName("router-1.example.com"), x509.OtherName(ObjectIdentifier("1.3.6.1.5.5.7.8.4"), HARDWARE)]), False)])
variant("eku_server", leaf + [(x509.ExtendedKeyUsage([SSH_SERVER]), True)])
variant("eku_client", leaf + [(x509.ExtendedKeyUsage([SSH_CLIENT]), False)])
variant("eku_tls", leaf + [(x509.ExtendedKeyUsage([TLS_SERVER]), False)])
variant("no_signing", [leaf[0], (usage(key_encipherment=True), True)])
variant("critical", leaf + [(x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.99999.7"), b"\5\0"), True)])
variant("expired", leaf, end=datetime.datetime(2026, 2, 1))
variant("future", leaf, start=datetime.datetime(2040, 1, 1))
variant("forever", leaf, end=datetime.datetime(9999, 12, 31, 23, 59, 59))
variant("revoked", leaf)
revoked = number
# Signed by a leaf, which is no authority.
make("by_leaf", name("router-2", "SN2"), keys["p384"], name("router-1", "SN12345"), key, 0x200, leaf)


def revocation_list(file, issuer, issuer_key, numbers):
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer).last_update(START).next_update(END)
    for one in numbers:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(one).revocation_date(START).build())
    crl = builder.sign(issuer_key, hashes.SHA256())
    (HERE / f"x509_{file}.crl").write_bytes(crl.public_bytes(serialization.Encoding.PEM))


revocation_list("inter", inter_name, inter_key, [revoked])
# Under the same name by a key that is not the authority's.
revocation_list("forged", inter_name, other_key, range(0x100, number + 1))
