#!/usr/bin/env bats
# The proxy of a profile: a tunnel by CONNECT, and no word of ours in it.

setup() {
	load ../helper
	load ../wire
	home
}

teardown() { home_end; }

# tunnel [HOW]: a proxy; sets TUNNEL; what it was asked is in $T/tunnel.
tunnel() {
	: >"$T/tunnel"
	"$BF_PEERS/tunnel" "$@" >"$T/tunnel" 2>&1 3>&- 4>&- &
	SIM_PIDS="$SIM_PIDS $!"
	TUNNEL=http://127.0.0.1:$(port_of "$T/tunnel")
}

# through NAME: bf-sim's profile under another name, by way of the proxy.
through() {
	{ cat "$XDG_CONFIG_HOME/bf/profiles/sim"; echo "proxy = $TUNNEL"; } >"$T/profile"
	install -m 600 "$T/profile" "$XDG_CONFIG_HOME/bf/profiles/$1"
	export BF_PROFILE=$1
}
# Requests that the proxy saw, but for CONNECT and its host and agent.
strange() { grep '^>' "$T/tunnel" | grep -cvE '^> (CONNECT 127\.0\.0\.1:[0-9]+ HTTP/1\.[01]|Host: 127\.0\.0\.1(:[0-9]+)?|User-[Aa]gent: (bf/[^ ]*|lws)|Proxy-Connection: Keep-Alive)$'; }

@test "REST goes by way of the proxy, which sees neither key nor path" {
	sim
	tunnel
	through far
	run --separate-stderr bf-time
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	run --separate-stderr bf-order buy BTCUSDT 0.01 market
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ "$(executed)" -eq 1 ]
	grep -qx tunnel "$T/tunnel"
	[ "$(strange)" -eq 0 ] || { cat "$T/tunnel"; false; }
	run ! grep -qi -e apikey -e fapi -e signature "$T/tunnel"
}

@test "streams, the account's too, go by way of the proxy" {
	sim --synthetic
	tunnel
	through far
	run --separate-stderr timeout 20 bf-stream --count 3 aggTrade BTCUSDT
	[ "$status" -eq 0 ] || { echo "$stderr"; cat "$T/tunnel"; false; }
	[ "$(grep -c aggTrade <<<"$output")" -eq 3 ]
	[ "$(grep -cx tunnel "$T/tunnel")" -ge 2 ]	# REST and the stream
	bf-stream user >"$T/user" 2>"$T/user.err" 3>&- 4>&- &
	SIM_PIDS="$SIM_PIDS $!"
	wait_for grep -q '"bf.conn".*"up"' "$T/user" || { cat "$T/user" "$T/user.err"; false; }
	bf-order buy BTCUSDT 0.01 market 2>/dev/null
	wait_for grep -q ORDER_TRADE_UPDATE "$T/user"
	[ "$(strange)" -eq 0 ] || { cat "$T/tunnel"; false; }
}

@test "orders by the WebSocket API go by way of the proxy" {
	sim
	tunnel
	through far
	run --separate-stderr bf-order --via ws buy BTCUSDT 0.01 market
	[ "$status" -eq 0 ] || { echo "$stderr"; cat "$T/tunnel"; false; }
	[ "$(executed)" -eq 1 ]
	jq -se '[.[] | select(.what == "request" and .path == "/fapi/v1/order")] | length == 0' "$T/ledger"
	[ "$(strange)" -eq 0 ] || { cat "$T/tunnel"; false; }
}

@test "through the tunnel the certificate is the exchange's, and is checked" {
	sim
	certs
	cert good DNS:localhost
	cert other DNS:elsewhere.example
	tunnel
	tls good "${SIM_REST##*:}"
	place_at tls "https://localhost:$TLS_PORT" "wss://localhost:$TLS_PORT" "ca_file = $T/ca.pem" "proxy = $TUNNEL"
	run --separate-stderr bf-time
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	run --separate-stderr timeout 20 bf-stream --count 1 markPrice BTCUSDT
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	grep -q "CONNECT localhost:$TLS_PORT" "$T/tunnel"	# the name is for the proxy to look up
	tls other "${SIM_REST##*:}"
	place_at bad "https://localhost:$TLS_PORT" "wss://localhost:$TLS_PORT" "ca_file = $T/ca.pem" "proxy = $TUNNEL"
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	[ -z "$output" ]
}

@test "a proxy that refuses, hangs up or is not there: exit 3, and it is named" {
	local how
	sim
	for how in 407 403 502 close; do
		tunnel "$how"
		through far
		run --separate-stderr bf-time
		[ "$status" -eq 3 ] || { echo "$how: $status: $stderr"; false; }
		[[ $stderr == *"proxy ${TUNNEL#http://}"* ]] || { echo "$how: $stderr"; false; }
		[ "$how" = close ] || [[ $stderr == *"$how"* ]] || { echo "$how: $stderr"; false; }
		run --separate-stderr bf-order buy BTCUSDT 0.01 market
		[ "$status" -eq 3 ] || { echo "$how: $status: $stderr"; false; }
	done
	TUNNEL=http://127.0.0.1:1
	through far
	run --separate-stderr bf-info mark BTCUSDT
	[ "$status" -eq 3 ]
	[[ $stderr == *"proxy ${TUNNEL#http://}"* ]]
	[ "$(executed)" -eq 0 ]
}

@test "a proxy that answers with something else gets no key, and leads nowhere" {
	local how
	sim
	certs
	cert good DNS:localhost
	tls good "${SIM_REST##*:}"
	listener
	for how in 'http=200 OK||this is no TLS' "http=302 Found|Location: http://127.0.0.1:$ELSE_PORT/||" \
	    "http=200 OK|Location: http://127.0.0.1:$ELSE_PORT/||" 'raw=\r\n\r\n' 'hex=00 01 02 03 ff' \
	    "http=200 OK|$(printf 'X: %090000d' 0)||x" 'http=407 No|Proxy-Authenticate: Basic realm="x"||' \
	    'http=101 Switching|Upgrade: websocket|Connection: Upgrade||'; do
		bad "$how"
		place_at far "https://localhost:$TLS_PORT" "wss://localhost:$TLS_PORT" "ca_file = $T/ca.pem" \
			"proxy = http://127.0.0.1:$BAD_PORT" "$(grep -E '^(key|secret)' "$XDG_CONFIG_HOME/bf/profiles/sim")"
		run --separate-stderr timeout 20 bf-time
		[ "$status" -eq 3 ] || { echo "$how: $status: $stderr"; false; }
		if [[ $how == http=302* ]]; then
			run --separate-stderr timeout 60 bf-order buy BTCUSDT 0.01 market
			[ "$status" -eq 3 ] || { echo "$how: $status: $stderr"; false; }
		fi
		run ! grep -qi -e apikey -e signature -e fapi "$T/bad"
	done
	[ "$(called)" -eq 0 ]
	[ "$(executed)" -eq 0 ]
}

@test "beside it no other proxy is asked, and without it none" {
	sim
	listener
	tunnel
	export http_proxy=http://127.0.0.1:$ELSE_PORT https_proxy=http://127.0.0.1:$ELSE_PORT ALL_PROXY=http://127.0.0.1:$ELSE_PORT
	export no_proxy='*' NO_PROXY='*'
	through far
	bf-time
	grep -qx tunnel "$T/tunnel"
	: >"$T/tunnel"
	BF_PROFILE=sim bf-time
	[ "$(called)" -eq 0 ]
	[ ! -s "$T/tunnel" ]
}

@test "--probe is refused: the proxy chooses the addresses" {
	sim
	tunnel
	through far
	run --separate-stderr bf-time --probe
	[ "$status" -eq 2 ]
	[[ $stderr == *proxy* ]]
}
