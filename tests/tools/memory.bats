#!/usr/bin/env bats
# Memory that runs out, at each allocation of the program in turn: from there on for good,
# or only once. It never crashes, never hangs, and never ends without a sentence.
# shellcheck disable=SC2154	# stderr: run sets it

setup() {
	load ../helper
	home
	[ "$BF_VARIANT" = release ] || skip "a sanitizer has an allocator of its own"
	[ "$(uname -s)" = Linux ] || skip "needs LD_PRELOAD and the allocator of glibc"
	cc -shared -fPIC -o "$T/oom.so" "$BATS_TEST_DIRNAME/../preload/oom.c"
	export T
}
teardown() { home_end; }

# without HOW N COMMAND...: with the N-th allocation (HOW: all, once) failing.
without() {
	local how=$1 n=$2
	local env=("OOM_AT=$2" "LD_PRELOAD=$T/oom.so")
	shift 2
	[ "$how" = once ] || env+=(OOM_ALL=1)
	run --separate-stderr timeout 20 env "${env[@]}" "$@"
	case $status in
	0) ;;
	3 | 8) [[ $stderr == *"${1##*/}: "* ]] || { echo "$how $n: $*: $status, no sentence"; return 1; } >&2 ;;
	*) echo "$how $n: $*: $status $stderr" >&2; return 1 ;;
	esac
	[ -z "$output" ] || jq -c . <<<"$output" >/dev/null
}

# each HOW STEP COMMAND...: of the first allocation, that STEP later, ... until there are no more.
each() {
	local how=$1 step=$2 n last=0
	shift 2
	for ((n = 1; n < 400 && last < 3; n += step)); do
		without "$how" "$n" "$@" || return 1
		[ "$status" -eq 0 ] && last=$((last + 1)) || last=0
	done
	[ "$n" -gt 10 ]
}

@test "bf-time and bf-info without memory say so" {
	sim
	bf-info symbols >/dev/null
	each all 1 bf-time
	each all 1 bf-info symbols
	each all 1 bf-info klines BTCUSDT 1m --limit 3
}

@test "bf-stream without memory says so, and is never silent about a book" {
	sim --synthetic --regime spike
	bf-stream --count 1 bookTicker BTCUSDT >/dev/null
	each all 3 bf-stream --book 5 --count 3 BTCUSDT
}
