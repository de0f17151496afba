# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel said since one last looked, and which of it are complaints.

complaint='BUG:|WARNING:|KASAN|KFENCE|UBSAN|Oops|general protection fault[,:]|Kernel panic|cut here'
complaint+='|INFO: (task|rcu|possible|trying|lockdep)|rcu: INFO|possible (circular|recursive|irq|deadlock)'
complaint+='|inconsistent lock|suspicious RCU|bad unlock|held lock freed|lock held when returning'
complaint+='|lockup|blocked for more than|scheduling while atomic|sleeping function called'
complaint+='|list_(add|del) corruption|refcount_t:|kmemleak: [0-9]+ new|unreferenced object'
complaint+='|Objects remaining|kobject_add_internal failed|cannot create duplicate|Bad page|use-after-free'
complaint+='|unable to handle|ODEBUG|stack segment|invalid opcode|refused to die'

mark='' may_say=''
# kernel_complaints: what was said since the last look, with what follows it, in $complaints. The
# last look has left a line in the log.
kernel_complaints() {
	local last=$mark
	mark="cdisk-tests: mark $EPOCHREALTIME"
	echo "<6>$mark" >/dev/kmsg
	complaints=$(dmesg | awk -v from="$last" -v complaint="$complaint" -v may="$may_say" '
		from != "" && index($0, from) { n = more = 0 }
		may != "" && $0 ~ may { next }
		$0 ~ complaint { more = 40 }
		more > 0 { line[++n] = $0; more-- }
		END { for (i = 1; i <= n && i <= 120; i++) print line[i] }')
}
