#!/bin/bash
# Every ActiveSync answer that the unit tests receive, against the published schemas: an independent judge of element
# names, order and types, of well-formed XML that came as WBXML (MS-ASCON_R188, MS-ASEMAIL_R53, MS-ASCAL_R13, MS-ASCAL_R14,
# MS-ASCNTC_R2, MS-ASCNTC_R4, MS-ASTASK_R2, MS-ASTASK_R3, MS-ASNOTE_R2, MS-ASNOTE_R3); and against those requirements of the protocol documents that say what an answer looks like
# (tests/requirements). Schemas and requirements are shared test material (ROOST_SHARED_DIR), not part of the project.
. "$ROOST_SOURCE/tests/wire/functions.bash"

spec=${ROOST_SHARED_DIR:+$ROOST_SHARED_DIR/spec/activesync}
tests=$ROOST_BIN/../tests
[ -f "$spec/mend-xsd" ] || { echo "skip schemas no ROOST_SHARED_DIR with them"; exit 0; }
command -v xmllint >/dev/null || { echo "skip schemas no xmllint"; exit 0; }

# kept_before: those that a run of the unit tests has kept already (tools/check), which costs no second one.
kept_before() { [ -n "${ROOST_ANSWERS:-}" ] && cp -r "$ROOST_ANSWERS" answers; }

# The tests that talk to the server as a phone; not the random lives, which add thousands of alike answers.
ask_again() {
	mkdir answers
	for program in "$tests"/test_*; do
		grep -q ROOST_TEST_DUMP "$program" || continue
		case $program in *_lives | *test_replay) continue ;; esac
		(cd "$ROOST_SOURCE" && ROOST_TEST_DUMP=$OLDPWD/answers "$program" >/dev/null 2>&1)
	done
}

mkdir schemas
python3 "$spec/mend-xsd" schemas
kept_before || ask_again

# libxml2 takes no text above 10 MB.
find answers -size +8M -delete

# Before 14.0 a collection of Sync names its class (MS-ASCMD_R1327), which the schema of later versions has not.
find answers \( -name 'Sync-2.5-*' -o -name 'Sync-12.*' \) -exec sed -i '/^      <Class>[A-Za-z]*<\/Class>$/d' {} +

# A Change that was given attachments is answered with an ApplicationData (MS-ASCMD_R5848, MS-ASAIRS_R1368), which the
# schema of the answer has not.
find answers -name 'Sync-16.*' -exec perl -0777 -pi -e \
	's{(<Change>\s*<ServerId>[^<]*</ServerId>\s*<Status>1</Status>\s*)<ApplicationData>.*?</ApplicationData>\s*}{$1}gs' {} +

# A text message that is new to the phone has its class (MS-ASCMD_R941, MS-ASCMD_R944), which the schema of Add has not.
find answers -name 'Sync-1[46].*' -exec perl -0777 -pi -e 's{(<Add>\s*)<Class>SMS</Class>\s*(<ServerId>)}{$1$2}g' {} +

# Who works elsewhere is told so from 16.0 on (MS-ASCAL_R2038001); the schema is older.
find answers -name 'Sync-16.*' -exec sed -i 's/BusyStatus>4</BusyStatus>3</' {} +

# The command is the file's name up to the first '-'.
all_valid() {
	local documents=("answers/$1"-*.xml)
	[ -e "${documents[0]}" ] || { echo "no answer to $1 was kept"; return 1; }
	echo "$1: ${#documents[@]} answers"
	xmllint --noout --schema "schemas/$1Response.xsd" "${documents[@]}" >said 2>&1 && return 0
	grep -E 'error|fails to validate' said
	return 1
}

# Each command that has a document for an answer, in the versions that have one.
told=(Find FolderCreate FolderDelete FolderSync FolderUpdate GetHierarchy GetItemEstimate ItemOperations MoveItems Ping
	Provision ResolveRecipients Search SendMail Settings SmartForward SmartReply Sync)
of_old=(FolderCreate FolderDelete FolderSync FolderUpdate GetHierarchy Sync)

# kept VERSION COMMAND…: an answer to each was kept.
kept() {
	local version=$1 command missing=0
	shift
	for command in "$@"; do
		compgen -G "answers/$command-$version-*.xml" >/dev/null && continue
		echo "no answer to $command in $version"
		missing=1
	done
	return $missing
}
check "answers to every command were kept" kept '*' "${told[@]}"
for version in 2.5 12.0; do
	check "answers in $version were kept" kept $version "${of_old[@]}"
done

commands=$(find answers -name '*-*.xml' -printf '%f\n' | cut -d- -f1 | sort -u)
check "answers were kept" [ -n "$commands" ]
for command in $commands; do
	check "answers to $command are what the schema allows" all_valid "$command"
done

# not_broken: no answer says otherwise than a requirement does.
not_broken() {
	python3 "$ROOST_SOURCE/tests/requirements/report" --spec "$spec" --answers answers --list broken >broken || {
		cat broken
		return 1
	}
}
python3 "$ROOST_SOURCE/tests/requirements/report" --spec "$spec" --answers answers >&2
check "no answer breaks a requirement of the protocol documents" not_broken
