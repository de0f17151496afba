#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual names every verb, option and exit code of the program, and no option that it lacks;
# the library's page names every exported function.
set -u
pages=$(sed 's/\\\([*_-]\)/\1/g' docs/man/*.scd)
bad=0
complain() { echo "$*" && bad=1; }

# Options of the table that have a help line; the others (LATER, SECRET) are refused.
options=$(grep -oE '(FLAG|VALUE|CHOICE)\([^;]*"[^"]+"' cli/option_table.c |
	sed -nE 's/^(FLAG|VALUE|CHOICE)\([A-Z_]+, ([A-Z]+, )?(0|'\''.'\''|), ?"([a-z-]+)".*/\4/p
		s/^CHOICE\([A-Z_]+, "([a-z-]+)".*/\1/p')
[[ $(wc -l <<<"$options") -gt 40 ]] || complain "the option table was not understood"
for option in $options; do
	grep -qE -- "--$option([^a-z-]|\$)" <<<"$pages" || complain "no page names --$option"
done
aliases=$(grep -oE '"[a-z-]+"' cli/option_table.c | tr -d '"')
for option in $(grep -oE -- '\*--[a-z-]+' <<<"$pages" | sed 's/^\*--//' | sort -u); do
	grep -qx -- "$option" <<<"$aliases" || complain "the program has no --$option"
done

verbs=$(sed -nE 's/^[[:space:]]*VERB\([A-Z_]+, "([a-z]+)", (NULL|"([a-z]+)").*/\1 \3/p' cli/verbs.c)
[[ $(wc -l <<<"$verbs") -gt 25 ]] || complain "the verb table was not understood"
while read -r verb sub; do
	[[ $sub ]] || { grep -qE "^\*$verb(\*|\.| )" <<<"$pages" || complain "no page tells of $verb"; continue; }
	grep -qE "\*$verb $sub\*|\*$verb\* .*\*$sub\*|\*$verb [a-z]+\*.*\*$sub\*" <<<"$pages" ||
		complain "no page tells of $verb $sub"
done <<<"$verbs"

while read -r code name; do
	grep -A1 -E "^(\[\[| \|)? *\|? *\*$code\*" docs/man/cryptdisk.8.scd | grep -q -- "$name" ||
		complain "exit code $code ($name) is not in cryptdisk(8)"
done < <("${CRYPTDISK_BUILD:-build}/bin/cryptdisk" --help |
	sed -nE 's/^ +([0-9]+)  ([a-z-]+) .*/\1 \2/p')

for name in $(grep -oE 'cdisk_[a-z0-9_]+' libcontainer/libcryptdisk.map); do
	grep -q "\*$name\*" docs/man/libcryptdisk.3.scd || complain "libcryptdisk(3) lacks $name"
done
exit $bad
