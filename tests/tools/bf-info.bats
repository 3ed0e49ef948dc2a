#!/usr/bin/env bats
# bf-info against bf-sim.

setup() { load ../helper; load ../signed; home; }
teardown() { home_end; }

# contracts: how many the exchange has.
contracts() { curl -sS --noproxy '*' "$SIM_REST/fapi/v1/exchangeInfo" | jq '.symbols | length'; }

@test "symbols lists the contracts as exchangeInfo has them" {
	sim
	run --separate-stderr bf-info symbols
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	has "$output" '.symbol and .status and .filters and (has("e") | not)'
	[[ $(jq -r .symbol <<<"$output") == BTCUSDT$'\n'*测试USDT* ]]
	curl -sS --noproxy '*' "$SIM_REST/fapi/v1/exchangeInfo" | jq -S '.symbols[]' >"$T/theirs"
	jq -S . <<<"$output" | cmp - "$T/theirs"
}

@test "symbols with names lists those only" {
	sim
	run --separate-stderr bf-info symbols ETHUSDT BTCUSDT
	[ "$status" -eq 0 ]
	[ "$(jq -r .symbol <<<"$output" | sort | tr '\n' ' ')" = "BTCUSDT ETHUSDT " ]
}

@test "the page's example: all contracts that trade" {
	sim
	run --separate-stderr bf-info symbols --jq 'select(.status == "TRADING").symbol'
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq "$(contracts)" ]
	[[ $output == *'"BTCUSDT"'* ]]
}

@test "filters flattens the rules an order must keep" {
	sim
	run --separate-stderr bf-info filters BTCUSDT
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	has "$output" '.e == "bf.filters" and .symbol == "BTCUSDT" and .status == "TRADING" and (.E | type) == "number"'
	has "$output" '.tickSize == "0.10" and .stepSize == "0.001" and .minQty == "0.001" and .maxQty == "1000"'
	has "$output" '.marketMaxQty == "120" and (.minNotional | tonumber) == 50 and .maxNumOrders == 200'
	has "$output" '(.multiplierUp | tonumber) == 1.05 and (.multiplierDown | tonumber) == 0.95'
}

@test "filters takes several symbols, and needs one" {
	sim
	run --separate-stderr bf-info filters DOGEUSDT ETHUSDT --jq .symbol
	[ "$status" -eq 0 ]
	[ "$output" = $'"DOGEUSDT"\n"ETHUSDT"' ]
	run --separate-stderr bf-info filters
	[ "$status" -eq 2 ]
	[[ $stderr == *"bf-info filters BTCUSDT"* ]]
}

@test "brackets are the exchange's tiers, each with its symbol" {
	sim
	run --separate-stderr bf-info brackets BTCUSDT
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 12 ]
	has "$output" '.symbol == "BTCUSDT" and .initialLeverage >= 1 and (.maintMarginRatio | type) == "number"'
	has "${lines[0]}" '.bracket == 1 and .initialLeverage == 125 and .notionalFloor == 0 and .notionalCap == 50000 and .maintMarginRatio == 0.004'
	# cum_2 = 50000 x (0.5 % - 0.4 %)
	has "${lines[1]}" '.bracket == 2 and .notionalFloor == 50000 and .cum == 50'
}

@test "brackets wants a chosen profile: exit 2 and how to choose; nothing is sent" {
	unset BF_PROFILE
	run --separate-stderr bf-info brackets BTCUSDT
	[ "$status" -eq 2 ]
	[[ $stderr == *--profile* ]]
	[ -z "$output" ]
}

@test "brackets without a key in the profile is exit 2" {
	nobody keyless
	sed -i '/^key\|^secret/d' "$XDG_CONFIG_HOME/bf/profiles/keyless"
	run --separate-stderr bf-info --profile keyless brackets BTCUSDT
	[ "$status" -eq 2 ]
}

@test "mark of one symbol, and of all" {
	sim --mark BTCUSDT=61234.5
	run --separate-stderr bf-info mark BTCUSDT
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	has "$output" '.symbol == "BTCUSDT" and (.markPrice | tonumber) == 61234.5 and .nextFundingTime > .time and (.lastFundingRate | type) == "string"'
	run --separate-stderr bf-info mark
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq "$(contracts)" ]
	run --separate-stderr bf-info mark SOLUSDT ETHUSDT --jq '.markPrice | tonumber | floor'
	[ "$output" = $'150\n3000' ]
}

@test "funding: what no list tells of a contract is null, not a default" {
	sim
	run --separate-stderr bf-info funding BTCUSDT
	[ "$status" -eq 0 ]
	has "$output" '.e == "bf.funding" and .symbol == "BTCUSDT" and .lastFundingRate and .nextFundingTime > 0 and (.markPrice | tonumber) == 60000'
	has "$output" '.fundingIntervalHours == 8 and .adjustedFundingRateCap == "0.00300000"'
	run --separate-stderr bf-info funding
	[ "${#lines[@]}" -eq "$(contracts)" ]
	# a delivery contract has none
	has "$(grep '"symbol":"BTCUSDT_' <<<"$output")" 'has("fundingIntervalHours") and .fundingIntervalHours == null
	    and .adjustedFundingRateCap == null and .nextFundingTime == 0'
}

@test "an unknown symbol is exit 1, and names what comes near" {
	sim
	local what
	for what in symbols filters mark funding brackets; do
		run --separate-stderr bf-info "$what" BTCUSD
		[ "$status" -eq 1 ] || { echo "$what: $status"; false; }
		[ -z "$output" ]
		[[ $stderr == *BTCUSD*BTCUSDT* ]]
	done
	run --separate-stderr bf-info filters btcusdt		# symbols are case-sensitive
	[ "$status" -eq 1 ]
	[[ $stderr == *BTCUSDT* ]]
}

@test "the rules are asked for once, then read from the cache; --refresh asks anew" {
	sim
	bf-info filters BTCUSDT >"$T/first"
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq 1 ]
	bf-info filters BTCUSDT >"$T/second"
	bf-info symbols >/dev/null
	bf-info mark ETHUSDT >/dev/null
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq 1 ]
	cmp <(jq 'del(.E)' "$T/first") <(jq 'del(.E)' "$T/second")
	bf-info --refresh filters BTCUSDT >/dev/null
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq 2 ]
	bf-info --refresh symbols BTCUSDT >/dev/null
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq 3 ]
}

@test "a symbol the cache does not know is looked up anew before it is called unknown" {
	sim
	bf-info symbols >/dev/null
	run --separate-stderr bf-info filters XRPUSDT
	[ "$status" -eq 1 ]
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq 2 ]
}

@test "an old cache is not used, and a damaged one is fetched anew" {
	local cache=$XDG_CACHE_HOME/bf/sim/exchangeInfo.json
	sim
	bf-info symbols >/dev/null
	touch -d '2 hours ago' "$cache"
	bf-info symbols >/dev/null
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq 2 ]
	head -c 1000 "$cache" >"$cache.cut"
	mv "$cache.cut" "$cache"
	run --separate-stderr bf-info filters BTCUSDT
	[ "$status" -eq 0 ]
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq 3 ]
}

@test "the cache is of one simulator: another one under its name is asked anew" {
	sim
	bf-info symbols >/dev/null
	kill "$SIM_PID"
	wait "$SIM_PID" || true
	rm "$T/ledger.sim"
	sim
	bf-info symbols >/dev/null
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq 1 ]
}

@test "-o table is for people: headings, and a row a record" {
	sim
	run --separate-stderr bf-info -o table symbols
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq $(($(contracts) + 1)) ]
	[[ ${lines[0]} == SYMBOL*STATUS*MARGIN* ]]
	[[ $output == *"BTCUSDT"*TRADING*PERPETUAL* ]]
	run --separate-stderr bf-info -o table brackets DOGEUSDT
	[ "${#lines[@]}" -eq 11 ]
	[[ ${lines[1]} == *DOGEUSDT*75*10000* ]]
	run --separate-stderr bf-info -o table filters BTCUSDT
	[[ ${lines[0]} == *TICK*STEP* ]]
	[[ ${lines[1]} == *0.10* ]]
	run --separate-stderr bf-info -o table mark BTCUSDT
	[[ ${lines[1]} == BTCUSDT*60000* ]]
	run --separate-stderr bf-info -o table funding BTCUSDT
	[[ ${lines[1]} == BTCUSDT* ]]
}

@test "--jq: the page's example, and a filter that is wrong" {
	sim
	run --separate-stderr bf-info filters BTCUSDT --jq .tickSize
	[ "$status" -eq 0 ]
	[ "$output" = '"0.10"' ]
	run --separate-stderr bf-info filters BTCUSDT --jq '.['
	[ "$status" -eq 2 ]
}

@test "public data needs no key" {
	sim
	sed -i '/^key\|^secret/d' "$XDG_CONFIG_HOME/bf/profiles/sim"
	run --separate-stderr bf-info mark BTCUSDT
	[ "$status" -eq 0 ]
	run --separate-stderr bf-info symbols
	[ "$status" -eq 0 ]
	run --separate-stderr bf-info funding
	[ "$status" -eq 0 ]
}

@test "a refused key is exit 5" {
	sim
	sed -i 's/^secret *=.*/secret = 00000000000000000000000000000000/' "$XDG_CONFIG_HOME/bf/profiles/sim"
	run --separate-stderr bf-info brackets BTCUSDT
	[ "$status" -eq 5 ]
	[ -z "$output" ]
}

@test "nobody there: exit 3" {
	nobody none
	local what
	for what in symbols 'filters BTCUSDT' 'brackets BTCUSDT' mark funding; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info --profile none $what
		[ "$status" -eq 3 ] || { echo "$what: $status"; false; }
		[ -z "$output" ]
	done
}

@test "HTML and 503 in place of an answer: exit 3" {
	sim --fault 'on GET /fapi/v1/exchangeInfo: reply=200/html' --fault 'on GET /fapi/v1/premiumIndex: reply=503/svc'
	run --separate-stderr bf-info symbols
	[ "$status" -eq 3 ]
	run --separate-stderr bf-info mark
	[ "$status" -eq 3 ]
	[ -z "$output" ]
}

@test "a read that got 503 once is asked again" {
	sim --fault 'on GET /fapi/v1/premiumIndex#1: reply=503/svc'
	run --separate-stderr bf-info mark BTCUSDT
	[ "$status" -eq 0 ]
	[ "$(seen GET /fapi/v1/premiumIndex)" -eq 2 ]
}

@test "a full disk is exit 8" {
	sim
	local what
	for what in symbols 'filters BTCUSDT' 'brackets BTCUSDT' mark funding '-o table mark'; do
		run sh -c "bf-info $what >/dev/full"
		[ "$status" -eq 8 ] || { echo "$what: $status"; false; }
	done
}

@test "without a subcommand, or with a wrong one, it says which there are" {
	run --separate-stderr bf-info
	[ "$status" -eq 2 ]
	[[ $stderr == *--help* ]]
	run --separate-stderr bf-info prices
	[ "$status" -eq 2 ]
	[[ $stderr == *prices*symbols*funding* ]]
}
