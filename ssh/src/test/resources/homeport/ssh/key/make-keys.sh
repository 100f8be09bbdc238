#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Made the private and public keys of this directory, with OpenSSH 9.2's ssh-keygen. They protect nothing: they are
# test data, and every one of them is public. Running it again makes other keys, which the tests take as well.
set -eu
cd "$(dirname "$0")"
rm -f id_* pem_*
key() { name=$1; shift; ssh-keygen -q -C "homeport test" -f "$name" "$@"; }

key id_ed25519 -t ed25519 -N ""
key id_ecdsa256 -t ecdsa -b 256 -N ""
key id_ecdsa384 -t ecdsa -b 384 -N ""
key id_ecdsa521 -t ecdsa -b 521 -N ""
key id_rsa2048 -t rsa -b 2048 -N ""
key id_rsa1024 -t rsa -b 1024 -N ""

# Encrypted: the passphrase is "correct horse", 16 rounds of bcrypt; the last with a passphrase that is not ASCII.
for cipher in aes128-ctr aes192-ctr aes256-ctr aes128-cbc aes192-cbc aes256-cbc aes128-gcm@openssh.com \
    aes256-gcm@openssh.com chacha20-poly1305@openssh.com; do
    key "id_enc_${cipher%@*}" -t ed25519 -Z "$cipher" -N "correct horse"
done
key id_enc_rsa -t rsa -b 2048 -N "correct horse"
key id_enc_ecdsa -t ecdsa -b 256 -a 3 -N "correct horse"
key id_enc_utf8 -t ed25519 -a 2 -N "pass ä ü € 𝄞"

# PEM: PKCS#8, PKCS#1, SEC 1, in the clear; PKCS#8 also under PBES2 (OpenSSL's), and PEM's old encryption.
for name in rsa2048 ecdsa256 ecdsa384 ecdsa521; do
    for form in PKCS8 PEM; do
        cp "id_$name" "pem_${form}_$name"
        ssh-keygen -q -p -m "$form" -N "" -f "pem_${form}_$name" >/dev/null
    done
    cp "id_$name" "pem_PKCS8enc_$name"
    ssh-keygen -q -p -m PKCS8 -N "correct horse" -f "pem_PKCS8enc_$name" >/dev/null
done
cp id_rsa2048 pem_old_encryption
ssh-keygen -q -p -m PEM -N "correct horse" -f pem_old_encryption >/dev/null
openssl genpkey -algorithm ed25519 -out pem_PKCS8_ed25519
openssl pkey -in pem_PKCS8_ed25519 -pubout -out pem_PKCS8_ed25519.spki
openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA512 -passout "pass:correct horse" -in pem_PKCS8_ed25519 \
    -out pem_PKCS8enc_ed25519
openssl pkcs8 -topk8 -scrypt -passout "pass:correct horse" -in pem_PKCS8_ed25519 -out pem_PKCS8scrypt_ed25519
chmod 644 id_* pem_*
