#!/usr/bin/env bats
# Nobody is told a key: canaries of all there are, and everything that is written.

setup() { load ../helper; load ../signed; home; }
teardown() { home_end; }

listen_key() { curl -sS --noproxy '*' -X POST -H "X-MBX-APIKEY: $KEY" "$SIM_REST/fapi/v1/listenKey" | jq -r .listenKey; }
tell() { curl -s -d "$1" "$SIM_REST/sim/v1/faults" | is .ok; }
count() { [ "$(sed -n '/}$/p' "$T/out" | jq -c "select($1)" | wc -l)" -ge "${2:-1}" ]; }

# nowhere WORD FILE...: neither it nor what it is in hex, base64 and percent-encoding.
nowhere() {
	local word=$1 form
	[ "${#word}" -ge 16 ] || { echo "no canary: $word"; return 1; }
	shift
	for form in "$word" "$(printf %s "$word" | od -An -tx1 | tr -d ' \n')" \
		"$(printf %s "$word" | base64 -w0 | sed 's/..=*$//')"; do
		! grep -raqF -- "$form" "$@" || { echo "$form is in:"; grep -ralF -- "$form" "$@"; return 1; } >&2
	done
}

@test "no key, secret, signature or listenKey is in records, sentences, recordings, state or command lines" {
	local first second c stream
	sim --synthetic --listen-key-life 4
	KEY=$(sed -n 's/^key *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	SECRET=$(sed -n 's/^secret *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	first=$(listen_key)	# bf-stream is given the same one
	tell 'on GET /fapi/v1/income*2: reply=503/svc'
	bf-stream --record "$T/rec" user >"$T/out" 2>"$T/err" 3>&- 4>&- &
	stream=$!
	SIM_PIDS="$SIM_PIDS $stream"
	wait_for count '.e == "bf.conn" and .state == "up"'
	[ "$(listen_key)" = "$first" ]
	tell 'ws:user: rst'	# a gap, recovered
	order BTCUSDT BUY MARKET 0.010
	wait_for count '.e == "bf.reconcile" and .what == "done"'
	wait_for count '.e == "listenKeyExpired"'
	count '.e == "listenKeyExpired" and (.listenKey | test("^....[.]{3}$"))'
	wait_for count '.e == "bf.conn" and .state == "up"' 3
	second=$(listen_key)
	[ "$second" != "$first" ]
	if [ "$(uname)" = Linux ]; then tr '\0' '\n' <"/proc/$stream/cmdline" >"$T/cmdline"; fi
	kill "$stream"
	wait "$stream"
	# what is asked with a key, answered and refused
	tell 'on GET /fapi/v1/commissionRate: reply=401/-2015'
	tell 'on GET /fapi/v1/leverageBracket: reply=400/-1102'
	for c in 'bf-info fees BTCUSDT' 'bf-info brackets' 'bf-info fees BTCUSDT ETHUSDT' 'bf-info watch --count 1' \
		'bf-info historicalTrades BTCUSDT' 'bf-time' 'bf-time --probe' 'bf-position'; do
		# shellcheck disable=SC2086 # words
		timeout 20 $c >>"$T/more" 2>&1 || true
	done
	sed 's/\(.*\)/# a wrong key\n\1/;s/^secret *=.*/secret = wrongwrongwrongwrongwrongwrongwrongwrong/' \
		"$XDG_CONFIG_HOME/bf/profiles/sim" >"$XDG_CONFIG_HOME/bf/profiles/wrong"
	chmod 600 "$XDG_CONFIG_HOME/bf/profiles/wrong"
	run timeout 20 bf-info --profile wrong fees BTCUSDT
	[ "$status" -eq 5 ]
	echo "$output" >>"$T/more"
	for c in "$KEY" "$SECRET" "$first" "$second" wrongwrongwrongwrongwrongwrongwrongwrong; do
		nowhere "$c" "$T/out" "$T/err" "$T/rec" "$T/more" "$XDG_STATE_HOME" "$XDG_CACHE_HOME"
		[ ! -e "$T/cmdline" ] || nowhere "$c" "$T/cmdline"
	done
	run ! grep -raqE 'signature=|/private/ws|X-MBX' "$T/out" "$T/err" "$T/rec" "$T/more" "$XDG_STATE_HOME" "$XDG_CACHE_HOME"
	# and all of it is its owner's alone
	[ -z "$(find "$T/rec" "$XDG_STATE_HOME/bf" "$XDG_CACHE_HOME/bf" -perm /077)" ]
}

@test "a key from a descriptor is told to nobody: no record, sentence, file, command line or child has a word of it" {
	local c word i pid
	umask 077
	sim --synthetic
	KEY=$(sed -n 's/^key *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	SECRET=$(sed -n 's/^secret *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	printf '%s\n' "key = $KEY" "secret = $SECRET" 'type = hmac' >"$T/key"
	# one that does not fit, and a private key
	openssl genpkey -algorithm ed25519 -out "$T/pem"
	{ printf '%s\n' "key = $KEY" 'type = rsa'; cat "$T/pem"; } >"$T/wrong"
	sed '$d' "$T/wrong" >"$T/cut"
	word=$(sed -n 2p "$T/pem")
	printf '[own]\nrest = %s\nws = %s\n' "$SIM_REST" "$SIM_WS" >"$XDG_CONFIG_HOME/bf/config"
	export BF_PROFILE=own BF_KEY_FD=9
	bf-stream --record "$T/rec" user 9<"$T/key" >"$T/out" 2>"$T/err" 3>&- 4>&- &
	pid=$!
	SIM_PIDS="$SIM_PIDS $pid"
	wait_for count '.e == "bf.conn" and .state == "up"'
	for c in 'bf-order buy BTCUSDT 0.01 @ 50000' 'bf-order open' 'bf-position' 'bf-info fees BTCUSDT'; do
		for i in key wrong cut; do
			# shellcheck disable=SC2086 # words
			timeout 20 $c 9<"$T/$i" >>"$T/more" 2>&1 || true
		done
	done
	grep -q 'of type ed25519' "$T/more"
	grep -q 'no END line' "$T/more"
	[ "$(executed)" -eq 1 ]
	if [ "$(uname)" = Linux ]; then
		tr '\0' '\n' <"/proc/$pid/cmdline" >"$T/cmdline"
		cat "/proc/$pid/environ" >>"$T/cmdline" 2>/dev/null || true	# nobody but root may
		[ -z "$(find "/proc/$pid/fd" -lname "$T/key" 2>/dev/null)" ]
	fi
	kill "$pid"
	wait "$pid" || true
	for c in "$KEY" "$SECRET" "$word"; do
		nowhere "$c" "$T/out" "$T/err" "$T/rec" "$T/more" "$XDG_STATE_HOME" "$XDG_CACHE_HOME"
		[ ! -e "$T/cmdline" ] || nowhere "$c" "$T/cmdline"
	done
}

@test "what secret_cmd runs has no connection of ours" {
	[ "$(uname)" = Linux ] || skip "/proc is Linux's"
	sim
	cat >"$T/cmd" <<-END
		#!/bin/sh
		ls -l /proc/self/fd >"$T/fds"
		echo $(sed -n 's/^secret *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	END
	chmod 700 "$T/cmd"
	printf '[own]\nrest = %s\nws = %s\napi_key = %s\nsecret_cmd = %s\n' "$SIM_REST" "$SIM_WS" \
		"$(sed -n 's/^key *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")" "$T/cmd" >"$XDG_CONFIG_HOME/bf/config"
	chmod 600 "$XDG_CONFIG_HOME/bf/config"
	run --separate-stderr timeout 20 bf-info --profile own watch --count 1 BTCUSDT
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ -s "$T/fds" ]
	run ! grep 'socket:' "$T/fds"
}

@test "names that the exchange gives are no paths, no commands and no escapes" {
	local s n=0
	printf '%s\n' "A'; system(\"touch pwn\") #" '`touch pwn`$(touch pwn)' '../../../pwn' '%n%s%x' \
		$'\033]52;c;aGk=\007' $'\u202eEVIL\u2066' >"$T/names"
	jq -R -s -c '{symbols: [split("\n")[] | select(. != "") | {symbol: ., pair: ., status: "TRADING",
		contractType: "PERPETUAL", baseAsset: "T", quoteAsset: "USDT", marginAsset: "USDT", pricePrecision: 2,
		quantityPrecision: 3, onboardDate: 1569398400000, deliveryDate: 4133404800000, orderTypes: ["LIMIT"],
		timeInForce: ["GTC"], filters: [{filterType: "PRICE_FILTER", minPrice: "0.01", maxPrice: "1000000",
		tickSize: "0.01"}, {filterType: "LOT_SIZE", minQty: "0.001", maxQty: "1000", stepSize: "0.001"}]}]}' \
		"$T/names" >"$T/info.json"
	sim --synthetic --exchange-info "$T/info.json"
	mkdir "$T/here"
	cd "$T/here"
	bf-info symbols -o table >"$T/shown" 2>&1
	[ "$(wc -l <"$T/shown")" -ge 7 ]
	while IFS= read -r s; do
		n=$((n + 1))
		bf-info filters -o table -- "$s" >>"$T/shown" 2>&1
		bf-info price -o table -- "Z$s" >>"$T/shown" 2>&1 || true
		bf-info klines --plot --limit 5 -- "$s" 1m >>"$T/shown" 2>&1 || true
		timeout 20 bf-info klines --since -5m --save "$T/here/s$n" -- "$s" 1m >>"$T/shown" 2>&1 || true
		timeout 20 bf-stream --count 1 -o table bookTicker -- "$s" >>"$T/shown" 2>&1 || true
	done <"$T/names"
	run ! grep -aqP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]' "$T/shown"
	[ -z "$(find "$T" "$HOME" -name '*pwn*')" ]
	[ -z "$(find "$T/here" -mindepth 1 ! -name 's[1-9]')" ]
}
