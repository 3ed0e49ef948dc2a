#!/usr/bin/env bats
# examples/recipes: each does what its head says, and after kill -9, a refusal or the kill latch
# it does no more than that. bf-sim's ledger is the judge.

bats_require_minimum_version 1.5.0

setup() {
	load ../helper
	home
	recipes=$(cd "$BATS_TEST_DIRNAME/../../examples/recipes" && pwd)
	PATH=$recipes:$PATH
}
teardown() { home_end; }

faults() { curl -sS --noproxy '*' --data-binary "$1" "$SIM_REST/sim/v1/faults" | is .ok; }
do_sim() { curl -sS --noproxy '*' --data-binary "$1" "$SIM_REST/sim/v1/do" | is .ok; }
# ids: the client order ids the engine took, in their order.
ids() { jq -r 'select(.what == "order") | .clientOrderId' "$T/ledger" | xargs; }
ids_are() { [ "$(ids)" = "$1" ] || { echo "orders: $(ids)"; return 1; }; }
# orders: the same with side, quantity and price.
orders() { jq -r 'select(.what == "order") | "\(.clientOrderId) \(.side) \(.qty | tonumber) \(.price | tonumber)"' "$T/ledger"; }
held() { bf-position "$1" -o ndjson --jq 'select(.e == "bf.position") | .positionAmt' | jq -r .; }
# standing: the ids of what stands, in the order in which it came.
standing() {
	jq -rn 'reduce inputs as $l ([]; ($l.clientAlgoId // $l.clientOrderId) as $id |
		if ($l.what == "order" and $l.algoId == null) or ($l.what == "algo" and $l.status == "NEW") then . + [$id]
		elif $l.what == "order_end" or $l.what == "algo" then . - [$id] else . end) | .[]' "$T/ledger" | xargs
}
stands() { [ "$(standing)" = "$1" ] || { echo "standing: $(standing)"; return 1; }; }
# killed PID: that process group, as the power would.
killed() {
	kill -9 -- "-$1"
	wait "$1" 2>/dev/null || true
}

@test "each recipe has its head, its line in the index, and a test" {
	local file name head
	for file in "$recipes"/*; do
		name=${file##*/}
		echo "$name"
		head=$(sed -n '1,40p' "$file" | sed 's/^# *//' | tr -s ' \n' ' ')
		[[ $head == *"pattern to copy and change, not advice"* ]]
		[[ $head =~ "does not "(protect from|tell) ]]
		grep -q "(../examples/recipes/$name)" "$recipes/../../docs/recipes.md"
		[ "$(grep -c "$name" "$BATS_TEST_FILENAME")" -gt 0 ]
	done
}

# line PATTERN TEXT FILE: the command line of the page that has PATTERN, as it stands but for " --pass"
# behind a bf-order that ends it, runs until it has printed TEXT; none of it was misunderstood.
line() {
	local shell
	grep -F -- "$1" "$recipes/../../docs/recipes.md" | sed -n 's/^    //; s/| bf-order\( --round\)\{0,1\}$/& --pass/; p' >"$T/line"
	[ "$(wc -l <"$T/line")" -eq 1 ] || { echo "not one line: $1"; cat "$T/line"; return 1; }
	bg "exec bash '$T/line' >'$T/said' 2>'$T/line.err'"
	shell=$!
	wait_for grep -qE -- "$2" "$T/said" || { cat "$T/line.err"; return 1; }
	killed "$shell"
	run ! grep -E 'not found|No such file|Traceback|syntax|usage:|--help|rate-second' "$T/line.err"
}

@test "the command lines of the page run as they stand, with the rules that are shipped" {
	sim --synthetic --weight-limit 12000
	mkdir "$T/bin" "$T/run"
	printf '#!/bin/sh\ncat\n' >"$T/bin/mail"
	chmod +x "$T/bin/mail"
	PATH=$T/bin:$PATH
	cp "$recipes/../risk.conf" "$recipes/ma-cross.jq" "$T/run"
	cd "$T/run"
	line '-f ma-cross.jq | bf-risk' '"e":"kline"'
	line '| mean-revert BTCUSDT 0.01 20 300 |' '"e":"markPriceUpdate"'
	line '| mean-revert BTCUSDT 0.01 | bf-risk' '"e":"markPriceUpdate"'
	command -v python3 >/dev/null || skip "no python3 here: the line of funding.py, and those after it, were not run"
	line '| funding.py ' '"e":"markPriceUpdate"'
	line 'tee >(alerts ' '"e":"markPriceUpdate"'
	line 'twap t1 ' '^t1-1 .* FILLED'
	line 'trail t1 ' '^t1-stop accepted'
	line 'grid g1 ' '^g1-s2-0 '
	[ "$(grep -c ' NEW$' "$T/said")" -eq 4 ]
}

# --- strategies ---

# Closed candles of BTCUSDT, a minute apart.
candles() {
	awk -v e="${2:-kline}" -v t=1795774980000 -v list="$1" 'BEGIN { n = split(list, c, " ")
		for (i = 1; i <= n; i++) {
			at = sprintf("%.0f", t + i * 60000)
			if (e == "kline")
				printf "{\"e\":\"kline\",\"E\":%s,\"s\":\"BTCUSDT\",\"k\":{\"t\":%s,\"s\":\"BTCUSDT\",\"c\":\"%s\",\"x\":true}}\n", at, at, c[i]
			else
				printf "{\"e\":\"bf.kline\",\"E\":%s,\"s\":\"BTCUSDT\",\"t\":%s,\"c\":\"%s\",\"x\":true}\n", at, at, c[i]
		}
	}'
}
cross() { jq -nRr --unbuffered --arg symbol BTCUSDT --arg quantity 0.01 --argjson fast 2 --argjson slow 3 -f "$recipes/ma-cross.jq"; }
closes='60000 60000 60000 60100 60200 60000 59800 60000 60300'

@test "jq: averages that cross, and a second run sends nothing" {
	sim
	candles "$closes" >"$T/in"
	cross <"$T/in" | bf-order >"$T/out"
	ids_are 'ma-BTCUSDT-1795775220-buy ma-BTCUSDT-1795775340-sell ma-BTCUSDT-1795775520-buy'
	[ "$(held BTCUSDT)" = 0.010 ]
	run ! sh -c "jq -nRr --unbuffered --arg symbol BTCUSDT --arg quantity 0.01 --argjson fast 2 --argjson slow 3 -f '$recipes/ma-cross.jq' <'$T/in' |
		bf-order >'$T/again'"
	[ "$(jq -r .rule "$T/again" | sort -u)" = duplicate-id ]
	[ "$(executed)" -eq 3 ]
}

@test "jq: killed in the middle, it goes on; lines go by as they came, and history only warms up" {
	sim
	candles "$closes" >"$T/in"
	mkfifo "$T/pipe"
	exec 9<>"$T/pipe"
	bg "jq -nRr --unbuffered --arg symbol BTCUSDT --arg quantity 0.01 --argjson fast 2 --argjson slow 3 -f '$recipes/ma-cross.jq' <'$T/pipe' |
		bf-order >'$T/out' 2>&1"
	head -n 6 "$T/in" >&9	# nothing ends: what is told comes at once
	wait_for ids_are 'ma-BTCUSDT-1795775220-buy ma-BTCUSDT-1795775340-sell'
	killed "${BG_PIDS##* }"
	{ candles "${closes% * * *}" bf.kline; tail -n 3 "$T/in"; } | cross | bf-order >/dev/null 2>&1 || true
	ids_are 'ma-BTCUSDT-1795775220-buy ma-BTCUSDT-1795775340-sell ma-BTCUSDT-1795775520-buy'
	printf '%s\n' '{"e":"ORDER_TRADE_UPDATE","o":{"i":9123456789012345678}}' 'no json' >"$T/odd"
	cross <"$T/odd" | cmp - "$T/odd"
}

# marks PRICE...: the mark price of BTCUSDT each 20 seconds, with a rate if $RATE is set.
marks() {
	local p t=1795774980
	for p; do
		printf '{"e":"markPriceUpdate","E":%d000,"s":"BTCUSDT","p":"%s","r":"%s","T":1795795200000}\n' $((t += 20)) "$p" "${RATE:-0.0001}"
	done
}

@test "awk: back to the mean, by what the account says is held, in mawk and gawk" {
	local awk tried=0
	sim
	for awk in mawk gawk; do
		command -v $awk >/dev/null || { echo "# no $awk here" >&3; continue; }
		export AWK=$awk
		{
			marks 60000 60000 60000 60000 59500 59500
			echo '{"e":"ACCOUNT_UPDATE","a":{"P":[{"s":"ETHUSDT","pa":"5"},{"s":"BTCUSDT","pa":"0.01"}]}}'
			marks 59500 59990 60200
		} | mean-revert BTCUSDT 0.01 20 3 >"$T/said.$awk"
		grep -v '"e":' "$T/said.$awk" >"$T/intents"
		jq -r '"\(.side) \(.type) \(.price) \(.newClientOrderId)"' "$T/intents" >"$T/short"
		diff "$T/short" - <<-end
			BUY LIMIT 59500 mr-BTCUSDT-29929584-buy
			BUY LIMIT 59500 mr-BTCUSDT-29929585-buy
			SELL MARKET null mr-BTCUSDT-29929583-sell
			SELL MARKET null mr-BTCUSDT-29929584-sell
		end
		tried=$((tried + 1))
	done
	[ $tried -gt 0 ]
}

@test "awk: nothing waits for a full block, and after a kill there is no second entry" {
	sim
	feed
	bg "mean-revert BTCUSDT 0.01 20 3 <'$T/feed' | bf-order --round >'$T/out' 2>&1"
	do_sim 'mark=59490 BTCUSDT'
	marks 60000 60000 60000 60000 59500 >&9
	wait_for ids_are mr-BTCUSDT-29929584-buy
	killed "${BG_PIDS##* }"
	# the account's state first, as its head says
	{
		bf-position BTCUSDT -o ndjson
		marks 60000 59990 59980 59970 59500 59300 59100
	} | mean-revert BTCUSDT 0.01 20 3 | bf-order --round >"$T/out" 2>&1
	ids_are mr-BTCUSDT-29929584-buy
	# without it the id of the minute refuses the second
	marks 60000 60000 60000 60000 59500 | mean-revert BTCUSDT 0.01 20 3 | bf-order --round >"$T/out" 2>&1 || true
	grep -q '"rule":"duplicate-id"' "$T/out"
	[ "$(executed)" -eq 1 ]
}

@test "Python: short while the funding is high, flat when it is not, each once a settlement" {
	command -v python3 >/dev/null || skip "no python3 here"
	sim
	feed
	bg "funding.py BTCUSDT 0.01 0.0005 0.0002 <'$T/feed' | bf-order >'$T/out' 2>&1"
	RATE=0.00051 marks 60000 60000 >&9
	wait_for ids_are fund-BTCUSDT-1795795200-in
	killed "${BG_PIDS##* }"
	[ "$(held BTCUSDT)" = -0.010 ]
	{
		RATE=0.00060 marks 60000	# before it knows what is held
		echo 'no json'
		bf-position BTCUSDT -o ndjson
		RATE=0.00060 marks 60000
		RATE=0.00019 marks 60000 60000
	} | funding.py BTCUSDT 0.01 0.0005 0.0002 >"$T/said"
	grep -v '"e":' "$T/said" | grep -v 'no json' | bf-order >"$T/out" 2>&1 || true
	ids_are 'fund-BTCUSDT-1795795200-in fund-BTCUSDT-1795795200-out'
	[ -z "$(held BTCUSDT)" ]
	echo '{"e":"x","i":9123456789012345678,"f":0.1000}' >"$T/odd"
	funding.py BTCUSDT 1 1 0 <"$T/odd" | cmp - "$T/odd"
	run ! funding.py BTCUSDT 1 0.1 0.2
}

@test "the three behind bf-risk: what breaks a rule is refused, and the rest of the pipe lives" {
	sim --leverage BTCUSDT=20
	printf '[order-notional]\nmax = 500\nreason = a test\n' >"$T/rules"
	candles "$closes" | cross | bf-risk --rules "$T/rules" 2>/dev/null | bf-order >"$T/out" 2>/dev/null || true
	[ "$(jq -r 'select(.e == "bf.reject") | .rule' "$T/out" | xargs)" = 'order-notional order-notional' ]
	[ "$(jq -s 'map(select(.what == "order")) | length' "$T/ledger")" -eq 0 ]
}

# --- alerts ---

@test "alerts: each once in its time, the record on the input, and nothing of it on a command line" {
	mark_at() { printf '{"e":"markPriceUpdate","s":"BTCUSDT","p":"%s","r":"%s","x":"$(touch %s/bad)`touch %s/bad`"}\n' "$1" "$2" "$T" "$T"; }
	printf '#!/bin/sh\n{ echo "$BF_ALERT $# $*"; cat; } >>%s/told\n' "$T" >"$T/tell"
	chmod +x "$T/tell"
	{
		mark_at 61000 0.0001
		mark_at 62000 0.0001
		mark_at 61000 -0.0009
		mark_at 62500 -0.0009	# within its time: not told
		printf '%s\n' '{"e":"bf.risk","rule":"max-lev","action":"reduce"}' '{"e":"bf.risk","rule":"x","action":"clip","intent":{}}' \
			'{"e":"bf.position","symbol":"BTCUSDT","distance":"9.5"}' 'no json' '{"e":"bf.lag","state":"silent","i":9123456789012345678}'
	} >"$T/in"
	alerts 'above BTCUSDT 62000' 'below BTCUSDT 61500' 'funding BTCUSDT 0.0005' 'liquidation 10' risk silent -- "$T/tell" one 'two $(three)' <"$T/in"
	grep -v '^{' "$T/told" >"$T/names"
	diff "$T/names" - <<-'end'
		above BTCUSDT 62000 2 one two $(three)
		below BTCUSDT 61500 2 one two $(three)
		funding BTCUSDT 0.0005 2 one two $(three)
		risk 2 one two $(three)
		liquidation 10 2 one two $(three)
		silent 2 one two $(three)
	end
	[ ! -e "$T/bad" ]
	grep -q 9123456789012345678 "$T/told"
	grep -Fq "$(mark_at 62000 0.0001)" "$T/told"
	# started again it remembers; when the time is over it tells again
	: >"$T/told"
	alerts 'above BTCUSDT 62000' -- "$T/tell" <"$T/in"
	[ ! -s "$T/told" ]
	echo 1000000000 >"$XDG_STATE_HOME/bf-alerts/above BTCUSDT 62000"
	alerts 'above BTCUSDT 62000' -- "$T/tell" <"$T/in"
	[ "$(grep -c '^above' "$T/told")" -eq 1 ]
}

@test "alerts: a command that fails is said, the pipe's end is silence, a wrong word is refused" {
	run -1 --separate-stderr alerts silent -- false </dev/null
	[[ $stderr == *"silent: the command failed"*"the pipe has ended"* ]]
	for wrong in 'above BTCUSDT' 'above BTCUSDT x' 'sideways BTCUSDT 1' 'above ../x 1'; do
		run -2 --separate-stderr alerts "$wrong" -- true
		[[ $stderr == *"no such alert: $wrong"* ]]
	done
	run -2 alerts risk
	run -2 alerts -- true
}

@test "alerts: a rule that has tripped, out of bf-risk itself" {
	sim --position BTCUSDT:15x
	bg "bf-stream markPrice user BTCUSDT 2>/dev/null | bf-risk --max-lev 10 2>/dev/null | alerts risk -- tee '$T/told' >/dev/null 2>&1"
	wait_for grep -q '"rule":"max-lev"' "$T/told"
}

# --- the slicer ---

@test "twap: equal slices, the last takes the rest, and a second run sends nothing" {
	sim
	for again in 1 2; do
		run --separate-stderr twap t BTCUSDT buy 0.1 3 0
		[ "$status" -eq 0 ] || { echo "$output"; echo "$stderr"; false; }
		[[ $stderr == *"0.100 of 0.100 BTCUSDT done, in 3 orders at 60003 on average"* ]]
		diff <(orders) - <<-end
			t-1 BUY 0.033 0
			t-2 BUY 0.033 0
			t-3 BUY 0.034 0
		end
	done
	run -2 --separate-stderr twap t BTCUSDT buy 0.2 3 0
	[[ $stderr == *"begun with other words"* ]]
	[ "$(executed)" -eq 3 ]
}

@test "twap: killed while it waits, and while an order is in the air, no slice is sent twice" {
	sim --fault 'on POST order#2: exec=yes net=stall'
	bg "exec '$recipes/twap' t BTCUSDT sell 0.1 4 36000 >'$T/out' 2>&1"
	wait_for ids_are t-1
	wait_for grep -q '^t-1 ' "$T/out"
	killed "${BG_PIDS##* }"
	bg "exec '$recipes/twap' t BTCUSDT sell 0.1 4 0 >'$T/out' 2>&1"
	wait_for ids_are 't-1 t-2'
	killed "${BG_PIDS##* }"
	run --separate-stderr twap t BTCUSDT sell 0.1 4 0
	[ "$status" -eq 0 ] || { echo "$output"; echo "$stderr"; false; }
	ids_are 't-1 t-2 t-3 t-4'
	[ "$(seen POST /fapi/v1/order)" -eq 4 ]
	[ "$(held BTCUSDT)" = -0.100 ]
}

@test "twap: the latch, a refusal and a rule of bf-risk stop it, and it goes on afterwards" {
	sim --fault 'on POST order#2: reply=400/-2019'
	run -1 --separate-stderr twap t BTCUSDT buy 0.1 4 0
	[[ $stderr == *"slice 2: "*-2019*"0.025 of 0.100 BTCUSDT done"* ]]
	ids_are t-1
	bf-kill --latch-only --reason test >/dev/null 2>&1
	run -6 --separate-stderr twap t BTCUSDT buy 0.1 4 0
	ids_are t-1
	bf-kill --reset --reason test >/dev/null 2>&1
	printf '[order-notional]\nmax = 2000\nreason = a test\n' >"$T/rules"
	RULES=$T/rules run -1 --separate-stderr twap t BTCUSDT buy 0.1 4 0
	[[ $stderr == *"slice 4: "*"0.050 of 0.100 BTCUSDT done"* ]] || { echo "$stderr"; false; }
	# slice 2 never was one; the last makes up for it
	run -0 --separate-stderr twap t BTCUSDT buy 0.1 4 0
	[ "$(held BTCUSDT)" = 0.100 ]
	ids_are 't-1 t-3 t-4'
}

@test "twap: where the exchange's lists lag it stops, and sends nothing that it may have sent" {
	sim
	bg "exec '$recipes/twap' t BTCUSDT buy 0.1 2 36000 >'$T/out' 2>&1"
	wait_for grep -q '^t-1 ' "$T/out"
	killed "${BG_PIDS##* }"
	do_sim 'enum=NEW'
	run -4 --separate-stderr twap t BTCUSDT buy 0.1 2 0
	[[ $stderr == *"slice 1 is not at its end yet"* ]]
	do_sim 'enum=off'
	faults 'on GET allOrders: reply=200/array'
	faults 'on GET order: reply=400/-2013'
	run -4 --separate-stderr twap t BTCUSDT buy 0.1 2 0
	[[ $stderr == *"slice 1: the exchange does not show it yet"* ]] || { echo "$stderr"; false; }
	curl -sS --noproxy '*' -X DELETE "$SIM_REST/sim/v1/faults" | is .ok
	ids_are t-1
	run -0 twap t BTCUSDT buy 0.1 2 0
	[ "$(held BTCUSDT)" = 0.100 ]
}

@test "twap: words that make no order" {
	sim
	run -2 twap t BTCUSDT buy 0.0001 3 0
	run -2 twap t BTCUSDT buy 0.002 3 0
	run -2 twap t BTCUSDT hold 0.1 3 0
	run -2 twap 'a b' BTCUSDT buy 0.1 3 0
	run -2 twap
	run ! twap t NOPE buy 0.1 3 0
	[ "$(executed)" -eq 0 ]
}

# --- the grid ---

start_grid() {
	bg "exec '$recipes/grid' g BTCUSDT 60000 100 2 0.01 >'$T/grid' 2>&1"
	GRID=${BG_PIDS##* }
}

@test "grid: a ladder, the opposite order on each fill, and cancelled at the end" {
	sim
	start_grid
	wait_for stands 'g-b1-0 g-b2-0 g-s1-0 g-s2-0'
	do_sim 'fill BTCUSDT order=g-b1-0'
	wait_for stands 'g-b2-0 g-s1-0 g-s2-0 g-b1-1'
	do_sim 'fill BTCUSDT order=g-b1-1'
	wait_for stands 'g-b2-0 g-s1-0 g-s2-0 g-b1-2'
	do_sim 'fill BTCUSDT order=g-s1-0'
	wait_for stands 'g-b2-0 g-s2-0 g-b1-2 g-s1-1'
	diff <(orders) - <<-end
		g-b1-0 BUY 0.01 59900
		g-b2-0 BUY 0.01 59800
		g-s1-0 SELL 0.01 60100
		g-s2-0 SELL 0.01 60200
		g-b1-1 SELL 0.01 60000
		g-b1-2 BUY 0.01 59900
		g-s1-1 BUY 0.01 60000
	end
	bf-order buy BTCUSDT 0.01 @ 59000 --client-id other >/dev/null
	kill "$GRID"
	wait_for stands other
	wait "$GRID"
}

@test "grid: killed in the middle of the ladder, it is completed; fills of meanwhile are answered" {
	sim --fault 'on POST order#3: exec=yes net=stall'
	start_grid
	wait_for stands 'g-b1-0 g-b2-0 g-s1-0'
	killed "$GRID"
	do_sim 'fill BTCUSDT order=g-b1-0'
	start_grid
	wait_for stands 'g-b2-0 g-s1-0 g-b1-1 g-s2-0'
	killed "$GRID"
	do_sim 'fill BTCUSDT order=g-b1-1'
	start_grid
	wait_for stands 'g-b2-0 g-s1-0 g-s2-0 g-b1-2'
	[ "$(ids | tr ' ' '\n' | sort | uniq -d)" = "" ]
	[ "$(executed)" -eq 6 ]
}

@test "grid: a rung that is refused is said and stays empty; the latch ends it" {
	sim --fault 'on POST order#2: reply=400/-2019'
	start_grid
	wait_for stands 'g-b1-0 g-s1-0 g-s2-0'
	wait_for grep -q '^g-b2-0 BUY .*-2019' "$T/grid"
	bf-kill --latch-only --reason test >/dev/null 2>&1
	do_sim 'fill BTCUSDT order=g-s1-0'
	wait_for grep -q 'the kill latch is set' "$T/grid"
	run -6 wait "$GRID"
	[ "$(executed)" -eq 3 ]
}

# --- the bracket that trails ---

start_trail() {
	bg "exec '$recipes/trail' t BTCUSDT $1 0.01 ${2:-market} ${3:-59000 63000 1000 100} >'$T/trail' 2>&1"
	TRAIL=${BG_PIDS##* }
}
# Never a moment without a stop: of every instant after the first one there is at least one.
always_a_stop() {
	jq -s 'reduce .[] as $l ({n: 0, least: 9, closed: false};
		if .closed then . elif $l.what == "order" and $l.reduceOnly then .closed = true
		elif $l.what != "algo" or ($l.clientAlgoId | startswith("t-stop") | not) or ($l.status | startswith("TRIGGER")) then .
		else .n += (if $l.status == "NEW" then 1 else -1 end) | .least = ([.least, .n] | min) end) |
		.closed and .least == 1' "$T/ledger" | is .
}

@test "trail: the stop follows by steps, new before old, and closes the position" {
	sim
	start_trail buy
	wait_for stands 't-stop t-profit'
	do_sim 'mark=60090 BTCUSDT'	# not a step
	do_sim 'mark=60250 BTCUSDT'
	wait_for stands 't-profit t-stop-2'
	do_sim 'mark=60150 BTCUSDT'	# never back
	do_sim 'mark=61000 BTCUSDT'
	wait_for stands 't-profit t-stop-10'
	bf-order open | is -s '.[1] | .triggerPrice == "60000.00" and .side == "SELL" and .reduceOnly and .workingType == "MARK_PRICE"'
	do_sim 'mark=59990 BTCUSDT'
	wait_for grep -q 'BTCUSDT is closed' "$T/trail"
	wait "$TRAIL"
	[ -z "$(held BTCUSDT)" ]
	stands ''
	always_a_stop
}

@test "trail: of a short it follows down; killed between new and old, it drops the old" {
	sim --fault 'on DELETE algoOrder#1: reply=400/-1102'
	start_trail sell market '61000 57000 1000 100'
	wait_for stands 't-stop t-profit'
	do_sim 'mark=59700 BTCUSDT'
	wait_for grep -q 't-stop could not be cancelled' "$T/trail"	# as if it had died before that
	stands 't-stop t-profit t-stop-3'
	killed "$TRAIL"
	faults 'on GET positionRisk: reply=200/array'	# lists lag: none is not believed yet
	start_trail sell market '61000 57000 1000 100'
	wait_for stands 't-profit t-stop-3'
	asked() { [ "$(seen GET /fapi/v3/positionRisk)" -gt 0 ]; }
	wait_for asked
	do_sim 'mark=59600 BTCUSDT'
	wait_for stands 't-profit t-stop-4'
	do_sim 'mark=60700 BTCUSDT'
	wait_for grep -q 'BTCUSDT is closed' "$T/trail"
	stands ''
	[ "$(jq -s 'map(select(.what == "order" and .clientOrderId == "t-entry")) | length' "$T/ledger")" -eq 1 ]
	always_a_stop
}

@test "trail: a new stop that is refused leaves the old one; closed while it was dead, it cleans up" {
	sim --fault 'on POST algoOrder#3: reply=400/-2021'
	start_trail buy
	wait_for stands 't-stop t-profit'
	do_sim 'mark=60150 BTCUSDT'
	wait_for grep -q 't-stop-1 was refused, t-stop stays' "$T/trail"
	stands 't-stop t-profit'
	do_sim 'mark=60250 BTCUSDT'
	wait_for stands 't-profit t-stop-2'
	killed "$TRAIL"
	bf-order sell BTCUSDT 0.01 market --reduce-only >/dev/null
	SETTLE=0 start_trail buy
	wait_for grep -q 'BTCUSDT is closed' "$T/trail"
	stands ''
	always_a_stop
}

@test "trail: before the entry is filled it stays; a refused entry has no stop" {
	sim
	start_trail buy 59500
	wait_for stands 't-entry t-stop t-profit'
	do_sim 'mark=60500 BTCUSDT'
	bf-order buy BTCUSDT 0.001 @ 59000 --client-id later >/dev/null
	stands 't-entry t-stop t-profit later'
	do_sim 'fill BTCUSDT order=t-entry'
	do_sim 'mark=60501 BTCUSDT'
	wait_for stands 't-profit later t-stop-5'
	kill "$TRAIL"
	wait "$TRAIL" || true
	run -2 trail t BTCUSDT hold 0.01 market 59000 63000 1000 100
	run -1 trail u BTCUSDT buy 100 50000 49000 63000 1000 100
	stands 't-profit later t-stop-5'
}

# --- record, replay, paper ---

@test "paper and the backtest on what it kept: the same strategy gives the same orders" {
	{
		marks 60000
		candles "$closes"
	} >"$T/market"
	strategy=(jq -nRr --unbuffered --arg symbol BTCUSDT --arg quantity 0.01 --argjson fast 2 --argjson slow 3 -f "$recipes/ma-cross.jq")
	run --separate-stderr paper "$T/today" "${strategy[@]}" <"$T/market"
	[ "$status" -eq 0 ] || { echo "$output"; echo "$stderr"; false; }
	[[ $output == *"BTCUSDT 0.010 at "* ]]
	cmp "$T/market" "$T/today/records"
	bf-stream --replay "$T/today/records" --speed max | paper "$T/again" "${strategy[@]}" >/dev/null 2>&1
	run -0 paper-diff "$T/today" "$T/again"
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[0]} == "ma-BTCUSDT-1795775220-buy "*" "* ]]
	# another strategy gives others
	strategy[8]=0.02
	paper "$T/other" "${strategy[@]}" <"$T/market" >/dev/null 2>&1
	run -1 paper-diff "$T/today" "$T/other"
	[[ $output == *"> ma-BTCUSDT-1795775220-buy"* ]]
	run -2 paper "$T/today" true </dev/null	# not a second time into one folder
	run -2 paper-diff "$T/today" "$T"
}

@test "a live market: on paper while it is recorded, and the recording gives the same orders" {
	sim --synthetic --seed 3 --clock virtual --speed 1200
	strategy=(jq -nRr --unbuffered --arg symbol BTCUSDT --arg quantity 0.01 --argjson fast 1 --argjson slow 2 -f "$recipes/ma-cross.jq")
	bg "bf-stream --record '$T/day' kline_1m BTCUSDT 2>/dev/null >'$T/live'"
	closed() { [ "$(grep -c '"x":true' "$T/live")" -ge "$1" ]; }
	wait_for closed 30
	kill -- "-${BG_PIDS##* }"
	wait "${BG_PIDS##* }" || true
	upto() { awk '{ print } /"x":true/ && ++n == 25 { exit }'; }	# where the two were cut off is no matter
	upto <"$T/live" | paper "$T/today" "${strategy[@]}" >/dev/null 2>&1 || true	# the first may be a sale of nothing
	bf-stream --replay "$T/day" --speed max | upto | paper "$T/again" "${strategy[@]}" >/dev/null 2>&1 || true
	run -0 paper-diff "$T/today" "$T/again"
	[ "${#lines[@]}" -gt 2 ] || { echo "$output"; false; }
	cmp "$T/today/intents" "$T/again/intents"
}

@test "record: parts by size, go on after a kill, and played they are what came" {
	sim --synthetic --seed 3
	ROTATE=4k bg "exec '$recipes/record' '$T/day' bookTicker markPrice BTCUSDT 2>/dev/null"
	parts() { [ "$(find "$T/day" -name 'market-*.gz' | wc -l)" -ge "$1" ]; }
	wait_for parts 1
	killed "${BG_PIDS##* }"
	ROTATE=4k bg "exec '$recipes/record' '$T/day' bookTicker markPrice BTCUSDT 2>/dev/null"
	wait_for parts 2
	kill "${BG_PIDS##* }"
	wait "${BG_PIDS##* }" || true
	{ zcat "$T"/day/market-*.gz; cat "$T/day/market" 2>/dev/null || true; } | bf-stream --replay - --speed max >"$T/played"
	is -s 'map(select(.e == "bookTicker" and .s == "BTCUSDT")) | length > 5' <"$T/played"
}
