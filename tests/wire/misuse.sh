#!/bin/bash
# Wrong use of every command that roostctl lists: exit status 2, and what was wrong is said.
set -u
cat >roost.conf <<C
[server]
hostname = mail.example.test
default_domain = example.test
state_dir = $PWD/state
C
mkdir state
"$ROOST_BIN/roostctl" --help 2>&1 | sed -nE 's/^ +([a-z-]+( [a-z-]+)?)( .*)?$/\1/p' >commands
if [ "$(wc -l <commands)" -gt 50 ]; then echo "ok the commands are listed"; else echo "not ok the commands are listed"; fi
while read -r command; do
	for wrong in --no-such-option "1 2 3 4 5 6 7 8 9"; do
		# shellcheck disable=SC2086 # words
		said=$("$ROOST_BIN/roostctl" -c roost.conf $command $wrong 2>&1 >/dev/null </dev/null)
		status=$?
		[ $status = 2 ] && [ -n "$said" ] || echo "$command $wrong: status $status, '$said'" >>failed
	done
done <commands
if [ ! -s failed ]; then
	echo "ok wrong use of each command ends with 2 and a reason"
else
	cat failed >&2
	echo "not ok wrong use of each command ends with 2 and a reason"
fi
if [ -z "$(ls state)" ]; then echo "ok nothing was made by any of them"; else echo "not ok nothing was made by any of them"; fi
