# For the scripts of bench/: a place of its own for a run, what runs beside it and ends with
# it, figures.
# shellcheck shell=bash
me=bench/$(basename "$0")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PATH=${BF_BIN:-$here/../build/release/bin}:${BF_BENCH:-$here/../build/release/bench}:$PATH LC_ALL=C

need() {
	local tool

	for tool in "$@"; do
		command -v "$tool" >/dev/null || { echo "$me: $tool is missing" >&2; exit 2; }
	done
}

pids=()
finish() {
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$t"
}

# A folder $t, the home of all that runs; nothing of the user's is read or changed.
place() {
	t=$(mktemp -d)
	trap finish EXIT
	trap 'exit 130' INT TERM
	export HOME=$t XDG_CONFIG_HOME=$t/config XDG_STATE_HOME=$t/state XDG_CACHE_HOME=$t/cache
	unset BF_CONFIG BF_PROFILE BF_API_KEY BF_API_SECRET http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY
	mkdir -p "$t/config/bf"
}

# beside FILE COMMAND...: in the background, its output to FILE; sets $beside.
beside() {
	local file=$1

	shift
	rm -f "$file"
	"$@" >"$file" 2>"$file.err" &
	beside=$!
	pids+=("$beside")
	for _ in {1..500}; do
		[ ! -s "$file" ] || return 0
		kill -0 "$beside" 2>/dev/null || break
		sleep 0.02
	done
	echo "$me: $1 says nothing" >&2
	cat "$file.err" >&2
	return 1
}

gone() {	# gone PID: end it
	local pid left=()

	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
	for pid in "${pids[@]}"; do
		[ "$pid" = "$1" ] || left+=("$pid")
	done
	pids=("${left[@]}")
}

# exchange OPTIONS...: bf-sim on the first processor, before other work; sets $rest.
exchange() {
	beside "$t/sim.out" costs -r -c 0 bf-sim --weight-limit 100000000 "$@"
	# shellcheck disable=SC2034	# the scripts' own
	sim=$beside
	rest=$(jq -r .rest "$t/sim.out")
}

calc() { awk "BEGIN { $1 }"; }
# less NAME VALUE: the variable NAME is VALUE if that is less, or the first.
less() {
	local -n least=$1

	least=$(calc "a = \"${least:-}\"; b = $2; print (a == \"\" || b < a + 0 ? b : a)")
}
machine() {
	echo "bf $(cat "$here/../VERSION"), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo '?')"
}
