#!/usr/bin/env bats
# shellcheck disable=SC2154 # stderr is what `run` sets
# What bf-risk writes down of its decisions (--log): made again bit for bit, and judged under other rules.

setup() { load ../helper; load ../signed; home; }
teardown() {
	exec 8>&-
	home_end
}

now() { date +%s%3N; }
rules() { printf '%s\n' "$@" >"$T/r.conf"; chmod 600 "$T/r.conf"; }
buy() { printf '{"symbol":"%s","side":"BUY","type":"MARKET","quantity":"%s"%s}\n' "$1" "$2" "${3:-}"; }

# Rules that all bind now and then.
many_rules() {
	rules '[max-lev]' 'max = 4' 'action = notice' 'on-breach = clip' 'reason = r' '[symbol-lev BTCUSD_PERP]' 'max = 2' 'on-breach = clip' \
		'reason = r' '[order-notional]' 'max = 9000' 'reason = r' '[margin-use]' 'max = 30' 'on-breach = clip' 'reason = r' \
		'[liq-distance]' 'max = 12' 'action = notice' 'on-breach = clip' 'reason = r' '[price-band]' 'max = 2' 'reason = r' \
		'[mark-jump]' 'max = 9' 'window = 1' 'reason = r' '[rate-minute]' 'max = 120' 'reason = r' '[duplicate]' 'max = 1000' 'reason = r' \
		'[repeat]' 'max = 3' 'reason = r' '[open-orders]' 'max = 12' 'reason = r' '[funding-cost]' 'max = 12' 'on-breach = clip' 'reason = r' \
		'[volatile-market]' 'max = 4' 'action = protect' 'reason = r' '[volatility ETHUSDT]' 'max = 4.9' 'action = block' 'reason = r'
}
# stream N SEED: marks, intents of all kinds and account events on both markets.
stream() {
	awk -v n="$1" -v seed="$2" -v now="$(now)" 'BEGIN {
		srand(seed)
		split("BTCUSDT ETHUSDT BTCUSD_PERP", y); split("60000 3000 60000", b); split("0.4 9 300", q)
		for (i = 0; i < n; i++) {
			k = int(rand() * 3) + 1; s = rand() < .5 ? "BUY" : "SELL"; r = rand()
			z = q[k] * rand() * rand(); z = k == 3 ? sprintf("%d", z + 1) : sprintf("%.3f", z + .001)
			p = sprintf("%.1f", b[k] * (1 + (rand() - .5) / 18))
			printf "{\"e\":\"markPriceUpdate\",\"E\":%s,\"s\":\"%s\",\"p\":\"%s\",\"i\":\"%s\",\"r\":\"0.0003\",\"T\":%.0f}\n", now, y[k], p, p, now + 1800000
			head = sprintf("\"symbol\":\"%s\",\"side\":\"%s\",\"quantity\":\"%s\"", y[k], s, z)
			if (r < .35) printf "{%s,\"type\":\"MARKET\"}\n", head
			else if (r < .65) printf "{%s,\"type\":\"LIMIT\",\"timeInForce\":\"%s\",\"price\":\"%s\",\"newClientOrderId\":\"c%d\"}\n", head, rand() < .3 ? "IOC" : "GTC", p, i
			else if (r < .7) printf "{%s,\"type\":\"STOP_MARKET\",\"triggerPrice\":\"%s\"}\n", head, p
			else if (r < .8) printf "{\"op\":\"modify\",%s,\"origClientOrderId\":\"c%d\",\"price\":\"%s\"}\n", head, int(rand() * i), p
			else if (r < .9) printf "{%s,\"type\":\"MARKET\",\"reduceOnly\":\"true\"}\n", head
			else printf "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":%s,\"T\":%s,\"o\":{\"s\":\"%s\",\"c\":\"c%d\",\"S\":\"%s\",\"o\":\"LIMIT\",\"f\":\"GTC\",\"q\":\"%s\",\"p\":\"%s\",\"ap\":\"0\",\"sp\":\"0\",\"x\":\"NEW\",\"X\":\"NEW\",\"i\":%d,\"z\":\"0\",\"R\":false,\"ps\":\"BOTH\",\"cp\":false}}\n", now, now, y[k], i, s, z, p, 900000 + i
		}
	}'
}
# same LOG: every decision of it comes out the same again, and replayed under its own rules as well.
same() {
	bf-risk explain "$1" >"$T/explain" || { jq -c 'select(.same | not)' "$T/explain" | head -n 3; return 1; } >&2
	[ "$(jq -c 'select(.e == "bf.explain" and .same)' "$T/explain" | wc -l)" -eq "$(wc -l <"$1")" ] || return 1
	bf-risk replay --rules "$T/r.conf" "$1" >"$T/replay"
	[ "$(wc -l <"$T/replay")" -eq 1 ] || { head -n 3 "$T/replay"; return 1; } >&2
}
outcomes() { jq -r '.verdict | if .pass | not then "reject" elif .clipped then "clip" elif .protect then "protect" else "pass" end' "$1" | sort -u | paste -sd' '; }

@test "hundreds of decisions on both markets and in hedge mode come out the same again" {
	many_rules
	sim --position BTCUSDT:0.1 --balance coinm.BTC=1 --position BTCUSD_PERP:100 --mark ETHUSDT=3000
	stream 300 7 >"$T/in"
	bf-risk --rules "$T/r.conf" --log "$T/log" <"$T/in" 2>"$T/err" | bf-order >"$T/done" 2>"$T/err2" || true
	[ "$(wc -l <"$T/log")" -gt 200 ]
	[ "$(outcomes "$T/log")" = 'clip pass protect reject' ]
	[ "$(jq -r .verdict.market "$T/log" | sort -u | paste -sd' ')" = 'coinm usdm' ]
	same "$T/log"
	# each rule was asked of every decision that was priced, and has a value and a limit to show
	has "$(jq -c 'select(.outcome == "pass")' "$T/explain" | head -n 20)" 'all(.rules[]; .holds and .rule) and (.text | length > 0)'
	sim_as hedged --hedge --balance coinm.BTC=1
	stream 200 8 | grep -v ORDER_TRADE >"$T/in"
	bf-risk --rules "$T/r.conf" --log "$T/hedge" <"$T/in" 2>"$T/err" | bf-order >"$T/done" 2>"$T/err2" || true
	has "$(head -n 1 "$T/hedge")" 'any(.world.markets[]; .hedge)'
	same "$T/hedge"

	# under tighter rules those are blocked that the same judge blocks on the same worlds: by the records' own numbers
	bf-risk replay --rules "$T/r.conf" --limit order-notional=2000 "$T/log" >"$T/tight"
	jq -c 'select(.verdict.pass) | select(.verdict.counted as $p | (.verdict.clipped // .intent.quantity | tonumber) as $q |
		(if .intent.symbol == "BTCUSD_PERP" then $q * 100 else $q * ($p | tonumber) end) > 2000 and .intent.op != "modify") | .n' "$T/log" >"$T/want"
	[ "$(wc -l <"$T/want")" -gt 3 ]
	jq -c 'select(.e == "bf.replay" and .now == "reject" and .was != "reject" and .intent.op != "modify") | .n' "$T/tight" >"$T/got"
	# an order that would have been clipped to less is judged whole: it may be blocked too
	[ -z "$(comm -23 <(sort "$T/want") <(sort "$T/got"))" ]
	has "$(jq -c 'select(.e == "bf.replay" and .now == "reject" and .was != "reject")' "$T/tight")" 'any(.rules[]; .rule == "order-notional" and .limit == "2000")'
}

@test "any change to a record is found out" {
	many_rules
	sim --position BTCUSDT:0.1
	stream 12 3 | sed 's/USD_PERP/USDT/' >"$T/in"
	bf-risk --rules "$T/r.conf" --log "$T/log" <"$T/in" >"$T/out" 2>"$T/err" || true
	same "$T/log"
	local change
	jq -c 'select(.verdict.pass and .verdict.counted and .intent.op != "modify")' "$T/log" | head -n 1 >"$T/one"
	for change in '.intent.quantity = "9"' '.verdict.pass = false' '.verdict.counted = "1"' '.limits.rules[0].max = "0.01"' \
		'(.world.markets[].wallets[].cross) = "1"' '(.world.symbols[] | .mark) = "1"' '(.world.markets[].positions[].amt) = "50"' \
		'.world.ms += 3600000' '.world.health.latched = true' '.world.blocked = 4294967295'; do
		jq -c "$change" "$T/one" >"$T/changed"
		! cmp -s "$T/one" "$T/changed" || { echo "changes nothing: $change"; false; }
		run --separate-stderr bf-risk explain "$T/changed"
		[ "$status" -eq 1 ] || { echo "$change: $output"; false; }
		has "$output" '.same | not'
	done
	# and a record that is none is named by its line
	{ cat "$T/one"; echo '{"e":"bf.decision"}'; } >"$T/changed"
	run --separate-stderr bf-risk replay --rules "$T/r.conf" "$T/changed"
	[ "$status" -ne 0 ]
	[[ $stderr == *"changed:2: n: missing or malformed"* ]]
}

@test "a block of yesterday does not outlive its rule, of all symbols or of one" {
	sim --mark ETHUSDT=3000
	rules '[volatility ETHUSDT]' 'max = 3' 'reason = too fast'
	order ETHUSDT BUY MARKET 1
	{ printf '{"e":"markPriceUpdate","E":%s,"s":"ETHUSDT","p":"%s"}\n' "$(now)" 2900 "$(now)" 3000; buy ETHUSDT 0.1; } >"$T/in"
	bf-risk --rules "$T/r.conf" --log "$T/log" <"$T/in" >"$T/out" 2>"$T/err" || true
	has "$(cat "$T/log")" '(.verdict.pass | not) and (.verdict.breaches | map(.rule) == ["blocked"]) and any(.world.symbols[]; .blocked)'
	same "$T/log"
	run bf-risk replay --max-lev 50 "$T/log"
	has "$(head -n 1 <<<"$output")" '.was == "reject" and .now == "pass"'
	# a rule that is there for another symbol only does not block this one
	rules '[volatility BTCUSDT]' 'max = 3' 'reason = too fast'
	run bf-risk replay --rules "$T/r.conf" "$T/log"
	has "$(head -n 1 <<<"$output")" '.was == "reject" and .now == "pass"'
}

@test "the flow of a live session, replayed on the account as it was, gives the decisions that were made" {
	sim --position BTCUSDT:0.1 --mark ETHUSDT=3000 --mark BTCUSDT=60000
	local p
	for p in account positionRisk; do printf '{"path":"/fapi/v3/%s","body":%s}\n' "$p" "$(signed GET "/fapi/v3/$p")"; done >"$T/account"
	for p in symbolConfig openOrders exchangeInfo leverageBracket; do printf '{"path":"/fapi/v1/%s","body":%s}\n' "$p" "$(signed GET "/fapi/v1/$p")"; done >>"$T/account"
	mkfifo "$T/in"
	bg "tee '$T/flow' <'$T/in' | bf-risk --max-lev 4 --limit order-notional=9000 --limit rate-minute=20 --log '$T/log' 2>'$T/err' | bf-order >'$T/done' 2>'$T/err2'"
	exec 8>"$T/in"
	bg "exec bf-stream markPrice user BTCUSDT ETHUSDT >'$T/in' 2>'$T/err3' 8>&-"
	wait_for grep -q '"s":"ETHUSDT"' "$T/flow"
	wait_for grep -q '"conn":"user[^}]*up' "$T/flow"
	local i
	for i in {1..14}; do
		if ((i == 5)); then buy BTCUSDT 0.2; elif ((i % 2)); then buy BTCUSDT 0.0$((i % 5 + 3)); else buy ETHUSDT "$((i % 4 + 1))"; fi >&8
		wait_for eval "[ \$(wc -l <'$T/log') -ge $i ]"
		if jq -e .verdict.pass <<<"$(tail -n 1 "$T/log")" >/dev/null; then
			wait_for eval "[ \$(grep -c '\"X\":\"FILLED\"' '$T/flow') -ge $(jq -c 'select(.verdict.pass)' "$T/log" | wc -l) ]"
		fi
	done
	exec 8>&-
	bf-risk replay --from "$T/account" --max-lev 4 --limit order-notional=9000 --limit rate-minute=20 --all "$T/flow" >"$T/replay" 2>"$T/err4" || { cat "$T/err4"; false; }
	jq -r '"\(.intent.symbol) \(.intent.quantity) \(if .verdict.pass then "pass" else "reject" end) \(.verdict.breaches | map(.rule) | join(","))"' "$T/log" >"$T/live"
	jq -r 'select(.intent) | "\(.intent.symbol) \(.intent.quantity) \(.now) \(.rules | map(.rule) | join(","))"' "$T/replay" >"$T/again"
	grep -q pass "$T/live" && grep -q max-lev "$T/live" && grep -q order-notional "$T/live"
	diff "$T/live" "$T/again"
}
