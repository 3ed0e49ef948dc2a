# Common to all bats files: a private home for every test, and bf-sim.
#
# setup() { load ../helper; home; }      teardown() { home_end; }

bats_require_minimum_version 1.5.0

# A private HOME and XDG tree, nothing of the caller's.
home() {
	export HOME=$BATS_TEST_TMPDIR/home
	export XDG_CONFIG_HOME=$HOME/.config XDG_STATE_HOME=$HOME/.local/state XDG_CACHE_HOME=$HOME/.cache
	mkdir -p "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" "$XDG_CACHE_HOME"
	chmod 700 "$HOME"
	unset BF_PROFILE BF_CONFIG BF_API_KEY BF_API_SECRET BF_KEY_FD
	export TERM=dumb	# no colour, unless a test asks for it
	SIM_PIDS=
	BG_PIDS=
	T=$BATS_TEST_TMPDIR
}

# The secrets of the test's profiles and key files, a line each: secret=, the lines of private keys,
# what bf-sim said in its first line, and the keys of streams that it gave. Only what nobody writes by
# chance: 16 characters, 8 of them different ("000..." is a test's wrong secret, and a number's zeros too).
secrets() (
	shopt -s nullglob
	files=()
	for file in "$T"/home/.config/bf/{,profiles/}* "$T"/*key* "$T"/*.pem "$T"/*.out "$T"/ledger*; do
		[ ! -f "$file" ] || [ ! -r "$file" ] || files+=("$file")
	done
	[ ${#files[@]} -gt 0 ] || return 0
	awk '
	function kinds(s,    i, c, n, of) {
		for (i = 1; i <= length(s) && n < 8; i++) { c = substr(s, i, 1); if (!(c in of)) { of[c] = 1; n++ } }
		return n
	}
	function take(s) { if (length(s) >= 16 && s !~ /[ \t]/ && !(s in had) && kinds(s) >= 8) { had[s] = 1; print s } }
	FNR == 1 { private = 0; ledger = FILENAME ~ /\/ledger[^\/]*$/; printed = FILENAME ~ /[.]out$/ }
	ledger {
		if (match($0, /(listenKey=|\/ws\/)[A-Za-z0-9]+/)) { s = substr($0, RSTART, RLENGTH); sub(/.*[=\/]/, "", s); if (length(s) >= 32) take(s) }
		next
	}
	printed {
		if (/^\{"e":"bf[.]sim"/ && match($0, /"secret":"[^"]+"/)) take(substr($0, RSTART + 10, RLENGTH - 11))
		nextfile
	}
	/^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/ { private = 1; next }
	/^-----END/ { private = 0 }
	private { take($0) }
	/^secret *=/ { sub(/^secret *= */, ""); take($0) }' "${files[@]}"
)

# What the test kept must have none of them, and nothing that was printed (tests/tapped).
no_secret_kept() {
	[ -s "$T/.secrets" ] || return 0
	[ -z "${BF_TAP-}" ] || cat "$T/.secrets" >>"$BF_TAP/secrets"
	if grep -rlaF -f "$T/.secrets" "$T/home/.local" "$T/home/.cache" 2>/dev/null; then
		echo "a secret is in these files" >&2
		return 1
	fi
}

# End every bf-sim and background job of the test.
home_end() {
	local p
	exec 9>&- 2>/dev/null || true
	secrets >"$T/.secrets"	# bf-sim removes a profile when it ends
	for p in $BG_PIDS; do
		kill -- "-$p" 2>/dev/null || true
		wait "$p" 2>/dev/null || true
	done
	for p in $SIM_PIDS $(jobs -p); do
		kill "$p" 2>/dev/null || true
		wait "$p" 2>/dev/null || true
	done
	no_secret_kept
}

# bg 'PIPELINE': run it in the background, in a process group of its own, so
# that home_end can end all of it.
bg() {
	set -m
	sh -c "$1" 3>&- 4>&- &
	BG_PIDS="$BG_PIDS $!"
	set +m
}

# sim [bf-sim options]: start it with profile `sim`, wait until it is ready.
# Sets SIM_PID, SIM_REST, SIM_WS; its ledger is $T/ledger, its output $T/sim.out.
# sim_as NAME ... does the same under another profile name.
sim() { sim_as sim "$@"; }
sim_as() {
	local name=$1 first
	shift
	rm -f "$T/$name.out"	# of one before: it would be ready at once
	# fd 3 is bats' own: a child that keeps it would hang the run
	bf-sim --profile-out "$name" --ledger "$T/ledger.$name" "$@" >"$T/$name.out" 2>"$T/$name.err" 3>&- 4>&- &
	SIM_PID=$!
	SIM_PIDS="$SIM_PIDS $SIM_PID"
	ln -sf "ledger.$name" "$T/ledger"
	wait_for sim_ready "$T/$name.out" || {
		cat "$T/$name.err" >&2
		return 1
	}
	read -r first <"$T/$name.out"	# jq takes 20 ms to start, and there are a thousand of these
	[[ $first =~ \"rest\":\"([^\"]+)\" ]] && SIM_REST=${BASH_REMATCH[1]}
	[[ $first =~ \"ws\":\"([^\"]+)\" ]] && SIM_WS=${BASH_REMATCH[1]}
	export BF_PROFILE=$name
}
sim_ready() { local first; kill -0 "$SIM_PID" && read -r first <"$1" && [[ $first == *'"e":"bf.sim"'* ]]; }

# A feed the test writes to: `feed` before sim --feed "$T/feed", then
# mark SYMBOL PRICE (a mark price record).
feed() {
	mkfifo "$T/feed"
	exec 9<>"$T/feed"
}
mark() { printf '{"e":"markPriceUpdate","E":%s,"s":"%s","p":"%s"}\n' "${3:-$(date +%s000)}" "$1" "$2" >&9; }

# wait_for COMMAND...: until it succeeds, 20 s at most.
wait_for() {
	local i
	for ((i = 0; i < 1000; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.02
	done
	echo "waited in vain for: $*" >&2
	return 1
}

# is [jq options] FILTER < answer: whether the filter holds; if not, the answer is
# shown. (jq 1.6 takes an empty answer for a yes.)
is() {
	local answer
	IFS= read -rd '' answer || true
	[ -n "$answer" ] && jq -e "$@" <<<"$answer" >/dev/null ||
		{ echo "not so: ${*: -1}"; echo "$answer"; return 1; } >&2
}
# How many requests METHOD PATH the simulator saw, by its own ledger.
seen() { jq -s --arg m "$1" --arg p "$2" '[.[] | select(.what == "request" and .method == $m and .path == $p)] | length' "$T/ledger"; }
# How many orders its engine took.
executed() { jq -s '[.[] | select(.what == "order")] | length' "$T/ledger"; }
