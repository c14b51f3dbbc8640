#!/bin/bash
# A phone against roostd over TLS: every version and form of query, mail octet by octet, lost responses, what a person
# does on the phone, push. The phone itself fails on anything that the specification does not let a server say.
set -u
. "$ROOST_SOURCE/tests/wire/functions.bash"
PATH=$ROOST_BIN:$PATH
samples=$ROOST_SOURCE/samples/mail

start_server() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
		-addext 'subjectAltName=DNS:localhost' 2>openssl.log
	printf '%s\n' '[server]' 'hostname = localhost' 'default_domain = example.test' "state_dir = $PWD/state" \
		'[tls]' "certificate = $PWD/cert.pem" "key = $PWD/key.pem" \
		'[http]' 'listen = 127.0.0.1:0' >roost.conf
	mkdir state
	echo secret >password
	roostctl -c roost.conf account add ann@example.test --password-stdin <password >&2
	roostd -c roost.conf 2>roostd.log &
	server=$!
	grep -q -m1 event=ready < <(tail -n +1 -F --pid=$server roostd.log 2>/dev/null)
	port=$(port_of $server)
}

# The TCP port that a process listens at, from the kernel's list.
port_of() {
	local hex
	hex=$(for fd in /proc/"$1"/fd/*; do readlink "$fd"; done | sed -n 's/socket:\[\(.*\)\]/\1/p' |
		awk 'NR == FNR { mine[$1]; next } $4 == "0A" && $10 in mine { sub(".*:", "", $2); print $2; exit }' - /proc/net/tcp)
	echo $((16#$hex))
}

# phone STORE OPTION… COMMAND…: the store's name is the device's, too.
phone() {
	local store=$1
	shift
	roost-phone --url "https://localhost:$port" --cafile cert.pem --user ann@example.test --password-file password \
		--store "$store" --device-id "$store" "$@" >&2
}

deliver() {
	roostctl -c roost.conf deliver ann@example.test <"$1" >&2
}

begin() {
	phone "$@" provision && phone "$@" folders && phone "$@" sync --window 7
}

# The mail of a store as sorted checksums of its files; the samples the same, with the line ends the store gives them.
sums() {
	find "$1" -name '*.eml' -exec sha256sum {} + | cut -d' ' -f1 | sort
}
samples_sums() {
	python3 - "$samples"/*.eml <<-'END' | sort
		import hashlib, pathlib, re, sys
		for name in sys.argv[1:]:
		    octets = re.sub(rb"(?<!\r)\n", b"\r\n", pathlib.Path(name).read_bytes())
		    print(hashlib.sha256(octets).hexdigest())
	END
}
same_mail() {
	[ -n "$(sums "$1")" ] && diff <(sums "$1") <("${@:2}")
}

# The line of `list` for a message says what it is marked with.
is_marked() {
	roost-phone --store "$1" list | grep -q "^$2	.*	$3	flag $4"
}

# A command in the background ends by itself, and well, after a mail has come.
is_woken() {
	local store=$1 waiting
	shift
	phone "$store" "$@" &
	waiting=$!
	deliver "$samples/$(ls "$samples" | head -1)"
	wait $waiting
}

start_server
for mail in "$samples"/*.eml; do
	deliver "$mail" || echo "not ok deliver takes $(basename "$mail")"
done

for version in 12.1 14.0 14.1 16.0 16.1; do
	for query in plain base64; do
		check "a phone of version $version with a $query query begins" begin "P${version/./}$query" --version $version --query $query
	done
done
check 'the phone has every message octet by octet' same_mail P161plain samples_sums
check 'a phone of the oldest version has the same' same_mail P121base64 sums P161plain
for body in html plain; do
	check "a phone that wants $body syncs" begin "P$body" --body $body --truncate 500 --preview 100
done

for cut in before half after; do
	check "a phone whose responses are cut $cut loses nothing" \
		eval "phone C$cut provision && phone C$cut folders &&
			for at in 1 2 3; do phone C$cut sync --window 5 --cut $cut --cut-at \$at || exit; done &&
			phone C$cut sync && same_mail C$cut sums P161plain"
done

first=$(roost-phone --store P161plain list | head -1 | cut -f1)
check 'a message is read on the phone' phone P161plain read "$first"
check 'a message is flagged, the answer is lost, and it is flagged again' \
	eval "phone P161plain flag $first --cut after && phone P161plain flag $first"
check 'another phone sees both' eval "phone P160plain sync && is_marked P160plain $first read 2"
check 'a deletion is sent, lost, and sent again' \
	eval "phone P161plain delete $first --cut before && phone P161plain delete $first"
check 'another phone sees it gone to Deleted Items' \
	eval "phone P160plain sync --all && ! is_marked P160plain $first read 2 && [ -n \"\$(find P160plain/3 -name '*.eml')\" ]"

# An estimate of the inbox, as the phone prints it.
estimates() {
	[ "$(roost-phone --url "https://localhost:$port" --cafile cert.pem --user ann@example.test --password-file password \
		--store "$1" --device-id "$1" "${@:3}" estimate | sed 's/.*: //')" = "$2" ]
}
moved=$(roost-phone --store P141plain list | head -1 | cut -f1)
check 'a phone with nothing new sends an empty Sync' eval 'phone P141plain sync && phone P141plain sync --empty'
check 'a move is sent, its answer is lost, and it is sent again' \
	eval "phone P141plain move Junk\ E-mail $moved --cut after && phone P141plain move Junk\ E-mail $moved"
check 'the estimate counts what has moved away' estimates P141plain 1
check 'an old phone is told the same of it' eval 'phone P121base64 sync && estimates P121base64 0 --version 12.1'
check 'the moved message is in one folder alone, on every phone' \
	eval "phone P141plain sync --all && phone P140plain sync --all && same_mail P141plain sums P140plain &&
		! is_marked P141plain $moved unread 0 && ! is_marked P141plain $moved read 0"

check 'a mail ends a Ping' is_woken P161plain ping --heartbeat 600
check 'what it announced is there' phone P161plain sync
check 'a mail ends a held Sync and comes with it' is_woken P161plain wait --heartbeat 600
check 'a mail ends a held Sync of 12.1' eval 'phone P121plain sync && is_woken P121plain wait --heartbeat 600'
check 'all phones have the same in the end' \
	eval 'phone P161plain sync --all && phone P140base64 sync --all && same_mail P161plain sums P140base64'
echo wrong >wrong
check 'a wrong password is refused' ends_with 1 phone P161plain --password-file wrong sync
kill $server
wait $server
check 'the server ends well' [ $? = 0 ]
