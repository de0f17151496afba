#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot.sh KERNEL RUN PLAN: one guest, in QEMU's emulator, until it ends, says nothing for too long or
# has had LIMIT seconds. Leaves PLAN.results (what it said) and PLAN.console.
# Environment: SMP, MEM, APPEND (for the kernel's command line), LIMIT and SILENCE in seconds.
. "$(dirname "$0")/lib.sh"
kernel=$1 run=$2 plan=$3
disks=$(mktemp -d "$run/disks.XXXXXX")
: >"$run/boots/$$"
finish() {
	trap - EXIT
	jobs -pr | xargs -r kill -KILL 2>/dev/null || true
	wait 2>/dev/null
	rm -rf "$disks" "$run/boots/$$"
}
trap finish EXIT
trap 'exit 143' INT TERM HUP

# The first root gets this boot's plan as a second archive.
cp "$plan" "$disks/plan"
(cd "$disks" && echo plan | cpio -o -H newc --quiet -R 0:0) >"$disks/plan.cpio"
cat "$run/initrd" "$disks/plan.cpio" >"$disks/initrd"
truncate -s 2G "$disks/vda"
truncate -s 1G "$disks/vdb" "$disks/vdc"
mke2fs -q -t ext4 -E lazy_itable_init=1,lazy_journal_init=1,nodiscard -J size=16 "$disks/vda"

arguments=(-M q35 -accel tcg,thread=multi -smp "$SMP" -m "$MEM" -nodefaults -no-user-config
	-display none -no-reboot)
# The emulator of QEMU 7.2 breaks newer kernels in cmpxchg16b. With five levels of page tables a kernel
# with KASAN reports itself when it is interrupted while it looks at its processor.
arguments+=(-cpu 'max,-cx16,-la57')
for disk in "$disks"/vd[abc]; do
	arguments+=(-drive "file=$disk,format=raw,if=virtio,cache=unsafe,discard=unmap")
done
for disk in root modules layer; do
	file=$run/$disk
	[[ $disk != modules ]] || file=$kernel/modules.squashfs
	arguments+=(-drive "file=$file,format=raw,if=virtio,readonly=on,file.locking=off")
done
arguments+=(-serial "file:$plan.console" -device virtio-serial-pci
	-chardev "file,id=results,path=$plan.results" -device "virtserialport,chardev=results,name=results"
	-device virtio-rng-pci)
append="tsc_early_khz=$(<"$run/tsc") console=ttyS0 rdinit=/init panic=-1 quiet loglevel=4 mitigations=off tsc=reliable
	no_timer_check random.trust_cpu=on log_buf_len=8M rcupdate.rcu_cpu_stall_timeout=100
	watchdog_thresh=60 sysctl.kernel.hung_task_timeout_secs=60 net.ifnames=0
	systemd.show_status=0 ${APPEND-}"
: >"$plan.results"
qemu-system-x86_64 "${arguments[@]}" -kernel "$kernel/vmlinuz" -initrd "$disks/initrd" \
	-append "$(xargs <<<"$append")" </dev/null >"$plan.qemu" 2>&1 &
qemu=$!

end=$((SECONDS + LIMIT)) size=0 heard=$SECONDS
while kill -0 "$qemu" 2>/dev/null; do
	sleep 0.2
	now=$(stat -c %s "$plan.results")
	((now == size)) || heard=$SECONDS
	size=$now
	if ((SECONDS > end)); then
		echo "ended by force: longer than $LIMIT s" >>"$plan.qemu"
		break
	elif ((SECONDS > heard + SILENCE)); then
		echo "ended by force: silent for $SILENCE s" >>"$plan.qemu"
		break
	fi
done
