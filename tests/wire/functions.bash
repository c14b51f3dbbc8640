# What the cases in bash share: . "$ROOST_SOURCE/tests/wire/functions.bash"

# check SENTENCE COMMAND…: one test, by the command's status.
check() {
	local sentence=$1
	shift
	if "$@" >&2; then
		printf 'ok %s\n' "$sentence"
	else
		printf 'not ok %s\n' "$sentence"
	fi
}

# ends_with STATUS COMMAND…: for check; true if the command ends with that status.
ends_with() {
	local expected=$1 status
	shift
	"$@"
	status=$?
	[ "$status" = "$expected" ] || { echo "status $status: $*" >&2; return 1; }
}
