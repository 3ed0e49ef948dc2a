#!/usr/bin/env bats
# bf-position --from: accounts that others recorded, recomputed. Nothing is asked of anybody.

setup() { load ../helper; load ../signed; home; }
teardown() { home_end; }

data() { [ -n "${BF_TEST_DATA:-}" ] || skip "no recorded data (BF_TEST_DATA is not set)"; }
figure() { jq -r "select(.symbol == \"$1\").figures.$2.own" <<<"$output"; }

@test "the real isolated positions: liquidation price, profit, notional and margin are the exchange's" {
	data
	gunzip -c "$BF_TEST_DATA/usdm/derived-leverageBracket-mainnet-2024-10-24.json.gz" >"$T/brackets"
	run --separate-stderr bf-position --compare --from "$BF_TEST_DATA/usdm/rest-real-positionRisk-isolated.json" \
		--from "$T/brackets"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "${#lines[@]}" -eq 4 ]
	has "$output" '.e == "bf.compare" and .same and (.figures | keys) ==
		["isolatedMargin", "liquidationPrice", "notional", "unRealizedProfit"] and (.figures | all(.same))'
	# no looser than the last digit told and what the last digit of the mark is worth
	has "$output" '.figures | all((.within | tonumber) <= 0.001) and (.liquidationPrice.within | tonumber) == 0.00000001'
	[ "$(figure BTCUSDT liquidationPrice)" = 72670.46254980 ]
	[ "$(figure ENAUSDT liquidationPrice)" = 0.24836096 ]
	# the other way round
	run --separate-stderr bf-position --compare --from "$T/brackets" \
		--from "$BF_TEST_DATA/usdm/rest-real-positionRisk-isolated.json" ETHUSDT
	[ "$status" -eq 0 ]
	[ "$(jq -r .symbol <<<"$output")" = ETHUSDT ]
}

@test "a real trade, call by call: the position in the middle of it is the exchange's" {
	data
	jq -c 'select(.step <= 9)' "$BF_TEST_DATA/usdm/rest-real-trade-cycle-aaplusdt-2026-08-08.ndjson" >"$T/middle"
	run --separate-stderr bf-position --compare --from - \
		--from "$BF_TEST_DATA/usdm/rest-leverageBracket-AAPLUSDT-2026-08-08.json" <"$T/middle"
	[ "$status" -eq 0 ]
	has "$(jq -c 'select(.symbol == "AAPLUSDT")' <<<"$output")" '.same and .figures.liquidationPrice.own == "305.29503487" and
		.figures.unRealizedProfit.own == "-0.00006548" and .figures.isolatedMargin.own == "0.31068134"'
	# all of it: at its end nothing is held
	run --separate-stderr bf-position --from "$BF_TEST_DATA/usdm/rest-real-trade-cycle-aaplusdt-2026-08-08.ndjson"
	[ "$status" -eq 0 ]
	has "$output" '.e == "bf.account" and .walletBalance == "24.29967947"'
}

# A real COIN-M row and a real one-way row with orders on both sides, as public code keeps them.
coin_row() {
	cat >"$T/coin" <<-E
	[{"symbol":"BTCUSD_PERP","positionAmt":"2","entryPrice":"37643.10000021","markPrice":"38103.05510455",
	"unRealizedProfit":"0.00006413","liquidationPrice":"${1:-25119.97445760}","leverage":"2","maxQty":"1500",
	"marginType":"isolated","isolatedMargin":"0.00274471","isAutoAddMargin":"false","positionSide":"BOTH",
	"notionalValue":"0.00524892","isolatedWallet":"0.00268058","updateTime":1700000000000}]
	E
	echo '[{"symbol":"BTCUSD_PERP","brackets":[{"bracket":1,"initialLeverage":125,"qtyCap":5,"qtylFloor":0,
	"maintMarginRatio":0.004,"cum":0}]}]' >"$T/coin.brackets"
}

@test "a real COIN-M position: 25119.97445760, to the last digit" {
	coin_row
	run --separate-stderr bf-position --compare --from "$T/coin" --from "$T/coin.brackets"
	[ "$status" -eq 0 ]
	has "$output" '.market == "coinm" and .same and .figures.liquidationPrice.own == "25119.97445760" and
		.figures.notionalValue.own == "0.00524892" and .figures.unRealizedProfit.own == "0.00006413" and
		.figures.isolatedMargin.own == "0.00274471"'
	run --separate-stderr bf-position --from "$T/coin" --from "$T/coin.brackets"
	[ "$status" -eq 0 ]
	has "$output" '.contractSize == "100" and .value == "200" and .marginAsset == "BTC" and .tier == 1 and
		((.bankruptcyPrice | tonumber) - 25019.8949 | fabs) < 0.0001'
}

@test "a real one-way position with orders: margin of the position and of the orders" {
	echo '[{"symbol":"BTCUSDT","positionAmt":"0.01","entryPrice":"38500","markPrice":"38553.80643400",
	"unRealizedProfit":"0.53806434","liquidationPrice":"0","positionSide":"BOTH","notional":"385.53806434",
	"marginAsset":"USDT","isolatedMargin":"0","isolatedWallet":"0","initialMargin":"35.71690321","maintMargin":"1.54215225",
	"positionInitialMargin":"19.27690321","openOrderInitialMargin":"16.44","adl":1,"bidNotional":"328.8",
	"askNotional":"329.7","updateTime":1}]' >"$T/risk"
	echo '[{"symbol":"BTCUSDT","orderId":1,"clientOrderId":"a","side":"BUY","positionSide":"BOTH","type":"LIMIT",
	"price":"32880","origQty":"0.01","executedQty":"0","reduceOnly":false,"status":"NEW","updateTime":1},
	{"symbol":"BTCUSDT","orderId":2,"clientOrderId":"b","side":"SELL","positionSide":"BOTH","type":"LIMIT",
	"price":"32970","origQty":"0.01","executedQty":"0","reduceOnly":false,"status":"NEW","updateTime":1}]' >"$T/orders"
	echo '[{"symbol":"BTCUSDT","leverage":20,"marginType":"CROSSED"}]' >"$T/config"
	echo '[{"asset":"USDT","balance":"1000","crossWalletBalance":"1000","availableBalance":"900"}]' >"$T/balance"
	echo '{"symbol":"BTCUSDT","brackets":[{"bracket":1,"initialLeverage":125,"notionalCap":50000,"notionalFloor":0,
	"maintMarginRatio":0.004,"cum":0}]}' >"$T/brackets"
	run --separate-stderr bf-position --compare --from "$T/risk" --from "$T/orders" --from "$T/config" \
		--from "$T/balance" --from "$T/brackets"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	has "$(jq -c 'select(.symbol)' <<<"$output")" '.same and .figures.positionInitialMargin.own == "19.27690321" and
		.figures.initialMargin.own == "35.71690321" and .figures.maintMargin.own == "1.54215225" and
		(.figures.openOrderInitialMargin.own | tonumber) == 16.44'
}

@test "a figure that differs by more than its last digit: exit 1, and it is named" {
	coin_row 25119.97445763
	run --separate-stderr bf-position --compare --from "$T/coin" --from "$T/coin.brackets"
	[ "$status" -eq 1 ]
	has "$output" '.same == false and .figures.liquidationPrice.same == false and .figures.unRealizedProfit.same'
	coin_row 25119.97445761
	run --separate-stderr bf-position --compare --from "$T/coin" --from "$T/coin.brackets"
	[ "$status" -eq 0 ]
	# without brackets the price cannot be computed, and that is no agreement
	run --separate-stderr bf-position --compare --from "$T/coin"
	[ "$status" -eq 1 ]
	has "$output" '.figures.liquidationPrice.own == null'
}

@test "the simulator's answers, recorded by curl: both markets, hedge, isolated and cross, all the same" {
	local mode
	for mode in '' --hedge; do
		sim_as "m$mode" $mode --balance coinm.BTC=1 --margin-type ETHUSDT=isolated --leverage ETHUSDT=10 \
			--position BTCUSDT:0.5@61000 --position ETHUSDT:-2@2900 --position BTCUSD_PERP:-40@59000 --position SOLUSDT:50
		signed GET /fapi/v3/account >"$T/1"
		signed GET /fapi/v3/positionRisk >"$T/2"
		signed GET /fapi/v1/leverageBracket >"$T/3"
		signed GET /fapi/v1/symbolConfig >"$T/4"
		signed GET /dapi/v1/account >"$T/5"
		signed GET /dapi/v1/positionRisk >"$T/6"
		signed GET /dapi/v2/leverageBracket >"$T/7"
		signed GET /fapi/v1/accountConfig >"$T/8"
		jq -cn '{path: "/fapi/v1/openOrders", body: []}, {path: "/dapi/v1/openOrders", body: []}' >"$T/9"
		signed GET /dapi/v1/positionSide/dual | jq -c '{path: "/dapi/v1/positionSide/dual", body: .}' >"$T/10"
		run --separate-stderr bf-position --compare --from "$T/1" --from "$T/2" --from "$T/3" --from "$T/4" --from "$T/5" \
			--from "$T/6" --from "$T/7" --from "$T/8" --from "$T/9" --from "$T/10"
		[ "$status" -eq 0 ] || { jq -c 'select(.same | not)' <<<"$output"; false; }
		has "$output" '.same'
		[ "$(jq -c 'select(.symbol)' <<<"$output" | wc -l)" -eq 4 ]
		[ "$(jq -c 'select(.asset)' <<<"$output" | wc -l)" -eq 2 ]
		has "$(jq -c 'select(.asset)' <<<"$output")" '(.figures.availableBalance | .same and .approximate) and
			.figures.maintMargin.same and .figures.marginBalance.same and .figures.initialMargin.same'
	done
}

@test "account alone, of version 2: the rows stand for positionRisk, and tell no liquidation price" {
	sim --position BTCUSDT:0.5@61000
	signed GET /fapi/v2/account >"$T/account"
	signed GET /fapi/v1/leverageBracket >"$T/brackets"
	run --separate-stderr bf-position --from "$T/account" --from "$T/brackets" BTCUSDT
	[ "$status" -eq 0 ]
	has "$(jq -c 'select(.symbol)' <<<"$output")" '.positionAmt == "0.500" and (.markPrice | tonumber) == 60000 and
		.liquidationPrice == null and (.liquidationPriceOwn | tonumber) > 0'
	run --separate-stderr bf-position --compare --from "$T/account" --from "$T/brackets"
	[ "$status" -eq 0 ]
	has "$(jq -c 'select(.symbol)' <<<"$output")" '.figures.unrealizedProfit.same and .figures.maintMargin.same'
	signed GET /fapi/v3/account >"$T/account"
	run --separate-stderr bf-position --from "$T/account"
	[ "$status" -eq 2 ]
	[[ $stderr == *BTCUSDT*positionRisk* ]]
}

@test "--from asks nobody and needs no profile; --market takes one of them" {
	coin_row
	unset BF_PROFILE
	run --separate-stderr bf-position --from "$T/coin" --from "$T/coin.brackets"
	[ "$status" -eq 0 ]
	run --separate-stderr bf-position --market usdm --from "$T/coin"
	[ "$status" -eq 2 ]
	[[ $stderr == *"no account of this market"* ]]
	run --separate-stderr bf-position --from "$T/coin" ETHUSD_PERP
	[ "$status" -eq 1 ]
	[[ $stderr == *ETHUSD_PERP* ]]
	[ ! -d "$XDG_STATE_HOME/bf" ]
}

@test "what-if on a recorded account" {
	coin_row
	echo '[{"asset":"BTC","balance":"0.1","withdrawAvailable":"0.09","crossWalletBalance":"0.09731942","availableBalance":"0.09"}]' >"$T/balance"
	run --separate-stderr bf-position what-if sell BTCUSD_PERP 1 market --fee 5 --from "$T/coin" --from "$T/coin.brackets" --from "$T/balance"
	[ "$status" -eq 0 ]
	has "$output" '.e == "bf.what-if" and .before.positionAmt == "2" and .after.positionAmt == "1" and
		(.before.liquidationPrice | tonumber) == 25119.9744576'
	# without a fee to reckon with it says so by null
	run --separate-stderr bf-position what-if sell BTCUSD_PERP 1 market --from "$T/coin" --from "$T/coin.brackets" --from "$T/balance"
	[ "$status" -eq 0 ]
	has "$output" '.fee == null'
	# without the wallet it cannot be told
	run --separate-stderr bf-position what-if sell BTCUSD_PERP 1 market --from "$T/coin" --from "$T/coin.brackets"
	[ "$status" -ne 0 ]
	[ -z "$output" ]
}

@test "files that tell nothing, or what is not known here: exit 2, with file and line; none: exit 8" {
	echo '{"serverTime":1}' >"$T/time"
	run --separate-stderr bf-position --from "$T/time"
	[ "$status" -eq 2 ]
	[[ $stderr == *"$T/time: line 1"* ]]
	printf '[]\n{"symbol":\n' >"$T/cut"
	run --separate-stderr bf-position --from "$T/cut"
	[ "$status" -eq 2 ]
	[[ $stderr == *"line 2: not JSON"* ]]
	run --separate-stderr bf-position --from "$T/none"
	[ "$status" -eq 8 ]
	run --separate-stderr bf-position --compare
	[ "$status" -eq 2 ]
	[[ $stderr == *--from* ]]
	run --separate-stderr bf-position --from "$T/time" leverage BTCUSDT 5
	[ "$status" -eq 2 ]
}

@test "a row that lacks a figure is refused whole, not taken for 0" {
	coin_row
	sed -i 's/"entryPrice":"[^"]*"/"entryPrice":""/' "$T/coin"
	run --separate-stderr bf-position --from "$T/coin"
	[ "$status" -ne 0 ]
	[ -z "$output" ]
	[[ $stderr == *entryPrice* ]]
}
