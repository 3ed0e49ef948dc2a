#!/usr/bin/env bats
# bf-risk over intents as a trader has them: each rule at its limit and above it, what passes carried out by
# bf-order, and what the exchange then says of the account. 10000 USDT, BTCUSDT at 60000, ETHUSDT at 3000.

setup() { load ../helper; load ../signed; home; }
teardown() { home_end; }

now() { date +%s%3N; }
# price SYMBOL PRICE [members]
price() { printf '{"e":"markPriceUpdate","E":%s,"s":"%s","p":"%s"%s}\n' "$(now)" "$1" "$2" "${3:-}"; }
# An order: buy SYMBOL QUANTITY [members], at the market; with a price in the members a limit order.
one() { printf '{"symbol":"%s","side":"%s","type":"%s","quantity":"%s"%s}\n' "$2" "$1" "$([[ ${4:-} == *'"price"'* ]] && echo LIMIT || echo MARKET)" "$3" "${4:-}"; }
buy() { one BUY "$@"; }
sell() { one SELL "$@"; }
rules() { printf '%s\n' "$@" >"$T/r.conf"; chmod 600 "$T/r.conf"; }

# risk ARGS...: what bf-risk makes of $T/in: $T/out, $T/err, $status.
risk() {
	status=0
	bf-risk "$@" <"$T/in" >"$T/out" 2>"$T/err" || status=$?
}
rejects() { jq -c 'select(.e == "bf.reject")' "$T/out"; }
passed() { jq -c 'select(.e == null and .by != "bf-risk")' "$T/out"; }	# not what it reduces itself
# blocks RULE VALUE [NEAREST]: one reject and one that passed; the reject names rule and value, and
# says what would pass, which did.
blocks() {
	if [ "$status" -ne 1 ] || [ "$(rejects | wc -l)" -ne 1 ] || [ "$(passed | wc -l)" -ne 1 ] ||
		! has "$(rejects)" ".rule == \"$1\" and .value == \"$2\" and .intent and (.msg | startswith(\"$1: \"))"; then
		cat "$T/out" "$T/err" >&2
		return 1
	fi
	[ -z "${3:-}" ] && return 0
	has "$(rejects)" ".nearest == \"$3\" and (.msg | contains(\"; quantity $3 would pass\"))"
	has "$(passed)" ".quantity == \"$3\""
}
# Numbers of the exchange: effective leverage of the USDT wallet, initial margin in % of the equity.
lev() { signed GET /fapi/v3/account | jq '(.positions | map(.notional | tonumber | fabs) | add // 0) / (.totalMarginBalance | tonumber)'; }
use() { signed GET /fapi/v3/account | jq '(.totalInitialMargin | tonumber) * 100 / (.totalMarginBalance | tonumber)'; }
away() { signed GET /fapi/v3/positionRisk | jq --arg s "$1" '.[] | select(.symbol == $s) | ((.markPrice | tonumber) - (.liquidationPrice | tonumber) | fabs) * 100 / (.markPrice | tonumber)'; }
amount() { signed GET "/${3:-fapi/v3}/positionRisk" | jq -r --arg s "$1" --arg p "${2:-BOTH}" '[.[] | select(.symbol == $s and .positionSide == $p) | .positionAmt | tonumber] | add // 0'; }
between() { jq -en --argjson x "$1" --argjson a "$2" --argjson b "$3" '$x >= $a and $x <= $b' >/dev/null || { echo "$1 is not in $2..$3"; return 1; } >&2; }

@test "every rule about size: above the limit a reject that names what passes, and that passes" {
	sim --position BTCUSDT:0.5 --mark ETHUSDT=3000
	local rule symbol side bad ok value
	while read -r rule symbol side bad ok value; do
		{ one "$side" "$symbol" "$bad"; one "$side" "$symbol" "$ok"; } >"$T/in"
		risk --cost 0 --limit "$rule"
		blocks "${rule%%=*}" "$value" "$ok"
	done <<-'END'
	max-lev=5 BTCUSDT BUY 0.334 0.333 5.0040
	max-lev=5 BTCUSDT SELL 1.334 1.333 5.0040
	symbol-lev=4 ETHUSDT SELL 13.334 13.333 4.0002
	order-notional=20000 BTCUSDT BUY 0.334 0.333 20040
	position-notional=45000 BTCUSDT BUY 0.251 0.250 45060
	gross-notional=45000 ETHUSDT SELL 5.001 5.000 45003
	net-notional=33000 ETHUSDT BUY 1.001 1.000 33003
	net-notional=33000 ETHUSDT SELL 21.001 21.000 33003
	margin-use=20 ETHUSDT BUY 3.334 3.333 20.0010
	END
	# the funding that the position would pay in 30 minutes: (0.5 + q) 60000 x 0.0005 of 10000
	{ price BTCUSDT 60000 ",\"r\":\"0.0005\",\"T\":$(($(now) + 1800000))"; buy BTCUSDT 0.101; buy BTCUSDT 0.100; } >"$T/in"
	risk --limit funding-cost=18
	blocks funding-cost 18.0300 0.100
	has "$(rejects)" '.msg | test("in (29|30) min")'
	# of a symbol without a mark on the pipe it is asked for
	{ buy ETHUSDT 0.1; buy BTCUSDT 0.001; } >"$T/in"
	risk --limit funding-cost=9999
	[ "$status" -eq 0 ] || { cat "$T/err"; false; }
}

@test "every other rule: what it refuses, in its own words, and what it does not" {
	sim --position BTCUSDT:0.5 --mark ETHUSDT=3000 --margin-type ETHUSDT=isolated
	local at60=',"timeInForce":"GTC","price":"60'
	{ buy BTCUSDT 0.01 "${at60}600.1\""; buy BTCUSDT 0.01 "${at60}600\""; } >"$T/in"
	risk --limit price-band=1
	blocks price-band 1.0002
	has "$(rejects)" '.msg | contains("; price 60600.00 would pass")'
	{ buy BTCUSDT 0.01; buy ETHUSDT 0.1; } >"$T/in"
	risk --limit symbols=ETHUSDT
	blocks symbols BTCUSDT
	risk --limit isolated-only=on
	blocks isolated-only cross
	{ price BTCUSDT 60000; price BTCUSDT 63001; buy BTCUSDT 0.01; buy ETHUSDT 0.1; } >"$T/in"
	risk --limit mark-jump=5 --max-lev 50
	[ "$(rejects | jq -r .rule)" = mark-jump ]
	has "$(rejects)" '.value == "5.0017"'
	{ buy BTCUSDT 0.01; buy BTCUSDT 0.02; buy BTCUSDT 0.03; } >"$T/in"
	risk --limit rate-second=2 --limit rate-minute=2
	has "$(rejects)" '.reasons | map(.rule) == ["rate-second", "rate-minute"] and all(.[]; .value == "3" and .limit == "2")'
	{ buy BTCUSDT 0.01; buy BTCUSDT 0.010 ',"newClientOrderId":"other"'; } >"$T/in"
	risk --limit duplicate=60000
	[ "$(rejects | jq -r .rule)" = duplicate ]
	{ buy BTCUSDT 0.01 "${at60}000\""; buy BTCUSDT 0.01 "${at60}001\""; buy BTCUSDT 0.02; } >"$T/in"
	risk --limit repeat=1
	[ "$(rejects | jq -r '.rule + .intent.price')" = repeat60001 ]
	order BTCUSDT SELL LIMIT 0.01 'timeInForce=GTC&price=61000&newClientOrderId=mine'
	{ buy BTCUSDT 0.01 "${at60}999.9\""; buy BTCUSDT 0.01 ',"timeInForce":"GTC","price":"61000"'; buy BTCUSDT 0.01 ',"timeInForce":"GTX","price":"61000"'; } >"$T/in"
	risk --limit self-match=on
	has "$(rejects)" '.rule == "self-match" and .intent.price == "61000" and .intent.timeInForce == "GTC" and (.msg | contains("mine at 61000"))'
	# one waits already
	{ buy BTCUSDT 0.01 "${at60}000\""; buy BTCUSDT 0.01 "${at60}001\""; buy BTCUSDT 0.02; } >"$T/in"
	risk --limit open-orders=2
	has "$(rejects)" '.rule == "open-orders" and .value == "3" and .limit == "2" and .intent.price == "60001"'
	{ buy BTCUSDT 0.01; echo '{"e":"bf.conn","conn":"user","state":"up"}'; buy BTCUSDT 0.02; echo '{"e":"bf.conn","conn":"user","state":"down"}'; buy BTCUSDT 0.03; } >"$T/in"
	risk --limit user-stream=60 --limit clock=60000
	[ "$(rejects | jq -r .intent.quantity | paste -sd' ')" = '0.01 0.03' ]
	has "$(rejects)" '.rule == "user-stream"'
	{ printf '{"e":"markPriceUpdate","E":%s,"s":"BTCUSDT","p":"60000"}\n' $(($(now) - 20000)); buy BTCUSDT 0.01; buy NOSUCHUSDT 1; buy ETHUSDT 0.1; } >"$T/in"
	risk --max-lev 50
	[ "$(rejects | jq -r .rule | paste -sd' ')" = 'stale-mark symbol' ]
	has "$(rejects | tail -n 1)" '.code == -1121 and .value == "NOSUCHUSDT"'
}

@test "all reasons stand in one reject, and what it names as nearest passes them all" {
	sim --position BTCUSDT:0.5
	rules '[max-lev]' 'max = 4' 'reason = r1' '[symbol-lev BTCUSDT]' 'max = 3.9' 'reason = r2' '[symbol-lev]' 'max = 0.1' 'reason = other' \
		'[order-notional]' 'max = 9000' 'reason = r3' '[price-band]' 'max = 0.4' 'slippage = 40' 'reason = r4'
	buy BTCUSDT 0.3 ',"timeInForce":"GTC","price":"60300"' >"$T/in"
	risk --rules "$T/r.conf" --cost 0
	has "$(rejects)" '.reasons | map(.rule) == ["max-lev", "symbol-lev", "order-notional", "price-band"]'
	has "$(rejects)" 'all(.reasons[]; .limit != "" and .value != "" and (.msg | test("\\(r[1-4]\\)$"))) and (has("nearest") | not)'
	has "$(rejects)" 'any(.reasons[]; .msg | contains("; quantity 0.149 would pass the rules about size"))'
	[ "$(grep -c "^bf-risk: line " "$T/err")" -eq 4 ]
	# the price mended: the size alone is in the way
	buy BTCUSDT 0.3 ',"timeInForce":"GTC","price":"60240"' >"$T/in"
	risk --rules "$T/r.conf" --cost 0
	has "$(rejects)" '.nearest == "0.149" and (.reasons | length) == 3'
	buy BTCUSDT 0.149 ',"timeInForce":"GTC","price":"60240"' >"$T/in"
	risk --rules "$T/r.conf" --cost 0
	[ "$status" -eq 0 ]
	cmp "$T/in" "$T/out"
}

@test "clip: what is left reaches the exchange, which then shows what was reckoned" {
	sim --position BTCUSDT:0.5 --mark ETHUSDT=3000
	sell ETHUSDT 50 >"$T/in"
	bf-risk --max-lev 5 --on-breach clip <"$T/in" 2>"$T/err" | tee "$T/out" | bf-order >"$T/done"
	has "$(jq -c 'select(.e == "bf.risk")' "$T/out")" '.action == "clip" and .quantity == "6.633" and .intent.quantity == "50"'
	[ "$(amount ETHUSDT)" = -6.633 ]	# (50000 - 30000) / (3000 (1 + 5 x 0.001))
	between "$(lev)" 4.985 5
	# margin use, of a wallet that holds something already
	buy BTCUSDT 1 >"$T/in"
	bf-risk --limit margin-use=30 --on-breach clip <"$T/in" 2>"$T/err" | bf-order >"$T/done"
	between "$(use)" 29.9 30.05	# the fee is not in the rule
	# and the distance to liquidation
	buy BTCUSDT 1 >"$T/in"
	bf-risk --limit liq-distance=10 --on-breach clip <"$T/in" 2>"$T/err" | tee "$T/out" | bf-order >"$T/done"
	between "$(away BTCUSDT)" 10 10.1
	# nothing at all would pass: no order of quantity 0
	buy BTCUSDT 1 >"$T/in"
	risk --limit order-notional=50 --on-breach clip
	[ "$(passed | wc -l)" -eq 0 ]
	has "$(rejects)" '.nearest == "0" and (.msg | contains("; no quantity would pass"))'
}

@test "protect: a market order in a wild moment becomes an IOC limit order on the tick" {
	sim --mark ETHUSDT=3000.37
	rules '[volatile-market]' 'max = 3' 'action = protect' 'slippage = 33' 'reason = too fast'
	{ price ETHUSDT 2900.11; price ETHUSDT 3000.37; buy ETHUSDT 1; sell ETHUSDT 2; } >"$T/in"
	bf-risk --rules "$T/r.conf" <"$T/in" 2>"$T/err" | tee "$T/out" | bf-order >"$T/done"
	has "$(jq -c 'select(.e == "bf.risk")' "$T/out")" '.action == "protect" and .rule == "volatile-market"'
	# 3000.37 x 1.0033 = 3010.271..., down; x 0.9967 = 2990.468..., up
	has "$(signed GET /fapi/v1/allOrders symbol=ETHUSDT | jq -c '.[]')" '.type == "LIMIT" and .timeInForce == "IOC" and .status == "FILLED" and
		(.price | tonumber) == (if .side == "BUY" then 3010.27 else 2990.47 end)'
	[ "$(amount ETHUSDT)" = -1 ]
	# without protect it is refused, and a limit order is not
	{ price ETHUSDT 2900.11; price ETHUSDT 3000.37; buy ETHUSDT 1; buy ETHUSDT 1 ',"timeInForce":"GTC","price":"3000"'; } >"$T/in"
	risk --limit volatile-market=3
	blocks volatile-market 3.45711025
}

@test "both markets: contracts in USD, each coin a wallet of its own" {
	sim --position BTCUSDT:0.5 --balance coinm.BTC=1 --balance coinm.ETH=5 --position BTCUSD_PERP:600 --mark ETHUSD_PERP=3000
	# 600 x 100 USD / 60000 = 1 BTC, on 1 BTC: leverage 1; 2 more to come is 1200 contracts
	local rule symbol side bad ok value
	while read -r rule symbol side bad ok value; do
		{ one "$side" "$symbol" "$bad"; one "$side" "$symbol" "$ok"; } >"$T/in"
		risk --cost 0 --limit "$rule"
		blocks "${rule%%=*}" "$value" "$ok"
	done <<-'END'
	max-lev=3 BTCUSD_PERP BUY 1201 1200 3.0017
	max-lev=3 ETHUSD_PERP SELL 4501 4500 3.0007
	max-lev=4 BTCUSDT BUY 0.167 0.166 4.0020
	order-notional=2000 BTCUSD_PERP BUY 21 20 2100
	position-notional=61000 BTCUSD_PERP BUY 11 10 61100
	gross-notional=70000 BTCUSD_PERP SELL 1301 1300 70100
	margin-use=10 BTCUSD_PERP BUY 601 600 10.0084
	END
	[ "$(grep -c 'nothing is guarded' "$T/err")" -eq 0 ]
	buy BTCUSD_PERP 5000 >"$T/in"
	bf-risk --max-lev 3 --on-breach clip <"$T/in" 2>"$T/err" | tee "$T/out" | bf-order >"$T/done"
	between "$(signed GET /dapi/v1/account | jq '[.positions[] | select(.symbol == "BTCUSD_PERP") | .notionalValue | tonumber] | add')" 2.98 3
	[ "$(amount BTCUSD_PERP BOTH dapi/v1)" -gt 1700 ]
}

@test "hedge mode: the legs add up, a leg's exit always passes, an exit of both names does what the leg says" {
	sim --hedge --mark ETHUSDT=3000
	{ buy BTCUSDT 0.3; sell BTCUSDT 0.3; } >"$T/in"
	bf-risk --max-lev 4 <"$T/in" 2>"$T/err" | bf-order >"$T/done"
	[ "$(amount BTCUSDT LONG) $(amount BTCUSDT SHORT)" = '0.3 -0.3' ]
	between "$(lev)" 3.59 3.62
	# 36000 are held; 4 times 10000 less fees leave less than 0.07
	{ buy BTCUSDT 0.07; sell BTCUSDT 0.07; sell BTCUSDT 0.3 ',"positionSide":"LONG"'; buy BTCUSDT 9 ',"positionSide":"SHORT"'; sell BTCUSDT 0.1 ',"reduceOnly":"true"'; } >"$T/in"
	risk --max-lev 4
	[ "$(rejects | jq -r '.intent.side' | paste -sd' ')" = 'BUY SELL' ]
	has "$(rejects)" '.rule == "max-lev" and .nearest > "0.060"'
	[ "$(passed | wc -l)" -eq 3 ]
	# of the legs' sum a rule over the symbol knows, too; net value is what one leg adds
	{ sell BTCUSDT 0.067; sell BTCUSDT 0.066; } >"$T/in"
	risk --limit position-notional=40000
	blocks position-notional 40020 0.066
}

@test "exits pass whatever the rules say; what only looks like one is judged" {
	sim --position BTCUSDT:0.5
	{
		sell BTCUSDT 9 ',"reduceOnly":"true"'
		sell BTCUSDT 0.5 ',"reduceOnly":"true","timeInForce":"GTC","price":"61000"'
		echo '{"symbol":"BTCUSDT","side":"SELL","type":"STOP_MARKET","triggerPrice":"50000","closePosition":"true"}'
		echo '{"op":"cancel","symbol":"BTCUSDT","orderId":1}'
		echo '{"op":"cancel-all","symbol":"BTCUSDT"}'
	} >"$T/in"
	risk --limit symbol-lev=0.001 --limit symbols=ETHUSDT --limit rate-minute=1 --limit order-notional=1
	[ "$status" -eq 0 ]
	cmp "$T/in" "$T/out"
	{
		sell BTCUSDT 0.5 ',"reduceOnly":"false"'
		echo '{"symbol":"BTCUSDT","side":"SELL","type":"STOP_MARKET","triggerPrice":"50000","quantity":"0.5"}'
		echo '{"symbol":"BTCUSDT","side":"SELL","type":"STOP_MARKET","triggerPrice":"50000","quantity":"9","closePosition":"true"}'
		echo '{"op":"modify","symbol":"BTCUSDT","side":"SELL","orderId":77,"quantity":"1","price":"60000"}'
		echo '{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"9","ReduceOnly":"true"}'
	} >"$T/in"
	risk --limit order-notional=1
	[ "$(rejects | wc -l)" -eq 5 ]
	[ "$(passed | wc -l)" -eq 0 ]
	[ "$(rejects | jq -r .rule | paste -sd' ')" = 'order-notional order-notional intent account-unknown intent' ]
}

@test "conditional orders and modifications count at their dearest, and are modified up no further than the limit" {
	sim
	order BTCUSDT BUY LIMIT 0.1 'timeInForce=GTC&price=59000&newClientOrderId=low'
	{
		# 5900 wait; a stop at 66000 for 0.2 is 13200
		echo '{"symbol":"BTCUSDT","side":"BUY","type":"STOP_MARKET","triggerPrice":"66000","quantity":"0.2"}'
		echo '{"symbol":"BTCUSDT","side":"BUY","type":"STOP","triggerPrice":"66000","price":"66100","quantity":"0.02"}'
	} >"$T/in"
	risk --limit position-notional=20000
	has "$(rejects)" '.value == "20422" and .nearest == "0.013"'
	[ "$(passed | jq -r .type)" = STOP_MARKET ]
	{
		echo '{"op":"modify","symbol":"BTCUSDT","side":"BUY","origClientOrderId":"low","quantity":"0.341","price":"58700"}'
		echo '{"op":"modify","symbol":"BTCUSDT","side":"BUY","origClientOrderId":"low","quantity":"0.333","price":"58700"}'
		buy BTCUSDT 0.006
	} >"$T/in"
	risk --limit position-notional=20000
	# at the mark, which is dearer: 0.341 x 60000; then 0.333 x 59000, where it waited, and 360
	[ "$(rejects | jq -r '.value' | paste -sd' ')" = '20460 20007' ] || { cat "$T/out"; false; }
	has "$(rejects | head -n 1)" '.nearest == "0.333"'
	bf-order <<<"$(passed)" >"$T/done"
	has "$(signed GET /fapi/v1/openOrders | jq -c '.[]')" '.origQty == "0.333" and (.price | tonumber) == 58700'
	has "$(signed GET /fapi/v3/account)" '(.totalOpenOrderInitialMargin // .totalInitialMargin | tonumber) > 900'
}

@test "what comes in many parts, across flat, behind an exit or under one name does not get past the limit" {
	sim --position BTCUSDT:0.1 --mark ETHUSDT=3000
	# many parts, of two symbols and both sides, as fast as they come
	{ for _ in {1..40}; do buy BTCUSDT 0.02 ',"newClientOrderId":"same"'; sell ETHUSDT 0.4; done; } >"$T/in"
	bf-risk --max-lev 3 <"$T/in" 2>"$T/err" | bf-order >"$T/done" 2>"$T/err2" || true
	between "$(lev)" 1 3
	# 0.1 long or more: what waits to sell counts whole, for an exit may come first
	local held
	held=$(amount BTCUSDT)
	{ sell BTCUSDT 0.2 ',"timeInForce":"GTC","price":"61000"'; sell BTCUSDT "$held" ',"reduceOnly":"true"'; sell BTCUSDT 0.2; } >"$T/in"
	risk --limit position-notional=11000
	[ "$(rejects | wc -l)" -eq 2 ]
	has "$(rejects)" '.rule == "position-notional" and (.nearest | tonumber) < 0.2'
	# without the exit the market order reverses what is held
	sell BTCUSDT "$(jq -n "$held + 0.18")" >"$T/in"
	risk --limit position-notional=11000
	[ "$status" -eq 0 ] || { cat "$T/out"; false; }
}
