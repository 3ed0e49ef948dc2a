#!/usr/bin/env bats
# Wrong intents (tests/data/bad-intents.tsv) through bf-order against bf-sim: each leaves
# as one bf.reject with the field, the exchange's number and the rule, and nothing of it
# reaches the exchange, by the simulator's ledger.

setup() {
	load ../helper
	home
	table=$BATS_TEST_DIRNAME/../data/bad-intents.tsv
}
teardown() { home_end; }

# rows [JSON]: those that are intents, or those that are no JSON object.
rows() { awk -F'\t' -v want="${1-}" '!/^#/ && ($2 == "JSON") == (want == "JSON")' "$table"; }
json() { cut -f1; }

# What would have changed something at the exchange: every POST, PUT and DELETE, but for
# the listen key of a user stream.
mutations() {
	jq -s '[.[] | select(.what == "request" and .method != "GET" and (.path | test("listenKey") | not))] | length' "$T/ledger"
}
nothing_sent() { [ "$(mutations)" -eq 0 ] && [ "$(executed)" -eq 0 ]; }

# answers ROWS OUTPUT: each row's reject, in the rows' order; a word for each that is wrong.
answers() {
	jq -rn --rawfile rows "$1" --rawfile out "$2" '
		def lines: split("\n") | map(select(. != ""));
		($rows | lines | map(split("\t"))) as $want |
		($out | lines | map(fromjson)) as $got |
		if ($want | length) != ($got | length) then
			"\($got | length) outcomes of \($want | length) intents"
		else
			range($want | length) as $i | $want[$i] as $w | $got[$i] as $g |
			select(($g.e == "bf.reject" and $g.by == "bf-order" and $g.rule == "intent" and
			    ($g.code // 0) == ($w[2] | tonumber) and ($g.msg | startswith($w[1])) and
			    ($g.msg | contains($w[3]))) | not) |
			"\($w[0]): \($g | tojson)"
		end'
}

@test "every wrong intent is rejected by field, number and rule, and nothing is sent" {
	sim
	rows >"$T/rows"
	[ "$(wc -l <"$T/rows")" -ge 110 ]
	json <"$T/rows" >"$T/intents"
	chmod 600 "$T/intents"
	bf-order <"$T/intents" >"$T/out" 2>"$T/err" && status=0 || status=$?
	[ "$status" -eq 1 ]
	run answers "$T/rows" "$T/out"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	nothing_sent
}

@test "a wrong intent does not keep the good one after it from being placed" {
	sim
	rows | json | head -n 20 >"$T/intents"
	chmod 600 "$T/intents"
	echo '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","quantity":"0.002","price":"59000"}' >>"$T/intents"
	run --separate-stderr bf-order <"$T/intents"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 21 ]
	is '.status == "NEW" and .price == "59000.00"' <<<"${lines[20]}"
	[ "$(executed)" -eq 1 ]
}

@test "what is no JSON object stops the run: what follows may be the rest of an order" {
	sim
	rows JSON | json >"$T/rows"
	[ "$(wc -l <"$T/rows")" -ge 10 ]
	while IFS= read -r line; do
		printf '%s\n%s\n' "$line" '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}' >"$T/intents"
		chmod 600 "$T/intents"
		bf-order <"$T/intents" >"$T/out" 2>"$T/err" && status=0 || status=$?
		[ "$status" -eq 1 ] || { echo "exit $status: $line"; return 1; }
		is '.e == "bf.reject" and (.msg | contains("not a JSON object"))' <"$T/out"
		[ "$(wc -l <"$T/out")" -eq 1 ]
		grep -q stopping "$T/err"
	done <"$T/rows"
	nothing_sent
}

@test "a raw NUL and bytes that are no UTF-8 stop the run, too" {
	sim
	for bad in '{"symbol":"BTC\0USDT","side":"BUY","type":"MARKET","quantity":"1"}\n' \
	    '{"symbol":"BTC\377USDT","side":"BUY","type":"MARKET","quantity":"1"}\n' \
	    '\357\273\277{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}\n'; do
		# shellcheck disable=SC2059 # the format is the case
		printf "$bad" >"$T/intents"
		chmod 600 "$T/intents"
		bf-order <"$T/intents" >"$T/out" 2>"$T/err" && status=0 || status=$?
		[ "$status" -eq 1 ] || { echo "exit $status: $bad"; return 1; }
		is '.e == "bf.reject"' <"$T/out"
		grep -q stopping "$T/err"
	done
	nothing_sent
}
