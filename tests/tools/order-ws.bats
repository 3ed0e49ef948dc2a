#!/usr/bin/env bats
# Orders by the WebSocket API: what it has a method for, and what goes by REST all the same.
# How a request came is the ledger's word: its method is the WebSocket API's own.

setup() { load ../helper; load ../simclient; load ../asked; home; }
teardown() { home_end; }

API=/ws-fapi/v1
ws_seen() { seen "$1" "${2:-$API}"; }
ws_placed() { [ "$(ws_seen order.place)" -ge "$1" ]; }
# An exchange whose first account has an Ed25519 key, and a profile with that.
ed() {
	umask 077
	openssl genpkey -algorithm ed25519 -out "$T/ed.pem" 2>/dev/null
	openssl pkey -in "$T/ed.pem" -pubout >"$T/ed.pub"
	printf '%s\n' '[ed]' 'key = keyofed25519' 'public_key_file = ed.pub' 'balance = USDT=100000' 'position = ETHUSDT:1' \
		'[other]' 'key = k' 'secret = s' >"$T/accounts"
	printf '%s\n' 'key = keyofed25519' "private_key = $T/ed.pem" 'type = ed25519' >"$T/ed.key"
	sim --accounts "$T/accounts"
	mkdir -p "$XDG_CONFIG_HOME/bf"
	printf '%s\n' '[own]' "rest = $SIM_REST" "ws = $SIM_WS" "key_file = $T/ed.key" >"$XDG_CONFIG_HOME/bf/config"
	export BF_PROFILE=own
}
own() { printf '%s\n' "$@" >>"$XDG_CONFIG_HOME/bf/config"; }
# A life: placed, changed, cancelled; a conditional one; all cancelled.
life() {
	printf '%s\n' "$(limit BUY 0.002 59000 BTCUSDT n1)" \
		'{"op":"modify","symbol":"BTCUSDT","origClientOrderId":"n1","side":"BUY","quantity":"0.003","price":"59100"}' \
		'{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"n1"}' \
		'{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","quantity":"0.002","triggerPrice":"61000","newClientOrderId":"a1"}' \
		'{"op":"cancel","symbol":"BTCUSDT","clientAlgoId":"a1"}' \
		'{"op":"cancel-all","symbol":"BTCUSDT"}' >"$T/lines"
}
# By which way each of a life went.
lived() {
	[ "$status" -eq 0 ] || { echo "$status $output $stderr"; return 1; }
	outcomes 6
	same "n1:NEW n1:NEW n1:CANCELED a1:NEW a1:200 -:200" "$(became)"
	same "order.place order.modify order.cancel algoOrder.place algoOrder.cancel DELETE DELETE" \
		"$(jq -r --arg p $API 'select(.what == "request" and .method != "GET" and .method != "session.logon") | .method' "$T/ledger" | paste -sd' ')"
}

@test "an HMAC key: each request is signed, what has no method goes by REST" {
	sim
	life
	run --separate-stderr bf-order --via ws <"$T/lines"
	lived
	[ "$(ws_seen session.logon)" -eq 0 ]
	same 1 "$(jq -s '[.[] | select(.what == "ws")] | length' "$T/ledger")"	# one connection for all
}

@test "an Ed25519 key logs the session on once, and is taken by the exchange without a signature from then on" {
	ed
	life
	run --separate-stderr bf-order --via ws <"$T/lines"
	lived
	[ "$(ws_seen session.logon)" -eq 1 ]
}

@test "auto: an Ed25519 key takes the WebSocket API once it is up, another key REST; rest never" {
	ed
	fed --batch 1
	tell "$(limit BUY 0.002 59000 BTCUSDT n1)"
	wait_for came 1
	for i in {2..40}; do	# the first ones may go by REST while it is being made
		tell "$(limit BUY 0.002 59000 BTCUSDT "n$i")"
		wait_for came "$i"
		[ "$(ws_seen order.place)" -eq 0 ] || break
		sleep 0.05
	done
	fed_end
	[ "$status" -eq 0 ]
	[ "$(ws_seen order.place)" -eq 1 ]
	[ "$(executed)" -eq "$i" ]
	run --separate-stderr bf-order --via rest <<<"$(limit BUY 0.002 59000 BTCUSDT r1)"
	[ "$status" -eq 0 ]
	[ "$(ws_seen order.place)" -eq 1 ]
	sim
	: >"$T/ledger"
	run --separate-stderr bf-order <<<"$(limit BUY 0.002 59000 BTCUSDT h1)"
	[ "$status" -eq 0 ]
	same 0 "$(jq -s '[.[] | select(.what == "ws")] | length' "$T/ledger")"
	run --separate-stderr bf-order --via pigeon </dev/null
	[ "$status" -eq 2 ]
}

@test "COIN-M has its own WebSocket API, and no conditional orders there" {
	sim --balance coinm.BTC=1
	printf '%s\n' "$(limit BUY 1 59000 BTCUSD_PERP n1)" \
		'{"symbol":"BTCUSD_PERP","side":"BUY","type":"STOP_MARKET","quantity":"1","triggerPrice":"61000","newClientOrderId":"a1"}' \
		'{"op":"cancel","symbol":"BTCUSD_PERP","origClientOrderId":"n1"}' >"$T/lines"
	run --separate-stderr bf-order --via ws <"$T/lines"
	[ "$status" -eq 0 ]
	same "n1:NEW a1:NEW n1:CANCELED" "$(became)"
	[ "$(ws_seen order.place /ws-dapi/v1)" -eq 1 ]
	[ "$(ws_seen order.cancel /ws-dapi/v1)" -eq 1 ]
	[ "$(seen POST /dapi/v1/algoOrder)" -eq 1 ]
}

@test "the connection is lost under an order: transmitted once, and found; or absent" {
	local exec key
	for key in hmac ed25519; do
		for exec in yes no; do
			if [ $key = hmac ]; then sim; else ed; fi
			if [ $key = hmac ]; then quick; else own 'recv_window = 400'; fi
			rules "on WS order.place#1: exec=$exec net=rst"
			run --separate-stderr bf-order --via ws "${QUICK[@]}" <<<"$(limit BUY 0.002 59000 BTCUSDT "$key-$exec")"
			outcomes 1
			[ "$(ws_seen order.place)" -eq 1 ]
			[ "$(seen POST /fapi/v1/order)" -eq 0 ]
			if [ $exec = yes ]; then
				[ "$status" -eq 0 ] || { echo "$key $exec: $status $output $stderr"; false; }
				same "$key-$exec:NEW" "$(grep -v bf.recovered <<<"$output" | output=$(cat) became)"
				[ "$(executed)" -eq 1 ]
			else
				[ "$status" -eq 1 ] || { echo "$key $exec: $status $output $stderr"; false; }
				is -s '.[-1] | .e == "bf.error" and .outcome == "refused"' <<<"$output"
				[ "$(executed)" -eq 0 ]
			fi
			home_end
			: >"$T/ledger"
		done
	done
}

@test "an answer that does not come in time, by WebSocket: looked up, once" {
	sim --fault 'on WS order.place#1: exec=yes net=stall'
	quick
	printf '%s\n' "$(limit BUY 0.002 59000 BTCUSDT n1)" "$(limit BUY 0.002 59001 BTCUSDT n2)" >"$T/lines"
	run --separate-stderr bf-order --via ws "${QUICK[@]}" <"$T/lines"
	[ "$status" -eq 0 ]
	outcomes 2
	[ "$(ws_seen order.place)" -eq 2 ]
	[ "$(executed)" -eq 2 ]
}

@test "orders of one symbol keep their order, others overlap, within --max-in-flight" {
	sim --fault 'on WS order.place#1: net=delay=800'
	printf '%s\n' "$(limit BUY 0.002 59000 BTCUSDT n1)" "$(limit BUY 0.002 59001 BTCUSDT n2)" "$(market BUY 0.01 ETHUSDT e1)" >"$T/lines"
	run --separate-stderr bf-order --via ws <"$T/lines"
	[ "$status" -eq 0 ]
	same "e1:NEW n1:NEW n2:NEW" "$(became)"
	[ "$(ws_seen order.place)" -eq 3 ]
}

@test "a WebSocket API that is never up: with --via ws an order is refused, an exit goes by REST; auto goes by REST" {
	ed
	own 'wsapi = ws://127.0.0.1:9'
	printf '%s\n' "$(limit BUY 0.002 59000 BTCUSDT n1)" "$(market SELL 0.01 ETHUSDT x1 '"reduceOnly":true')" >"$T/lines"
	run --separate-stderr timeout 60 bf-order --via ws <"$T/lines"
	[ "$status" -eq 3 ]
	outcomes 2
	is -s 'map(select(.e == "bf.error")) | length == 1 and .[0].intent.newClientOrderId == "n1" and .[0].outcome == "refused" and .[0].retryable' <<<"$output"
	[[ $stderr == *"WebSocket API is away"* ]]
	[ "$(executed)" -eq 1 ]
	run --separate-stderr timeout 60 bf-order <<<"$(limit BUY 0.002 59000 BTCUSDT n1)"	# that id never left
	[ "$status" -eq 0 ]
	[ "$(seen POST /fapi/v1/order)" -eq 2 ]
}

@test "refusals by WebSocket are those of REST" {
	sim
	printf '%s\n' "$(limit BUY 0.002 60100 BTCUSDT n1 '"timeInForce":"GTX"')" \
		'{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"none"}' "$(limit BUY 10 59000 BTCUSDT n3)" >"$T/lines"
	run --separate-stderr bf-order --via ws <"$T/lines"
	[ "$status" -eq 1 ]
	outcomes 3
	is -s 'all(.[]; .e == "bf.error" and .outcome == "refused") and map(.code) == [-5022, -2011, -2019]' <<<"$output"
	[ "$(executed)" -eq 0 ]
}
