#!/usr/bin/env bats
# bf-position's arithmetic against what the exchange (bf-sim) does: one tick before the liquidation price shown it
# leaves everything alone, at the price it liquidates; what a preview promised is what there is afterwards.
# shellcheck disable=SC2154	# stderr: run sets it

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
	export NO_PROXY=127.0.0.1
}
teardown() { home_end; }

pos() { bf-position "$@" 2>"$T/err" || { cat "$T/err" >&2; return 1; }; }
# own SYMBOL: the price of its first position
own() { pos "$1" | jq -r 'select(.e == "bf.position").liquidationPriceOwn' | head -n 1; }
# ticks PRICE TICK N: on the tick below it, and N more
ticks() { jq -nr --arg p "$1" --argjson t "$2" --argjson n "$3" '((($p | tonumber) / $t | floor) + $n) * $t * 1e8 | round / 1e8'; }
held() {	# what there is of both markets, as curl is told
	{ signed GET /fapi/v3/positionRisk; signed GET /dapi/v1/positionRisk; } |
		jq -cs '[add[] | select((.positionAmt | tonumber) != 0) | [.symbol, .positionSide, (.positionAmt | tonumber)]] | sort'
}
# lives_at SYMBOL PRICE; dies_at SYMBOL PRICE
lives_at() {
	act "mark=$2 $1"
	[ "$(held)" = "$HELD" ] || { echo "$1 at $2: $(held), not $HELD"; return 1; }
}
dies_at() {
	act "mark=$2 $1"
	[ "$(held)" != "$HELD" ] || { echo "$1 at $2: still $(held)"; return 1; }
}
# below SYMBOL TICK: it lives a tick above the price, and dies at the tick below. above: the other way round. Without
# DIE=1 it is not brought to die, and the mark put back.
below() { edge "$1" "$2" 1 0 "${3:-liquidationPriceOwn}"; }
above() { edge "$1" "$2" 0 1 "${3:-liquidationPriceOwn}"; }
edge() {
	local price mark
	read -r price mark < <(pos "$1" | jq -r --arg k "$5" 'select(.e == "bf.position") | "\(.[$k]) \(.markPrice)"' | head -n 1)
	[ "$price" != null ] || { echo "$1 has no price"; return 1; }
	lives_at "$1" "$(ticks "$price" "$2" "$3")"
	if [ -n "${DIE:-}" ]; then
		dies_at "$1" "$(ticks "$price" "$2" "$4")"
	else
		act "mark=$mark $1"
	fi
}
begin() {
	stepped --weight-limit 100000 "$@"	# the weight of looking so often is not the subject
	HELD=$(held)
}

@test "it liquidates at the price shown, and a tick before it does not: cross, two positions and one isolated" {
	local p=(--margin-type SOLUSDT=isolated --leverage SOLUSDT=5 --position BTCUSDT:1.2@59000 --position ETHUSDT:-10
		--position SOLUSDT:-100)
	begin "${p[@]}"
	above ETHUSDT 0.01
	above SOLUSDT 0.01
	DIE=1 below BTCUSDT 0.1
	begin "${p[@]}"
	DIE=1 above SOLUSDT 0.01
}

@test "the same: hedge mode, a price below and a price above, each of both legs" {
	local p=(--hedge --account 635 --position BTCUSDT:1.2@60000 --position BTCUSDT:-1.187@60000)
	begin "${p[@]}"
	pos BTCUSDT | jq -se '[.[] | select(.e == "bf.position") | [.liquidationPriceOwn, .liquidationPriceAbove, .distance]] |
		length == 2 and .[0] == .[1] and (.[0][0] | tonumber) < 60000 and (.[0][1] | tonumber) > 600000'
	# the nearer of both is what the distance tells
	act 'mark=690000 BTCUSDT'
	pos BTCUSDT | jq -se 'all(.[] | select(.e == "bf.position"); ((.liquidationPriceAbove | tonumber) / 6900 - 100 -
		(.distance | tonumber)) as $d | $d >= 0 and $d < 0.01)'
	act 'mark=60000 BTCUSDT'
	above BTCUSDT 0.1 liquidationPriceAbove
	DIE=1 below BTCUSDT 0.1
	begin "${p[@]}"
	DIE=1 above BTCUSDT 0.1 liquidationPriceAbove
}

@test "the same: COIN-M, a perpetual and a delivery in one coin, and the other coin by itself" {
	local p=(--start 2026-02-02T00:00:00Z --balance coinm.BTC=1 --balance coinm.ETH=5
		--position BTCUSD_PERP:2000@61000 --position BTCUSD_260327:-800 --position ETHUSD_PERP:-2000)
	begin "${p[@]}"
	above BTCUSD_260327 0.1
	above ETHUSD_PERP 0.01
	DIE=1 below BTCUSD_PERP 0.1
	begin "${p[@]}"
	DIE=1 above BTCUSD_260327 0.1
}

@test "the same: multi-assets mode, whose assets have buffers" {
	local p=(--multi-assets --account 4000 --balance USDC=2000 --balance BNB=3 --position BTCUSDT:1@59000
		--position ETHUSDT:-10@2950 --position BTCUSDC:-0.1)
	begin "${p[@]}"
	above ETHUSDT 0.01
	DIE=1 below BTCUSDT 0.1
	begin "${p[@]}"
	DIE=1 above ETHUSDT 0.01
}

# then SYMBOL [SIDE]: what bf-position shows now, in the words of what-if
then_is() {
	pos | jq -cs --arg s "$1" --arg side "${2:-BOTH}" 'def n: if . == null then null else tonumber end;
		(.[] | select(.e == "bf.position" and .symbol == $s and .positionSide == $side)) as $p |
		([.[] | select(.e == "bf.account" and (.multiAssets or .asset == $p.marginAsset))] | sort_by(.multiAssets) | last) as $w |
		($p | [.positionAmt, .entryPrice, .notional, .initialMargin, .maintMargin, .liquidationPriceOwn, .distance,
			.effectiveLeverage, .marginRatio] | map(n)) +
		([.[] | select(.e == "bf.account" and .asset == $p.marginAsset) | .walletBalance] | map(n)) +
		($w | [.effectiveLeverage, .availableBalanceOwn // .availableBalance] | map(n))'
}
# promised SYMBOL [SIDE]: the same of what-if's answer
promised() { jq -c 'def n: if . == null then null else tonumber end; .after | [.positionAmt, .entryPrice, .notional,
	.initialMargin, .maintMargin, .liquidationPrice, .distance, .effectiveLeverage, .marginRatio, .walletBalance,
	.accountLeverage, .availableBalance] | map(n)'; }
# keeps SYMBOL SIDE QTY [POSITIONSIDE]: what-if, then the order itself
keeps() {
	local said path=/fapi/v1/order
	[[ $1 != *USD_* ]] || path=/dapi/v1/order
	said=$(pos what-if "${2,,}" "$1" "$3" market ${4:+--position-side "${4,,}"} | promised)
	signed POST $path "symbol=$1&side=$2&type=MARKET&quantity=$3${4:+&positionSide=$4}" | is '.orderId > 0'
	[ "$(then_is "$1" "${4:-BOTH}")" = "$said" ] || { echo "$*: said $said"; echo "is $(then_is "$1" "${4:-BOTH}")"; return 1; }
}

@test "what-if is what then is, fee and all: adding, reducing, turning; cross, isolated, COIN-M" {
	begin --balance coinm.BTC=1 --margin-type SOLUSDT=isolated --leverage SOLUSDT=10 --position BTCUSDT:0.5@59000 \
		--position ETHUSDT:-3 --position SOLUSDT:20@149 --position BTCUSD_PERP:50@59000
	keeps BTCUSDT BUY 0.013
	keeps ETHUSDT BUY 4
	keeps SOLUSDT BUY 7
	keeps SOLUSDT SELL 9
	keeps BTCUSD_PERP SELL 60
}

@test "what-if is what then is: hedge mode, and multi-assets mode" {
	begin --hedge --balance coinm.BTC=1 --position BTCUSDT:0.5@59000 --position BTCUSDT:-0.2@61000 --position BTCUSD_PERP:50@59000
	keeps BTCUSDT BUY 0.01 LONG
	keeps BTCUSDT SELL 0.05 SHORT
	keeps BTCUSD_PERP SELL 10 SHORT
	begin --multi-assets --account 4000 --balance USDC=2000 --balance BNB=3 --position BTCUSDT:0.5@59000 --position ETHUSDT:-3
	keeps BTCUSDT BUY 0.013
	keeps ETHUSDT BUY 1
}

@test "a setting's preview is what then is: margin in and out, leverage of a cross position" {
	local m said
	begin --margin-type SOLUSDT=isolated --leverage SOLUSDT=10 --position SOLUSDT:20@149 --position BTCUSDT:0.1
	for m in +25 -10.5; do
		said=$(pos margin SOLUSDT --dry-run -- "$m" | jq -r .liquidationPriceAfter)
		pos margin SOLUSDT -- "$m" >"$T/done"
		[ "$(own SOLUSDT)" = "$said" ] || { cat "$T/done"; echo "said $said, is $(own SOLUSDT)"; false; }
	done
	said=$(pos ensure BTCUSDT --leverage 40 --dry-run)
	pos ensure BTCUSDT --leverage 40 | jq -e '.changed and .leverage == 40'
	[ "$(pos | jq -cs '[(.[] | select(.symbol == "BTCUSDT").effectiveLeverage), (.[] | select(.asset == "USDT").availableBalanceOwn)]')" = \
		"$(jq -c '[.effectiveLeverageAfter, .availableAfter]' <<<"$said")" ] || { echo "$said"; pos; false; }
}

@test "the greatest quantity is taken and a step more is not, beside what waits and against what is held" {
	local q
	begin --account 4000 --position BTCUSDT:1 --position ETHUSDT:-5
	most() { pos what-if "$1" "$2" 0.1 @ "$3" | jq -r .maxQuantity; }
	for w in '' 0.9 1.3; do
		[ -z "$w" ] || limit_order BTCUSDT SELL $w 60000 | is '.orderId > 0'
		q=$(most sell BTCUSDT 60000)
		limit_order BTCUSDT SELL "$(jq -nr --arg q "$q" '($q | tonumber) * 1000 + 1 | round / 1000')" 60000 | is '.code == -2019'
		limit_order BTCUSDT SELL "$q" 60000 'newClientOrderId=most' | is '.orderId > 0'
		signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=most' | is '.status == "CANCELED"'
	done
}

@test "funding is foretold to the last digit, whatever the interval; carry of a symbol named has its past beside it" {
	local s m due
	begin --start 2026-02-02T07:59:00Z --balance coinm.BTC=1 --position BTCUSDT:0.123 --position ETHUSDT:-2.017@2999 --position BTCUSD_PERP:77
	act 'interval=1 BTCUSDT' 'interval=4 ETHUSDT'
	step 2m
	pos funding | jq -se '[.[] | [.symbol, .fundingIntervalHours]] | sort == [["BTCUSDT", 1], ["BTCUSD_PERP", 8], ["ETHUSDT", 4]]'
	for s in BTCUSDT ETHUSDT BTCUSD_PERP; do
		m=fapi
		[ $s != BTCUSD_PERP ] || m=dapi
		pos funding $s >"$T/said"
		NOW=$(jq '.nextFundingTime + 5' "$T/said")
		curl -sS --noproxy '*' -X POST "$SIM_REST/sim/v1/clock?set=$NOW" | ok
		due=$(signed GET /$m/v1/income "symbol=$s&limit=10" | jq -r '[.[] | select(.incomeType == "FUNDING_FEE").income][-1]')
		[ "$(jq -r .due "$T/said")" = "$due" ] || { cat "$T/said"; echo "$due"; false; }
		[ "$due" != 0.00000000 ]
	done
	pos carry BTCUSDT BTCUSD_PERP >"$T/carry"
	for s in BTCUSDT BTCUSD_PERP; do
		m=fapi
		[ $s != BTCUSD_PERP ] || m=dapi
		public "/$m/v1/fundingRate?symbol=$s&limit=30" >"$T/past"
		jq -se --arg s $s --slurpfile p "$T/past" '.[] | select(.symbol == $s) | ($p[0] | map(.fundingRate | tonumber) | add / length) as $mean |
			.rates == ($p[0] | length) and ((.rateMean | tonumber) - $mean | fabs) < 1e-8 and
			((.rateOverMean | tonumber) - (.fundingRate | tonumber) + (.rateMean | tonumber) | fabs) < 1e-9 and
			((.annualMean | tonumber) - (.rateMean | tonumber) * 876000 / .fundingIntervalHours | fabs) < 0.0001' "$T/carry"
	done
	pos carry | jq -se 'all(.[]; has("rateMean") | not)'
}
