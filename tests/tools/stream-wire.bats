#!/usr/bin/env bats
# bf-stream over a wire that is not what it should be: TLS, refusals, broken frames.
# REST is that of bf-sim, so that only the stream's side is bad.

setup() {
	load ../helper
	load ../streaming
	load ../signed
	load ../wire
	home
	SIM_ARGS=()
}
teardown() { home_end; }

alive() { kill -0 "$STREAM_PID"; }
told() { wait_for grep -qF "$1" "$T/err" || { cat "$T/err" >&2; return 1; }; }
states() { jq -r 'select(.e == "bf.conn") | .state' "$T/out" | tr '\n' ' '; }
times() { [ "$(grep -cE "$1" "$2")" -ge "$3" ]; }

# ws_bad SCRIPT...: bf-sim, whose streams are a bad server's.
ws_bad() {
	sim
	bad "$@"
	place_at bad "$SIM_REST" "ws://127.0.0.1:$BAD_PORT"
}

# ws_tls NAME [MIN MAX]: bf-sim (with SIM_ARGS), whose streams stand behind that certificate.
ws_tls() {
	local name=$1
	sim "${SIM_ARGS[@]}"
	tls "$name" "${SIM_WS##*:}" "${@:2}"
	place_at "$name" "$SIM_REST" "wss://127.0.0.1:$TLS_PORT" "ca_file = $T/ca.pem"
}

# turned_away NAME WORDS: refused at the certificate each time it tries; it says so
# once, with those words, and goes on.
turned_away() {
	stream markPrice
	told "$2"
	wait_for times '^no TLS' "$T/$1.tls" 3
	alive
	[ "$(grep -cF "$2" "$T/err")" -eq 1 ] || { cat "$T/err"; false; }
	[ "$(states)" = "down " ]
	[ "$(grep -c '^connection' "$T/$1.tls")" -eq 0 ]
	[ "$(jq -s '[.[] | select(.what == "ws")] | length' "$T/ledger")" -eq 0 ]
	kill "$STREAM_PID"
	ends 0
}

@test "wss: events flow through TLS as they do without" {
	certs
	cert good IP:127.0.0.1
	feed
	SIM_ARGS=(--feed "$T/feed")
	ws_tls good
	stream markPrice BTCUSDT
	wait_for grep -q '"state":"up"' "$T/out"
	mark BTCUSDT 60123.5
	wait_for grep -q '"p":"60123.5' "$T/out"
	[ ! -s "$T/err" ]
	kill "$STREAM_PID"
	ends 0
}

@test "wss with an expired certificate: said once, tried again" {
	certs
	cert late IP:127.0.0.1 -1
	ws_tls late
	turned_away late 'certificate has expired'
}

@test "wss with the certificate of another host: said once, tried again" {
	certs
	cert other 'IP:127.0.0.2,DNS:example.org'
	ws_tls other
	turned_away other mismatch
}

@test "wss with a self-signed certificate: said once, tried again" {
	certs
	self lone IP:127.0.0.1
	ws_tls lone
	turned_away lone 'self-signed certificate'
}

@test "wss with nothing newer than TLS 1.1: said once, tried again" {
	certs
	cert good IP:127.0.0.1
	ws_tls good 1.0 1.1
	turned_away good 'protocol version too low'
}

@test "ws where wss was meant: nothing is said in the clear" {
	sim
	bad 'http=400 Bad Request||no'
	place_at plain "$SIM_REST" "wss://127.0.0.1:$BAD_PORT"
	stream markPrice
	told TLS
	alive
	run ! grep -q asked "$T/bad"
}

@test "a refused upgrade names the status, and is tried again" {
	local code
	for code in 400 403 451 502 503; do
		ws_bad "http=$code Refused|Content-Type: text/html||<html><body>no</body></html>" 'up;hold'
		stream markPrice
		told "HTTP $code"
		wait_for grep -q '"state":"up"' "$T/out"
		[ "$(states)" = "down up " ]
		kill "$STREAM_PID"
		ends 0
	done
}

@test "429 and 418 are waited for as long as they ask" {
	ws_bad 'http=429 Too Many Requests|Retry-After: 2' 'up;hold'
	stream markPrice
	told 'HTTP 429'
	wait_for grep -q '"state":"up"' "$T/out"
	has "$(jq -sc '[.[] | select(.e == "bf.conn")] | {down: .[0].E, up: .[1].E}' "$T/out")" '.up - .down >= 2000'
	kill "$STREAM_PID"
	ends 0
	ws_bad 'http=418 I am a teapot|Retry-After: 86400' 'up;hold'
	stream markPrice
	told 'HTTP 418'
	told '86400 s'
	kill -INT "$STREAM_PID"		# nor does the wait keep it from ending
	ends 0
	[ "$(grep -c '^connection' "$T/bad")" -eq 1 ]
}

@test "a redirect is not followed, and whom it names is never called" {
	local code
	listener
	for code in 301 302 307 308; do
		ws_bad "http=$code Moved|Location: ws://127.0.0.1:$ELSE_PORT/market/stream" 'up;hold'
		stream markPrice
		told "HTTP $code"
		wait_for grep -q '"state":"up"' "$T/out"
		kill "$STREAM_PID"
		ends 0
	done
	[ "$(called)" -eq 0 ]
}

@test "an upgrade that is no WebSocket's is refused" {
	ws_bad 'up!=s3pPLMBiTxaQ9kYGzzhZRbK+xOo=;hold' 'up=Sec-WebSocket-Extensions: permessage-deflate;hold' 'up;hold'
	stream markPrice
	told Sec-WebSocket-Accept
	wait_for grep -q '"state":"up"' "$T/out"
	[ "$(grep -c '^connection' "$T/bad")" -eq 3 ]
}

@test "frames that no server may send cut the connection, with the reason, and it comes back" {
	local frame
	for frame in 'hex=82 01 61' 'hex=c1 05 48 65 6c 6c 6f' 'hex=81 7f ff ff ff ff ff ff ff ff' 'hex=83 01 61' \
		'hex=80 01 61' 'hex=01 01 61 81 01 62' 'hex=89 7e 00 7e' 'hex=09 01 61'; do
		ws_bad "up;$frame;hold" 'up;hold'
		stream markPrice
		told 'market stream down: cut: '
		wait_for eval '[ "$(states)" = "up down up " ]'
		kill "$STREAM_PID"
		ends 0
	done
}

@test "a message without end cuts the connection before it fills the memory" {
	ws_bad "up;hex=81 7f 00 00 00 10 00 00 00 00;frame=81:20000000;hold" 'up;hold'
	stream markPrice
	told 'longer than any good one'
	wait_for eval '[ "$(states)" = "up down up " ]'
}

@test "what is no JSON or no UTF-8 is passed over with a sentence, and nothing of it is printed" {
	local message
	for message in 'text=hello' 'text={"stream":' 'hex=81 02 c3 28' 'text=[1,2' 'text=' \
		'text={"e":"markPriceUpdate"} {"e":"x"}'; do
		ws_bad "up;$message;text={\"stream\":\"!markPrice@arr@1s\",\"data\":[{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"AAAUSDT\",\"p\":\"1\"}]};hold"
		stream markPrice
		wait_for grep -q AAAUSDT "$T/out"	# it goes on
		[ "$message" = text= ] || told 'passed over'
		[ "$(states)" = "up " ]
		[ "$(jq -c 'select(.e != "bf.conn" and .e != "bf.lag")' "$T/out" | wc -l)" -eq 1 ]
		kill "$STREAM_PID"
		ends 0
	done
}

@test "what is wrong a thousand times is said a few times, and counted" {
	local i script=up
	for ((i = 0; i < 1000; i++)); do script+=";text=no"; done
	ws_bad "$script;text={\"stream\":\"!markPrice@arr@1s\",\"data\":[{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"AAAUSDT\",\"p\":\"1\"}]};hold"
	stream markPrice
	wait_for grep -q AAAUSDT "$T/out"
	kill "$STREAM_PID"
	ends 0
	[ "$(grep -c 'passed over' "$T/err")" -eq 20 ]
	grep -qx 'bf-stream: and 980 more such messages' "$T/err"
}

@test "the reason of a close frame is told, and harmless on a terminal" {
	ws_bad "$(printf 'up;close=1008:Too many requests\033]0\\;x\007;hold')" 'up;hold'
	stream markPrice
	told 'closed by peer, code 1008: Too many requests'
	run ! grep -q "$(printf '[\033\007]')" "$T/err"
	run ! grep -q "$(printf '[\033\007]')" "$T/out"
	has "$(grep down "$T/out")" '.why | startswith("closed by peer, code 1008")'
}

@test "a name that does not exist is said, and tried again" {
	place_at nowhere https://no-such-host.invalid wss://no-such-host.invalid
	stream markPrice
	told no-such-host.invalid
	alive
	kill -INT "$STREAM_PID"
	ends 0
}

@test "no proxy of the environment is asked" {
	listener
	ws_bad 'up;hold'
	export http_proxy=http://127.0.0.1:$ELSE_PORT https_proxy=http://127.0.0.1:$ELSE_PORT
	export HTTP_PROXY=$http_proxy HTTPS_PROXY=$https_proxy ALL_PROXY=$http_proxy all_proxy=$http_proxy
	stream markPrice
	wait_for grep -q '"state":"up"' "$T/out"
	[ "$(called)" -eq 0 ]
}
