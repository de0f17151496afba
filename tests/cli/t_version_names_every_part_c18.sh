# SPDX-License-Identifier: GPL-2.0-or-later
ck version --json
valid_json
[[ -n $(json library) && -n $(json program) ]]
json abi >"$T/abi"
[[ -s abi ]]
ck version
ck --version
