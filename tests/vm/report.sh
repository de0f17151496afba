#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# report.sh LABEL PLAN LOGS: a line for every test of PLAN, from what its guest said.
. "$(dirname "$0")/lib.sh"
label=$1 plan=$2 logs=$3
suite=$(sed -n 's/^SUITE=//p' "$plan")
mkdir -p "$logs/$suite"
tr -d '\r' <"$plan.console" >"$logs/$suite/console${plan##*"$suite"}.log" 2>/dev/null || true
console=$logs/$suite/console${plan##*"$suite"}.log
cp "$plan.results" "$logs/$suite/results${plan##*"$suite"}.log"

# Every test's own log.
awk -v folder="$logs/$suite/" '
	$1 == "start" { if (log_file) close(log_file); log_file = folder $2 ".log"; printf "" >log_file; next }
	log_file && /^\| / { print substr($0, 3) >log_file }' "$plan.results"

why_it_ended() {
	if grep -q '^not-ok setup ' "$plan.results"; then
		echo "the suite's setup failed, log in $logs/$suite/setup.log"
	elif [[ -s $plan.qemu ]]; then
		tail -n 1 "$plan.qemu"
	elif grep -q 'Kernel panic' "$console"; then
		grep 'Kernel panic' "$console" | head -n 1
	else
		echo "the guest ended early"
	fi
}

# The end of a log, or what the kernel said
indented() { # LOG
	if grep -q '^the kernel complained:' "$1" 2>/dev/null; then
		grep -A 25 '^the kernel complained:' "$1"
	else
		tail -n 20 "$1" 2>/dev/null
	fi | sed 's/^/    /' || true
}

silent=0
while read -r test; do
	line=$(grep -E "^(ok|skip|not-ok) $test " "$plan.results" | head -n 1 || true)
	log=$logs/$suite/$test.log
	read -r verdict _ seconds reason <<<"$line" || true
	case $verdict in
	ok) echo "ok $label $suite $test" ;;
	skip) echo "SKIPPED $label $suite $test: $reason" ;;
	not-ok)
		echo "not ok $label $suite $test: $reason, after $seconds s, log in $log"
		indented "$log"
		;;
	*)
		if grep -qx "start $test" "$plan.results"; then
			echo "not ok $label $suite $test: it began and did not end: $(why_it_ended)"
			indented "$log"
		else
			echo "not ok $label $suite $test: it was not run: $(why_it_ended)"
		fi
		((silent++)) || { echo "    console:" && indented "$console"; }
		;;
	esac
done < <(grep '^t_' "$plan")
