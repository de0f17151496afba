# SPDX-License-Identifier: GPL-2.0-or-later
. /t/suites/module/lib.sh
backing image 4M
queue() { cat "$sys/queue/$1"; }
attach image
expect_equal "$(for n in logical_block_size physical_block_size fua write_cache rotational; do queue $n; done | xargs)" \
	"512 4096 1 write back 0"
[[ $(queue scheduler) == *'[none]'* ]]
expect_equal "$(find "$sys/mq" -mindepth 1 -maxdepth 1 | wc -l)" 1
refused flag $DIRECT
detach "$index"
attach -d -b 4096 -q 2 image
expect_equal "$(queue logical_block_size)" 4096
expect_equal "$(find "$sys/mq" -mindepth 1 -maxdepth 1 | wc -l)" 2
flag $DIRECT
detach "$index"
expect_equal "$(cdkctl attach -v -d image | grep -c '^queues=2$')" 1
detach -f 0
