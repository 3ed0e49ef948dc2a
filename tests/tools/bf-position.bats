#!/usr/bin/env bats
# bf-position against bf-sim.

setup() { load ../helper; load ../signed; home; }
teardown() { home_end; }

requests() { jq -s '[.[] | select(.what == "request")] | length' "$T/ledger"; }
position() { jq -c "select(.e == \"bf.position\"$1)" <<<"$output"; }
wallet() { jq -c 'select(.e == "bf.account")' <<<"$output"; }
# The two liquidation prices of every position are within TICK.
liq_agrees() {
	has "$(position "$2")" "(.liquidationPriceOwn | tonumber) > 0 and
		((.liquidationPriceOwn | tonumber) - (.liquidationPrice | tonumber) | fabs) <= $1"
}

@test "positions and wallet: every figure adds up" {
	sim --position BTCUSDT:0.5 --position ETHUSDT:-2
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[ -z "$stderr" ]
	has "$output" '.E > 1600000000000'
	has "$(position ' and .symbol == "BTCUSDT"')" '.positionSide == "BOTH" and .marginType == "crossed" and
		(.positionAmt | tonumber) == 0.5 and (.entryPrice | tonumber) == 60000 and
		(.markPrice | tonumber) == 60000 and (.notional | tonumber) == 30000 and
		(.unRealizedProfit | tonumber) == 0 and .leverage == 20'
	has "$(position ' and .symbol == "ETHUSDT"')" '(.positionAmt | tonumber) == -2 and (.notional | tonumber) == -6000'
	# 30000 x 0.4 % and 6000 x 0.4 %
	has "$(wallet)" '.asset == "USDT" and (.walletBalance | tonumber) == 10000 and
		(.marginBalance | tonumber) == 10000 and (.notional | tonumber) == 36000 and
		(.effectiveLeverage | tonumber) == 3.6 and (.maintMargin | tonumber) == 144 and
		(.marginRatio | tonumber) == 0.0144'
}

@test "effective leverage is notional over equity, profit and loss included" {
	sim --mark BTCUSDT=54000 --position BTCUSDT:0.5@60000
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	# 27000 / (10000 - 3000) = 3.857142...: shown rounded up, never smaller than it is
	has "$(wallet)" '(.unrealizedProfit | tonumber) == -3000 and (.marginBalance | tonumber) == 7000 and
		.effectiveLeverage == "3.8572"'
	has "$(position)" '.effectiveLeverage == "3.8572" and (.unRealizedProfit | tonumber) == -3000'
}

@test "own liquidation price is the exchange's: cross, long and short, in several tiers" {
	local p
	for p in BTCUSDT:0.5 BTCUSDT:-0.5 BTCUSDT:1.2@59000 BTCUSDT:-2@61000 ETHUSDT:30 SOLUSDT:-400 DOGEUSDT:200000; do
		sim_as "p${p//[^0-9A-Za-z]/_}" --position "$p"
		run --separate-stderr bf-position
		[ "$status" -eq 0 ]
		case $p in
		BTC*) liq_agrees 0.1 '' ;;
		DOGE*) liq_agrees 0.00001 '' ;;
		*) liq_agrees 0.01 '' ;;
		esac
		has "$(position '')" '(.distance | tonumber) > 0'
	done
}

@test "own liquidation price is the exchange's: isolated, long and short" {
	local p
	for p in BTCUSDT:0.5 BTCUSDT:-0.5 ETHUSDT:-20@3100; do
		sim_as "i${p//[^0-9A-Za-z]/_}" --margin-type "${p%%:*}=isolated" --leverage "${p%%:*}=10" --position "$p"
		run --separate-stderr bf-position
		[ "$status" -eq 0 ]
		has "$(position '')" '.marginType == "isolated" and (.isolatedWallet | tonumber) > 0 and .leverage == 10'
		liq_agrees 0.1 ''
	done
}

@test "own liquidation price is the exchange's: several cross positions, one isolated beside them" {
	sim --margin-type SOLUSDT=isolated --leverage SOLUSDT=5 \
		--position BTCUSDT:0.4 --position ETHUSDT:-10 --position SOLUSDT:100
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	[ "$(position '' | wc -l)" -eq 3 ]
	liq_agrees 0.1 ' and .symbol == "BTCUSDT"'
	liq_agrees 0.01 ' and .symbol == "ETHUSDT"'
	liq_agrees 0.01 ' and .symbol == "SOLUSDT"'
	# isolated: over its own margin, 15000 / 3000
	has "$(position ' and .symbol == "SOLUSDT"')" '(.effectiveLeverage | tonumber) | . > 4.9 and . < 5.1'
}

@test "a position without a liquidation price says null" {
	sim --position BTCUSDT:0.01
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	has "$(position '')" '(.liquidationPrice | tonumber) == 0 and .liquidationPriceOwn == null and .distance == null'
}

@test "a symbol named shows that position only, an unknown one is exit 1" {
	sim --position BTCUSDT:0.1 --position ETHUSDT:1
	run --separate-stderr bf-position ETHUSDT
	[ "$status" -eq 0 ]
	[ "$(position '' | jq -r .symbol)" = ETHUSDT ]
	run --separate-stderr bf-position SOLUSDT
	[ "$status" -eq 0 ]
	[ -z "$(position '')" ]
	run --separate-stderr bf-position ETHUSD
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *ETHUSDT* ]]
}

@test "a flat account shows its wallet, and leverage 0" {
	sim --account 2500
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	has "$output" '.e == "bf.account" and (.walletBalance | tonumber) == 2500 and (.effectiveLeverage | tonumber) == 0 and (.marginRatio | tonumber) == 0'
}

@test "balances: the page's example" {
	sim --position BTCUSDT:0.5
	run --separate-stderr bf-position balances --jq 'select(.asset == "USDT").effectiveLeverage'
	[ "$status" -eq 0 ]
	jq -e 'tonumber == 3' <<<"$output"
	run --separate-stderr bf-position balances
	[ -z "$(position '')" ]
	has "$(wallet)" '(.availableBalance | tonumber) < (.walletBalance | tonumber)'
}

@test "-o table: the positions, then the wallets" {
	sim --position BTCUSDT:0.5
	run --separate-stderr bf-position -o table
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 4 ]	# and an empty one, which bats leaves out
	[[ ${lines[0]} == SYMBOL*AMOUNT*LIQUIDATION*OWN* ]]
	[[ ${lines[1]} == BTCUSDT*BOTH*0.5*60000*crossed* ]]
	[[ ${lines[2]} == ASSET*WALLET*"MARGIN RATIO"* ]]
	[[ ${lines[3]} == USDT*10000* ]]
	run --separate-stderr bf-position -o table balances
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[1]} == USDT*10000* ]]
	run --separate-stderr bf-position -o table leverage BTCUSDT 7
	[[ ${lines[1]} == BTCUSDT*7* ]]
}

# both markets: coin_sim OPTIONS...
coin_sim() { sim --balance coinm.BTC=1 --balance coinm.ETH=20 "$@"; }

@test "both markets at once: each position and wallet says which" {
	coin_sim --position BTCUSDT:0.5 --position BTCUSD_PERP:200@58000
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	has "$(position ' and .market == "usdm"')" '.symbol == "BTCUSDT" and .marginAsset == "USDT" and has("contractSize") == false'
	# 200 x 100 USD: 20000 / 60000, and 20000 x (1 / 58000 - 1 / 60000)
	has "$(position ' and .market == "coinm"')" '.symbol == "BTCUSD_PERP" and .marginAsset == "BTC" and .contractSize == "100" and
		.value == "20000" and .notional == "0.33333333" and .unRealizedProfit == "0.01149425" and
		((.liquidationPriceOwn | tonumber) - (.liquidationPrice | tonumber) | fabs) <= 0.1 and
		.initialMargin == "0.01666666" and .maintMargin == "0.00133333"'
	[ "$(wallet | jq -r '.market + .asset' | tr '\n' ' ')" = 'usdmUSDT coinmBTC coinmETH ' ]
	has "$(wallet | jq -c 'select(.asset == "BTC")')" '.marginBalance == "1.01149425" and .initialMargin == "0.01666666" and
		((.availableBalanceOwn | tonumber) - (.availableBalance | tonumber) | fabs) <= 0.00000001'
	run --separate-stderr bf-position --market coinm
	[ "$(position '' | jq -r .symbol)" = BTCUSD_PERP ]
	run --separate-stderr bf-position --market usdm
	[ "$(position '' | jq -r .symbol)" = BTCUSDT ]
	run --separate-stderr bf-position BTCUSD_PERP
	[ "$(position '' | jq -r .symbol)" = BTCUSD_PERP ]
}

@test "own liquidation price is the exchange's: COIN-M, cross and isolated, long and short, and without one" {
	local p m
	for m in crossed isolated; do
		for p in BTCUSD_PERP:200 BTCUSD_PERP:-200@61000 ETHUSD_PERP:1500@2900 ETHUSD_PERP:-600; do
			sim_as "c${m}${p//[^0-9A-Za-z]/_}" --balance coinm.BTC=0.2 --balance coinm.ETH=2 \
				--margin-type "${p%%:*}=$m" --leverage "${p%%:*}=10" --position "$p"
			run --separate-stderr bf-position
			[ "$status" -eq 0 ]
			has "$(position '')" "(.marginType == \"$m\") and (((.liquidationPriceOwn // \"0\" | tonumber) -
				(.liquidationPrice | tonumber) | fabs) <= 0.1)" || { echo "$m $p"; false; }
		done
	done
}

@test "hedge mode: both legs of both markets, each with its figures" {
	coin_sim --hedge --position BTCUSDT:0.5@61000 --position BTCUSDT:-0.2@62000 --position BTCUSD_PERP:100 --position BTCUSD_PERP:-40
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	[ "$(position '' | jq -r '.symbol + .positionSide' | sort | tr '\n' ' ')" = \
		'BTCUSDTLONG BTCUSDTSHORT BTCUSD_PERPLONG BTCUSD_PERPSHORT ' ]
	liq_agrees 0.1 ' and .market == "usdm"'
	has "$(position ' and .market == "coinm"')" '((.liquidationPriceOwn // "0" | tonumber) - (.liquidationPrice | tonumber) | fabs) <= 0.1'
	has "$(position ' and .symbol == "BTCUSDT" and .positionSide == "SHORT"')" '(.unRealizedProfit | tonumber) == 400'
}

@test "distance in percent and price, return, net profit, funding: the arithmetic holds" {
	coin_sim --mark BTCUSDT=59000 --position BTCUSDT:0.5@60000 --position BTCUSD_PERP:-50
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	has "$(position ' and .symbol == "BTCUSDT"')" '
		((.distancePrice | tonumber) - ((.markPrice | tonumber) - (.liquidationPriceOwn | tonumber)) | fabs) < 1e-7 and
		((.distance | tonumber) - 100 * (.distancePrice | tonumber) / 59000 | fabs) <= 0.01 and
		((.roe | tonumber) - (-500 / 1475) | fabs) <= 0.0001 and .tier == 1 and
		((.pnlNet | tonumber) - 0.5 * (59000 - (.breakEvenPrice | tonumber)) | fabs) < 1e-7 and
		((.fundingDue | tonumber) + 29500 * (.fundingRate | tonumber) | fabs) < 1e-7 and
		.fundingAt > .E and .fundingMinutes == ((.fundingAt - .E) / 60000 | floor)'
	# a short of COIN-M earns what a long pays, in coin: 5000 / 60000
	has "$(position ' and .symbol == "BTCUSD_PERP"')" '
		((.fundingDue | tonumber) - 5000 / 60000 * (.fundingRate | tonumber) | fabs) < 2e-8'
	has "$(wallet | jq -c 'select(.asset == "USDT")')" '(.netNotional | tonumber) == 29500 and (.initialMargin | tonumber) == 1475'
}

@test "orders that protect: stops, take profits, all of it or a part" {
	sim --position BTCUSDT:0.5 --position ETHUSDT:-2
	run --separate-stderr bf-position
	has "$(position '')" '.openOrders == 0 and .protected == false and .protection == []'
	signed POST /fapi/v1/algoOrder 'symbol=BTCUSDT&side=SELL&type=STOP_MARKET&algoType=CONDITIONAL&triggerPrice=55000&quantity=0.3&reduceOnly=true&clientAlgoId=guard1' >"$T/answer"
	signed POST /fapi/v1/algoOrder 'symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT_MARKET&algoType=CONDITIONAL&triggerPrice=70000&quantity=0.5&reduceOnly=true' >>"$T/answer"
	signed POST /fapi/v1/algoOrder 'symbol=ETHUSDT&side=BUY&type=STOP_MARKET&algoType=CONDITIONAL&triggerPrice=3500&closePosition=true&workingType=MARK_PRICE' >>"$T/answer"
	order BTCUSDT BUY LIMIT 0.1 'price=50000&timeInForce=GTC'
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	has "$(position ' and .symbol == "BTCUSDT"')" '.openOrders == 3 and .protected == false and (.protectedQuantity | tonumber) == 0.3 and
		(.protection | map(.type)) == ["STOP_MARKET", "TAKE_PROFIT_MARKET"] and (.protection[0].triggerPrice | tonumber) == 55000 and
		.protection[0].clientAlgoId == "guard1" and .protection[0].side == "SELL"'
	has "$(position ' and .symbol == "ETHUSDT"')" '.protected and (.protectedQuantity | tonumber) == 2 and
		.protection[0].closePosition and .protection[0].workingType == "MARK_PRICE" and .protection[0].quantity == null'
	# the order that waits binds margin: 5000 / 20
	has "$(wallet)" '(.openOrderInitialMargin | tonumber) == 250 and
		((.availableBalanceOwn | tonumber) - (.availableBalance | tonumber) | fabs) <= 0.00000001'
}

@test "multi-assets mode: all assets as one account in USD, no wallet is a margin by itself" {
	sim --multi-assets --balance USDC=5000 --position BTCUSDT:0.5
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	has "$(wallet | jq -c 'select(.multiAssets)')" '.asset == "USD" and (.marginBalance | tonumber) > 14000 and
		(.maintMargin | tonumber) > 0 and (.marginRatio | tonumber) > 0 and (.effectiveLeverage | tonumber) > 1.9 and
		((.marginRatio | tonumber) - (.maintMargin | tonumber) / (.marginBalance | tonumber) | fabs) < 1e-6'
	has "$(wallet | jq -c 'select(.asset == "USDT")')" '.marginRatio == null and .effectiveLeverage == null and (.walletBalance | tonumber) == 10000'
}

@test "the tables fit 80 columns, also of both markets" {
	coin_sim --weight-limit 100000 --position BTCUSDT:-0.512@61234.5 --position BTCUSD_PERP:200@58000 --position ETHUSDT:2.125
	run --separate-stderr bf-position -o table
	[[ $output == *same* ]]
	printf '%s\n' 'funding=0.000112 BTCUSDT' 'funding=-0.000234 BTCUSD_PERP' 'funding=0.0003 ETHUSDT' |
		curl -sS --noproxy '*' --data-binary @- "$SIM_REST/sim/v1/do" | jq -e .ok
	order BTCUSDT BUY MARKET 0.013
	local l what
	for what in '' balances 'leverage BTCUSDT 17' 'leverage BTCUSD_PERP 7' 'ensure ETHUSDT --leverage 9 --dry-run' 'multi-assets on' mode \
	    'what-if buy BTCUSDT 0.1 @ market' 'funding' 'carry' 'carry BTCUSDT BTCUSD_PERP' 'history --since all' 'history BTCUSDT' \
	    'equity --since -4h' 'calc long 0.5 BTCUSDT --entry 61234.5 --leverage 10 --wallet 1000 --fee 5'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-position $what -o table
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" -gt 1 ]
		for l in "${lines[@]}"; do
			[ "${#l}" -le 80 ] || { echo "$what: $l"; false; }
		done
	done
	run --separate-stderr bf-position ensure ETHUSDT --margin-type isolated -o table	# no headings without a row
	[ "$status" -eq 1 ]
	[ -z "$output" ]
}

@test "what-if: the account after an order, and then the exchange says the same" {
	sim --position BTCUSDT:0.5
	run --separate-stderr bf-position what-if buy BTCUSDT 0.1 market --fee 5
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	local then=$output
	has "$then" '.e == "bf.what-if" and .type == "MARKET" and .leverage == 20 and .before.positionAmt == "0.500" and
		(.after.positionAmt | tonumber) == 0.6 and ((.fee | tonumber) - 0.1 * (.price | tonumber) * 0.0005 | fabs) < 1e-7'
	[ "$(seen POST /fapi/v1/order)" -eq 0 ]
	order BTCUSDT BUY MARKET 0.1
	run --separate-stderr bf-position BTCUSDT
	# the entry is the exchange's to a tick of the fill, and with it the price
	has "$(position '')" "((.entryPrice | tonumber) - $(jq '.after.entryPrice | tonumber' <<<"$then") | fabs) < 1 and
		((.liquidationPriceOwn | tonumber) - $(jq '.after.liquidationPrice | tonumber' <<<"$then") | fabs) < 10"
}

@test "what-if: less, none, the other way round; reduce-only never turns it" {
	sim --position BTCUSDT:0.5
	run --separate-stderr bf-position what-if sell BTCUSDT 0.2 @ 60000 --fee 0
	has "$output" '(.after.positionAmt | tonumber) == 0.3 and (.after.initialMargin | tonumber) == 900 and (.after.entryPrice | tonumber) == 60000'
	run --separate-stderr bf-position what-if sell BTCUSDT 0.5 @60000 --fee 0
	has "$output" '(.after.positionAmt | tonumber) == 0 and .after.liquidationPrice == null and (.after.accountLeverage | tonumber) == 0'
	run --separate-stderr bf-position what-if sell BTCUSDT 0.8 @ 60000 --fee 0
	has "$output" '(.after.positionAmt | tonumber) == -0.3 and .reduceOnly == false'
	run --separate-stderr bf-position what-if sell BTCUSDT 0.8 @ 60000 --fee 0 --reduce-only
	has "$output" '(.after.positionAmt | tonumber) == 0 and .reduceOnly and (.cost | tonumber) == 0 and (.maxQuantity | tonumber) == 0.5'
	run --separate-stderr bf-position what-if buy BTCUSDT 0.8 @ 60000 --reduce-only
	[ "$status" -eq 1 ]
	[[ $stderr == *ReduceOnly* ]]
}

@test "what-if: cost and greatest quantity of the worked examples; a new symbol, either market, a table" {
	coin_sim --account 1000
	# 0.32206 opens with 1000 at 60100 and mark 60000, cut to the contract's step
	run --separate-stderr bf-position what-if buy BTCUSDT 0.1 @ 60100 --mark 60000 --fee 0
	[ "$status" -eq 0 ]
	has "$output" '(.maxQuantity | tonumber) == 0.322 and ((.cost | tonumber) - (0.1 * 60100 / 20 + 0.1 * 100) | fabs) < 1e-6'
	run --separate-stderr bf-position what-if buy BTCUSD_PERP 100 @ 60000 --mark 59900 --fee 0
	[ "$status" -eq 0 ]
	has "$output" '.market == "coinm" and .orderMargin == "0.00833333" and .openLoss == "0.00027824"'
	run --separate-stderr bf-position what-if buy ETHUSDT 1 market --leverage 5 --margin-type isolated
	[ "$status" -eq 0 ]
	has "$output" '.leverage == 5 and .marginType == "isolated" and (.after.positionAmt | tonumber) == 1'
	run --separate-stderr bf-position what-if buy ETHUSDT 1 market -o table
	[[ ${lines[0]} == FIGURE*NOW*THEN ]]
	run --separate-stderr bf-position what-if buy BTCUSDT 0.0001 @ 60000
	[[ $stderr == *refused* ]]
}

@test "what-if: hedge mode wants the leg, and what is no order is exit 2" {
	sim --hedge --position BTCUSDT:0.5
	run --separate-stderr bf-position what-if sell BTCUSDT 0.1 market
	[ "$status" -eq 2 ]
	[[ $stderr == *--position-side* ]]
	run --separate-stderr bf-position what-if sell BTCUSDT 0.1 market --position-side long
	has "$output" '.positionSide == "LONG" and .reduceOnly and (.after.positionAmt | tonumber) == 0.4'
	local a
	for a in '' 'buy' 'buy BTCUSDT' 'buy BTCUSDT 1' 'buy BTCUSDT x market' 'hold BTCUSDT 1 market' 'buy BTCUSDT 1 @' \
	    'buy BTCUSDT 1 @ 0' 'buy BTCUSDT 1 stop 5' 'buy BTCUSDT 1 market --position-side up'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-position what-if $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
	[[ $(bf-position what-if buy BTCUSDT 1 60000 2>&1) == *"expected @ PRICE or market"* ]]
	local m
	for m in '@ market' '@market' market; do	# as the synopsis has it, and shorter
		# shellcheck disable=SC2086
		run --separate-stderr bf-position what-if buy BTCUSDT 1 $m --position-side long
		has "$output" '.type == "MARKET"'
	done
	run --separate-stderr bf-position what-if buy BTCUSD 1 market
	[ "$status" -eq 1 ]
}

@test "leverage is set, and read back" {
	sim
	run --separate-stderr bf-position leverage BTCUSDT 5
	[ "$status" -eq 0 ]
	has "$output" '.e == "bf.setting" and .symbol == "BTCUSDT" and .leverage == 5 and .marginType == "CROSSED" and .changed == true and .E > 0'
	signed GET /fapi/v1/symbolConfig symbol=BTCUSDT | jq -e '.[0].leverage == 5' >/dev/null
}

@test "leverage that is so already is success, and changed is false" {
	sim --leverage BTCUSDT=5
	run --separate-stderr bf-position leverage BTCUSDT 5
	[ "$status" -eq 0 ]
	has "$output" '.leverage == 5 and .changed == false'
}

@test "leverage the contract does not have is the exchange's no: exit 1" {
	sim
	run --separate-stderr bf-position leverage DOGEUSDT 100		# its brackets end at 75
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	signed GET /fapi/v1/symbolConfig symbol=DOGEUSDT | jq -e '.[0].leverage == 20' >/dev/null
}

@test "leverage and margin-type refuse what makes no sense before anything is sent" {
	sim
	local a
	for a in leverage 'leverage BTCUSDT' 'leverage BTCUSDT 0' 'leverage BTCUSDT 126' 'leverage BTCUSDT 5x' \
	    'leverage BTCUSDT 5 6' margin-type 'margin-type BTCUSDT' 'margin-type BTCUSDT both' 'balances USDT'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-position $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
	run --separate-stderr bf-position leverage BTCUSD 5
	[ "$status" -eq 1 ]
	[ "$(seen POST /fapi/v1/leverage)" -eq 0 ]
	[ "$(seen POST /fapi/v1/marginType)" -eq 0 ]
}

@test "margin-type is set; the exchange's -4046 is success that changed nothing" {
	sim
	run --separate-stderr bf-position margin-type BTCUSDT isolated
	[ "$status" -eq 0 ]
	has "$output" '.e == "bf.setting" and .marginType == "ISOLATED" and .changed == true'
	run --separate-stderr bf-position margin-type BTCUSDT isolated
	[ "$status" -eq 0 ]
	has "$output" '.marginType == "ISOLATED" and .changed == false'
	run --separate-stderr bf-position margin-type BTCUSDT crossed
	[ "$status" -eq 0 ]
	has "$output" '.marginType == "CROSSED" and .changed == true'
}

@test "margin-type with an open position is the exchange's no: exit 1" {
	sim --position BTCUSDT:0.1
	run --separate-stderr bf-position margin-type BTCUSDT isolated
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[ "$stderr" ]
	signed GET /fapi/v1/symbolConfig symbol=BTCUSDT | jq -e '.[0].marginType == "CROSSED"' >/dev/null
}

@test "an unanswered change is settled by looking, and never sent twice" {
	sim --fault 'on POST /fapi/v1/leverage: exec=yes net=fin'
	run --separate-stderr bf-position leverage BTCUSDT 7
	[ "$status" -eq 0 ]
	has "$output" '.leverage == 7 and .changed == true'
	[ "$(seen POST /fapi/v1/leverage)" -eq 1 ]
}

@test "an unanswered change that the exchange does not show is unknown: exit 4" {
	sim --fault 'on POST /fapi/v1/leverage: exec=no net=rst'
	run --separate-stderr bf-position leverage BTCUSDT 7
	[ "$status" -eq 4 ]
	[ -z "$output" ]
	[[ $stderr == *leverage*20* ]]
	[ "$(seen POST /fapi/v1/leverage)" -eq 1 ]
}

@test "a change without an answer to the look is unknown: exit 4" {
	sim --fault 'on POST /fapi/v1/leverage: exec=yes net=fin' \
		--fault 'on GET /fapi/v1/symbolConfig#2: reply=503/svc' --fault 'on GET /fapi/v1/symbolConfig#3: reply=503/svc' \
		--fault 'on GET /fapi/v1/symbolConfig#4: reply=503/svc'
	run --separate-stderr bf-position leverage BTCUSDT 7
	[ "$status" -eq 4 ]
	[ -z "$output" ]
}

@test "a change refused by 503 Service Unavailable was not made: exit 3" {
	sim --fault 'on POST /fapi/v1/leverage: reply=503/svc'
	run --separate-stderr bf-position leverage BTCUSDT 7
	[ "$status" -eq 3 ]
	[ "$(seen POST /fapi/v1/leverage)" -eq 1 ]
}

@test "no profile chosen: exit 2 and how to choose" {
	run --separate-stderr bf-position
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == *--profile* ]]
}

@test "a key file that others can read is refused: exit 5, nothing is sent" {
	sim
	sed -n '/^key\|^secret/p' "$XDG_CONFIG_HOME/bf/profiles/sim" >"$XDG_CONFIG_HOME/bf/mine.key"
	sed -i '/^key\|^secret/d' "$XDG_CONFIG_HOME/bf/profiles/sim"
	echo 'key_file = mine.key' >>"$XDG_CONFIG_HOME/bf/profiles/sim"
	chmod 644 "$XDG_CONFIG_HOME/bf/mine.key"
	run --separate-stderr bf-position
	[ "$status" -eq 5 ]
	[[ $stderr == *"chmod 600"* ]]
	[ "$(requests)" -eq 0 ]
	chmod 600 "$XDG_CONFIG_HOME/bf/mine.key"
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
}

@test "a profile file with a key that others can read is refused: exit 2" {
	sim
	chmod 644 "$XDG_CONFIG_HOME/bf/profiles/sim"
	run --separate-stderr bf-position
	[ "$status" -eq 2 ]
	[[ $stderr == *"chmod 600"* ]]
	[ "$(requests)" -eq 0 ]
}

@test "a wrong secret, and a wrong key: exit 5" {
	sim
	cp "$XDG_CONFIG_HOME/bf/profiles/sim" "$T/good"
	sed -i 's/^secret *=.*/secret = 00000000000000000000000000000000/' "$XDG_CONFIG_HOME/bf/profiles/sim"
	run --separate-stderr bf-position
	[ "$status" -eq 5 ]
	[ -z "$output" ]
	sed 's/^key *=.*/key = 00000000000000000000000000000000/' "$T/good" >"$XDG_CONFIG_HOME/bf/profiles/sim"
	run --separate-stderr bf-position
	[ "$status" -eq 5 ]
	[ -z "$output" ]
}

@test "a clock that is off by seconds is measured first, either way, and signing works at once" {
	local skew
	for skew in -3000 7000; do
		sim_as "skew${skew#-}" --skew "$skew" --position BTCUSDT:0.1
		run --separate-stderr bf-position
		[ "$status" -eq 0 ] || { echo "$skew: $stderr"; false; }
		has "$output" "(.E - $(date +%s%3N) - ($skew)) | fabs < 2000"
		[ "$(seen GET /fapi/v3/account)" -eq 1 ]
	done
}

@test "an offset that has become wrong is measured anew after -1021" {
	sim --skew 7000
	bf-position >/dev/null
	sed -i 's/"offset_ms":-\{0,1\}[0-9]*/"offset_ms":60000/' "$XDG_STATE_HOME/bf/sim/clock.json"
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	grep -q '"offset_ms":\(6[89]\|70\)[0-9][0-9]\b' "$XDG_STATE_HOME/bf/sim/clock.json"
}

@test "nobody there: exit 3, for a change too" {
	nobody none
	local a
	for a in '' balances 'leverage BTCUSDT 5' 'margin-type BTCUSDT isolated'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-position --profile none $a
		[ "$status" -eq 3 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
}

@test "HTML, and half an answer, are no account: exit 3, nothing printed" {
	sim --fault 'on GET /fapi/v3/account: reply=200/html'
	run --separate-stderr bf-position
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	sim_as cut --fault 'on GET /fapi/v3/positionRisk: net=cut=100' --position BTCUSDT:0.5
	run --separate-stderr bf-position
	[ "$status" -eq 3 ]
	[ -z "$output" ]
}

@test "numbers without sense in an answer are no doubt about a change: exit 3, and nothing was asked for" {
	sim --position BTCUSDT:0.1 --fault 'sim numbers=hostile'
	for verb in balances "leverage BTCUSDT 7" "ensure BTCUSDT --leverage 7" "margin BTCUSDT +1" "multi-assets on"; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-position $verb
		[ "$status" -eq 3 ]
		[ -z "$output" ]
		[[ $stderr == *"missing or malformed"* ]]
	done
	jq -se '[.[] | select(.what == "request" and .method == "POST")] | length == 0' "$T/ledger"
}

@test "a position whose contract nobody lists any more hides nothing: all are shown, and it is said" {
	sim --position BTCUSDT:0.1 --position ETHUSDT:-1 --fault 'on GET /fapi/v1/leverageBracket: reply=200/array'
	run --separate-stderr bf-position
	[ "$status" -eq 3 ]
	[[ $stderr == *"cannot be told: leverageBracket: no element for"* ]]
	jq -se '[.[] | select(.e == "bf.position")] | length == 2 and all(.liquidationPriceOwn == null and .positionAmt != null)' <<<"$output"
	jq -se '[.[] | select(.e == "bf.account")] | length > 0' <<<"$output"
}

@test "a full disk is exit 8" {
	sim --position BTCUSDT:0.1
	local a
	for a in '' balances 'leverage BTCUSDT 5' '-o table'; do
		run sh -c "bf-position $a >/dev/full"
		[ "$status" -eq 8 ] || { echo "$a: $status"; false; }
	done
}

@test "neither the key nor the secret is ever shown" {
	sim --fault 'on GET /fapi/v3/positionRisk#2: reply=401/-2015'
	local key secret
	key=$(sed -n 's/^key *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	secret=$(sed -n 's/^secret *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	run bf-position
	[ "$status" -eq 0 ]
	[[ $output != *"$secret"* && $output != *"$key"* ]]
	run bf-position
	[ "$status" -eq 5 ]
	[[ $output != *"$secret"* && $output != *"$key"* ]]
	run ! grep -rqF "$secret" "$XDG_STATE_HOME" "$XDG_CACHE_HOME"
}

@test "the page's examples: positions without a stop, a thought-of long" {
	sim --position BTCUSDT:0.5 --position ETHUSDT:-2
	signed POST /fapi/v1/algoOrder 'symbol=ETHUSDT&side=BUY&type=STOP_MARKET&algoType=CONDITIONAL&triggerPrice=3500&closePosition=true' >"$T/answer"
	run --separate-stderr bf-position --jq 'select(.protected == false).symbol'
	[ "$output" = '"BTCUSDT"' ] || [ "$output" = BTCUSDT ]
	run --separate-stderr bf-position calc long 0.5 BTCUSDT --entry 60000 --wallet 5000 --leverage 20 --fee 5
	[ "$status" -eq 0 ]
	has "$output" '(.effectiveLeverage | tonumber) == 6 and (.bankruptcyPrice | tonumber) == 50000'
}
