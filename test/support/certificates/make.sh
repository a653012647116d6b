#!/bin/sh
# Makes the certificates of this directory anew: sh test/certificates/make.sh. The authority's key is thrown away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
from=20200101000000Z
until=21200101000000Z

openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out test-only.key
openssl ecparam -name prime256v1 -genkey -noout -out "$work/authority.key"
touch "$work/index.txt"
cat > "$work/ca.cnf" <<CNF
[ca]
default_ca = authority
[authority]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
CNF

# make NAME COMMON-NAME FROM UNTIL KEY "openssl ca options" [SUBJECT-ALTERNATIVE-NAMES]
make() {
  openssl req -new -key "$5" -subj "/CN=$2" ${7:+-addext "subjectAltName=$7"} -out "$work/request.pem"
  openssl ca -batch -notext -config "$work/ca.cnf" -startdate "$3" -enddate "$4" -in "$work/request.pem" -out "$1" $6
}
make authority.pem 'Switchover test only' $from $until "$work/authority.key" \
  "-selfsign -keyfile $work/authority.key -extensions root"
signed="-keyfile $work/authority.key -cert authority.pem"
make site.pem www.site.test $from $until test-only.key "$signed" 'DNS:www.site.test,IP:127.0.0.1,IP:::1'
make other-host.pem www.other.test $from $until test-only.key "$signed" 'DNS:www.other.test'
make expired.pem www.site.test $from 20200201000000Z test-only.key "$signed" 'DNS:www.site.test'
make not-yet.pem www.site.test 21190101000000Z $until test-only.key "$signed" 'DNS:www.site.test'
make self-signed.pem www.site.test $from $until test-only.key '-selfsign -keyfile test-only.key' 'DNS:www.site.test'

# A chain with an authority in the middle, of a root of its own.
cat >> "$work/ca.cnf" <<CNF
[middle]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
[client]
extendedKeyUsage = clientAuth
CNF
for each in root middle; do openssl ecparam -name prime256v1 -genkey -noout -out "$work/$each.key"; done
make chain-root.pem 'Switchover test only, root' $from $until "$work/root.key" \
  "-selfsign -keyfile $work/root.key -extensions root"
rooted="-keyfile $work/root.key -cert chain-root.pem"
make "$work/middle.pem" 'Switchover test only, middle' $from $until "$work/middle.key" "$rooted -extensions middle"
make "$work/old-middle.pem" 'Switchover test only, middle' $from 20200201000000Z "$work/middle.key" \
  "$rooted -extensions middle"
make "$work/leaf.pem" www.site.test $from $until test-only.key \
  "-keyfile $work/middle.key -cert $work/middle.pem" 'DNS:www.site.test'
cat "$work/leaf.pem" "$work/middle.pem" > chain.pem
cp "$work/leaf.pem" chain-without-middle.pem
cat "$work/leaf.pem" "$work/old-middle.pem" > chain-expired-middle.pem
make client-only.pem www.site.test $from $until test-only.key "$rooted -extensions client" 'DNS:www.site.test'
