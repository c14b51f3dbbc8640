# Functions that the scripts of this folder share; to be sourced by bash.

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# packages_of GROUP…: the names listed in tools/packages.
packages_of() {
	local group
	for group in "$@"; do
		awk -v group="$group" '$1 == group { print $2 }' "$(dirname "${BASH_SOURCE[0]}")/packages"
	done
}

package_is_missing() {
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" != installed ]
}

# as_root COMMAND…: as it is for root, else by sudo.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		say "not root, and no sudo here: $*"
		return 1
	fi
}

# ensure_packages GROUP…: installs what is missing, and asks for root only then.
ensure_packages() {
	local package missing=()
	command -v dpkg-query >/dev/null || { say "not a Debian system: the packages of tools/packages are up to you"; return 0; }
	for package in $(packages_of "$@"); do
		if package_is_missing "$package"; then missing+=("$package"); fi
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing: ${missing[*]}"
	as_root apt-get -q update >&2 &&
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "${missing[@]}" >&2
}

# configure DIR ARGUMENT…: cmake, with ccache where it is.
configure() {
	local dir=$1 launcher=()
	shift
	if command -v ccache >/dev/null; then launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache); fi
	cmake -B "$dir" "${launcher[@]}" "$@"
}
