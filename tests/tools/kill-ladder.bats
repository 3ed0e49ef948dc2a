#!/usr/bin/env bats
# bf-kill against an exchange that makes it hard: each step refused, thin books, lost answers, limits.

setup() { load ../helper; load ../kill; home; }
teardown() { home_end; }

eight() {
	sim --account 10000000 --position BTCUSDT:0.5 --position ETHUSDT:-3 --position SOLUSDT:20 --position DOGEUSDT:-5000 \
		--position BNBUSDT:3 --position BTCUSDC:-0.1 --position 1000PEPEUSDT:100000 --position 测试USDT:-500 "$@"
}
# What has no answer is proven absent after this time, and --lag-budget.
quick() { echo 'recv_window = 500' >>"$XDG_CONFIG_HOME/bf/profiles/sim"; }
no_faults() { curl -sS --noproxy '*' -X DELETE "$SIM_REST/sim/v1/faults" | is .ok; }

@test "the ladder: market, opponent 5 and 20, then prices up to the end of the band" {
	sim --account 1000000 --position BTCUSDT:0.5 --fault 'on POST order*6: exec=no reply=400/-4131'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	# mark 60000, multiplierDown 0.95: 60000 - 3000 x 1/4, 2/4, 3/4, 4/4
	[ "$(of flatten '"\(.rung | gsub(" "; "_"))=\(.price // "")"')" = "market= opponent_5= opponent_20= quarter_of_the_band=59250 half_of_the_band=58500 three_quarters_of_the_band=57750 end_of_the_band=57000" ]
	jq -s '[.[] | select(.what == "order")] | length == 1 and .[0].timeInForce == "IOC" and .[0].reduceOnly' "$T/ledger" | is '. == true'
	[ "$(held)" = "" ]
}

@test "the ladder of a short goes up" {
	sim --account 1000000 --position ETHUSDT:-3 --fault 'on POST order*3: exec=no reply=400/-4131'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(of flatten '.price // empty')" = 3037.5 ]	# 3000 + 150 / 4
	[ "$(held)" = "" ]
}

@test "opponent 5 is asked of the exchange by that name" {
	sim --account 1000000 --position BTCUSDT:0.5 --fault 'on POST order#1: exec=no reply=400/-4131'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	jq -r 'select(.what == "request" and .method == "POST" and .http == 200).query' "$T/ledger" | grep priceMatch=OPPONENT_5 | grep timeInForce=IOC | grep -q reduceOnly=true
}

@test "a thin book: in parts, until it is all closed; what the book had is never asked for twice" {
	feed
	sim --account 1000000 --latency 0 --feed "$T/feed" --mark BTCUSDT=60000 --position BTCUSDT:0.5@60000
	book() { printf '{"symbol":"BTCUSDT","lastUpdateId":%s,"bids":[["59990.00","%s"]],"asks":[["60010.00","5"]]}\n' "$1" "$2" >&9; }
	mark BTCUSDT 60000
	book 1 0.1
	has() { curl -sS --noproxy '*' "$SIM_REST/fapi/v1/depth?symbol=BTCUSDT&limit=5" | is --arg q "$1" '.bids[0][1] | tonumber == ($q | tonumber)'; }
	wait_for has 0.1
	bf-kill >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for grep -q '"positionAmt":"0.400"' "$T/out"
	book 2 1
	wait "$pid"
	[ "$(held)" = "" ]
	jq -s '[.[] | select(.what == "fill") | .qty | tonumber] | add' "$T/ledger" | is '. == 0.5'
}

@test "refused as not reducing, as it was flat by then: that is flat" {
	sim --account 1000000 --position BTCUSDT:0.5 --fault 'on POST order#1: exec=no reply=400/-2022 sim adl BTCUSDT'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(last .flat)" = true ]
	[ "$(executed)" -eq 0 ]
}

@test "part of it deleveraged meanwhile: the rest is closed, and no more than that" {
	sim --account 1000000 --position BTCUSDT:0.5 --fault 'on POST order#1: exec=no reply=400/-2022 sim adl=0.4 BTCUSDT'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(of flatten .quantity)" = "0.5 0.3" ]
	[ "$(held)" = "" ]
}

@test "liquidated meanwhile: that is flat too" {
	sim --account 3000 --position BTCUSDT:0.5 --fault 'on POST order#1: exec=no reply=400/-2023 sim liquidate BTCUSDT'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(held)" = "" ]
}

@test "in liquidation mode: the same again, slowly" {
	sim --account 1000000 --position BTCUSDT:0.5 --fault 'on POST order*2: exec=no reply=400/-2023'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(of flatten .rung)" = "market market market" ]
	[ "$(of flatten .ms | jq -s '.[1] - .[0] >= 2000 and .[2] - .[1] >= 2000')" = true ]
}

@test "a contract that is not traded is reported, and not tried until time is up" {
	sim --account 1000000 --position BTCUSDT:0.5 --position ETHUSDT:-3
	now 'status=SETTLING BTCUSDT'
	run --separate-stderr bf-kill --max-time 600
	[ "$status" -eq 1 ]
	[ "$(held)" = "BTCUSDT:BOTH:0.5" ]
	[[ $(last '.left[0].why') == *SETTLING* ]]
	[[ $stderr == *"left: BTCUSDT 0.5"*SETTLING* ]]
}

@test "dust is told by name, and not tried until time is up" {
	sim --account 1000000 --position BTCUSDT:0.5 --position ETHUSDT:-3
	bf-info symbols >/dev/null
	curl -sS --noproxy '*' "$SIM_REST/fapi/v1/exchangeInfo" | jq -c '.symbols |= [.[] | select(.symbol == "BTCUSDT") |
		.filters |= [.[] | if .filterType | endswith("LOT_SIZE") then .minQty = "1" else . end]]' >"$T/filters"
	now "filters=$T/filters"
	run --separate-stderr bf-kill --max-time 600
	[ "$status" -eq 1 ]
	[ "$(held)" = "BTCUSDT:BOTH:0.5" ]
	[ "$(last '.left[0].why')" = "dust: 0.5 is less than the least order of 1" ]
}

@test "a remainder below the least notional is closed" {
	sim --account 1000000 --position BTCUSDT:0.001@60000 --mark BTCUSDT=40000
	now 'mark=40000 BTCUSDT'	# 40, of at least 50
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(held)" = "" ]
}

@test "eight positions: five in one request, and the last three beside it" {
	eight
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(seen POST /fapi/v1/batchOrders)" -eq 1 ]
	[ "$(seen POST /fapi/v1/order)" -eq 3 ]
	[ "$(executed)" -eq 8 ]
	[ "$(held)" = "" ]
}

@test "a batch whose answer is lost is looked up, and nothing is sent twice" {
	eight --fault 'on POST batchOrders#1: exec=yes net=rst'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(executed)" -eq 8 ]
	[ "$(held)" = "" ]
	jq -rs '[.[] | select(.what == "order").clientOrderId] | (unique | length) == length' "$T/ledger" | is '. == true'
}

@test "some orders of a batch are refused: the others are closed, and these in the next round" {
	eight --fault 'on POST batchOrders#1: reply=200/mixed'
	quick	# two of them stand without an answer
	run --separate-stderr bf-kill --lag-budget 500
	[ "$status" -eq 0 ]
	[ "$(held)" = "" ]
}

# armed: what a kill has to do, on an exchange that has done others before.
armed() {
	order fapi 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5'
	limit fapi BTCUSDT BUY 0.01 59000
	stop fapi BTCUSDT SELL 55000 closePosition=true
	rm -rf "$XDG_CACHE_HOME/bf" "$XDG_STATE_HOME/bf"
}
# refused_once RULES...: with each of them (| parts several at a time) it gets there all the same, and each was met.
refused_once() {
	local what rules n
	sim --account 1000000
	for what in "$@"; do
		armed
		IFS='|' read -ra rules <<<"$what"
		fault "$(printf 'on %s\n' "${rules[@]}")"
		n=$(wc -l <"$T/ledger")
		run --separate-stderr bf-kill
		[ "$status" -eq 0 ] || { echo "$what: $status $output $stderr"; false; }
		[[ $what == *200* ]] || [ "$(sed "1,${n}d" "$T/ledger" | grep '"what":"request"' | grep -vc '"http":200')" -ge "${#rules[@]}" ] ||
			{ echo "$what: not each was met"; false; }
		no_faults
		[ "$(held)$(open_orders)$(open_algos)" = "" ] || { echo "$what"; false; }
	done
}

@test "each kind of read refused, cut off or answered with nonsense once, all of them in one run: it gets there" {
	local how
	for how in reply=503/svc net=fin reply=200/html; do
		echo "GET /fapi/v1/openOrders#1: $how|GET /fapi/v1/openAlgoOrders#1: $how|GET /fapi/v3/positionRisk#1: $how|GET exchangeInfo#1: $how|GET time#1: $how"
	done >"$T/rules"
	mapfile -t rules <"$T/rules"
	refused_once "${rules[@]}"
}

@test "each kind of cancel refused, or its answer lost, once: it gets there" {
	for how in 'exec=no reply=503/svc' 'exec=no net=fin' 'exec=yes net=fin'; do
		echo "DELETE allOpenOrders#1: $how|DELETE algoOpenOrders#1: $how"
	done >"$T/rules"
	mapfile -t rules <"$T/rules"
	refused_once "${rules[@]}"
}

@test "a closing order refused for load, or executed without an answer, once: it gets there" {
	refused_once 'POST order#1: exec=no reply=503/svc' 'POST order#1: exec=yes net=fin' 'POST order#1: exec=yes reply=503/unknown' \
		'POST order#1: exec=no reply=400/-4118' 'POST order#1: exec=no reply=400/-1021'
}

@test "each kind of request refused for good: not proven, and the status says so" {
	local what
	sim --account 1000000
	for what in 'GET openOrders' 'GET openAlgoOrders' 'GET positionRisk' 'DELETE allOpenOrders' 'DELETE algoOpenOrders' 'POST order'; do
		armed
		fault "on $what: exec=no reply=400/-1003"
		run --separate-stderr bf-kill --max-time 1
		[ "$status" -ne 0 ] || { echo "$what: $output"; false; }
		[ "$(last .flat)" = false ]
		[ "$(last '.left | length > 0')" = true ]
		[[ $stderr == *"NOT proven"* ]]
		[ -e "$(latch)" ]
		no_faults
		signed DELETE /fapi/v1/allOpenOrders symbol=BTCUSDT | is '.code == 200 or .code == "200"'
		signed DELETE /fapi/v1/algoOpenOrders symbol=BTCUSDT | is '.code == 200 or .code == "200"'
	done
}

@test "orders cannot be cancelled: positions are flattened all the same" {
	sim --account 1000000 --position BTCUSDT:0.5
	limit fapi ETHUSDT BUY 0.1 2900
	fault 'on DELETE allOpenOrders: exec=no reply=400/-2011'
	run --separate-stderr bf-kill --max-time 1
	[ "$status" -eq 1 ]
	no_faults
	[ "$(held)" = "" ]
	[ "$(open_orders)" = "ETHUSDT:BUY" ]
	last '.left[0] | .symbol == "ETHUSDT" and .orderId > 0 and (.why | test("-2011"))' | is '. == true'
	[[ $stderr == *"left: ETHUSDT orders: "*-2011* ]]
}

@test "orders cannot be listed: those of the symbols it knows are cancelled all the same; what is not known is told" {
	sim --account 1000000 --position BTCUSDT:0.5
	limit fapi BTCUSDT BUY 0.01 59000
	limit fapi SOLUSDT BUY 1 149
	stop fapi SOLUSDT BUY 200 quantity=1
	fault 'on GET /fapi/v1/openOrders: reply=503/svc'
	run --separate-stderr bf-kill --max-time 1
	[ "$status" -eq 3 ]
	[ "$(last '[.left[] | "\(.market) \(.kind)"] | join(" ")')" = "usdm orders" ]
	[[ $stderr == *"left: USDⓈ-M orders, not known: "*503* ]]
	no_faults
	[ "$(held)$(open_orders)$(open_algos)" = "" ]
}

@test "a closing order that never arrives: the others go on, this one is closed once it is proven absent" {
	sim --account 1000000 --position BTCUSDT:0.5 --position ETHUSDT:-3 --position SOLUSDT:20
	quick
	# the second is refused once for its price: its next rung does not wait for the first to be settled
	fault 'on POST order#1: exec=no net=stall'
	fault 'on POST order#2: exec=no reply=400/-4131'
	fault 'on GET /fapi/v1/order*4: reply=503/svc'
	run --separate-stderr bf-kill --lag-budget 500
	[ "$status" -eq 0 ]
	[ "$(held)" = "" ]
	[ "$(last .flat)" = true ]
	lost=$(jq -r 'select(.step == "flatten" and .outcome == "unknown").symbol' <<<"$output")
	[ -n "$lost" ]
	[ "$(jq -r 'select(.e == "bf.recovered").outcome' <<<"$output")" = absent ]
	# the lost one again, at the same rung, after all others
	jq -s --arg s "$lost" '[.[] | select(.step == "flatten" and .outcome == "accepted")] | .[-1].symbol == $s and .[-1].rung == "market" and length == 3' <<<"$output" | is '. == true'
	jq -rs '[.[] | select(.what == "request" and .method == "POST" and .clientOrderId).clientOrderId] | length == (unique | length)' "$T/ledger" | is '. == true'
}

@test "a refusal for load, limits or the position mode is no reason to reach further" {
	sim --account 1000000 --position BTCUSDT:0.5
	fault 'on POST order#1: exec=no reply=503/svc'
	fault 'on POST order#2: exec=no reply=503/-1008'
	fault 'on POST order#2: exec=no reply=400/-4061 sim hedge=on'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(of flatten .rung | tr ' ' '\n' | sort -u)" = market ]
	[ "$(held)" = "" ]
}

@test "a ban: it waits to its end and no request leaves before; with too short a --max-time it says so at once" {
	sim --account 1000000 --position BTCUSDT:0.5
	now 'ban=1'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[[ $stderr == *"waiting "*silence* ]]
	[ "$(held)" = "" ]
	fault 'on GET /fapi/v1/openOrders#1: reply=418 hdr=Retry-After:120'
	run --separate-stderr bf-kill --max-time 5
	[ "$status" -eq 3 ]
	[[ $stderr == *"NOT proven flat: "*banned* || $stderr == *"NOT proven flat: "*silence* ]]
	[ "$(last '.requests <= 6')" = true ]	# the first look
}

@test "another bot opens a position while it is at it: closed as well" {
	sim --account 1000000 --position BTCUSDT:0.5 --fault 'on POST order#1: exec=yes sim place BUY ETHUSDT qty=1'
	fault 'on GET /fapi/v3/positionRisk#3: sim place SELL SOLUSDT qty=1'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(of flatten .symbol)" = "BTCUSDT ETHUSDT SOLUSDT" ]
	[ "$(held)" = "" ]
}

@test "429: it waits as long as it is told, and says so" {
	sim --account 1000000 --position BTCUSDT:0.5 --fault 'on GET /fapi/v1/openOrders#1: reply=429 hdr=Retry-After:2'
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[[ $stderr == *"waiting "*" ms"* ]]
	[ "$(held)" = "" ]
	[ "$(last '.flatMs >= 1000')" = true ]
}

@test "a wait longer than --max-time is not waited for; without one it is, and nothing leaves before its end" {
	sim --account 1000000 --position BTCUSDT:0.5
	fault 'on GET /fapi/v1/openOrders#1: reply=429 hdr=Retry-After:4'
	run --separate-stderr bf-kill --max-time 1
	[ "$status" -eq 3 ]
	[ "$(last .flat)" = false ]
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[[ $stderr == *"waiting "* ]]
	[ "$(held)" = "" ]
	jq -s '[.[] | select(.what == "request" and .path == "/fapi/v1/openOrders").E] | .[1] - .[0] >= 3000' "$T/ledger" | is '. == true'
}

@test "a full disk: orders are cancelled, the latch holds, what needs the journal is told" {
	sim --account 1000000 --position BTCUSDT:0.5
	limit fapi BTCUSDT BUY 0.01 59000
	bf-order journal >/dev/null 2>&1 || true
	run --separate-stderr bash -c "trap '' XFSZ; ulimit -f 0; bf-kill"
	[ "$status" -eq 8 ]
	[ "$(last .flat)" = false ]
	[ "$(open_orders)" = "" ]
	[ -e "$(latch)" ]
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(held)" = "" ]
}

@test "from cron: no terminal, no environment to speak of, closed descriptors" {
	sim --account 1000000 --position BTCUSDT:0.5
	run --separate-stderr setsid env -i HOME="$HOME" PATH="$PATH" bash -c 'bf-kill --profile sim <&- >"$0" 2>&1' "$T/out"
	[ "$status" -eq 0 ]
	[ "$(held)" = "" ]
}
