# SPDX-License-Identifier: GPL-2.0-or-later
own_definitions
new_container box.img
cp box.img other.img
file=$definitions/work.conf

# New, the same, differs, differs with --force: four outcomes.
ck define work "$T/box.img" --json
valid_json
expect_equal "$(json changed) $(json definition.path)" "true $file"
expect_equal "$(json definition.id)" "$("$CRYPTDISK" id show box.img)"
expect_equal "$(json definition.scope)" "$(is_root && echo global || echo user)"
ck define work "$T/box.img" --json
valid_json
expect_equal "$(json changed)" false
before=$(stat -c '%i %Y' "$file")
expect_exit 5 "$CRYPTDISK" define work "$T/other.img" --json
valid_json
expect_stderr "File is '$T/box.img'"
expect_equal "$(stat -c '%i %Y' "$file")" "$before" "it was written"
ck define work "$T/other.img" --force --json
expect_equal "$(json changed) $(json definition.file)" "true $T/other.img"

# Bad names and relative paths.
for name in '' . .. -x a/b 'a b' "$(printf 'a\nb')" é "$(printf 'a%.0s' {1..64})" .hidden; do
	expect_exit 1 "$CRYPTDISK" define -- "$name" "$T/box.img"
done
expect_exit 1 "$CRYPTDISK" define relative box.img
expect_exit 1 "$CRYPTDISK" define lines "$(printf '%s/a\nKey=x' "$T")"
expect_exit 4 "$CRYPTDISK" define folder "$T"
echo no container >text
expect_exit 4 "$CRYPTDISK" define text "$T/text"
expect_equal "$(ls -A "$definitions")" work.conf

# What is not there yet can be defined; its ID comes later.
ck define later "$T/later.img"
expect_stderr 'is not there now'
cp box.img later.img
ck define later "$T/later.img" --json
expect_equal "$(json changed)" true
expect_equal "$(json definition.id)" "$("$CRYPTDISK" id show box.img)"

ck undefine later --json
valid_json
expect_equal "$(json changed) $(json name)" "true later"
ck undefine later --json
expect_equal "$(json changed)" false
expect_missing "$definitions/later.conf"
[[ -e later.img ]] || fail "the container is gone"
expect_exit 1 "$CRYPTDISK" undefine ../work
expect_exit 1 "$CRYPTDISK" undefine ../work --dry-run
expect_exit 1 "$CRYPTDISK" define latin "$T/"$'\xe9.img'
expect_exit 1 "$CRYPTDISK" define work "$T/box.img" --global --user
expect_missing "$definitions/latin.conf"
ck define third "$T/box.img" --dry-run
ck undefine work --dry-run
expect_equal "$(ls -A "$definitions")" work.conf
