#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# layer.sh KERNEL SUITES IMAGE: what a run lays over the guest's root: the program as installed, the
# module, the tools, the suites, and what runs them.
. "$(dirname "$0")/lib.sh"
kernel=$1 suites=$2 image=$3
scratch layer layer

tools() { # SOURCE FOLDER
	local source
	mkdir -p "$2"
	for source in "$1"/*.c; do
		[[ -e $source ]] || continue
		gcc -std=gnu11 -O2 -g -Wall -Wextra -Werror -pthread -I "$TREE/kmod/uapi" -I "$TREE/tests/vm/tools" \
			"$source" -o "$2/$(basename "$source" .c)"
	done
}

# Containers as the program makes them, but for their KDF: what costs a quarter of a second here costs
# an emulated guest ten. Each is called by the options that it was made with.
ready_container() { # FOLDER [OPTION...]
	local folder=$1 image="$1/${*:2}.img" size=(--size 64M)
	shift
	[[ " $* " != *" --size "* ]] || size=()
	"$TREE/build/bin/cryptdisk" create "$image" "${size[@]}" --key-file "$folder/key" \
		--kdf-memory 64M --kdf-passes 4 --no-input "$@" >/dev/null 2>&1
	cryptsetup luksConvertKey -q --key-file "$folder/key" --pbkdf pbkdf2 \
		--pbkdf-force-iterations 1000 "$image"
}
ready_containers() { # FOLDER
	mkdir -p "$1"
	printf 'correct horse battery staple' >"$1/key"
	ready_container "$1"
	ready_container "$1" --fs none
	ready_container "$1" --size 200M
	ready_container "$1" --label papers
	ready_container "$1" --label twin
}

DESTDIR=$layer cmake --install "$TREE/build" --prefix /usr >/dev/null
mkdir -p "$layer/t/tests" "$layer/t/schema" "$layer/etc/systemd/system/multi-user.target.wants"
tools "$VM/tools" "$layer/t/bin"
ready_containers "$layer/t/ready"
cp -r "$VM/guest" "$layer/t/guest"
cp -rL "$suites" "$layer/t/suites"
cp -r "$TREE/tests/lib.sh" "$TREE/tests/cli" "$layer/t/tests/"
cp -r "$TREE/cli/schema/." "$layer/t/schema/"
if [[ -e $TREE/kmod/Kbuild ]]; then
	module=$("$VM/module.sh" "$kernel" "$TREE/kmod")
	cp -r "$module/." "$layer/"
fi
# A suite may bring a module of its own.
for source in "$suites"/*/module; do
	[[ -e $source/Kbuild ]] || continue
	module=$("$VM/module.sh" "$kernel" "$source")
	cp "$module"/usr/lib/modules/*/updates/*.ko "$layer/t/suites/$(basename "$(dirname "$source")")/"
done
cp "$VM/guest/cryptdisk-tests.service" "$layer/etc/systemd/system/"
ln -s ../cryptdisk-tests.service "$layer/etc/systemd/system/multi-user.target.wants/"
ln -s /lib/systemd/system/multi-user.target "$layer/etc/systemd/system/default.target"
chmod -R a+rX,u+w "$layer"
squash "$layer" "$image"
