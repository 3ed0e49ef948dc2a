#!/usr/bin/env bats
# bf-risk: the rules file, options over it, decisions explained, and recorded flows under other rules.
# The account's figures are round: 10000 USDT, BTCUSDT at 60000, ETHUSDT at 3000.

setup() { load ../helper; load ../signed; home; CONF=$BATS_TEST_DIRNAME/../../examples/risk.conf; }
teardown() { home_end; }

now() { date +%s%3N; }
price() { printf '{"e":"markPriceUpdate","E":%s,"s":"%s","p":"%s"}\n' "${3:-$(now)}" "$1" "$2"; }
buy() { printf '{"symbol":"%s","side":"BUY","type":"MARKET","quantity":"%s"%s}\n' "$1" "$2" "${3:-}"; }
sell() { printf '{"symbol":"%s","side":"SELL","type":"MARKET","quantity":"%s"%s}\n' "$1" "$2" "${3:-}"; }

# rules LINES: a rules file at $T/r.conf.
rules() { printf '%s\n' "$@" >"$T/r.conf"; chmod 600 "$T/r.conf"; }
# refused WORDS ARGS...: bf-risk ends with 2 before anything else, and says WORDS.
refused() {
	local words=$1
	shift
	run --separate-stderr bf-risk "$@" </dev/null
	[ "$status" -eq 2 ] || { echo "$status: $stderr"; false; }
	[ -z "$output" ]
	[[ $stderr == *"$words"* ]] || { echo "no '$words' in: $stderr"; false; }
}
# asked PATH [QUERY]: one of the exchange's answers with its path, as --from reads it.
asked() { printf '{"path":"%s","body":%s}\n' "$1" "$(signed GET "$1" "${2:-}")"; }
# What --from needs to know of the account and its contracts.
answers() {
	local a=${1:-fapi}
	if [ "$a" = fapi ]; then
		asked /fapi/v3/account
		asked /fapi/v3/positionRisk
		asked /fapi/v1/symbolConfig
	else
		asked /dapi/v1/account
		asked /dapi/v1/positionRisk
	fi
	asked "/$a/v1/openOrders"
	asked "/$a/v1/exchangeInfo"
	asked "/$a/v1/leverageBracket"
}

@test "the example is a rules file, and --check shows all that holds, without a key" {
	run --separate-stderr bf-risk --rules "$CONF" --check
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	has "$output" '.e == "bf.rule" and .E > 1600000000000 and .rule and .from'
	has "$(jq -c 'select(.rule | IN("cost", "asset"))' <<<"$output")" '(.max | IN("10", "USDT")) and (.from | test("risk.conf:(11|13)$"))'
	has "$(jq -c 'select(.from != "default" and (.rule | IN("cost", "asset") | not))' <<<"$output")" '.reason and (.from | test("risk.conf:[0-9]+$"))'
	has "$(jq -c 'select(.rule == "max-lev")' <<<"$output")" '.max == "3" and .target == "2.5" and .unit == "times" and
		.action == "reduce" and .["on-breach"] == "reject"'
	has "$(jq -c 'select(.rule == "order-notional" and .symbol)' <<<"$output")" '.symbol == "BTCUSDT" and .max == "10000"'
	has "$(jq -c 'select(.rule == "daily-loss")' <<<"$output")" '.max == "3" and .unit == "percent" and .day == "UTC"'
	has "$(jq -c 'select(.rule == "account-age")' <<<"$output")" '.from == "default"'
	# every rule of the page is in it, but those that this file has no use for
	[ "$(jq -r .rule <<<"$output" | sort -u | wc -l)" -ge 25 ]
	cd "$BATS_TEST_DIRNAME/../.."
	run bf-risk --rules examples/risk.conf --check --output table
	[ "$status" -eq 0 ]
	# what holds is within 80 columns; where it is from, and why, is a table of its own
	[[ $output == *RULE*MAX*TARGET*RULE*FROM*REASON* ]]
	[ "$(sed '/^$/q' <<<"$output" | wc -L)" -le 80 ]
}

@test "the reason of a rule is in each refusal, with the value and the limit" {
	sim --position BTCUSDT:0.5
	rules '[max-lev]' 'max = 5' 'reason = because of the crash' '[order-notional]' 'max = 20000' 'reason = slip of the finger'
	run --separate-stderr bf-risk --rules "$T/r.conf" --cost 0 <<<"$(buy BTCUSDT 0.4)"
	[ "$status" -eq 1 ]
	[[ $output == *"because of the crash"* ]]
	[[ $stderr == *"because of the crash"* ]]
	has "$output" '.rule == "max-lev" and .limit == "5"'
	[[ $output$stderr == *"slip of the finger"* ]]	# all reasons, not the first alone
}

@test "a rules file that says anything wrong starts nothing, by file, line, rule, key and value" {
	local name text words
	while IFS='|' read -r name text words; do
		printf '%b' "$text" >"$T/$name.conf"
		chmod 600 "$T/$name.conf"
		refused "$name.conf:$words" --rules "$T/$name.conf" --check
		refused "$name.conf:$words" --rules "$T/$name.conf"
	done <<-'END'
	zero|[max-lev]\nmax = 0\nreason = x\n|2: max-lev: max 0: not a decimal above 0
	rule|[max-lew]\nmax = 5\nreason = x\n|1: [max-lew]: there is no such rule; near: max-lev
	key|[max-lev]\nmaxx = 5\nreason = x\n|2: max-lev: unknown key maxx; near: max
	reason|[max-lev]\nmax = 5\n|1: max-lev: reason: missing
	target|[max-lev]\nmax = 5\ntarget = 6\nreason = x\n|3: max-lev: target 6: above max 5
	percent|[margin-use]\nmax = 101\nreason = x\n|2: margin-use: max 101: not a decimal above 0 and up to 100
	steps|[volatility]\nsteps = 4:50 2:75\nreason = x\n|2: volatility: steps 4:50 2:75: the steps do not climb
	action|[drawdown]\nmax = 5\naction = reduce\nreason = x\n|3: drawdown: action reduce: this rule knows notice, block
	clip|[price-band]\nmax = 5\non-breach = clip\nreason = x\n|3: price-band: on-breach clip: no smaller quantity
	never|[rate-second]\nmax = 9\nreason = x\n[rate-minute]\nmax = 5\nreason = x\n|1: rate-second: max 9: above max 5
	nul|[max-lev]\nmax = 5\0\nreason = x\n|2: holds a NUL byte
	utf8|[max-lev]\nmax = 5\nreason = \0377\n|3: max-lev: reason \xff: holds a control character, or is not UTF-8
	zerowidth|[max\0342\0200\0213-lev]\nmax = 5\nreason = x\n|1: [max\u200b-lev]: there is no such rule
	fullwidth|[max-lev]\nmax = \0357\0274\0225\nreason = x\n|2: max-lev: max ５: not a decimal above 0
	symbols|[order-notional BTCUSDT ETHUSDT]\nmax = 5\nreason = x\n|1: order-notional: BTCUSDT ETHUSDT: more than one symbol
	again|[order-notional BTCUSDT]\nmax = 5\nreason = x\n[order-notional BTCUSDT]\nmax = 5\nreason = x\n|4: [order-notional BTCUSDT]: said twice, first in line 1
	keytwice|[max-lev]\nmax = 5\nmax = 6\nreason = x\n|3: max-lev: max: said twice
	before|max = 5\n|1: max: before the first [rule]
	behind|[max-lev] x\nmax = 5\nreason = x\n|1: something stands behind the ]
	indent|[max-lev]\nmax = 5\n 6\nreason = x\n|3: max-lev: an indented line continues
	twice|[max-lev]\nmax = 5\nreason = x\n[max-lev]\nmax = 5\nreason = x\n|4: [max-lev]: said twice, first in line 1
	END
	refused 'no such file' --rules "$T/none.conf"
	chmod 666 "$T/zero.conf"
	refused 'others may write it' --rules "$T/zero.conf"
	chmod 620 "$T/zero.conf"
	refused 'zero.conf' --rules "$T/zero.conf"
	ln -s "$CONF" "$T/link.conf"
	refused 'link.conf: is a symbolic link' --rules "$T/link.conf"
	refused "$T: not a regular file" --rules "$T" --check
	refused '/dev/zero: not a regular file' --rules /dev/zero --check
	yes '# more and more' | head -c 100000 >"$T/huge.conf"
	refused 'huge.conf: larger than 65536 bytes' --rules "$T/huge.conf" --check
	head -c 3000 /dev/urandom >"$T/binary.conf"
	refused binary.conf: --rules "$T/binary.conf"
	# CRLF, a byte order mark and a last line without its end mean what they look like
	printf '\xef\xbb\xbf[max-lev]\r\nmax = 5\r\nreason = Gr\xc3\xbc\xc3\x9fe' >"$T/dos.conf"
	has "$(bf-risk --rules "$T/dos.conf" --check | jq -c 'select(.rule == "max-lev")')" '.max == "5" and .reason == "Grüße" and (.from | endswith("dos.conf:1"))'
	printf '[max-lev]\nmax = 5\nreason = %0200d\n' 0 >"$T/long.conf"
	refused 'long.conf:3: the line is longer than 197 bytes' --rules "$T/long.conf"
}

@test "a section for a contract that does not exist is told of when it is to hold" {
	sim
	rules '[order-notional BTCUSTD]' 'max = 5' 'reason = x' '[symbols]' 'deny = ETHUSTD' 'reason = y' '[max-lev]' 'max = 5' 'reason = z'
	run --separate-stderr bf-risk --rules "$T/r.conf" </dev/null
	[ "$status" -eq 0 ]
	[[ $stderr == *"r.conf:1: [order-notional BTCUSTD]: no such contract is listed: the section holds nothing"* ]]
	[[ $stderr == *"symbols: deny ETHUSTD: no such contract is listed"* ]]
	[[ $stderr != *max-lev* ]]
}

@test "the age of the account follows from how often it is read, unless the file says it" {
	has "$(bf-risk --max-lev 5 --every 60 --check | jq -c 'select(.rule == "account-age")')" '.max == "130" and .from == "default"'
	rules '[account-age]' 'max = 7' 'reason = x'
	has "$(bf-risk --rules "$T/r.conf" --every 60 --check | jq -c 'select(.rule == "account-age")')" '.max == "7"'
}

@test "options tighten what the file says, and nothing else" {
	rules '[max-lev]' 'max = 5' 'reason = x' '[daily-loss]' 'max = 3%' 'reason = y' '[symbols]' 'allow = BTCUSDT ETHUSDT' 'reason = z'
	has "$(bf-risk --rules "$T/r.conf" --max-lev 4 --check | jq -c 'select(.rule == "max-lev")')" \
		'.max == "4" and .from == "option" and .reason == "x"'
	has "$(bf-risk --rules "$T/r.conf" --limit max-lev=4.5 --limit drawdown=10 --check | jq -c 'select(.rule | IN("max-lev", "drawdown"))')" \
		'.max == "4.5" or .max == "10"'
	has "$(bf-risk --rules "$T/r.conf" --daily-loss 2% --check | jq -c 'select(.rule == "daily-loss")')" '.max == "2"'
	has "$(bf-risk --rules "$T/r.conf" --limit symbols=ETHUSDT --check | jq -c 'select(.rule == "symbols")')" '.allow == ["ETHUSDT"]'
	refused 'looser than 5 of ' --rules "$T/r.conf" --max-lev 6 --check
	refused 'r.conf:1' --rules "$T/r.conf" --limit max-lev=6 --check
	refused 'looser than 3% of ' --rules "$T/r.conf" --daily-loss 4% --check
	refused 'say it alike' --rules "$T/r.conf" --daily-loss 100 --check
	refused 'SOLUSDT is not allowed' --rules "$T/r.conf" --limit symbols=SOLUSDT --check
	refused 'not a decimal above 0' --limit max-lev=0 --check
	refused 'there is no such rule; near: max-lev' --limit max-lew=5 --check
	refused 'not NAME=VALUE' --limit max-lev --check
}

@test "each decision is logged with what it rests on, and comes out the same again" {
	sim --position BTCUSDT:0.5
	{ buy BTCUSDT 0.2; buy BTCUSDT 0.2; sell ETHUSDT 1; sell BTCUSDT 0.1 ',"reduceOnly":"true"'; } >"$T/in"
	run --separate-stderr bf-risk --max-lev 5 --cost 0 --limit order-notional=20000 --log "$T/log" <"$T/in"
	[ "$status" -eq 1 ]
	has "$(jq -c 'select(.e == "bf.decision")' "$T/log")" '.by == "bf-risk" and .n > 0 and .intent and .verdict and .limits and .world'
	run --separate-stderr bf-risk explain "$T/log"
	[ "$status" -eq 0 ]
	has "$output" '.e == "bf.explain" and .same and .again == .verdict'
	has "$(jq -sc '.[1]' <<<"$output")" '.outcome == "reject" and any(.rules[]; .rule == "max-lev" and (.holds | not) and .limit == "5")'
	has "$(jq -sc '.[0]' <<<"$output")" '.outcome == "pass" and all(.rules[]; .holds) and
		any(.rules[]; .rule == "max-lev" and (.value | tonumber) == 4.2 and .limit == "5") and
		any(.rules[]; .rule == "order-notional" and (.value | tonumber) == 12000) and (.text | contains("max-lev: 4.2"))'
	# one by its number, from a pipe too
	local n
	n=$(jq -s '[.[] | select(.e == "bf.decision")][1].n' "$T/log")
	has "$(bf-risk explain --n "$n" <"$T/log")" ".n == $n and .outcome == \"reject\""
	run --separate-stderr bf-risk explain --n 99999 "$T/log"
	[ "$status" -eq 1 ]
	[[ $stderr == *"no decision number 99999"* ]]
}

@test "a record that was tampered with does not come out the same" {
	sim --position BTCUSDT:0.5
	bf-risk --max-lev 5 --cost 0 --log "$T/log" <<<"$(buy BTCUSDT 0.2)" >"$T/out"
	bf-risk explain "$T/log" >"$T/explain"
	jq -c 'select(.e == "bf.decision") | .intent.quantity = "0.9"' "$T/log" >"$T/more"
	run --separate-stderr bf-risk explain "$T/more"
	[ "$status" -eq 1 ]
	has "$output" '(.same | not) and .outcome == "reject" and .verdict.pass'
	jq -c 'select(.e == "bf.decision") | .verdict.pass = false' "$T/log" >"$T/verdict"
	run --separate-stderr bf-risk explain "$T/verdict"
	[ "$status" -eq 1 ]
	has "$output" '.same | not'
	jq -c 'select(.e == "bf.decision") | del(.world)' "$T/log" >"$T/less"
	run --separate-stderr bf-risk explain "$T/less"
	[ "$status" -eq 1 ]
	has "$output" '(.same | not) and (.text | contains("world"))'
	run --separate-stderr bf-risk explain <<<'{"e":"bf.deci'
	[ "$status" -eq 2 ]
	[[ $stderr == *"standard input:1:"* ]]
	run --separate-stderr bf-risk explain "$T/none"
	[ "$status" -eq 2 ]
}

@test "a log under tighter rules: what would have been blocked, and how much" {
	sim --position BTCUSDT:0.1
	{ buy BTCUSDT 0.2; buy BTCUSDT 0.1; sell ETHUSDT 1; } >"$T/in"
	bf-risk --max-lev 5 --cost 0 --log "$T/log" <"$T/in" >"$T/out"
	[ "$(wc -l <"$T/out")" -eq 3 ]
	run --separate-stderr bf-risk replay --cost 0 --limit max-lev=2 "$T/log"
	[ "$status" -eq 0 ]
	# 0.1 + 0.2 = 18000; + 0.1 = 24000; + 1 ETH = 27000
	has "$(jq -c 'select(.e == "bf.replay")' <<<"$output")" '.was == "pass" and .now == "reject" and
		.rules[0].rule == "max-lev" and .rules[0].limit == "2" and (.n | IN(2, 3))'
	[ "$(jq -c 'select(.e == "bf.replay")' <<<"$output" | wc -l)" -eq 2 ]
	has "$(tail -n 1 <<<"$output")" '.e == "bf.replay.summary" and .intents == 3 and .passed == {"then": 3, "now": 1} and
		.blocked == {"then": 0, "now": 2} and .rules == {"max-lev": 2} and (.notional.usdm | tonumber) == 9000'
	run --separate-stderr bf-risk replay --cost 0 --limit max-lev=2 --all "$T/log"
	[ "$(jq -c 'select(.e == "bf.replay")' <<<"$output" | wc -l)" -eq 3 ]
	# the same rules block nothing more
	run --separate-stderr bf-risk replay --cost 0 --limit max-lev=5 "$T/log"
	has "$output" '.e == "bf.replay.summary" and .blocked.now == 0'
	# and looser ones let through what was blocked
	bf-risk --max-lev 1 --cost 0 --log "$T/tight" <<<"$(buy BTCUSDT 0.2)" >"$T/out" || true
	run --separate-stderr bf-risk replay --cost 0 --limit max-lev=5 "$T/tight"
	has "$(head -n 1 <<<"$output")" '.was == "reject" and .now == "pass"'
}

@test "a raw flow on a recorded account: intents and marks, in the order of their time" {
	sim --position BTCUSDT:0.1
	answers >"$T/account"
	local t
	t=$(now)
	{ price BTCUSDT 60000 "$t"; buy BTCUSDT 0.2; price BTCUSDT 60000 $((t + 2000)); buy BTCUSDT 0.1; sell BTCUSDT 0.1 ',"reduceOnly":"true"'; } >"$T/flow"
	{ price ETHUSDT 3000 $((t + 1000)); sell ETHUSDT 1; } >"$T/eth"
	run --separate-stderr bf-risk replay --from "$T/account" --cost 0 --limit max-lev=2 "$T/flow" "$T/eth"
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	# 18000 at first; 1 ETH makes 21000, 0.1 BTC 24000
	has "$(jq -c 'select(.e == "bf.replay")' <<<"$output")" '.now == "reject" and .rules[0].rule == "max-lev"'
	[ "$(jq -c 'select(.e == "bf.replay") | .intent.symbol' <<<"$output" | tr -d '\n')" = '"ETHUSDT""BTCUSDT"' ]
	has "$(tail -n 1 <<<"$output")" '.e == "bf.replay.summary" and .intents == 4 and .exits == 1 and .blocked.now == 2 and
		(.notional.usdm | tonumber) == 9000'
	# without an account there is nothing to judge an intent on
	refused 'flow:2: an intent, and no account to judge it on: --from' replay --limit max-lev=2 "$T/flow"
	run --separate-stderr bf-risk replay --from "$T/none" --limit max-lev=2 "$T/flow"
	[ "$status" -ne 0 ]
	[[ $stderr == *none* ]]
	[ -z "$output" ]
}

@test "a raw flow as bf-stream records it; a stale price blocks" {
	sim --position BTCUSDT:0.1
	answers >"$T/account"
	local t
	t=$(now)
	{
		printf '{"recv":%s000,"stream":"btcusdt@markPrice","data":%s}\n' "$t" "$(price BTCUSDT 60000 "$t")"
		printf '{"recv":%s000,"stream":"","data":{"e":"bf.conn","conn":"x","state":"up"}}\n' "$((t + 20000))"
		buy BTCUSDT 0.01
	} >"$T/flow"
	run --separate-stderr bf-risk replay --from "$T/account" --max-lev 5 "$T/flow"
	[ "$status" -eq 0 ]
	has "$(head -n 1 <<<"$output")" '.now == "reject" and .rules[0].rule == "stale-mark"'
}

@test "a raw flow through the rules over events: what would have been done, and that it was enough" {
	sim --position BTCUSDT:0.8
	answers >"$T/account"
	local t i
	t=$(now)
	for ((i = 0; i < 20; i++)); do price BTCUSDT $((60000 - i * 150)) $((t + i * 1000)); done >"$T/flow"
	rules '[max-lev]' 'max = 5' 'target = 4' 'reason = x' '[drawdown]' 'max = 20' 'action = trip' 'reason = y'
	run --separate-stderr bf-risk replay --rules "$T/r.conf" --from "$T/account" "$T/flow"
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	# 59250 x 0.8 / 9400 = 5.04: the first mark below 5 x equity is 59400 (47520 / 9520 = 4.99), then 59250
	has "$(jq -c 'select(.action.side)' <<<"$output" | head -n 1)" \
		'.action.symbol == "BTCUSDT" and .action.side == "SELL" and .action.rule == "max-lev"'
	has "$(tail -n 1 <<<"$output")" '.actions.reductions == 1 and .actions.trips == 0'
	# the same fall ten times as deep trips the latch: then no new risk passes
	{ for ((i = 0; i < 20; i++)); do price BTCUSDT $((60000 - i * 400)) $((t + i * 1000)); done; buy BTCUSDT 0.001; } >"$T/deep"
	rules '[drawdown]' 'max = 20' 'action = trip' 'reason = y'
	run --separate-stderr bf-risk replay --rules "$T/r.conf" --from "$T/account" "$T/deep"
	[ "$status" -eq 0 ]
	has "$(jq -c 'select(.action.action == "trip" and .action.why)' <<<"$output")" 'true'
	has "$(jq -c 'select(.intent)' <<<"$output")" '.now == "reject" and any(.rules[]; .rule == "kill-latch")'
	has "$(tail -n 1 <<<"$output")" '.actions.trips == 1'
}

@test "a raw COIN-M flow: contracts, values in USD" {
	sim --balance coinm.BTC=1 --position BTCUSD_PERP:10
	answers dapi >"$T/account"
	{ price BTCUSD_PERP 60000; buy BTCUSD_PERP 5; buy BTCUSD_PERP 50; } >"$T/flow"
	run --separate-stderr bf-risk replay --from "$T/account" --limit order-notional=1000 "$T/flow"
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	has "$(jq -c 'select(.intent)' <<<"$output")" '.intent.quantity == "50" and .now == "reject" and
		any(.rules[]; .rule == "order-notional" and (.value | tonumber) == 5000)'
	has "$(tail -n 1 <<<"$output")" '(.notional.coinm | tonumber) == 5000'
}

@test "a full disk is an error of each verb, not silence" {
	run sh -c 'bf-risk --rules "$1" --check >/dev/full' sh "$CONF"
	[ "$status" -eq 8 ]
	run sh -c 'echo "{}" | bf-risk replay --max-lev 5 >/dev/full'
	[ "$status" -eq 8 ]
}
