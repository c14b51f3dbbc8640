#!/bin/sh
# certificates.sh FOLDER: makes a small authority with openssl: root.pem, sub (issued by root), and certificates for mail:
# good, revoked (by sub), web (for servers), odd (with what nobody understands), self (by nobody), child (issued by good, which is no
# authority), below (issued by webca, an authority for servers), fallen (by gone, an authority that root has revoked), each as
# NAME.der; crls/ has the lists of root and sub, unsound/ the same, but that of sub is not signed by it.
set -e
cd "$1"
mkdir -p crls unsound
cat >ca.cnf <<EOC
[ca]
default_ca = d
[d]
database = ./\$ENV::CA.index
crlnumber = ./\$ENV::CA.crlnumber
default_md = sha256
default_crl_days = 9000
[root]
basicConstraints = critical,CA:true
keyUsage = keyCertSign,cRLSign
subjectKeyIdentifier = hash
[webca]
basicConstraints = critical,CA:true
keyUsage = keyCertSign,cRLSign
extendedKeyUsage = serverAuth
[odd]
basicConstraints = CA:false
extendedKeyUsage = emailProtection
1.2.3.4.5 = critical,ASN1:NULL
[mail]
basicConstraints = CA:false
keyUsage = digitalSignature,keyEncipherment
extendedKeyUsage = emailProtection
[web]
basicConstraints = CA:false
keyUsage = digitalSignature
extendedKeyUsage = serverAuth
EOC
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
# issue NAME ISSUER SECTION DAYS
issue() {
	key "$1"
	openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -extfile ca.cnf -extensions "$3" -days "$4" \
		-set_serial "0x$(printf %s "$1" | od -An -tx1 | tr -d ' \n')" -out "$1.pem"
	openssl x509 -in "$1.pem" -outform DER -out "$1.der"
}
key root
CA=root openssl req -x509 -new -key root.key -subj /CN=root -days 9000 -config ca.cnf -extensions root -out root.pem 2>/dev/null ||
	openssl req -x509 -new -key root.key -subj /CN=root -days 9000 -addext basicConstraints=critical,CA:true \
		-addext keyUsage=keyCertSign,cRLSign -out root.pem
export CA=root
issue sub root root 9000
issue good sub mail 4000
issue revoked sub mail 4000
issue web sub web 4000
issue child good mail 4000
issue odd sub odd 4000
issue webca root webca 9000
issue below webca mail 4000
issue gone root root 9000
issue fallen gone mail 4000
key self
openssl req -x509 -new -key self.key -subj /CN=self -days 4000 -addext extendedKeyUsage=emailProtection -out self.pem
openssl x509 -in self.pem -outform DER -out self.der
for CA in root sub; do
	export CA
	: >"$CA.index"
	echo 01 >"$CA.crlnumber"
	[ "$CA" = root ] && fallen=gone || fallen=revoked
	openssl ca -config ca.cnf -cert "$CA.pem" -keyfile "$CA.key" -revoke "$fallen.pem"
	openssl ca -config ca.cnf -cert "$CA.pem" -keyfile "$CA.key" -gencrl -out "crls/$CA.pem"
done
openssl crl -in crls/sub.pem -outform DER -out crls/sub.crl && rm crls/sub.pem
cp crls/root.pem unsound
{ head -c -4 crls/sub.crl && printf '\001\002\003\004'; } >unsound/sub.crl
