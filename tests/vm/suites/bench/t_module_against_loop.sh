# SPDX-License-Identifier: GPL-2.0-or-later
# LIMIT 1300
# The module and a loop device over the same file, one after the other, in pairs, without encryption.
# Prints lines: PAIR WORK BACKING WHO COUNT SECONDS CPU_SECONDS FLUSHES WRITES READS
. /t/suites/module/lib.sh
pairs=25 close=45 size=64
dd if=/dev/urandom of=image bs=1M count=$size conv=fsync status=none

begin() { # WHO BACKING
	local direct=()
	[[ $2 == buffered ]] || direct=(-d)
	if [[ $1 == module ]]; then
		read -r index _ < <(cdkctl attach "${direct[@]}" -b 4096 image)
		node=/dev/cryptdisk$index
	else
		node=$(losetup -f --show -b 4096 --direct-io="$([[ $2 == direct ]] && echo on || echo off)" image)
	fi
	udevadm settle
	sync
	echo 3 >/proc/sys/vm/drop_caches
}
end() { # WHO
	udevadm settle
	[[ $1 == module ]] && cdkctl detach -f "$index" || losetup -d "$node"
}
cleanup 'losetup -D; cdkctl detach -f 0'

measure() { # PAIR WORK BACKING WHO COUNT
	begin "$4" "$3"
	numbers=$(cdkbench "$2" "$5" "$1" "$node" vda)
	echo "$* $numbers"
	end "$4"
}

for ((pair = 0; pair <= pairs; pair++)); do # the first is to warm up
	order=(module loop)
	((pair % 2)) || order=(loop module)
	for backing in direct buffered; do
		for work in sync4k read1m write1m; do
			count=$size
			# A second pass over what is cached would measure the cache.
			[[ $backing != direct ]] || count=$((size * 8))
			[[ $work != sync4k ]] || count=200
			for who in "${order[@]}"; do measure $pair $work $backing $who $count; done
		done
	done
done
# Where both are nearly alike nine pairs say nothing.
for ((; pair <= close; pair++)); do
	order=(module loop)
	((pair % 2)) || order=(loop module)
	for who in "${order[@]}"; do measure $pair read1m direct $who $((size * 8)); done
done
