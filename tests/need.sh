# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by check and quickstart from the top of the tree.

# packages_of KIND...: the names that tests/packages has for these kinds
packages_of() {
	local kind
	for kind; do
		awk -v kind="$kind" '$1 == kind { $1 = ""; print }' tests/packages
	done
}

# need KIND...: installs what is missing of these kinds; root only for that
need() {
	local package sudo=() missing=()
	command -v dpkg-query >/dev/null || {
		echo "This is no Debian: install the counterparts of: $(packages_of "$@" | xargs)" >&2
		return 0
	}
	for package in $(packages_of "$@"); do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
			missing+=("$package")
	done
	((${#missing[@]})) || return 0
	if ((EUID != 0)); then
		sudo=(sudo)
		command -v sudo >/dev/null || {
			echo "Missing packages, and no root to install them: ${missing[*]}" >&2
			return 1
		}
	fi
	echo "Installing ${missing[*]}"
	"${sudo[@]}" apt-get -qq update &&
		"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
			apt-get -qq -y --no-install-recommends install "${missing[@]}" >/dev/null
}
