# SPDX-License-Identifier: GPL-2.0-or-later
requires_fuse
foreign_container good.img 20M --type luks2
foreign_container evil.img 20M --type luks2 --label evil
good=$("$CRYPTDISK" id show good.img) evil=$("$CRYPTDISK" id show evil.img)
ln -s good.img link
"$PYTHON" - <<'PY' &
import os
while os.path.exists("good.img"):
    for target in ("evil.img", "good.img"):
        os.symlink(target, "link.new")
        os.replace("link.new", "link")
PY
swapper=$!
cleanup "kill $swapper"
rounds=20
((LONG)) && rounds=1000
for ((i = 0; i < rounds; i++)); do
	ck open link -d "$KEY" --no-input --json
	# What was locked, shown and served is one and the same file.
	name=$(basename "$(readlink -f "$(json volume.file.path)")") id=$(json volume.id) inode=$(json volume.file.ino)
	case $id in
	"$good") served=good.img ;;
	"$evil") served=evil.img ;;
	*) fail "ID $id" ;;
	esac
	expect_equal "$inode" "$(stat -c %i $served)" "round $i"
	{ [[ -n $name ]] && is_attached $served; } || fail "round $i: $served is not the one that is served"
	ck close "id:$id"
done
kill $swapper
