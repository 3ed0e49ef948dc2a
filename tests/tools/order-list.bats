#!/usr/bin/env bats
# bf-order's lists: what stands and what was, of both markets. The oracle is what the
# exchange (bf-sim) tells curl, request by request.
# shellcheck disable=SC2154	# stderr: run sets it

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
}
teardown() { home_end; }

both() { sim --balance coinm.BTC=1 "$@"; }
days() { stepped --balance coinm.BTC=1 --balance USDT=1000000 --start 2026-06-01T00:00:00Z "$@"; }
coin_order() { signed POST /dapi/v1/order "symbol=BTCUSD_PERP&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=$1${2:+&$2}"; }
coin_algo() { signed POST /dapi/v1/algoOrder "algoType=CONDITIONAL&symbol=BTCUSD_PERP&side=SELL&type=STOP_MARKET&quantity=1&triggerPrice=$1${2:+&$2}"; }
stop() { algo_order "$1" SELL STOP_MARKET "quantity=$2&triggerPrice=$3${4:+&$4}"; }
list() { run --separate-stderr bf-order "$@"; }
# The lines of $output are the elements of the arrays on stdin, by time. (jq rounds long ids, so
# their digits are compared without it.)
are() {
	cat >"$T/told"
	diff <(jq -cs 'add | sort_by(.time // .createTime) | .[]' "$T/told") <(jq -c . <<<"$output") &&
		diff <(ids <"$T/told") <(ids <<<"$output")
}
ids() { grep -oE '"(orderId|algoId|id)":[0-9]+' | sort; }
# later TIME: the exchange's clock goes on, and ours is known to be wrong.
later() { step "$1" && rm -f "$XDG_STATE_HOME"/bf/sim/clock.json; }

# One order of each kind in each market.
some() {
	limit_order BTCUSDT BUY 0.01 50000 newClientOrderId=bf-1 | is '.orderId > 0'
	stop BTCUSDT 0.01 50000 clientAlgoId=bf-a | is '.algoId > 0'
	limit_order ETHUSDT BUY 0.1 2000 newClientOrderId=x-1 | is '.orderId > 0'
	coin_order 50000 newClientOrderId=bf-c1 | is '.orderId > 0'
	coin_algo 50000 clientAlgoId=x-c | is '.algoId > 0'
}

# --- what stands ---

@test "open lists regular and conditional orders of both markets by time, each as the exchange has it" {
	both
	some
	list open
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 5 ]
	for p in /fapi/v1/openOrders /fapi/v1/openAlgoOrders /dapi/v1/openOrders /dapi/v1/openAlgoOrders; do
		signed GET "$p"
	done | are
}

@test "open takes symbols of either market, each once, and --market" {
	both
	some
	list open BTCUSD_PERP BTCUSDT BTCUSDT
	[ "$status" -eq 0 ]
	for p in fapi/v1/openOrders fapi/v1/openAlgoOrders; do signed GET "/$p" symbol=BTCUSDT; done >"$T/a"
	for p in dapi/v1/openOrders dapi/v1/openAlgoOrders; do signed GET "/$p" symbol=BTCUSD_PERP; done >>"$T/a"
	are <"$T/a"
	list open --market coinm
	[ "${#lines[@]}" -eq 2 ]
	is -s 'all(.[]; .symbol == "BTCUSD_PERP")' <<<"$output"
	list open --market usdm --jq '.clientOrderId // .clientAlgoId'
	[ "$(paste -sd' ' <<<"$output")" = '"bf-1" "bf-a" "x-1"' ]
}

@test "open: --mine and --prefix choose by client id" {
	both
	some
	list open --mine --jq '.clientOrderId // .clientAlgoId'
	[ "$(paste -sd' ' <<<"$output")" = '"bf-1" "bf-a" "bf-c1"' ]
	list open --prefix x- --jq '.clientOrderId // .clientAlgoId'
	[ "$(paste -sd' ' <<<"$output")" = '"x-1" "x-c"' ]
	list open --mine --prefix bf-c --jq '.clientOrderId // .clientAlgoId'
	[ "$output" = '"bf-c1"' ]
	list open --mine --prefix x-
	[ "$status" -eq 2 ]
}

@test "open with nothing that stands is no line and exit 0" {
	both
	list open
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr != *"could not"* ]]
}

@test "a name that is not listed is no short list" {
	both
	some
	list open BTCUSDT BTCUSD
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *BTCUSD*"not listed"*BTCUSD_PERP* ]]
	[ "$(seen GET /fapi/v1/openOrders)" -eq 0 ]
}

@test "open: what cannot be read is said by name, and the rest is not shown as the whole" {
	both --fault 'on GET /dapi/v1/openAlgoOrders: reply=503/svc'
	some
	list open
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 4 ]
	[[ $stderr == *"COIN-M: the conditional orders that stand could not be read"* ]]
	[[ $stderr == *"1 of 4 lists could not be read"* ]]
	rules 'on GET openOrders: reply=401/-2015'
	list open BTCUSDT
	[ "$status" -eq 5 ]
	[ "${#lines[@]}" -eq 1 ]
}

@test "open: an answer that is no list is not taken for an empty one" {
	both --fault 'on GET openOrders: reply=200/ok'
	some
	list open ETHUSDT
	[ "$status" -ne 0 ]
	[ -z "$output" ]
	[[ $stderr == *"1 of 2 lists could not be read"* ]]
}

@test "a conditional order that is triggered between two reads is not missed: conditional ones are read first" {
	both
	some
	list open BTCUSDT
	jq -r 'select(.what == "request" and .method == "GET") | .path' "$T/ledger" | grep open >"$T/order"
	[ "$(paste -sd' ' <"$T/order")" = '/fapi/v1/openAlgoOrders /fapi/v1/openOrders' ]
}

@test "the table has both kinds in the same columns" {
	both
	some
	list open -o table
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 6 ]
	[[ ${lines[0]} == *TIME*SYMBOL*TYPE*TRIGGER*"CLIENT ID"* ]]
	[[ $output == *"STOP_MARKET"*"50000.00"*"bf-a"* ]]
}

# --- one of them ---

@test "query finds an order by its number or client id, then a conditional one, in either market" {
	both
	some
	id=$(signed GET /fapi/v1/openOrders symbol=BTCUSDT | jq '.[0].orderId')
	algo=$(signed GET /fapi/v1/openAlgoOrders symbol=BTCUSDT | jq '.[0].algoId')
	list query BTCUSDT "$id" bf-1 bf-a "$algo"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "$(signed GET /fapi/v1/order "symbol=BTCUSDT&orderId=$id")" ]
	[ "${lines[1]}" = "${lines[0]}" ]
	[ "${lines[2]}" = "$(signed GET /fapi/v1/algoOrder clientAlgoId=bf-a)" ]
	[ "${lines[3]}" = "${lines[2]}" ]
	list query --algo BTCUSDT "$algo"
	[ "$status" -eq 0 ]
	[ "$(seen GET /fapi/v1/order)" -eq 5 ]	# one of them curl's: --algo asks for no order
	list query --algo BTCUSDT "$id"
	[ "$status" -eq 1 ]
	list query BTCUSD_PERP bf-c1 x-c
	[ "$status" -eq 0 ]
	is -s 'map(.symbol) == ["BTCUSD_PERP", "BTCUSD_PERP"]' <<<"$output"
}

@test "ids beyond 2^53 keep their digits, asked for and answered" {
	both
	some
	id=$(signed GET /fapi/v1/openOrders symbol=ETHUSDT | grep -o '"orderId":[0-9]*' | tr -dc 0-9)
	[ "$id" -gt 9007199254740993 ] && [ $((id % 2)) -eq 1 ]	# no double holds it
	list query ETHUSDT "$id"
	[ "$status" -eq 0 ]
	[[ $output == *"\"orderId\":$id,"* ]]
	list open ETHUSDT
	[[ $output == *"\"orderId\":$id,"* ]]
}

@test "what is not there is each time a refusal that says what that means, and the rest is looked up" {
	both
	some
	list query BTCUSDT nope bf-1 77
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 3 ]
	is -s '.[0].e == "bf.error" and .[0].code == -2013 and .[0].outcome == "refused" and .[0].retryable == false and
	    .[0].intent.origClientOrderId == "nope" and .[1].clientOrderId == "bf-1" and .[2].intent.orderId == "77"' <<<"$output"
	[[ $stderr == *"nope: not in the exchange's history (orders without a fill are forgotten after 3 days, all after 90)"* ]]
	[[ $stderr != *placed* ]]
}

@test "the number of a conditional order of another symbol is not taken for this one's" {
	both
	some
	algo=$(signed GET /fapi/v1/openAlgoOrders symbol=BTCUSDT | jq '.[0].algoId')
	list query ETHUSDT "$algo"
	[ "$status" -eq 1 ]
	[[ $stderr == *"is of BTCUSDT"* ]]
	is '.e == "bf.error"' <<<"$output"
}

@test "a client id of digits only is asked for by --client-id, and the journal's word on it says so" {
	both
	list buy BTCUSDT 0.01 @ 50000 --client-id 4711
	[ "$status" -eq 0 ]
	id=$(jq .orderId <<<"$output")
	list query BTCUSDT 4711
	[ "$status" -eq 1 ]
	[[ $stderr == *"4711: our journal has it as a client id"*"--client-id"* ]]
	is '.code == -2013 and .intent.journal.what == "result"' <<<"$output"
	list query BTCUSDT --client-id 4711
	[ "$status" -eq 0 ]
	[ "$(jq .orderId <<<"$output")" = "$id" ]
	list query BTCUSDT "$id" --client-id 4711
	is -s 'length == 2 and .[0] == .[1]' <<<"$output"
	# of a conditional order the journal knows a cancel as well
	list sell BTCUSDT 0.01 stop 50000 --client-id 4712
	list cancel BTCUSDT --algo --client-id 4712
	[ "$status" -eq 0 ]
	list query BTCUSDT 4712
	is '.intent.journal.data.code == "200"' <<<"$output"
	list query BTCUSDT 99
	[[ $stderr == *"99: our journal does not know it"* ]]
	list query BTCUSDT --client-id 'a b'
	[ "$status" -eq 2 ]
}

@test "query: words that are no ids are a usage error, before anything is asked" {
	both
	for words in 'query' 'query BTCUSDT' 'query BTCUSDT bf-1 a=b' 'query --since -1d BTCUSDT x' 'query --mine BTCUSDT x'; do
		# shellcheck disable=SC2086
		list $words
		[ "$status" -eq 2 ] || { echo "$words: $status"; false; }
		[ -z "$output" ]
	done
	list query BTCUSDT 'a b'
	[ "$status" -eq 2 ]
	[ "$(seen GET /fapi/v1/order)" -eq 0 ]
}

# note WHAT MS ID DATA: a line of the journal, its checksum by gzip's CRC-32.
note() {
	local line="{\"e\":\"bf.journal\",\"E\":$2,\"what\":\"$1\",\"id\":\"$3\",\"data\":$4" dir=$XDG_STATE_HOME/bf/sim/journal
	mkdir -p "$dir" && chmod 700 "$XDG_STATE_HOME/bf" "$XDG_STATE_HOME/bf/sim" "$dir"
	(umask 077 && printf '%s,"crc":"%s"}\n' "$line" "$(printf %s "$line" | gzip -c | tail -c 8 | od -An -tx4 -N4 | tr -d ' ')" \
		>>"$dir/$(date -u -d "@$(($2 / 1000))" +%F).ndjson")
}

@test "an order the exchange has forgotten is not said to be unplaced: our journal has it" {
	days
	limit_order BTCUSDT BUY 0.01 50000 newClientOrderId=bf-old >"$T/placed"
	id=$(jq .orderId "$T/placed")
	note intent "$NOW" bf-old '{"intent":{"symbol":"BTCUSDT","side":"BUY","newClientOrderId":"bf-old"}}'
	note result "$NOW" bf-old "$(cat "$T/placed")"
	signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=bf-old' >"$T/cancelled"
	note result "$NOW" '~bf-old' "$(cat "$T/cancelled")"
	list query BTCUSDT bf-old
	[ "$status" -eq 0 ]
	later 4d
	signed GET /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=bf-old' | is '.code == -2013'
	list query BTCUSDT bf-old "$id" bf-new
	[ "$status" -eq 1 ]
	is -s 'length == 3 and all(.[:2][]; .intent.journal.what == "result" and .intent.journal.data.status == "CANCELED") and
	    (.[2].intent | has("journal") | not)' <<<"$output"
	[[ $stderr == *"bf-old: our journal has it since 2026-06-01T00:00:00"*"status CANCELED"* ]]
	[[ $stderr == *"bf-new: our journal does not know it"* ]]
}

@test "where COIN-M does not tell of one conditional order, those that stand are looked through" {
	both --fault 'on GET /dapi/v1/algoOrder: reply=404/html'
	some
	list query BTCUSD_PERP x-c
	[ "$status" -eq 0 ]
	is '.clientAlgoId == "x-c"' <<<"$output"
	list query BTCUSD_PERP nope
	[ "$status" -eq 1 ]
	[[ $stderr == *"of others COIN-M tells nothing"* ]]
}

# --- what was ---

# by_week PATH QUERY: what curl gets of it, a week after the other.
by_week() {
	local from=$START
	while [ "$from" -le "$NOW" ]; do
		signed GET "$1" "$2&startTime=$from&endTime=$((from + 604799999))"
		from=$((from + 604800000))
	done
}

@test "history goes over any span, both kinds merged by time, without gap or duplicate" {
	days
	START=$NOW
	for i in 1 2 3 4 5; do
		market_order BTCUSDT BUY 0.01 "newClientOrderId=o$i" | is '.orderId > 0'
		later 1s
		stop BTCUSDT 0.01 40000 "clientAlgoId=s$i" | is '.algoId > 0'
		later 10d
	done
	list history BTCUSDT --since 2026-06-01
	[ "$status" -eq 0 ]
	{ by_week /fapi/v1/allOrders 'symbol=BTCUSDT&limit=1000'; by_week /fapi/v1/allAlgoOrders 'symbol=BTCUSDT&limit=1000'; } >"$T/a"
	are <"$T/a"
	[ "${#lines[@]}" -eq 10 ]
	list history BTCUSDT --since 2026-06-11T00:00:00Z --until 2026-06-21T00:00:02Z --jq '.clientOrderId // .clientAlgoId'
	[ "$(paste -sd' ' <<<"$output")" = '"o2" "s2" "o3"' ]
	list history BTCUSDT --since -60d --prefix o --limit 2 --jq .clientOrderId
	[ "$(paste -sd' ' <<<"$output")" = '"o1" "o2"' ]
	list history BTCUSDT	# of the last week
	[ "$status" -eq 0 ] && [ -z "$output" ]
	list history BTCUSDT --since -1000d
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 10 ]
	[[ $stderr == *"keeps 90 days"* ]]
}

@test "history: --limit without --since is the newest of the week" {
	days
	for i in 1 2 3 4 5; do
		market_order BTCUSDT BUY 0.01 "newClientOrderId=o$i" | is '.orderId > 0'
		later 1s
	done
	list history BTCUSDT --limit 2 --jq .clientOrderId
	[ "$(paste -sd' ' <<<"$output")" = '"o4" "o5"' ]
	list history BTCUSDT --limit 9 --jq .clientOrderId
	[ "${#lines[@]}" -eq 5 ]
	list fills BTCUSDT --limit 3
	[ "${#lines[@]}" -eq 3 ]
	is -s 'map(.id) | . == (sort | .) and .[2] - .[0] == 2' <<<"$output"
}

# batches N: that many times five orders of COIN-M that end at once.
batches() {
	local one='{"symbol":"BTCUSD_PERP","side":"BUY","type":"LIMIT","timeInForce":"IOC","quantity":"1","price":"50000"}' q
	q=$(jq -rn --arg v "[$one,$one,$one,$one,$one]" '$v | @uri')
	for ((i = 0; i < $1; i++)); do
		signed POST /dapi/v1/batchOrders "batchOrders=$q" | is 'length == 5 and all(.[]; .orderId > 0)'
	done
}

@test "COIN-M tells 100 orders at a time: 230 of one millisecond, and 105 conditional ones, are each listed once" {
	days
	START=$NOW
	batches 46
	later 10s	# of the counter of orders
	for ((i = 0; i < 105; i++)); do coin_algo 40000 "clientAlgoId=s$i" >/dev/null; done
	list history BTCUSD_PERP --since 2026-06-01
	[ "$status" -eq 0 ]
	[ "$(ids <<<"$output" | uniq | grep -c orderId)" -eq 230 ]
	[ "$(ids <<<"$output" | uniq | grep -c algoId)" -eq 105 ]
	is -s 'length == 335 and ([.[] | .time // .createTime] | . == sort)' <<<"$output"
	first=$(signed GET /dapi/v1/allOrders "symbol=BTCUSD_PERP&limit=100&startTime=$START")
	diff <(ids <<<"$first") <(head -n 100 <<<"$output" | ids)
	list history BTCUSD_PERP --since 2026-06-01 --limit 101
	[ "${#lines[@]}" -eq 101 ]
}

@test "a page that fails ends the list with a sentence and an exit code, and what came before stands" {
	days
	batches 21
	rules 'on GET /dapi/v1/allOrders#2: reply=400/-1102'
	list history BTCUSD_PERP --since 2026-06-01
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 100 ]
	[[ $stderr == *"the list is not whole, it ends at 2026-06-01T00:00:00"* ]]
}

@test "COIN-M without a history of conditional orders: said once, the rest is listed, and it is no whole list" {
	days --fault 'on GET /dapi/v1/allAlgoOrders: reply=404/html'
	coin_order 60100 | is '.orderId > 0'
	later 20d
	coin_order 60100 | is '.orderId > 0'
	list history BTCUSD_PERP --since 2026-06-01
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 2 ]
	[ "$(grep -c 'no history of conditional orders' <<<"$stderr")" -eq 1 ]
	list history BTCUSDT	# the other market has one
	[ "$status" -eq 0 ]
}

@test "fills: 2,500 trades within 3 ms, each once and in order" {
	days
	limit_order BTCUSDT BUY 3 50000 | is '.orderId > 0'
	for n in 1000 1000 500; do
		for ((i = 0; i < n; i++)); do echo 'fill=0.001 BTCUSDT'; done |
			curl -sS --noproxy '*' --data-binary @- "$SIM_REST/sim/v1/do" | ok
		later 1
	done
	list fills BTCUSDT --since 2026-06-01
	[ "$status" -eq 0 ]
	is -s 'length == 2500 and (map(.id) | . == (unique)) and (map(.time) | unique | length) == 3' <<<"$output"
	id=$(jq -s '.[0].id' <<<"$output")
	for n in 0 1000 2000; do signed GET /fapi/v1/userTrades "symbol=BTCUSDT&fromId=$((id + n))&limit=1000"; done |
		jq -c '.[]' | diff - <(printf '%s\n' "$output")
	# 2,500 trades are three pages: one by time, two by id, and none of them twice
	[ "$(jq -r 'select(.path == "/fapi/v1/userTrades") | .path' "$T/ledger" | wc -l)" -eq 6 ]
}

@test "fills of many weeks, a part of them, and no further back than the exchange keeps them" {
	days
	START=$NOW
	for i in 1 2 3 4; do
		market_order BTCUSDT BUY 0.01 | is '.orderId > 0'
		market_order BTCUSDT SELL 0.01 | is '.orderId > 0'
		later 9d
	done
	list fills BTCUSDT --since 2026-06-01
	[ "$status" -eq 0 ]
	by_week /fapi/v1/userTrades 'symbol=BTCUSDT&limit=1000' >"$T/a"
	are <"$T/a"
	[ "${#lines[@]}" -eq 8 ]
	list fills BTCUSDT --since 2026-06-10 --until 2026-06-18
	[ "${#lines[@]}" -eq 2 ]
	later 60d
	list fills BTCUSDT --since 2026-06-01
	[ "$status" -eq 0 ]
	[[ $stderr == *"keeps 90 days"* ]]
	signed GET /fapi/v1/userTrades "symbol=BTCUSDT&limit=1000&fromId=1" | are
	[ "${#lines[@]}" -lt 8 ]
}

@test "fills of COIN-M" {
	days
	signed POST /dapi/v1/order 'symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=3' | is '.orderId > 0'
	list fills BTCUSD_PERP
	[ "$status" -eq 0 ]
	signed GET /dapi/v1/userTrades symbol=BTCUSD_PERP | are
	list fills BTCUSD_PERP -o table
	[[ ${lines[0]} == *TIME*PRICE*FEE*TRADE* ]]
	[[ ${lines[1]} == 2026-06-01* ]]
}

@test "what sends no order has nothing to try: --dry-run and --test are refused" {
	both
	for words in open 'query BTCUSDT 1' 'history BTCUSDT' 'fills BTCUSDT' recover journal; do
		for option in --dry-run --test; do
			# shellcheck disable=SC2086
			list $option $words
			[ "$status" -eq 2 ] || { echo "$option $words: $status $output $stderr"; false; }
			[[ $stderr == *"$option: not an option of ${words%% *};"* ]]
			[ -z "$output" ]
		done
	done
	run ! jq -e 'select(.what == "request" and (.path | test("rder|Trades")))' "$T/ledger"
}

@test "history and fills: what is asked for wrongly is a usage error" {
	both
	while IFS='|' read -r words say; do
		# shellcheck disable=SC2086
		list $words
		[ "$status" -eq 2 ] || { echo "$words: $status $output $stderr"; false; }
		[[ $stderr == *"$say"* ]] || { echo "$words: $stderr"; false; }
		[ -z "$output" ]
	done <<-'END'
		history|one symbol
		history BTCUSDT ETHUSDT|one symbol
		history BTCUSDT --since yesterday|--since yesterday
		history BTCUSDT --until 1700000000|milliseconds
		history BTCUSDT --since -1d --until -2d|--since is after --until
		history BTCUSDT --since 2999-01-01|--since is after the time it is now
		history BTCUSDT --limit 0|--limit
		fills|one symbol
		fills BTCUSDT --mine|--mine
		open --since -1d|--since
		open --limit 5|--limit
	END
}

@test "a reader that goes away ends a list, and it is said" {
	both
	for ((i = 0; i < 60; i++)); do limit_order BTCUSDT BUY 0.01 $((40000 + i)) >/dev/null; done
	run --separate-stderr sh -c 'bf-order open >/dev/full'
	[ "$status" -eq 8 ]
}

@test "without a key or a chosen profile nothing is asked" {
	unset BF_PROFILE
	list open
	[ "$status" -eq 2 ]
	[[ $stderr == *--profile* ]]
}
