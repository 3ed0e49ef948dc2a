#!/usr/bin/env bats
# bf-stream | bf-risk | bf-order against bf-sim: what is held after a rule over events has acted is what the rule
# says, worked by hand. Marks move by the simulator's control path. 10000 USDT, BTCUSDT at 60000, ETHUSDT at 3000.

setup() { load ../helper; load ../kill; home; }
teardown() { home_end; }

# rules LINES: a rules file at $T/r.conf; every rule gets a reason.
rules() {
	printf '%s\n' "$@" | sed 's/^\[\(.*\)\]$/[\1]\nreason = \1/' >"$T/r.conf"
	chmod 600 "$T/r.conf"
}
# pipe: the pipe, until its stream is ended by `ends STATUS`, the status of bf-risk. What bf-risk wrote
# is in $T/mid. STREAM: what is streamed; MARKET: of which market.
pipe() {
	rm -f "$T/status" "$T/mid"
	bg "sh -c 'echo \$\$ >$T/stream.pid; exec bf-stream ${MARKET:+--market $MARKET} ${STREAM:-markPrice user}' 2>$T/stream.err |
		{ bf-risk ${MARKET:+--market $MARKET} --rules $T/r.conf --cost 0 2>$T/risk.err; echo \$? >$T/status; } |
		tee $T/mid | bf-order ${MARKET:+--market $MARKET} >$T/orders 2>$T/order.err"
	wait_for grep -q "\"conn\":\"${UP:-user${MARKET:+-$MARKET}}\",\"state\":\"up\"" "$T/mid"
}
ends() {
	kill "$(cat "$T/stream.pid")"
	wait_for test -s "$T/status"
	[ "$(cat "$T/status")" -eq "$1" ] || { echo "bf-risk ended with $(cat "$T/status")"; cat "$T/risk.err"; false; } >&2
}
said() { grep -q "$1" "$T/mid"; }	# REGEX, by bf-risk or through it
ours() { jq -c 'select(.by == "bf-risk" and .side)' "$T/mid"; }
holding() { [ "$(held)" = "$1" ]; }
holds_then() { wait_for holding "$1" || { echo "held: $(held)"; cat "$T/mid" "$T/risk.err" "$T/order.err"; false; } >&2; }
# The fills of orders of ours of a symbol (and position side) take off what was held, BEGUN, and never more.
no_flip() {
	jq -es --arg s "$1" --arg p "$2" --arg b "$3" '[.[] | select(.what == "fill" and .symbol == $s and
		(.positionSide // "BOTH") == $p) | (.qty | tonumber) * (if .side == "BUY" then 1 else -1 end)] |
		reduce .[] as $q ([$b | tonumber]; . + [.[-1] + $q]) | . as $h |
		all(range(1; length); ($h[.] * $h[0] >= -1e-9) and ($h[.] | fabs) < ($h[. - 1] | fabs))' "$T/ledger" >/dev/null ||
		{ echo "$1 flipped"; grep '"fill"' "$T/ledger"; false; } >&2
}

# NAME | simulator | rules | orders | what is held then
@test "what is held after a reduction is what the rule says, by one order" {
	local name args conf n want cases=0 lines
	while IFS='|' read -r name args conf n want; do
		[ -n "$name" ] || continue
		echo "case: $name"
		MARKET=
		[ "${name#coinm}" = "$name" ] || MARKET=coinm
		# shellcheck disable=SC2086 # words
		sim_as "s$((++cases))" $args
		# shellcheck disable=SC2086
		IFS=';' read -ra lines <<<"$conf"
		rules "${lines[@]}"
		pipe
		holds_then "$want"
		[ "$n" -eq 0 ] || wait_for said '"cleared":true'
		ends 0
		holding "$want"
		[ "$(ours | wc -l)" -eq "$n" ] || { ours; grep -v markPrice "$T/mid"; cat "$T/risk.err"; false; } >&2
		kill "$SIM_PID"
		wait "$SIM_PID" || true
	done <<-'END'
	leverage, (60000 - 47500) / 60000|--position BTCUSDT:1|[max-lev];max = 5|1|BTCUSDT:BOTH:0.791
	leverage of a short, to a target, (60000 - 20000) / 3000|--position ETHUSDT:-20|[max-lev];max = 5;target = 2|1|ETHUSDT:BOTH:-6.666
	leverage of several, the heaviest, (84000 - 47500) / 60000|--position BTCUSDT:0.8 --position ETHUSDT:-12|[max-lev];max = 5|1|BTCUSDT:BOTH:0.191 ETHUSDT:BOTH:-12
	leverage in hedge mode, (90000 - 47500) / 60000|--hedge --position BTCUSDT:1 --position BTCUSDT:-0.5|[max-lev];max = 5|1|BTCUSDT:LONG:0.291 BTCUSDT:SHORT:-0.5
	leverage of all assets as one, (60000 - 47500) / 60000|--account 5000 --balance USDC=5000 --multi-assets --position BTCUSDT:1|[max-lev];max = 5|1|BTCUSDT:BOTH:0.791
	coinm, in contracts, 5 BTC of 1: (5 - 3.8) x 600|--balance coinm.BTC=1 --position BTCUSD_PERP:-3000|[max-lev];max = 4|1|BTCUSD_PERP:BOTH:-2280
	distance, 53700 a - 60000 a + 3500 = 0.004 x 53700 a|--account 3500 --position BTCUSDT:1|[liq-distance];max = 10|1|BTCUSDT:BOTH:0.537
	ratio, 240 a = 0.095 x 2000|--account 2000 --position BTCUSDT:1|[margin-ratio];max = 10|1|BTCUSDT:BOTH:0.791
	isolated margin goes with what is closed: all of it, and the other is left|--account 100000 --margin-type BTCUSDT=isolated --position BTCUSDT:1 --position ETHUSDT:1|[liq-distance];max = 10|1|ETHUSDT:BOTH:1
	nothing where all holds|--position BTCUSDT:0.5|[max-lev];max = 5;[liq-distance];max = 5;[margin-ratio];max = 50;[drawdown];max = 20|0|BTCUSDT:BOTH:0.5
	END
}

@test "hedge mode and the ledger: prices fall step by step, each reduction takes off and none flips" {
	sim --hedge --position BTCUSDT:0.6 --position BTCUSDT:-0.2 --position ETHUSDT:4
	rules '[max-lev]' 'max = 6' '[liq-distance]' 'max = 8'
	pipe
	local p
	for p in 57000 54000 51000 48000; do
		now "mark=$p BTCUSDT"
		wait_for said "\"s\":\"BTCUSDT\",\"p\":\"$p"
	done
	wait_for said '"cleared":true'
	ends 0
	ours | jq -es 'length > 0 and all(.[]; .positionSide and .reduceOnly == null)' >/dev/null
	no_flip BTCUSDT LONG 0.6
	no_flip BTCUSDT SHORT -0.2
	no_flip ETHUSDT LONG 4
}

# Range from 60000: 2.0017 %, 4.0017 %, 6.0017 %.
@test "volatility in steps of what was held in calm, also after somebody added; a missing stop is told of until there is one" {
	sim --account 100000 --position BTCUSDT:1
	rules '[volatility]' 'steps = 2:75 4:50 6:0' '[unprotected]' 'max = 1'
	pipe
	now 'mark=61201 BTCUSDT'
	holds_then BTCUSDT:BOTH:0.75
	now 'mark=62401 BTCUSDT'
	holds_then BTCUSDT:BOTH:0.5
	wait_for said '"e":"bf.unprotected"'
	run ! said '"rule":"unprotected".*"cleared":true'
	stop fapi BTCUSDT SELL 50000 closePosition=true
	wait_for said '"rule":"unprotected".*"cleared":true'
	now 'place BUY BTCUSDT qty=1'
	wait_for said '"quantity":"1.000","reduceOnly"'
	holds_then BTCUSDT:BOTH:0.5
	now 'mark=63601 BTCUSDT'
	holds_then ''
	ends 0
	[ "$(ours | wc -l)" -eq 4 ]
}

# Two minutes to midnight in the zone, which the exchange's clock then jumps over. Hedge mode; ETH is another wallet.
@test "daily loss in a zone: flatten of both legs of one coin, and the day that ends ends it" {
	MARKET=coinm OTHER_CLOCK=yes
	sim --hedge --start 2026-01-01T21:58:00Z --balance coinm.BTC=1 --balance coinm.ETH=10 --position BTCUSD_PERP:1000 \
		--position BTCUSD_PERP:-300 --position ETHUSD_PERP:5
	rules '[daily-loss]' 'max = 5%' 'day = +02:00' 'action = flatten'
	pipe
	now 'mark=56000 BTCUSD_PERP'	# 700 x 100 / 56000 - 700 x 100 / 60000: 0.0833 of 1
	holds_then ETHUSD_PERP:LONG:5
	run ! said '"rule":"daily-loss".*"cleared":true'
	now 'time+=2m'
	wait_for said '"rule":"daily-loss".*"cleared":true'
	ends 0
	[ "$(ours | wc -l)" -eq 2 ]
	jq -es 'map(select(.rule == "daily-loss" and .cleared)) | .[0].E >= 1767304800000' "$T/mid" >/dev/null
	no_flip BTCUSD_PERP LONG 1000
	no_flip BTCUSD_PERP SHORT -300
}

@test "trip: closed, the latch set, new risk rejected, exits pass, exit 6; then bf-kill finishes" {
	sim --position BTCUSDT:0.5 --position ETHUSDT:-1
	rules '[drawdown]' 'max = 20' 'action = trip'
	order fapi 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=57500'
	pipe
	now 'mark=58500 BTCUSDT'	# 750 of 10000 are lost
	wait_for said '"p":"58500'
	[ ! -e "$(latch)" ]
	now 'mark=55900 BTCUSDT'	# 2050 and more: the order at 57500 has been filled
	holds_then ''
	wait_for said '"rule":"drawdown"'
	ends 6
	[ -e "$(latch)" ]
	run --separate-stderr bf-risk --max-lev 10 <<<'{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}
{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"0.01","reduceOnly":"true"}'
	[ "$status" -eq 6 ]
	is '.e == "bf.reject"' <<<"${lines[0]}"
	is '.reduceOnly == "true" and .e == null' <<<"${lines[1]}"
	no_flip ETHUSDT BOTH -1
	run --separate-stderr bf-kill
	[ "$status" -eq 0 ]
	[ "$(held)$(open_orders)" = "" ]
}

# exits N: orders and cancels that only take risk off, in many forms, the same at each run.
exits() {
	awk -v n="$1" 'function one(s) { return a[1 + int(rand() * split(s, a, " "))] } BEGIN { srand(7); for (i = 1; i <= n; i++) {
		s = "\"symbol\":\"" one("BTCUSDT ETHUSDT BTCUSD_PERP NOSUCH") "\",\"newClientOrderId\":\"x" i "\""
		q = "\"quantity\":\"" one("0.001 1 100000") "\""
		t = one("MARKET LIMIT")
		o = "\"type\":\"" t "\"" (t == "LIMIT" ? ",\"timeInForce\":\"" one("GTC IOC GTX") "\",\"price\":\"" one("1 60000") "\"" : "")
		k = int(rand() * 4)
		if (k == 0) print "{" s ",\"side\":\"" one("BUY SELL") "\"," o "," q ",\"reduceOnly\":\"true\"}"
		if (k == 1) print "{" s "," one("\"side\":\"SELL\",\"positionSide\":\"LONG\" \"side\":\"BUY\",\"positionSide\":\"SHORT\"") "," o "," q "}"
		if (k == 2) print "{" s ",\"side\":\"" one("BUY SELL") "\",\"type\":\"STOP_MARKET\",\"stopPrice\":\"59000\",\"closePosition\":\"true\"}"
		if (k == 3) print "{\"op\":\"cancel\",\"symbol\":\"" one("BTCUSDT NOSUCH") "\",\"orderId\":" i "}"
	} }'
}

@test "notice, block, cancel: what each does to what is held, to open orders and to new risk" {
	local act
	for act in notice block cancel; do
		sim_as "$act" --position BTCUSDT:0.5
		order fapi 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=57001'
		order fapi 'symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=62000'
		rules '[daily-loss]' 'max = 500' "action = $act"
		pipe
		now 'mark=58900 BTCUSDT'	# 550
		wait_for said '"rule":"daily-loss"'
		if [ "$act" = cancel ]; then
			only_sell() { [ "$(open_orders)" = BTCUSDT:SELL ]; }
			wait_for only_sell
		fi
		ends 0
		[ "$(held)" = BTCUSDT:BOTH:0.5 ]
		[ "$act" = cancel ] || [ "$(open_orders)" = 'BTCUSDT:BUY BTCUSDT:SELL' ]
		run --separate-stderr bf-risk --rules "$T/r.conf" <<<'{"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}
{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"0.01","reduceOnly":"true"}'
		[ "$status" -eq "$([ "$act" = notice ] && echo 0 || echo 1)" ]
		jq -es 'any(.[]; .side == "SELL" and .e == null)' <<<"$output" >/dev/null
	done
	exits 300 >"$T/exits"
	[ "$(wc -l <"$T/exits")" -eq 300 ]
	bf-risk --rules "$T/r.conf" <"$T/exits" | grep -v '"rule":"daily-loss"' | cmp - "$T/exits"
}

# That bf-order saw its order refused is in the journal at once; the exchange's not knowing it would prove that only
# after recvWindow and its lag.
@test "a reduction that the exchange refuses is followed by the next one, further up the ladder" {
	sim --position BTCUSDT:1 --fault 'on POST order#1: reply=400/-4131' --fault 'on POST order#2: reply=400/-2010'
	rules '[max-lev]' 'max = 5'
	pipe
	holds_then BTCUSDT:BOTH:0.791
	ends 0
	[ "$(ours | wc -l)" -eq 3 ]
	ours | jq -es 'map(.newClientOrderId) | unique | length == 3' >/dev/null
	ours | jq -es '.[2] | .type == "LIMIT" and .timeInForce == "IOC" and .priceMatch == "OPPONENT_20"' >/dev/null
	! grep -q 'never reached' "$T/risk.err"
}
