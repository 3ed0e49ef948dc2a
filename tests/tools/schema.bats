# --schema of every program: JSON, a schema, and one that tells right records from wrong ones; and the
# judges that tests/tapped asks about all that the tests print.

setup() {
	load ../helper
	home
	here=$BATS_TEST_DIRNAME/..
	for p in "$BF_BIN"/bf-*; do "$p" --schema >"$T/${p##*/}.schema"; done
}

teardown() {
	home_end
}

# judges: those that are here. A line "PROGRAM<tab>RECORD" a record in, violations out.
python() { python3 "$here/schema.py" "$T"; }
jq_judge() { jq -rRn --argjson short false --slurpfile known <(cat "$T"/*.schema) -f "$here/schema.jq" -; }
have_python() { python3 -c 'import jsonschema' 2>/dev/null; }
# all_right PROGRAM FILE: its records are as the program's schema says, by each judge.
all_right() {
	sed "s/^/$1	/" "$2" >"$T/asked"
	[ -s "$T/asked" ] || { echo "$1 printed nothing"; return 1; }
	run jq_judge <"$T/asked"
	[ "$status" -eq 0 ] && [ -z "$output" ] || { echo "$output"; return 1; }
	have_python || return 0
	run python <"$T/asked"
	[ "$status" -eq 0 ] && [ -z "$output" ] || { echo "$output"; return 1; }
}
# wrong PROGRAM RECORD WORD: it is not, and the reason has the word.
wrong() {
	run jq_judge <<<"$1	$2"
	[[ $output == *"$3"* ]] || { echo "jq, of $2: $output"; return 1; }
	have_python || return 0
	run python <<<"$1	$2"
	[[ $output == *"$3"* ]] || { echo "python, of $2: $output"; return 1; }
}

@test "--schema is one line of JSON: every choice is defined, every definition chosen" {
	for p in "$BF_BIN"/bf-*; do
		[ "$(wc -l <"$T/${p##*/}.schema")" -eq 1 ]
		is '."$schema" == "https://json-schema.org/draft/2020-12/schema" and
		    ([.anyOf[]."$ref" | ltrimstr("#/$defs/")] == (."$defs" | keys_unsorted)) and (.anyOf | length) > 0' <"$T/${p##*/}.schema"
		is '[."$defs"[] | .title != null and .description != null and .type == "object"] | all' <"$T/${p##*/}.schema"
	done
}

@test "--schema is a schema of draft 2020-12" {
	have_python || skip "no python3-jsonschema"
	python3 - "$T"/*.schema <<-'END'
		import json, sys
		from jsonschema import Draft202012Validator
		for name in sys.argv[1:]:
		    with open(name) as f:
		        Draft202012Validator.check_schema(json.load(f))
	END
}

@test "--schema to a full disk is an error" {
	for p in "$BF_BIN"/bf-*; do
		run sh -c "'$p' --schema >/dev/full"
		[ "$status" -eq 8 ] || { echo "$p: $status"; false; }
	done
}

@test "what a session prints is as the schemas say: orders, positions, the ledger" {
	sim
	printf '%s\n' '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}' \
	    '{"symbol":"BTCUSDT","side":"SELL","type":"STOP_MARKET","triggerPrice":"30000","closePosition":"true"}' \
	    '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","quantity":"0.01","price":"30000","timeInForce":"GTC"}' \
	    '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","quantity":"0.0000001","price":"1"}' >"$T/intents"
	bf-order <"$T/intents" >"$T/orders" || [ $? -eq 1 ]
	is -s 'length == 4 and any(.[]; .e == "bf.reject")' <"$T/orders"
	bf-order --dry-run <"$T/intents" >>"$T/orders" || [ $? -eq 1 ]
	bf-order journal -o ndjson >>"$T/orders"
	bf-order open -o ndjson >>"$T/orders"
	is -s 'map(.e) | contains(["bf.dryrun", "bf.journal"])' <"$T/orders"
	all_right bf-order "$T/orders"
	bf-position -o ndjson >"$T/position"
	is -s 'any(.[]; .e == "bf.position" and (.protection | length) == 1)' <"$T/position"
	all_right bf-position "$T/position"
	bf-kill --level cancel --reason test -o ndjson >"$T/kill"
	all_right bf-kill "$T/kill"
	bf-time -o ndjson >"$T/time"
	all_right bf-time "$T/time"
	all_right bf-sim "$T/sim.out"
	all_right bf-sim "$T/ledger"
	is -s '[.[].what] | unique | contains(["request", "order", "fill", "algo", "order_end"])' <"$T/ledger"
}

@test "so are the exchange's answers that bf-info prints, of both markets" {
	sim
	: >"$T/info"
	for verb in symbols filters brackets fees price mark ticker bookTicker funding book trades openInterest adl \
	    fundingRate takerRatio topLongShortAccountRatio openInterestHist; do
		bf-info "$verb" BTCUSDT -o ndjson >>"$T/info" 2>"$T/why" || { cat "$T/why"; false; }
	done
	for verb in limits schedule assetIndex insurance tradingStatus; do
		bf-info "$verb" -o ndjson >>"$T/info" 2>"$T/why" || { cat "$T/why"; false; }
	done
	for verb in symbols filters brackets price mark ticker bookTicker funding book openInterest; do
		bf-info "$verb" BTCUSD_PERP -o ndjson >>"$T/info" 2>"$T/why" || { cat "$T/why"; false; }
	done
	bf-info klines BTCUSDT 1m --limit 3 -o ndjson >>"$T/info"
	[ "$(wc -l <"$T/info")" -gt 50 ]
	all_right bf-info "$T/info"
}

@test "so are the events of the market and of the account" {
	sim
	bg "exec bf-stream -o ndjson markPrice bookTicker depth5 kline_1m user BTCUSDT >'$T/events' 2>'$T/stream.err'"
	wait_for grep -q '"conn":"user","state":"up"' "$T/events"
	bf-order <<<'{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}' >"$T/order"
	for e in markPriceUpdate bookTicker depthUpdate ORDER_TRADE_UPDATE TRADE_LITE ACCOUNT_UPDATE bf.conn; do
		wait_for grep -q "\"e\":\"$e\"" "$T/events"
	done
	grep '}$' "$T/events" >"$T/whole"
	all_right bf-stream "$T/whole"
}

@test "a wrong record is told from a right one: a member too many, one missing, a word, a form" {
	good='{"e":"bf.conn","E":1,"by":"bf-stream","conn":"user","state":"up","why":""}'
	echo "$good" >"$T/good"
	all_right bf-stream "$T/good"
	wrong bf-stream "$(jq -c '.more = 1' <<<"$good")" more
	wrong bf-stream "$(jq -c 'del(.why)' <<<"$good")" why
	wrong bf-stream "$(jq -c '.state = "sideways"' <<<"$good")" state
	wrong bf-stream "$(jq -c '.E = "1"' <<<"$good")" E
	wrong bf-stream "$(jq -c '.E = -1' <<<"$good")" E
	wrong bf-stream "$(jq -c '.e = "bf.nosuch"' <<<"$good")" schema
	wrong bf-order '{"e":"bf.dryrun","E":1,"by":"bf-order","market":"usdm","method":"POST","path":"/x","query":"","intent":{},"cost":{"price":"1e3","notional":null,"fee":null,"margin":null,"positionAmt":null,"leverage":null,"liquidationPrice":null}}' price
}

@test "tests/tapped tells what a filter passed on from its own that lost its by" {
	mkdir "$T/tap"
	passed='{"e":"bf.reject","rule":"max-lev" , "intent":null}'
	for name in bf-risk bf-order; do
		printf '%s\n' '{"e":"bf.conn"}' "$passed" '{"e":"bf.kill","E":1,"by":"bf-kill"}' >"$T/tap/$name.1.1.in"
		cp "$T/tap/$name.1.1.in" "$T/tap/$name.1.1.out"
		run "$here/tapped" "$T/tap" "$BF_BIN"
		[ -z "$output" ] || { echo "$output"; false; }
		for lost in '{"e":"bf.reject","E":1,"rule":"max-lev","intent":null}' '{"e":"bf.kill","E":2,"by":"bf-kill"}' \
		    '{"e":"bf.reject","E":1,"by":"bf-time","intent":null}'; do
			echo "$lost" >"$T/tap/$name.2.1.out"
			run "$here/tapped" "$T/tap" "$BF_BIN"
			[[ $output == *"FAILED: $name prints what it did not read and does not say is by it"* ]] ||
				{ echo "$lost: $output"; false; }
		done
		rm "$T/tap/$name.2.1.out"
	done
}

@test "what is looked for is what was secret, and nothing that is written by chance" {
	mkdir -p "$XDG_CONFIG_HOME/bf/profiles"
	printf '%s\n' 'secret = 00000000000000000000000000000000' "symbols = $(printf 'BTCUSDT%.0s' {1..9})" >"$XDG_CONFIG_HOME/bf/profiles/a"
	printf '%s\n' "key = $(printf 'k%.0s' {1..64})" 'secret = S0meThing-that-1s-secret' >"$XDG_CONFIG_HOME/bf/profiles/b"
	printf 'ABCDEFGHIJKLMNOPQRSTUVWXYZ%024d\n' 0 >"$T/keys.txt"
	openssl genpkey -algorithm ed25519 -out "$T/key.pem" 2>/dev/null
	openssl pkey -in "$T/key.pem" -pubout >"$T/key.pub"
	echo '{"symbol":"BTCUSDT","secret":"not-a-secret-of-anybody"}' >"$T/some.out"
	echo '{"e":"bf.sim","E":1,"secret":"ofTheSimulatorsAccount1"}' >"$T/sim.out"
	run secrets
	[ "$(sort <<<"$output")" = "$(printf '%s\n' S0meThing-that-1s-secret ofTheSimulatorsAccount1 "$(sed -n 2p "$T/key.pem")" | sort)" ] ||
		{ echo "$output"; false; }
	rm "$T"/*.out "$T"/key*	# the test ends with none
}

@test "tests/tapped finds what is not as it should be, and a secret in each of its forms" {
	mkdir "$T/tap"
	secret=0123456789abcdefXYZ/canary+secret
	echo "$secret" >"$T/tap/secrets"
	echo '{"e":"bf.conn","E":1,"by":"bf-stream","conn":"user","state":"up","why":""}' >"$T/tap/bf-stream.1.1.out"
	run "$here/tapped" "$T/tap" "$BF_BIN"
	[ -z "$output" ] || { echo "$output"; false; }
	echo '{"e":"bf.conn","E":"x","by":"bf-stream","conn":"user","state":"up","why":""}' >"$T/tap/bf-stream.2.1.out"
	run "$here/tapped" "$T/tap" "$BF_BIN"
	[[ $output == 'FAILED: bf-stream prints bf.conn, and not as its --schema says'* ]]
	rm "$T/tap/bf-stream.2.1.out"
	for form in "$secret" "x$(printf 'a%s' "$secret" | base64 -w0)" "$(printf 'ab%sz' "$secret" | base64 -w0)" \
	    "$(printf '%s' "$secret" | od -An -tx1 | tr -d ' \n')" "$(jq -rn --arg s "$secret" '$s | @uri')"; do
		echo "bf-time: it was $form" >"$T/tap/bf-time.3.1.err"
		run "$here/tapped" "$T/tap" "$BF_BIN"
		[[ $output == 'FAILED: bf-time.3.1.err: a secret was printed'* ]] || { echo "$form: $output"; false; }
	done
}

@test "tests/tapped tells that its judge failed, whichever it is" {
	mkdir "$T/tap" "$T/none" "$T/bin"
	printf '#!/bin/sh\nexit 127\n' >"$T/none/python3"
	printf '#!/bin/sh\necho "no schema"\n' >"$T/bin/bf-stream"
	chmod +x "$T/none/python3" "$T/bin/bf-stream"
	echo '{"e":"bf.conn","E":1,"by":"bf-stream","conn":"user","state":"up","why":""}' >"$T/tap/bf-stream.1.1.out"
	run "$here/tapped" "$T/tap" "$T/bin"
	[[ $output == *"FAILED: what the programs print could not be judged"* ]] || { echo "$output"; false; }
	PATH=$T/none:$PATH run "$here/tapped" "$T/tap" "$T/bin"
	[[ $output == *"FAILED: what the programs print could not be judged"* ]] || { echo "$output"; false; }
}

@test "where there is no python3 what the tests print is judged all the same" {
	mkdir "$T/tap" "$T/none"
	printf '#!/bin/sh\nexit 127\n' >"$T/none/python3"
	chmod +x "$T/none/python3"
	echo '{"e":"bf.conn","E":"x","by":"bf-stream","conn":"user","state":"up","why":""}' >"$T/tap/bf-stream.1.1.out"
	PATH=$T/none:$PATH run "$here/tapped" "$T/tap" "$BF_BIN"
	[[ $output == *"FAILED: bf-stream prints bf.conn"* ]] || { echo "$output"; false; }
}
