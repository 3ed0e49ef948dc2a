#!/usr/bin/env bats
# A strategy without a key: another user, a named pipe, and the gate behind it (examples/keyless).

setup() {
	load ../helper
	home
	K=$BATS_TEST_DIRNAME/../../examples/keyless
	[ "$(id -u)" -eq 0 ] || skip "only root can become other users here"
	command -v setpriv >/dev/null || skip "no setpriv here"
	trader=64002 strategy=64001
	setpriv --reuid $strategy --regid $strategy --clear-groups true 2>/dev/null || skip "setpriv cannot become another user here"
	# reachable by both: the test's own folder is root's alone
	D=$(mktemp -d /tmp/bfk.XXXXXX)
	chmod 755 "$D"
	install -d -m 755 "$D/bin"
	install -m 755 "$BF_BIN/bf-risk" "$BF_BIN/bf-order" "$K/gate" "$K/intent" "$D/bin"
	in=$D/run/sim.in out=$D/run/sim.out
}
teardown() {
	home_end
	[ -n "${D:-}" ] || return 0
	# the gate's programs are another user's and no jobs of this shell
	for p in $(gated); do kill "$p" 2>/dev/null || true; done
	wait_for all_gone
	rm -rf "$D"
}
gated() { local p; for p in /proc/[0-9]*; do case $(readlink "$p/exe") in "$D"/*) echo "${p#/proc/}" ;; esac; done; }
all_gone() { [ -z "$(gated)" ]; }

as() { local id=$1; shift; setpriv --reuid "$id" --regid "$id" --clear-groups env -i BF_TEST_RUN="${BF_TEST_RUN:-}" HOME="$D/$id" PATH="$D/bin:/usr/bin:/bin" BF_PROFILE=sim "$@"; }
# The exchange, the trader's home with the key and caps, the rules, and the gate.
gate() {
	sim --account 100000 "$@"
	install -d -m 700 "$D/$trader/.config/bf/profiles"
	cp "$XDG_CONFIG_HOME/bf/profiles/sim" "$D/$trader/.config/bf/profiles/sim"
	printf 'max_order_notional = 2000\n' >>"$D/$trader/.config/bf/profiles/sim"
	chown -R $trader:$trader "$D/$trader"
	install -d -m 700 -o $strategy -g $strategy "$D/$strategy"
	printf '[order-notional]\nmax = 5000\nreason = a slip of the finger\n[symbols]\nallow = BTCUSDT ETHUSDT\nreason = no others\n' >"$D/rules"
	chmod 644 "$D/rules"
	"$K/setup" $trader $strategy "$D/run" sim >"$T/setup"
	open_gate
}
open_gate() {
	# bf-order prints here: opened by the trader, as the gate's user
	as $trader sh -c 'exec gate "$1" "$2" >>"$3"' - "$D/rules" "$in" "$out" 2>"$T/gate.err" 3>&- 4>&- &
	GATE=$!
	wait_for grep -q 'gate: open' "$T/gate.err"
	wait_for ready
}
ready() { [ "$(seen GET /fapi/v3/account)" -ge 1 ] && [ "$(pgrep -u $trader bf-order)" ]; }
intent() { printf '%s\n' "$@" | as $strategy intent "$in"; }
buy() { printf '{"symbol":"%s","side":"BUY","type":"MARKET","quantity":"%s","newClientOrderId":"%s"}' "$1" "$2" "$3"; }
outcome() { grep -q -- "$1" "$out"; }
came() { [ "$(grep -c . "$out")" -ge "$1" ]; }

@test "setup says what it does, twice the same, and refuses what is in its way" {
	"$K/setup" $trader $strategy "$D/run" sim >"$T/first"
	grep -q "run/sim.in: made" "$T/first"
	"$K/setup" $trader $strategy "$D/run" sim >"$T/second"
	run ! grep made "$T/second"
	[ "$(stat -c '%u %g %a %F' "$in")" = "$trader $strategy 620 fifo" ]
	[ "$(stat -c '%u %g %a' "$D/run")" = "$trader $strategy 750" ]
	rm "$in"
	: >"$in"
	run "$K/setup" $trader $strategy "$D/run" sim
	[ "$status" -eq 1 ]
	[[ $output == *"is there, and no named pipe"* ]]
}

@test "the strategy trades through the pipe, within the rules and the caps" {
	gate
	intent "$(buy BTCUSDT 0.01 ok-1)"
	wait_for outcome '"clientOrderId":"ok-1"'
	intent "$(buy BTCUSDT 0.2 rule-1)" "$(buy BTCUSDT 0.05 cap-1)" "$(buy SOLUSDT 1 symbol-1)"
	wait_for came 4
	jq -s 'map(select(.e == "bf.reject") | [.by, .rule]) | sort' "$out" |
		is '. == [["bf-order","max_order_notional"],["bf-risk","order-notional"],["bf-risk","symbols"]]'
	[ "$(executed)" -eq 1 ]
}

@test "the strategy sees nothing of key, state, journal and processes of the trader, nor reads the pipe" {
	gate
	intent "$(buy BTCUSDT 0.01 ok-1)"
	wait_for outcome '"clientOrderId":"ok-1"'
	as $trader cat "$D/$trader/.config/bf/profiles/sim" >/dev/null
	[ -d "$D/$trader/.local/state/bf/sim/journal" ]
	secret=$(sed -n 's/^secret *= *//p' "$D/$trader/.config/bf/profiles/sim")
	[ ${#secret} -gt 10 ]
	for f in .config/bf/profiles/sim .local/state/bf/sim/journal .local/state/bf/sim/clock.json .local/state; do
		[ -e "$D/$trader/$f" ]
		run ! as $strategy ls "$D/$trader/$f"
		run ! as $strategy cat "$D/$trader/$f"
	done
	for p in $(pgrep -u $trader 'bf-risk|bf-order'); do
		for f in mem environ maps fd/0; do
			run ! as $strategy head -c 1 "/proc/$p/$f"
		done
		run ! as $strategy kill "$p"
	done
	run ! as $strategy head -c 1 "$in"
	run ! as $strategy rm -f "$in"
	run ! as $strategy sh -c ": >'$out'"
	as $strategy grep -q ok-1 "$out"
	run ! grep -rqF "$secret" "$out" "$T/gate.err"
	# another user still may not even write
	run ! as 64003 sh -c "echo '{}' >'$in'"
}

@test "a writer that dies, half a line, binary and a line of a megabyte do not stop the gate" {
	gate
	as $strategy sh -c "printf '{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",' >'$in'; kill -9 \$\$" || true
	intent "$(buy BTCUSDT 0.01 after-half)"
	wait_for outcome '"clientOrderId":"after-half"'
	as $strategy sh -c "head -c 5000 /dev/urandom >'$in'"
	intent "$(buy BTCUSDT 0.01 after-binary)"
	wait_for outcome '"clientOrderId":"after-binary"'
	as $strategy sh -c "head -c 1000000 /dev/zero | tr '\\0' x >'$in'"
	intent "$(buy BTCUSDT 0.01 after-long)"
	wait_for outcome '"clientOrderId":"after-long"'
	kill -0 "$GATE"
	[ "$(executed)" -eq 3 ]
	# a line that could not be whole in one write is not begun
	run intent "{\"pad\":\"$(printf %5000s x)\"}"
	[ "$status" -eq 1 ]
	[[ $output == *"too long, and not sent"* ]]
}

@test "two writers at once tear no line" {
	gate
	lines() { local i; for ((i = 0; i < 150; i++)); do buy SOLUSDT 1 "$1-$i"; echo; done; }
	lines a | as $strategy intent "$in" 3>&- &
	a=$!
	lines b | as $strategy intent "$in"
	wait "$a"
	wait_for came 300
	jq -s '[.[].intent.newClientOrderId] | [length, (unique | length)]' "$out" | is '. == [300, 300]'
}

@test "what was written while nobody listened is not an order any more" {
	gate
	kill "$GATE"
	for p in $(pgrep -u $trader 'bf-risk|bf-order'); do kill "$p" || true; done
	wait "$GATE" || true
	exec 8<>"$in"
	intent "$(buy BTCUSDT 0.01 stale-1)"
	open_gate
	intent "$(buy BTCUSDT 0.01 fresh-1)"
	wait_for outcome '"clientOrderId":"fresh-1"'
	exec 8>&-
	run ! outcome stale-1
	[ "$(executed)" -eq 1 ]
}

@test "the example strategy buys when the price falls" {
	feed
	gate --feed "$T/feed"
	as $strategy true
	mark BTCUSDT 60000
	bg "'$K/strategy' '$in' BTCUSDT 59000 2>'$T/strategy.err'"
	wait_for streaming
	mark BTCUSDT 58990
	wait_for outcome '"side":"BUY"'
	[ "$(executed)" -eq 1 ]
}
streaming() { grep -q '"what":"ws\|subscribe\|stream' "$T/ledger"; }
