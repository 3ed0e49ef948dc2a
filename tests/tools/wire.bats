#!/usr/bin/env bats
# HTTP that is not what it should be: answers, redirects, names, proxies.

setup() {
	load ../helper
	load ../signed
	load ../wire
	home
}
teardown() { home_end; }

at_bad() { place_at bad "http://127.0.0.1:$BAD_PORT" "ws://127.0.0.1:$BAD_PORT"; }

# fails TOOL...: exit 3, nothing on stdout, a sentence.
fails() {
	run --separate-stderr timeout 60 "$@"
	[ "$status" -eq 3 ] || { echo "$*: $status: $stderr"; return 1; } >&2
	[ -z "$output" ] || { echo "$*: $output"; return 1; } >&2
	[[ $stderr == "${1##*/}:"* ]] || { echo "$*: $stderr"; return 1; } >&2
}

@test "answers that are no answer: exit 3 and a sentence, for every kind" {
	local how
	for how in 'http=200 OK' \
		'http=200 OK|Content-Type: application/json' \
		'http=200 OK|Content-Type: application/json||null' \
		'http=200 OK|Content-Type: application/json||[]' \
		'http=200 OK|Content-Type: application/json||{}' \
		'http=200 OK|Content-Type: application/json||{"serverTime":"soon"}' \
		'http=200 OK|Content-Type: application/json||{"serverTime":1} trailing' \
		'http=200 OK|Content-Type: application/json||{"serverTime":' \
		'http=200 OK|Content-Type: text/html||<html><body>It works</body></html>' \
		'http=502 Bad Gateway|Content-Type: text/html||<html></html>' \
		'http=204 No Content' \
		'raw=HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{' \
		'raw=SSH-2.0-OpenSSH_9.2\r\n' \
		'hex=00 01 02 03' \
		'rst' ''; do
		bad "$how"
		at_bad
		fails bf-time || { echo "by: $how"; false; }
	done
}

@test "an answer without end or bound is cut, not kept" {
	bad "raw=HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40000000\r\n\r\n;frame=81:40000000"
	at_bad
	fails bf-info symbols
}

@test "headers without end are cut" {
	local line script
	line=$(printf 'X-%04d: %0500d\\r\\n' 1 0)
	script="raw=HTTP/1.1 200 OK\r\n;"
	for _ in {1..200}; do script+="raw=$line;"; done
	bad "$script;hold"
	at_bad
	fails bf-time
}

@test "a redirect is an error, and whom it names is never called" {
	local code
	listener
	for code in 301 302 303 307 308; do
		bad "http=$code Moved|Location: http://127.0.0.1:$ELSE_PORT/fapi/v1/time"
		at_bad
		fails bf-time
		[[ $stderr == *"$code"* ]]
		fails bf-info mark BTCUSDT
	done
	[ "$(called)" -eq 0 ]
}

@test "a name that does not exist: exit 3, and the name is said" {
	place_at nowhere https://no-such-host.invalid wss://no-such-host.invalid
	fails bf-time
	[[ $stderr == *no-such-host.invalid* ]]
	fails bf-info mark BTCUSDT
	[[ $stderr == *no-such-host.invalid* ]]
}

@test "no proxy of the environment is asked" {
	listener
	sim
	export http_proxy=http://127.0.0.1:$ELSE_PORT https_proxy=http://127.0.0.1:$ELSE_PORT
	export HTTP_PROXY=$http_proxy HTTPS_PROXY=$https_proxy ALL_PROXY=$http_proxy all_proxy=$http_proxy
	run --separate-stderr bf-time
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ "$(called)" -eq 0 ]
	place_at far https://no-such-host.invalid wss://no-such-host.invalid
	fails bf-time
	[ "$(called)" -eq 0 ]
}

@test "plain http and ws are for this machine only" {
	place_at clear http://fapi.example.org ws://fstream.example.org
	run --separate-stderr bf-time
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == *unencrypted* ]]
}

@test "what a server says is harmless on a terminal" {
	bad 'http=400 Bad Request|Content-Type: application/json||{"code":-1121,"msg":"\u001b]0\;owned\u0007\u001b[2J Invalid symbol."}'
	at_bad
	run --separate-stderr timeout 60 bf-info mark BTCUSDT
	[ "$status" -ne 0 ]
	[ -z "$output" ]
	[[ $stderr == *"Invalid symbol"* ]]
	[[ $stderr != *$'\033'* ]]
	[[ $stderr != *$'\007'* ]]
}

@test "a closed standard output is an error, and no file or connection gets what was for it" {
	sim --synthetic --position BTCUSDT:0.1
	export T
	bf-stream --count 1 markPrice BTCUSDT >/dev/null	# state and cache are there
	local how cmd f
	for how in '>&-' '<&- >&-' '<&- >&- 2>&-'; do
		for cmd in 'bf-stream --record "$T/rec" --count 2 markPrice BTCUSDT' bf-time \
			'bf-info symbols' 'bf-info klines BTCUSDT 1m --limit 2' bf-position; do
			run timeout 20 sh -c "$cmd $how"
			[ "$status" -eq 8 ] || { echo "$cmd $how: $status $output"; return 1; } >&2
		done
	done
	timeout 20 bf-risk --max-lev 5 <&- >&-	# reads nothing of ours
	jq -se 'length > 0 and all(.[]; has("recv"))' "$T/rec"
	while read -r f; do
		run ! grep -q '"e":"bf.time"\|"e":"bf.kline"' "$f"
	done < <(find "$HOME" -type f)
}
