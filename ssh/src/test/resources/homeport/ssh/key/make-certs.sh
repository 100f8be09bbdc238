#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Made the OpenSSH certificates of this directory, with OpenSSH 9.2's ssh-keygen. They protect nothing. Run make-keys.sh
# before.
set -eu
cd "$(dirname "$0")"
rm -f ca_* cert_*

ssh-keygen -q -t ed25519 -N "" -C "test authority" -f ca_ed25519
ssh-keygen -q -t ecdsa -b 384 -N "" -C "test authority" -f ca_ecdsa384
ssh-keygen -q -t rsa -b 2048 -N "" -C "test authority" -f ca_rsa
sign() { # authority, key, name, options: leaves cert_NAME.pub
    ca=$1 subject=$2 name=$3
    shift 3
    cp "$subject.pub" "cert_$name.pub"
    ssh-keygen -q -s "$ca" "$@" "cert_$name.pub"
    mv "cert_$name-cert.pub" "cert_$name.pub"
}
window=20260101000000Z:20360101000000Z
for key in ed25519 ecdsa256 ecdsa384 ecdsa521 rsa2048; do
    sign ca_ed25519 "id_$key" "user_$key" -I "a user" -n alice,bob -V "$window" -z 7
    sign ca_ecdsa384 "id_$key" "host_$key" -I "a host" -h -n "gw.example.com,*.lab.example.com" -V "$window"
done
sign ca_rsa id_ed25519 by_rsa512 -I "by RSA" -n alice -t rsa-sha2-512
sign ca_rsa id_ed25519 by_rsa256 -I "by RSA" -n alice -t rsa-sha2-256
sign ca_rsa id_ed25519 by_rsa_sha1 -I "by RSA" -n alice -t ssh-rsa
sign ca_ed25519 id_ed25519 limited -I "limited" -n alice -O clear -O permit-pty -O force-command="show version" \
    -O source-address=192.0.2.0/24,2001:db8::/32
sign ca_ed25519 id_ed25519 verify -I "verify" -n alice -O verify-required
sign ca_ed25519 id_ed25519 unknown_option -I "unknown" -n alice -O critical:frobnicate@example.com=yes
sign ca_ed25519 id_ed25519 nobody -I "no principals"
sign ca_ed25519 id_ed25519 host_nobody -I "no principals" -h
sign ca_ed25519 id_ed25519 host_option -I "host with option" -h -n gw -O critical:frobnicate@example.com=yes

# Files that OpenSSH signed (ssh-keygen -Y sign: the format SSHSIG) with each key, and with a certificate.
rm -f sshsig_*
chmod 600 id_*
printf 'an exchange hash' >sshsig_data
for key in ed25519 ecdsa256 ecdsa384 ecdsa521 rsa2048; do
    ssh-keygen -q -Y sign -n homeport@test -f "id_$key" <sshsig_data >"sshsig_$key"
done

# known_hosts lines hashed by ssh-keygen -H, for the hosts that stand in the clear below.
rm -f known_hosts*
{
    printf 'gw.example.com '; cut -d' ' -f1,2 id_ed25519.pub
    printf '[device.lab]:2222 '; cut -d' ' -f1,2 id_ecdsa256.pub
    printf '192.0.2.7 '; cut -d' ' -f1,2 id_rsa2048.pub
} >known_hosts
cp known_hosts known_hosts_hashed
ssh-keygen -q -H -f known_hosts_hashed >/dev/null
rm -f known_hosts_hashed.old
chmod 644 id_* ca_* known_hosts*
