#!/usr/bin/env bats
# Orders over TLS, before a peer that would rather speak HTTP/2 and that ends requests as told:
# each reaches it once. What came is what the peer wrote down, and the simulator's ledger.

setup() {
	load ../helper
	load ../wire
	home
	certs
	cert good IP:127.0.0.1
	sim
	KEY=$(sed -n 's/^key *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	SECRET=$(sed -n 's/^secret *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	VIA=()
	if bf-order --help | grep -q -- '--via'; then VIA=(--via rest); fi
}
teardown() { home_end; }

# peer WORD...: before the simulator; a mutation meets the next WORD. See tests/core/h2peer.h.
peer() {
	: >"$T/peer"
	"$BF_PEERS/h2once" "$T/good.pem" "$T/good.key" both "${SIM_REST##*:}" "$@" >"$T/peer" 2>&1 3>&- 4>&- &
	SIM_PIDS="$SIM_PIDS $!"
	place_at "peer$((PEERS += 1))" "https://127.0.0.1:$(port_of "$T/peer")" "$SIM_WS" "ca_file = $T/ca.pem" \
		"key = $KEY" "secret = $SECRET" 'recv_window = 400'
}
# came METHOD: how often the peer saw it.
came() { grep "^$1 " "$T/peer" | grep -vc listenKey || :; }

buy() { printf '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.01","price":"50000.0","newClientOrderId":"%s"}\n' "$1"; }
order() { run --separate-stderr timeout 60 bf-order "${VIA[@]}" --lag-budget 1 --timeout 2000 --resolve-timeout 8 < <("$@"); }

@test "HTTP/1.1 is spoken where HTTP/2 was offered first" {
	peer ok
	order buy x1
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	grep -q '^connection http/1.1' "$T/peer"
	run ! grep -q '^connection h2' "$T/peer"
	[ "$(came POST)" -eq 1 ]
	[ "$(executed)" -eq 1 ]
}

@test "an order that was taken and not answered came once, and is found" {
	local word n=0
	for word in lost half; do
		peer "$word" ok
		order buy "x-$word"
		echo "$word: $status $output $stderr"
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -eq 1 ]
		[ "$(jq -r .clientOrderId <<<"$output")" = "x-$word" ]
		[ "$(came POST)" -eq 1 ]
		[ "$(executed)" -eq $((n += 1)) ]
	done
}

@test "an order that was cut off on its way came once, and is not there" {
	local word
	for word in close abort; do
		peer "$word" ok
		order buy "x-$word"
		echo "$word: $status $output $stderr"
		[ "$status" -ne 0 ]
		[ "$(came POST)" -eq 1 ]
		[ "$(executed)" -eq 0 ]
	done
}

@test "on a kept connection that ends with or under an order, each came once" {
	local word n=0
	three() { buy "$word-1"; buy "$word-2"; buy "$word-3"; }
	for word in lost half ok-close; do
		peer ok "$word" ok
		order three
		echo "$word: $status $output $stderr"
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -eq 3 ]
		[ "$(came POST)" -eq 3 ]
		[ "$(executed)" -eq $((n += 3)) ]
	done
}

@test "a cancel that was taken and not answered came once" {
	peer ok lost ok
	order buy x1
	[ "$status" -eq 0 ]
	order echo '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"x1"}'
	echo "$status $output $stderr"
	[ "$status" -eq 0 ]
	[ "$(jq -r .status <<<"$output")" = CANCELED ]
	[ "$(came DELETE)" -eq 1 ]
}
