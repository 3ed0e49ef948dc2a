# For tests/chaos/run and tests/chaos/torture: a run of bf-order against bf-sim in a folder of
# its own ($d), and the verdict on it.
# shellcheck shell=bash
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=${BF_BIN:-$root/build/release/bin}
me=tests/chaos/$(basename "$0")
out=${CHAOS_DIR:-$root/build/chaos}
unset BF_PROFILE BF_CONFIG BF_API_KEY BF_API_SECRET http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY
export LC_ALL=C ASAN_OPTIONS=detect_leaks=0	# no leak check under strace

for tool in jq timeout "$bin/bf-order" "$bin/bf-sim"; do
	command -v "$tool" >/dev/null || { echo "$me: $tool is missing" >&2; exit 2; }
done
commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || cat "$root/VERSION")
[ -z "$(git -C "$root" status --porcelain 2>/dev/null)" ] || commit=$commit+
# The options bf-order knows: an older one is given what it understands.
has=$("$bin/bf-order" --help | grep -oE -- '--[a-z-]+' | tr '\n' ' ')
t=$(mktemp -d "${TMPDIR:-/tmp}/bfc.XXXXXX") || exit 1
workers=()
finish() {
	trap - EXIT
	[ ${#workers[@]} -eq 0 ] || kill "${workers[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$t"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# A worker: what is the parent's stays so; and a pipe nobody writes to, for nap SECONDS.
# Whatever ends it, its exchange ends too.
worker_begin() {
	sim_pid=
	trap '[ -z "$sim_pid" ] || kill "$sim_pid" 2>/dev/null' EXIT
	trap 'exit 130' INT TERM HUP
	mkfifo "$t/silence.$1" && exec {silence}<>"$t/silence.$1"
}
nap() { read -rt "$1" -u "$silence"; }

# A home for one run: sets d.
home() {
	d=$1
	mkdir -m 700 "$d" && mkdir "$d/config" "$d/state" "$d/cache" || return 1
	export HOME=$d XDG_CONFIG_HOME=$d/config XDG_STATE_HOME=$d/state XDG_CACHE_HOME=$d/cache
}

# exchange PROFILE-LINES OPTIONS...: bf-sim; sets sim_pid, port, secret.
exchange() {
	local line profile=$1

	shift
	: >"$d/ledger"
	"$bin/bf-sim" --profile-out sim --ledger "$d/ledger" "$@" >"$d/sim" 2>"$d/sim.err" &
	sim_pid=$!
	until [ -s "$d/sim" ]; do
		kill -0 "$sim_pid" 2>/dev/null || { echo "bf-sim did not start: $(head -n 1 "$d/sim.err")"; return 1; }
		nap 0.003
	done
	IFS= read -r line <"$d/sim"
	port=${line#*127.0.0.1:}
	port=${port%%\"*}
	secret=${line#*\"secret\":\"}
	secret=${secret%%\"*}
	printf '%s\n' "$profile" >>"$d/config/bf/profiles/sim"
}
exchange_end() {
	kill "$sim_pid" 2>/dev/null
	wait "$sim_pid" 2>/dev/null
	sim_pid=
}

# ask METHOD PATH [BODY]: the control path of bf-sim; by a shell of its own, for an exchange that
# hangs up must not end the run (SIGPIPE).
ask() (
	trap '' PIPE
	exec 7<>"/dev/tcp/127.0.0.1/$port" || return 1
	printf '%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
		"$1" "$2" "${#3}" "$3" >&7
	read -rt 3 _ <&7
) 2>/dev/null

# verdict NAME KILLED EXIT TWIN-EXIT RECOVER-EXIT: on the files in $d; a line for each thing
# that must not be. Whatever is in $d/verdict is what happened.
verdict() {
	echo "$*" >"$d/statuses"
	cat "$d"/state/bf/sim/journal/*.ndjson >"$d/journal" 2>/dev/null
	: >>"$d/twin"
	# A line that was being written when the program was killed is not one.
	[ "$2" = 0 ] || [ -z "$(tail -c 1 "$d/out" | tr -d '\n')" ] || sed -i '$d' "$d/out"
	jq -nc --arg seed "$1" --arg killed "$2" --arg exit "$3" --arg twin_exit "$4" --arg recover_exit "$5" \
		--rawfile intents "$d/intents" --rawfile out "$d/out" --rawfile twin "$d/twin" \
		--rawfile recover "$d/recover" --rawfile journal "$d/journal" --slurpfile ledger "$d/ledger" \
		-f "$here/judge.jq" >"$d/verdict" || { echo "judge.jq failed"; return 1; }
	jq -r '.problems[]' "$d/verdict"
}

# What no run may leave, whatever happened.
remains() {
	local line

	! grep -qsF -- "$secret" "$d/out" "$d/err" "$d/twin" "$d/twin.err" "$d/journal" "$d/recover" "$d/recover.err" ||
		echo "the secret was shown"
	grep -hsE 'Sanitizer|runtime error|Assertion' "$d"/*err | head -n 3
	grep -lsaF "XDG_CACHE_HOME=$d/cache" /proc/[0-9]*/environ | while read -r line; do
		line=${line%/environ}
		case $(readlink "$line/exe") in
		*/bf-*) echo "left running: pid ${line#/proc/}"; kill -KILL "${line#/proc/}" 2>/dev/null ;;
		esac
	done
}

# close_case NAME PROBLEMS AGAIN: count it, keep its files if asked or needed, say what failed.
close_case() {
	[ ! -s "$d/verdict" ] || cat "$d/verdict" >>"$t/verdicts.$worker"
	if [ -n "$2" ]; then
		echo "$1" >>"$t/failed.$worker"
		echo "FAILED: $1, commit $commit: ${2//$'\n'/; } (again: $3; files: $out/${1// /-})"
	fi
	if [ -n "$2" ] || [ "${keep:-0}" = 1 ]; then
		mkdir -p "$out"
		rm -rf "${out:?}/${1// /-}"
		cp -a "$d" "$out/${1// /-}"
	fi
	rm -rf "$d"
}

# tally NAME COUNT: what all of it was, and the last line; false if any failed.
tally() {
	local failed judged

	cat "$t"/verdicts.* 2>/dev/null | jq -rn '
		reduce inputs as $v ({}; .intents += $v.intents | .sent += $v.sent | .executed += $v.executed |
		    .conditional += $v.conditional | .cancels += $v.cancels | .modifies += $v.modifies |
		    .results += $v.results | .refused += $v.refused | .unknown += $v.unknown |
		    .killed += (if $v.killed then 1 else 0 end) | .twins += (if $v.twins then 1 else 0 end) |
		    .found += ($v.recovered.result // 0) | .absent += ($v.recovered.absent // 0) |
		    .open += ($v.recovered.unknown // 0)) |
		"\(.intents) intents: \(.sent) sent, \(.executed) orders and \(.conditional) conditional ones executed, " +
		"\(.cancels) cancels, \(.modifies) modifications",
		"\(.results) results, \(.refused) refused, \(.unknown) unknown; killed \(.killed) times, with a twin \(.twins) times",
		"looked up: \(.found) found, \(.absent) absent, \(.open) still unknown"'
	failed=$(cat "$t"/failed.* 2>/dev/null | wc -l)
	judged=$(cat "$t"/verdicts.* 2>/dev/null | wc -l)
	[ "$judged" -eq "$2" ] || echo "FAILED: only $judged of $2 were judged"
	echo "$2 $1, $failed failed"
	[ "$failed" -eq 0 ] && [ "$judged" -eq "$2" ]
}
