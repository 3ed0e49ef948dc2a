#!/usr/bin/env bats
# bf-info against bf-sim.

setup() { load ../helper; load ../signed; home; }
teardown() { home_end; }

# ask PATH: what the exchange itself answers.
ask() { curl -sS --noproxy '*' "$SIM_REST$1"; }
# contracts [fapi|dapi]: how many the exchange has.
contracts() { ask "/${1:-fapi}/v1/exchangeInfo" | jq '.symbols | length'; }
# delivery [fapi|dapi]: its contract with a date.
delivery() { ask "/${1:-fapi}/v1/exchangeInfo" | jq -r '.symbols[] | select(.contractType == "CURRENT_QUARTER").symbol'; }

# as_asked PATH WORDS...: bf-info prints just what PATH answers, arrays split.
as_asked() {
	local path=$1
	shift
	bf-info "$@" >"$T/ours" || { echo "$*: exit $?" >&2; return 1; }
	ask "$path" >"$T/answer"
	is 'type == "object" or length > 0' <"$T/answer"
	jq -cS 'if type == "array" then .[] else . end' "$T/answer" >"$T/theirs"
	jq -cS . "$T/ours" | diff "$T/theirs" - >&2 || { echo "$*: not what $path says" >&2; return 1; }
}
# act ACTION...: done by the exchange at once.
act() { printf '%s\n' "$@" | curl -sS --noproxy '*' --data-binary @- "$SIM_REST/sim/v1/do" | is '.ok'; }
# weight: what this machine has used of the minute, by the exchange's count.
weight() { curl -sS --noproxy '*' -o /dev/null -D - "$SIM_REST/fapi/v1/ping" | tr -d '\r' | awk 'tolower($1) == "x-mbx-used-weight-1m:" { print $2 }'; }

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
	[[ $stderr == *"filters needs SYMBOL ...; see bf-info --help"* ]]
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
	    and .adjustedFundingRateCap == null and has("nextFundingTime") and .nextFundingTime == null'
	run --separate-stderr bf-info --market coinm funding
	[ "${#lines[@]}" -eq "$(contracts dapi)" ]
	# COIN-M's deliveries have "" for a rate: null in a record of ours
	has "$(grep "\"$(delivery dapi)\"" <<<"$output")" 'has("lastFundingRate") and .lastFundingRate == null and .nextFundingTime == null'
	has "$(grep '"BTCUSD_PERP"' <<<"$output")" '.lastFundingRate == "0.00010000" and .nextFundingTime > 0 and .fundingIntervalHours == 8'
}

@test "an unknown symbol is exit 1, and names what comes near" {
	sim
	local what
	for what in symbols filters mark funding brackets fees price ticker bookTicker book trades openInterest \
		insurance adl indexInfo tradingStatus; do
		run --separate-stderr bf-info "$what" BTCUSD
		[ "$status" -eq 1 ] || { echo "$what: $status"; false; }
		[ -z "$output" ]
		[[ $stderr == *BTCUSD*BTCUSDT*BTCUSD_PERP* ]] || { echo "$what: $stderr"; false; }
	done
	run --separate-stderr bf-info --market usdm mark BTCUSD_PER
	[ "$status" -eq 1 ]
	[[ $stderr == *BTCUSD_PER* && $stderr != *BTCUSD_PERP* ]]
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
	[[ $stderr == *prices*price*--help* ]]
	run --separate-stderr bf-info zzz
	[ "$status" -eq 2 ]
	[[ $stderr == *zzz*--help* ]]
}

# --- every listing on both markets, against the exchange's own answer ---

@test "one symbol: the record is the exchange's answer, byte for value; COIN-M's array of one is split" {
	sim --clock step --balance coinm.BTC=1
	local row verb path
	signed POST /fapi/v1/order "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01" | is .orderId
	signed POST /dapi/v1/order "symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=1" | is .orderId
	for row in mark=premiumIndex ticker=ticker/24hr bookTicker=ticker/bookTicker openInterest=openInterest \
		trades=trades; do
		verb=${row%=*} path=${row#*=}
		as_asked "/fapi/v1/$path?symbol=BTCUSDT" "$verb" BTCUSDT
		as_asked "/dapi/v1/$path?symbol=BTCUSD_PERP" "$verb" BTCUSD_PERP
		[ "$(wc -l <"$T/ours")" -eq 1 ]
	done
	as_asked "/fapi/v1/depth?symbol=ETHUSDT&limit=10" book ETHUSDT
	as_asked "/dapi/v1/depth?symbol=ETHUSD_PERP&limit=50" book ETHUSD_PERP --limit 50
	as_asked "/fapi/v1/constituents?symbol=BTCUSDT" constituents BTCUSDT
	as_asked "/dapi/v1/constituents?symbol=BTCUSD" constituents BTCUSD
	as_asked "/fapi/v1/insuranceBalance?symbol=BTCUSDC" insurance BTCUSDC
	as_asked "/fapi/v1/symbolAdlRisk?symbol=BTCUSDT" adl BTCUSDT
	as_asked "/fapi/v1/assetIndex?symbol=BTCUSD" assetIndex BTCUSD
	as_asked /fapi/v1/tradingSchedule schedule
}

@test "without a symbol: all of the market" {
	sim --clock step
	local row verb path
	for row in mark=premiumIndex ticker=ticker/24hr bookTicker=ticker/bookTicker; do
		verb=${row%=*} path=${row#*=}
		as_asked "/fapi/v1/$path" "$verb"
		[ "$(wc -l <"$T/ours")" -eq "$(contracts)" ]
		as_asked "/dapi/v1/$path" --market coinm "$verb"
		[ "$(wc -l <"$T/ours")" -eq "$(contracts dapi)" ]
	done
	as_asked /fapi/v1/insuranceBalance insurance
	as_asked /fapi/v1/symbolAdlRisk adl
	as_asked /fapi/v1/assetIndex assetIndex
	ask /dapi/v1/exchangeInfo | jq -cS '.symbols[]' >"$T/theirs"
	bf-info --market coinm symbols | jq -cS . | cmp - "$T/theirs"
	ask /dapi/v1/exchangeInfo | jq -cS '.rateLimits[]' >"$T/theirs"
	bf-info --market coinm limits | jq -cS . | cmp - "$T/theirs"
	bf-info limits | has "$(cat)" '.rateLimitType and .limit > 0'
}

@test "with a key: brackets and fees of both markets" {
	sim
	signed GET /fapi/v1/commissionRate symbol=BTCUSDT | jq -S . >"$T/theirs"
	bf-info fees BTCUSDT | jq -S . | cmp - "$T/theirs"
	signed GET /dapi/v1/commissionRate symbol=BTCUSD_PERP | jq -S . >"$T/theirs"
	bf-info fees BTCUSD_PERP | jq -S . | cmp - "$T/theirs"
	signed GET /dapi/v2/leverageBracket symbol=BTCUSD_PERP |
		jq -cS '.[0] | .symbol as $s | .brackets[] | {symbol: $s} + .' >"$T/theirs"
	bf-info brackets BTCUSD_PERP | jq -cS . | cmp - "$T/theirs"
	has "$(cat "$T/theirs")" '.symbol == "BTCUSD_PERP" and has("qtylFloor") and has("qtyCap")'
	signed GET /fapi/v1/leverageBracket | jq -cS '.[] | .symbol as $s | .brackets[] | {symbol: $s} + .' >"$T/theirs"
	bf-info brackets | jq -cS . | cmp - "$T/theirs"
}

@test "tradingStatus: what restricts the account, of all and of one symbol; a table has a row each" {
	sim --fault 'sim indicator=UFR BTCUSDT value=0.996 trigger=0.995 for=1h' \
		--fault 'sim indicator=GCR BTCUSDT value=0.5' --fault 'sim indicator=TMV value=10 trigger=9'
	signed GET /fapi/v1/apiTradingStatus >"$T/theirs"
	bf-info tradingStatus >"$T/ours"
	cmp <(jq -S .indicators "$T/ours") <(jq -S .indicators "$T/theirs")
	has "$(cat "$T/ours")" '(.indicators | keys) == ["ACCOUNT", "BTCUSDT"] and (.indicators.BTCUSDT | map([.indicator, .isLocked])) ==
	    [["UFR", true], ["GCR", false]] and .indicators.BTCUSDT[0].plannedRecoverTime > .updateTime + 3000000'
	has "$(bf-info apitradingstatus BTCUSDT)" '(.indicators | keys) == ["BTCUSDT"]'
	has "$(bf-info tradingStatus ETHUSDT)" '.indicators == {}'
	run --separate-stderr bf-info -o table tradingStatus
	[ "$status" -eq 0 ]
	[[ ${lines[0]} =~ ^SYMBOL\ +INDICATOR\ +VALUE\ +TRIGGER\ +LOCKED\ +UNTIL$ ]]
	[ "$(sed 1d <<<"$output" | awk '{ print $1, $2, $3, $4, $5, ($6 ~ /^20..-..-..$/) }')" = \
		$'ACCOUNT TMV 10 9 true 1\nBTCUSDT UFR 0.996 0.995 true 1\nBTCUSDT GCR 0.5 0.99 false 1' ]
	run --separate-stderr bf-info --market coinm tradingStatus
	[ "$status" -eq 2 ]
	[[ $stderr == *tradingStatus* ]]
}

@test "a delivered contract's price, of USDⓈ-M" {
	sim --clock step
	local q
	q=$(delivery)
	run --separate-stderr bf-info deliveryPrice BTCUSDT
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	act "settle=60100 $q"
	as_asked "/futures/data/delivery-price?pair=BTCUSDT" deliveryPrice BTCUSDT
	has "$(cat "$T/ours")" '.deliveryPrice == 60100'
	bf-info --refresh deliveryPrice "$q" | jq -cS . | cmp - "$T/theirs"	# a symbol is taken for its pair
	run --separate-stderr bf-info -o table deliveryPrice BTCUSDT
	[[ ${lines[1]} =~ ^20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]\ 08:00:00\ +60100$ ]]
}

@test "what a market does not have is refused by name, and nothing is sent" {
	sim
	local what
	for what in insurance adl schedule assetIndex indexInfo 'adl BTCUSD_PERP' 'insurance BTCUSD_PERP' \
		'deliveryPrice BTCUSD'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info --market coinm $what
		[ "$status" -eq 2 ] || { echo "$what: $status"; false; }
		[[ $stderr == *"${what%% *}"*USD*COIN-M* ]] || { echo "$stderr"; false; }
		[ -z "$output" ]
	done
	[ "$(jq -s '[.[] | select(.what == "request" and (.path | test("exchangeInfo") | not))] | length' "$T/ledger")" -eq 0 ]
	run --separate-stderr bf-info adl BTCUSD_PERP	# the same where the symbol chose the market
	[ "$status" -eq 2 ]
	[[ $stderr == *adl*COIN-M* ]]
}

# --- which market ---

@test "without --market a symbol that only COIN-M has picks it; both in one command work" {
	sim
	run --separate-stderr bf-info mark BTCUSD_PERP ETHUSDT ETHUSD_PERP BTCUSDT --jq .symbol
	[ "$status" -eq 0 ]
	[ "$output" = $'"BTCUSD_PERP"\n"ETHUSDT"\n"ETHUSD_PERP"\n"BTCUSDT"' ]
	[ "$(seen GET /fapi/v1/premiumIndex)" -eq 2 ]
	[ "$(seen GET /dapi/v1/premiumIndex)" -eq 2 ]
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq 1 ]
	[ "$(seen GET /dapi/v1/exchangeInfo)" -eq 1 ]
	bf-info filters BTCUSD_PERP | is '.tickSize == "0.1" and .stepSize == "1" and .contractSize == "100" and .minNotional == null'
	bf-info filters BTCUSDT | is 'has("contractSize") and .contractSize == null'
	bf-info symbols ETHUSD_PERP BTCUSDT --jq .symbol >"$T/out"
	[ "$(cat "$T/out")" = $'"BTCUSDT"\n"ETHUSD_PERP"' ]
	# both caches know their symbols: nothing was asked again
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq 1 ]
	[ "$(seen GET /dapi/v1/exchangeInfo)" -eq 1 ]
}

@test "COIN-M is not asked for what USDⓈ-M has" {
	sim
	bf-info mark BTCUSDT >/dev/null
	bf-info symbols >/dev/null
	[ "$(seen GET /dapi/v1/exchangeInfo)" -eq 0 ]
}

@test "--market is that one only" {
	sim
	run --separate-stderr bf-info --market usdm mark BTCUSD_PERP
	[ "$status" -eq 1 ]
	[ "$(seen GET /dapi/v1/exchangeInfo)" -eq 0 ]
	run --separate-stderr bf-info --market coinm mark BTCUSDT
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[ "$(seen GET /fapi/v1/premiumIndex)" -eq 0 ]
	run --separate-stderr bf-info --market spot mark BTCUSDT
	[ "$status" -eq 2 ]
}

@test "COIN-M out of reach: a symbol that USDⓈ-M does not have is not called unknown" {
	sim --fault 'on GET /dapi/v1/exchangeInfo: reply=503/svc'
	run --separate-stderr bf-info mark BTCUSD_PERP
	[ "$status" -eq 3 ]
	[[ $stderr == *BTCUSD_PERP*COIN-M*asked* ]]
	run --separate-stderr bf-info mark BTCUSDT
	[ "$status" -eq 0 ]
}

@test "a symbol of letters that are not ASCII is asked for as it is" {
	sim
	run --separate-stderr bf-info bookTicker 测试USDT --jq .symbol
	[ "$status" -eq 0 ]
	[ "$output" = '"测试USDT"' ]
}

# --- records of our own ---

@test "price: last, mark and index, and how far they are apart" {
	sim --clock step --synthetic --seed 7
	curl -sS --noproxy '*' -X POST "$SIM_REST/sim/v1/clock?step=10m" | is .ok
	ask "/fapi/v1/premiumIndex?symbol=BTCUSDT" >"$T/mark"
	ask "/fapi/v2/ticker/price?symbol=BTCUSDT" >"$T/last"
	run --separate-stderr bf-info price BTCUSDT
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	is --slurpfile m "$T/mark" --slurpfile l "$T/last" '.e == "bf.price" and .symbol == "BTCUSDT" and (.E | type) == "number" and
	    .lastPrice == $l[0].price and .markPrice == $m[0].markPrice and .indexPrice == $m[0].indexPrice and
	    .lastTime == $l[0].time and .markTime == $m[0].time' <<<"$output"
	is '(.lastPrice | tonumber) as $l | (.markPrice | tonumber) as $m | (.indexPrice | tonumber) as $i |
	    def near($a; $b): ($a - $b) * ($a - $b) < 0.0001;
	    near(.lastMinusMark | tonumber; $l - $m) and near(.lastMinusMarkBps | tonumber; ($l - $m) / $m * 10000) and
	    near(.markMinusIndex | tonumber; $m - $i) and near(.markMinusIndexBps | tonumber; ($m - $i) / $i * 10000) and
	    near(.basis | tonumber; $l - $i) and near(.basisBps | tonumber; ($l - $i) / $i * 10000)' <<<"$output"
	run --separate-stderr bf-info price BTCUSD_PERP ETHUSDT
	[ "$(jq -r .symbol <<<"$output")" = $'BTCUSD_PERP\nETHUSDT' ]
	[ "$(bf-info price | wc -l)" -eq "$(contracts)" ]
	[ "$(bf-info --market coinm price | wc -l)" -eq "$(contracts dapi)" ]
}

@test "numbers in strange dress: raw records keep it, our own are plain or null" {
	sim --clock step --fault 'sim numbers=hostile'
	as_asked "/fapi/v1/premiumIndex?symbol=BTCUSDT" mark BTCUSDT
	as_asked "/fapi/v1/ticker/24hr" ticker
	grep -q 'E-' "$T/ours"
	for what in price funding '--market coinm price' '--market coinm funding'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info $what
		[ "$status" -eq 0 ]
		has "$output" '[to_entries[] | select(.key | IN("e", "E", "symbol") | not) | .value] |
		    all(. == null or type == "number" or test("^-?[0-9]+([.][0-9]+)?$"))'
	done
	run --separate-stderr bf-info price BTCUSDT
	has "$output" '(.lastPrice | tonumber) == 60000 and (.markPrice | tonumber) == 60000 and (.basisBps | tonumber) == 0'
	for what in symbols filters\ BTCUSDT brackets\ BTCUSDT fees\ BTCUSDT price mark ticker bookTicker funding book\ BTCUSDT \
		trades\ BTCUSDT openInterest\ BTCUSDT insurance adl schedule constituents\ BTCUSDT assetIndex; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info -o table $what
		[ "$status" -eq 0 ] || { echo "$what: $stderr"; false; }
		! grep -qE '[0-9]E-[0-9]|(^| )-0([.]0*)?( |$)' <<<"$output" || { echo "$what: $output"; false; }
	done
}

# --- choosing, options ---

@test "symbols by status, type and quote; capitals do not matter, a slip is refused" {
	sim
	[ "$(bf-info symbols --quote USDC --jq .symbol)" = '"BTCUSDC"' ]
	[ "$(bf-info symbols --quote usdt --type current_quarter --jq .symbol)" = "\"$(delivery)\"" ]
	[ "$(bf-info symbols --status TRADING | wc -l)" -eq "$(contracts)" ]
	[ "$(bf-info --market coinm symbols --status TRADING | wc -l)" -eq "$(contracts dapi)" ]
	[ "$(bf-info --market coinm symbols --type PERPETUAL --jq .symbol)" = $'"BTCUSD_PERP"\n"ETHUSD_PERP"' ]
	run --separate-stderr bf-info symbols --status SETTLING		# there are none now: that is an answer
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run --separate-stderr bf-info symbols --status TRADNG
	[ "$status" -eq 2 ]
	[[ $stderr == *--status*TRADNG*TRADING* ]]
	run --separate-stderr bf-info symbols --quote EUR
	[ "$status" -eq 2 ]
	[[ $stderr == *--quote*EUR*USDT*USDC* ]]
}

@test "--limit: the levels there are, the nearest named" {
	sim
	[ "$(bf-info book BTCUSDT | jq '.bids | length')" -eq 10 ]
	[ "$(bf-info book BTCUSDT --limit 5 | jq '.asks | length')" -eq 5 ]
	run --separate-stderr bf-info book BTCUSDT --limit 30
	[ "$status" -eq 2 ]
	[[ $stderr == *--limit*30*"nearest 50"* ]]
	run --separate-stderr bf-info book BTCUSDT --limit 5000
	[ "$status" -eq 2 ]
	[[ $stderr == *"nearest 1000"* ]]
	run --separate-stderr bf-info trades BTCUSDT --limit 1001
	[ "$status" -eq 2 ]
	[[ $stderr == *"nearest 1000"* ]]
	for n in 0 -1 x 1.5 ''; do
		run --separate-stderr bf-info book BTCUSDT --limit "$n"
		[ "$status" -eq 2 ] || { echo "$n: $status"; false; }
	done
	[ "$(seen GET /fapi/v1/depth)" -eq 2 ]
}

@test "an option that a listing does not take is refused, not passed over" {
	sim
	local row
	for row in 'mark --limit 5' 'book BTCUSDT --status TRADING' 'symbols --since -7d' 'ticker --save x' 'funding --plot' \
		'price --every 5' 'price --count 2' 'mark --period 5m' 'mark --contract PERPETUAL'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info $row
		[ "$status" -eq 2 ] || { echo "$row: $status"; false; }
		[[ $stderr == *--*"${row%% *}"* ]] || { echo "$row: $stderr"; false; }
	done
	[ ! -s "$T/ledger" ] || [ "$(jq -s '[.[] | select(.what == "request")] | length' "$T/ledger")" -eq 0 ]
}

@test "too few words, or too many" {
	sim
	local what
	for what in filters fees openInterest book trades constituents deliveryPrice 'book BTCUSDT ETHUSDT' \
		'trades BTCUSDT ETHUSDT' 'deliveryPrice BTCUSDT ETHUSDT' 'schedule now' 'limits all'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info $what
		[ "$status" -eq 2 ] || { echo "$what: $status"; false; }
		[[ $stderr =~ "${what%% *} "(needs|takes) ]] || { echo "$what: $stderr"; false; }
	done
}

@test "the exchange's own names are taken too, in any capitals" {
	sim --clock step
	as_asked "/fapi/v1/premiumIndex?symbol=BTCUSDT" premiumIndex BTCUSDT
	as_asked "/fapi/v1/depth?symbol=BTCUSDT&limit=10" depth BTCUSDT
	as_asked "/fapi/v1/ticker/24hr?symbol=BTCUSDT" ticker/24hr BTCUSDT
	as_asked "/fapi/v1/ticker/bookTicker?symbol=BTCUSDT" bookticker BTCUSDT
	as_asked "/fapi/v1/symbolAdlRisk" symbolAdlRisk
}

@test "an index that is none, and a contract without a composite index, are told" {
	sim
	run --separate-stderr bf-info assetIndex FOO
	[ "$status" -eq 1 ]
	[[ $stderr == *assetIndex*FOO*-1121* ]]
	run --separate-stderr bf-info indexInfo BTCUSDT
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *BTCUSDT*composite* ]]
}

# --- weights ---

@test "the weight taken is what the exchange counts" {
	sim --clock step	# or a minute ends, and its count, while one is looked at
	local row before
	bf-info symbols >/dev/null
	bf-info --market coinm symbols >/dev/null
	# words = weight by the exchange's documents
	while IFS='=' read -r words want; do
		before=$(weight)
		# shellcheck disable=SC2086
		bf-info $words >/dev/null
		[ $(($(weight) - before - 1)) -eq "$want" ] || { echo "$words: $(($(weight) - before - 2)), not $want"; false; }
	done <<-'EOF'
	mark BTCUSDT=1
	mark=10
	mark BTCUSD_PERP=10
	ticker BTCUSDT=1
	ticker=40
	ticker BTCUSD_PERP=1
	--market coinm ticker=40
	bookTicker BTCUSDT=2
	bookTicker=5
	price BTCUSDT=2
	price=12
	book BTCUSDT=2
	book BTCUSDT --limit 100=5
	book BTCUSD_PERP --limit 500=10
	book BTCUSDT --limit 1000=20
	trades BTCUSDT=5
	openInterest BTCUSDT BTCUSD_PERP=2
	constituents BTCUSDT=2
	assetIndex BTCUSD=1
	assetIndex=10
	insurance=1
	adl=1
	schedule=5
	funding=10
	symbols=0
	filters BTCUSDT BTCUSD_PERP=0
	limits=0
	EOF
}

# --- tables ---

@test "a book in a table is a ladder: asks from above, the spread, bids, and what has come together" {
	sim
	run --separate-stderr bf-info -o table book BTCUSDT --limit 5
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 12 ]
	[[ ${lines[0]} == SIDE*PRICE*QTY*"CUM QTY"*BPS ]]
	# the built-in book: 2 a level, 0.5 apart, from 60003 and 59997 on; 6 / 60000 = 1 bp
	[[ ${lines[1]} =~ ^ask\ +60005.00\ +2.000\ +10.000\ +600040\ +0.83$ ]]
	[[ ${lines[5]} =~ ^ask\ +60003.00\ +2.000\ +2.000\ +120006\ +0.50$ ]]
	[[ ${lines[6]} =~ ^spread\ +6.00\ +-\ +-\ +-\ +1.00$ ]]
	[[ ${lines[7]} =~ ^bid\ +59997.00\ +2.000\ +2.000\ +119994\ +-0.50$ ]]
	[[ ${lines[11]} =~ ^bid\ +59995.00\ +2.000\ +10.000\ +599960\ +-0.83$ ]]
	# COIN-M: contracts of 100 USD
	run --separate-stderr bf-info -o table book BTCUSD_PERP --limit 5
	[[ ${lines[1]} =~ ^ask\ +60005.0\ +1000\ +5000\ +500000\ +0.83$ ]]
}

@test "in a table decimals stand with their points one below the other; every market has its headings" {
	sim
	run --separate-stderr bf-info -o table bookTicker BTCUSDT DOGEUSDT
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[1]} == *59997.00* && ${lines[2]} == *0.19999* ]]
	local a=${lines[1]%%59997.00*} b=${lines[2]%%0.19999*}
	[ $((${#a} + 5)) -eq $((${#b} + 1)) ]
	run bf-info -o table ticker BTCUSDT BTCUSD_PERP ETHUSD_PERP
	[ "${#lines[@]}" -eq 5 ]	# bats leaves out the empty line
	[[ ${lines[0]} == *"IN QUOTE"* && ${lines[2]} == *CONTRACTS*"IN COIN"* && ${lines[4]} == ETHUSD_PERP* ]]
}

@test "every listing as a table has headings, and no more than 80 columns (ticker: of one symbol)" {
	sim --synthetic --seed 7
	local what
	for what in symbols price mark bookTicker funding '--market coinm price' '--market coinm funding' 'symbols BTCUSD_PERP' 'filters BTCUSDT' 'filters BTCUSD_PERP' 'brackets BTCUSDT' \
		'brackets BTCUSD_PERP' 'fees BTCUSDT' limits 'price BTCUSDT' 'price BTCUSD_PERP' 'mark BTCUSDT' 'mark BTCUSD_PERP' \
		'ticker BTCUSDT' 'ticker BTCUSD_PERP' 'bookTicker BTCUSDT' 'funding BTCUSDT' 'funding BTCUSD_PERP' 'book BTCUSDT' \
		'trades BTCUSDT' 'trades BTCUSD_PERP' 'openInterest BTCUSDT' 'openInterest BTCUSD_PERP' insurance adl schedule \
		'deliveryPrice BTCUSDT' 'constituents BTCUSDT' assetIndex indexInfo tradingStatus; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info -o table $what
		[ "$status" -eq 0 ] || { echo "$what: $stderr"; false; }
		[[ ${lines[0]} =~ ^\ *[A-Z][A-Z\ %]*$ ]] || { echo "$what: ${lines[0]}"; false; }
		awk 'length > 80 { print FILENAME ": " length; exit 1 }' <<<"$output" || { echo "$what"; echo "$output"; false; }
	done
}

@test "the help names every listing once, and its options are in the man page" {
	run bf-info --help
	local w
	for w in symbols filters brackets fees limits price mark ticker bookTicker funding book trades openInterest insurance adl \
		schedule deliveryPrice constituents assetIndex indexInfo tradingStatus; do
		[ "$(grep -cE "^ +$w +[a-z0-9]" <<<"$output")" -eq 1 ] || { echo "$w"; false; }
	done
	[[ $output == *"--plot[=FILE]"* ]]
}

# --- what the exchange really said ---

# recorded FILE: a recorded answer, unpacked, as $T/info.json; skips without the recordings.
recorded() {
	[ -n "${BF_TEST_DATA:-}" ] || skip "BF_TEST_DATA is not set"
	gzip -dc "$BF_TEST_DATA/$1" >"$T/info.json"
}

@test "the testnet's own list of 647 contracts, as it was printed over many lines" {
	recorded usdm/rest-exchangeInfo-testnet-2025-11-26.json.gz
	sim --fault "sim exchangeInfo=$T/info.json"
	jq -cS '.symbols[]' "$T/info.json" >"$T/theirs"
	bf-info --market usdm symbols >"$T/ours"
	[ "$(wc -l <"$T/ours")" -eq 647 ]
	jq -cS . "$T/ours" | cmp - "$T/theirs"
	bf-info --market usdm symbols --type 'current_quarter delivering' >"$T/ours"
	is -s 'length > 0 and all(.[]; .contractType == "CURRENT_QUARTER DELIVERING")' <"$T/ours"
	bf-info --market usdm symbols --status SETTLING --jq .symbol | sort >"$T/ours"
	jq 'select(.status == "SETTLING").symbol' "$T/theirs" | sort | cmp - "$T/ours"
	# flat rules of every one, against the nested filters
	jq -r .symbol "$T/theirs" | xargs -d '\n' bf-info --market usdm filters |
		jq -c '[.symbol, .tickSize, .minQty, .marketMaxQty, .minNotional, .maxNumOrders]' >"$T/ours"
	jq -c 'def f($t; $k): [.filters[] | select(.filterType == $t)[$k]][0] | if . == "0" or . == 0 then null else . end;
	    [.symbol, f("PRICE_FILTER"; "tickSize"), f("LOT_SIZE"; "minQty"), f("MARKET_LOT_SIZE"; "maxQty"),
	    f("MIN_NOTIONAL"; "notional"), f("MAX_NUM_ORDERS"; "limit")]' "$T/theirs" | diff - "$T/ours"
}

@test "COIN-M's own list of 36 contracts of 2021" {
	recorded coinm/rest-exchangeInfo-mainnet-2021-07-22.json.gz
	sim --fault "sim exchangeInfo=$T/info.json"
	jq -cS '.symbols[]' "$T/info.json" >"$T/theirs"
	bf-info --market coinm symbols | jq -cS . | cmp - "$T/theirs"
	[ "$(wc -l <"$T/theirs")" -eq 36 ]
	bf-info --market coinm symbols --status trading --jq .symbol >"$T/ours"
	jq 'select(.contractStatus == "TRADING").symbol' "$T/theirs" | cmp - "$T/ours"
	jq -r .symbol "$T/theirs" | xargs bf-info --market coinm filters | jq -c '[.symbol, .tickSize, (.contractSize | tonumber)]' >"$T/ours"
	jq -c '[.symbol, (.filters[] | select(.filterType == "PRICE_FILTER").tickSize), .contractSize]' "$T/theirs" | diff - "$T/ours"
}
