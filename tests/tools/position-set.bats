#!/usr/bin/env bats
# bf-position's settings: leverage, margin type, isolated margin, modes, of both markets. The oracle
# is what the exchange (bf-sim) tells curl.
# shellcheck disable=SC2154	# stderr: run sets it

setup() {
	load ../helper
	load ../simclient
	load ../answers
	load ../asked
	home
}
teardown() { home_end; }

# Isolated ETHUSDT, cross BTCUSDT, and the coin market.
some() {
	sim --balance coinm.BTC=1 --margin-type ETHUSDT=isolated --leverage ETHUSDT=10 --position ETHUSDT:5 \
		--position BTCUSDT:0.1 "$@"
}
pos() { run --separate-stderr bf-position "$@"; }
# risk SYMBOL FILTER: of the position as the exchange tells it
risk() { signed GET /fapi/v3/positionRisk "symbol=$1" | jq -r ".[0] | $2"; }
coin_risk() { signed GET /dapi/v1/positionRisk "pair=BTCUSD" | jq -r ".[] | select(.symbol == \"BTCUSD_PERP\") | $1"; }
config() { signed GET /fapi/v1/symbolConfig "symbol=$1" | jq -r ".[0] | \"\(.leverage) \(.marginType)\""; }
available() { signed GET /fapi/v3/account | jq -r .availableBalance; }
# eq A B: the same number
eq() { jq -en --arg a "$1" --arg b "$2" '($a | tonumber) == ($b | tonumber)' >/dev/null || { echo "$1, not $2"; false; }; }
of() { jq -r "$1" <<<"$output"; }
latch() { mkdir -p "$XDG_STATE_HOME/bf/sim" && chmod 700 "$XDG_STATE_HOME/bf" "$XDG_STATE_HOME/bf/sim" && : >"$XDG_STATE_HOME/bf/sim/$1"; }
posts() { jq -s '[.[] | select(.what == "request" and .method == "POST" and (.path | startswith("/fapi") or startswith("/dapi")))] | length' "$T/ledger"; }

# --- leverage and margin type ---

@test "leverage of COIN-M is set and read back by its positions" {
	sim --balance coinm.BTC=1 --position BTCUSD_PERP:10
	pos leverage BTCUSD_PERP 5
	[ "$status" -eq 0 ]
	is '.market == "coinm" and .leverage == 5 and .changed == true and .changes == ["leverage"]' <<<"$output"
	[ "$(coin_risk .leverage)" = 5 ]
	eq "$(of .availableAfter)" "$(signed GET /dapi/v1/account | jq -r '.assets[] | select(.asset == "BTC").availableBalance')"
	[ "$stderr" = 'bf-position: profile sim' ]
	pos margin-type BTCUSD_PERP isolated
	[ "$status" -eq 1 ]
	[[ $stderr == *"in the way: BTCUSD_PERP, position: 10 contracts"* ]]
	[ "$(coin_risk .marginType)" = cross ]
}

@test "a preview of leverage is what the exchange shows then: available balance, liquidation price" {
	some --position SOLUSDT:1000
	before=$(available)
	pos leverage BTCUSDT 7
	[ "$status" -eq 0 ]
	eq "$(of .availableBefore)" "$before"
	eq "$(of .availableAfter)" "$(available)"
	pos leverage SOLUSDT 40
	eq "$(of .availableAfter)" "$(available)"
	jq -e --arg l "$(risk SOLUSDT .liquidationPrice)" \
		'((.liquidationPriceAfter | tonumber) - ($l | tonumber) | fabs) < 0.01 and .liquidationPriceBefore == .liquidationPriceAfter' <<<"$output"
}

@test "--dry-run shows the same record and asks for nothing that changes" {
	some
	pos leverage BTCUSDT 7 --dry-run
	[ "$status" -eq 0 ]
	is '.dryRun == true and .changed == true and .leverage == 7' <<<"$output"
	would=$(of .availableAfter)
	pos margin-type SOLUSDT isolated --dry-run
	is '.marginType == "ISOLATED" and .changes == ["marginType"]' <<<"$output"
	pos ensure SOLUSDT --margin-type isolated --leverage 3 --dry-run
	is '.changes == ["marginType", "leverage"] and .leverage == 3' <<<"$output"
	pos margin ETHUSDT +100 --dry-run
	is '.isolatedWalletAfter == "1600.00000000"' <<<"$output"
	pos mode hedge --dry-run
	is '.positionMode == "hedge" and .dryRun == true' <<<"$output"
	pos multi-assets on --dry-run
	is '.multiAssets == "on" and .dryRun == true' <<<"$output"
	[ "$(posts)" -eq 0 ]
	[ "$(config BTCUSDT)" = "20 CROSSED" ]
	pos leverage BTCUSDT 7
	[ "$(of .availableAfter)" = "$would" ]
}

@test "a dry run says what the exchange would refuse, and what is in the way: exit 1" {
	some
	pos margin-type BTCUSDT isolated --dry-run
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"in the way: BTCUSDT, position: 0.1"* ]]
	pos margin ETHUSDT -- -5000 --dry-run
	[ "$status" -eq 2 ]
	pos --dry-run margin ETHUSDT -- -5000
	[ "$status" -eq 1 ]
	pos --dry-run leverage ETHUSDT 3
	[ "$status" -eq 1 ]
	[ "$(posts)" -eq 0 ]
}

@test "what stands in the way of a margin type is named, and stays" {
	sim
	limit_order BTCUSDT BUY 0.01 50000 newClientOrderId=bf-1 | is '.orderId > 0'
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=50000&clientAlgoId=bf-a' | is '.algoId > 0'
	pos margin-type BTCUSDT isolated
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"BTCUSDT, order "*"(bf-1): LIMIT BUY 0.01 at 50000"* ]]
	[[ $stderr == *"BTCUSDT, conditional order "*"(bf-a)"*"at 50000"* ]]
	signed GET /fapi/v1/openOrders symbol=BTCUSDT | is 'length == 1'
	signed GET /fapi/v1/openAlgoOrders symbol=BTCUSDT | is 'length == 1'
}

@test "less leverage of an isolated position is the exchange's no, of either market, with the position" {
	sim --balance coinm.BTC=1 --margin-type ETHUSDT=isolated --leverage ETHUSDT=10 --position ETHUSDT:5 \
		--margin-type BTCUSD_PERP=isolated --leverage BTCUSD_PERP=10 --position BTCUSD_PERP:10
	pos leverage ETHUSDT 5
	[ "$status" -eq 1 ]
	[[ $stderr == *"ETHUSDT, position: 5"*-4161* ]]
	pos leverage BTCUSD_PERP 5
	[ "$status" -eq 1 ]
	[[ $stderr == *"BTCUSD_PERP, position: 10 contracts"*-4150* ]]
}

@test "a code that says nothing has changed does not count: what is read afterwards does" {
	sim --fault 'on POST marginType#1: exec=yes reply=400/-4046' --fault 'on POST marginType#2: exec=yes reply=400/-4048' \
		--fault 'on POST marginType#3: exec=no reply=400/-4046'
	pos margin-type BTCUSDT isolated
	[ "$status" -eq 0 ]
	is '.changed == true and .marginType == "ISOLATED"' <<<"$output"
	pos ensure BTCUSDT --margin-type crossed
	[ "$status" -eq 0 ]
	is '.changed == true and .marginType == "CROSSED"' <<<"$output"
	pos margin-type BTCUSDT isolated
	[ "$status" -eq 4 ]
	[ -z "$output" ]
	[ "$(config BTCUSDT)" = "20 CROSSED" ]
}

# --- ensure ---

@test "ensure sends only what differs, and nothing the second time" {
	sim
	pos ensure BTCUSDT --leverage 5 --margin-type isolated
	[ "$status" -eq 0 ]
	is '.changed == true and .changes == ["marginType", "leverage"] and .leverage == 5 and .marginType == "ISOLATED"' <<<"$output"
	[ "$(config BTCUSDT)" = "5 ISOLATED" ]
	[ "$(posts)" -eq 2 ]
	pos ensure BTCUSDT --leverage 5 --margin-type isolated
	[ "$status" -eq 0 ]
	is '.changed == false and .changes == []' <<<"$output"
	[ "$(posts)" -eq 2 ]
	pos ensure BTCUSDT --leverage 6 --margin-type isolated
	is '.changes == ["leverage"]' <<<"$output"
	[ "$(posts)" -eq 3 ]
	pos ensure BTCUSD_PERP --leverage 6 --margin-type isolated
	is '.market == "coinm" and .changes == ["marginType", "leverage"]' <<<"$output"
	[ "$(coin_risk '"\(.leverage) \(.marginType)"')" = "6 isolated" ]
}

@test "ensure that is done by half says which half, and is exit 1" {
	sim
	pos ensure DOGEUSDT --leverage 100 --margin-type isolated	# its brackets end at 75
	[ "$status" -eq 1 ]
	is '.changes == ["marginType"] and .leverage == 20 and .marginType == "ISOLATED"' <<<"$output"
	[[ $stderr == *-4028* ]]
	[ "$(config DOGEUSDT)" = "20 ISOLATED" ]
}

@test "ensure that is not answered is settled by looking, and never sent twice" {
	sim --fault 'on POST leverage: exec=yes net=rst' --fault 'on POST marginType: exec=yes net=fin'
	pos ensure BTCUSDT --leverage 5 --margin-type isolated
	[ "$status" -eq 0 ]
	is '.changes == ["marginType", "leverage"]' <<<"$output"
	[ "$(posts)" -eq 2 ]
}

@test "wrong words are a usage error, before anything is sent" {
	sim
	local a
	for a in ensure 'ensure BTCUSDT' 'ensure BTCUSDT --leverage 0' 'ensure BTCUSDT --margin-type both' 'ensure BTCUSDT ETHUSDT --leverage 5' \
	    margin 'margin ETHUSDT' 'margin ETHUSDT 50' 'margin ETHUSDT +0' 'margin ETHUSDT +5x' 'margin ETHUSDT ++5' 'margin ETHUSDT add -5' \
	    'margin ETHUSDT put 5' 'margin ETHUSDT +5 --position-side both' 'mode both' 'mode hedge one-way' 'multi-assets yes' \
	    'multi-assets on --market coinm'; do
		# shellcheck disable=SC2086
		pos $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
	for a in 'ensure BTCUSD --leverage 5' 'margin BTCUSD +5'; do
		# shellcheck disable=SC2086
		pos $a
		[ "$status" -eq 1 ] || { echo "$a: $status"; false; }
	done
	[ "$(posts)" -eq 0 ]
}

# --- isolated margin ---

@test "margin goes in and out, and each time the preview is what the exchange shows then" {
	some
	pos margin ETHUSDT +100.5
	[ "$status" -eq 0 ]
	is '.changed == true and .amount == "100.5" and .asset == "USDT" and .isolatedWalletBefore == "1500.00000000"' <<<"$output"
	eq "$(of .isolatedWalletAfter)" 1600.5
	eq "$(of .isolatedWalletAfter)" "$(risk ETHUSDT .isolatedWallet)"
	eq "$(of .liquidationPriceAfter)" "$(risk ETHUSDT .liquidationPrice)"
	eq "$(of .liquidationPrice)" "$(of .liquidationPriceAfter)"
	eq "$(of .availableAfter)" "$(available)"
	jq -e '(.liquidationPriceAfter | tonumber) < (.liquidationPriceBefore | tonumber) and
		(.effectiveLeverageAfter | tonumber) < (.effectiveLeverageBefore | tonumber)' <<<"$output"
	pos margin ETHUSDT -- -50.5
	[ "$status" -eq 0 ]
	eq "$(risk ETHUSDT .isolatedWallet)" 1550
	eq "$(of .liquidationPriceAfter)" "$(risk ETHUSDT .liquidationPrice)"
	pos margin ETHUSDT remove 50
	eq "$(risk ETHUSDT .isolatedWallet)" 1500
	pos margin ETHUSDT add 1
	eq "$(risk ETHUSDT .isolatedWallet)" 1501
	asked POST /fapi/v1/positionMargin >"$T/asked"
	[ "$(head -n 2 "$T/asked" | paste -sd' ')" = \
		'symbol=ETHUSDT&positionSide=BOTH&amount=100.5&type=1 symbol=ETHUSDT&positionSide=BOTH&amount=50.5&type=2' ]
}

@test "margin of an inverse position is in its coin" {
	sim --balance coinm.BTC=1 --margin-type BTCUSD_PERP=isolated --leverage BTCUSD_PERP=10 --position BTCUSD_PERP:100
	was=$(coin_risk .isolatedWallet)
	pos margin BTCUSD_PERP +0.005
	[ "$status" -eq 0 ]
	is '.asset == "BTC" and .market == "coinm" and .amount == "0.005"' <<<"$output"
	eq "$(of .isolatedWalletBefore)" "$was"
	eq "$(of .isolatedWalletAfter)" "$(coin_risk .isolatedWallet)"
	eq "$(of .liquidationPriceAfter)" "$(coin_risk .liquidationPrice)"
}

@test "margin in hedge mode wants to know of which leg" {
	sim --hedge --margin-type ETHUSDT=isolated --leverage ETHUSDT=10 --position ETHUSDT:5 --position ETHUSDT:-3
	pos margin ETHUSDT +10
	[ "$status" -eq 2 ]
	[[ $stderr == *"--position-side long"* ]]
	pos margin ETHUSDT +10 --position-side short
	[ "$status" -eq 0 ]
	is '.positionSide == "SHORT" and (.positions | length) == 2' <<<"$output"
	signed GET /fapi/v3/positionRisk symbol=ETHUSDT | is '(.[] | select(.positionSide == "SHORT").isolatedWallet | tonumber) == 910 and
		(.[] | select(.positionSide == "LONG").isolatedWallet | tonumber) == 1500'
	# a long leg is liquidated below, a short one above, and only the short one's price has moved
	jq -e '(.positions | map({key: .positionSide, value: .}) | from_entries) as $p |
		($p.SHORT.liquidationPriceAfter | tonumber) > ($p.SHORT.liquidationPriceBefore | tonumber) and
		$p.LONG.liquidationPriceAfter == $p.LONG.liquidationPriceBefore' <<<"$output"
	some
	pos margin ETHUSDT +10 --position-side long
	[ "$status" -eq 2 ]
}

@test "margin that cannot be moved is the exchange's no: exit 1" {
	some
	for a in 'BTCUSDT +10' 'SOLUSDT +10' 'ETHUSDT +1000000' 'ETHUSDT remove 1400'; do
		# shellcheck disable=SC2086
		pos margin $a
		[ "$status" -eq 1 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
	eq "$(risk ETHUSDT .isolatedWallet)" 1500
}

@test "unanswered margin is settled by the isolated wallet, and never sent twice" {
	some --fault 'on POST positionMargin: exec=yes net=rst'
	pos margin ETHUSDT +100
	[ "$status" -eq 0 ]
	eq "$(risk ETHUSDT .isolatedWallet)" 1600
	[ "$(seen POST /fapi/v1/positionMargin)" -eq 1 ]
}

@test "unanswered margin of a wallet that something else has changed too is settled by the history" {
	some --fault 'on POST positionMargin: exec=yes net=rst sim place SELL ETHUSDT qty=2'
	pos margin ETHUSDT +100
	[ "$status" -eq 0 ]
	[ "$(seen POST /fapi/v1/positionMargin)" -eq 1 ]
	[ "$(seen GET /fapi/v1/positionMargin/history)" -eq 2 ]
	eq "$(of .isolatedWalletAfter)" "$(risk ETHUSDT .isolatedWallet)"
	[ "$(of .isolatedWalletAfter)" != 1600.00000000 ]
}

@test "unanswered margin that was not moved is known when its window has passed: exit 3, sent once" {
	some --fault 'on POST positionMargin#2: exec=no net=rst'
	profile 'recv_window = 400'
	pos margin ETHUSDT +100		# an equal one before must not be taken for it
	[ "$status" -eq 0 ]
	pos margin ETHUSDT +100
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[[ $stderr == *"it was not"* ]]
	eq "$(risk ETHUSDT .isolatedWallet)" 1600
	[ "$(seen POST /fapi/v1/positionMargin)" -eq 2 ]
}

@test "unanswered margin that is moved late is waited for" {
	some --fault 'on POST positionMargin: exec=late=700 net=rst'
	pos margin ETHUSDT +100
	[ "$status" -eq 0 ]
	eq "$(of .isolatedWalletAfter)" 1600
	[ "$(seen POST /fapi/v1/positionMargin)" -eq 1 ]
}

@test "lost answers of the coin market, and of a leg: settled by looking, never sent twice" {
	sim --hedge --balance coinm.BTC=1 --margin-type BTCUSD_PERP=isolated --leverage BTCUSD_PERP=10 \
		--position BTCUSD_PERP:100 --position BTCUSD_PERP:-30 --fault 'on POST /dapi: exec=yes net=rst'
	pos margin BTCUSD_PERP +0.005 --position-side short
	[ "$status" -eq 0 ]
	is '.positionSide == "SHORT" and .changed' <<<"$output"
	eq "$(of .isolatedWalletAfter)" "$(signed GET /dapi/v1/positionRisk pair=BTCUSD |
		jq -r '.[] | select(.symbol == "BTCUSD_PERP" and .positionSide == "SHORT").isolatedWallet')"
	[ "$(seen POST /dapi/v1/positionMargin)" -eq 1 ]
	[ "$(asked POST /dapi/v1/positionMargin)" = 'symbol=BTCUSD_PERP&positionSide=SHORT&amount=0.005&type=1' ]
	pos ensure BTCUSD_PERP --leverage 20
	[ "$status" -eq 0 ]
	is '.changes == ["leverage"] and .leverage == 20' <<<"$output"
	[ "$(seen POST /dapi/v1/leverage)" -eq 1 ]
	pos margin-type ETHUSD_PERP isolated
	[ "$status" -eq 0 ]
	[ "$(seen POST /dapi/v1/marginType)" -eq 1 ]
	rules 'on POST /dapi/v1/leverage: exec=no net=rst'
	pos leverage BTCUSD_PERP 50
	[ "$status" -eq 4 ]	# not seen to be so, and it might still come
	[ -z "$output" ]
	[ "$(seen POST /dapi/v1/leverage)" -eq 2 ]
}

@test "margin of which nothing can be read afterwards is unknown: exit 4" {
	some --fault 'on POST positionMargin: exec=yes net=rst sim maintenance=60'
	pos margin ETHUSDT +100
	[ "$status" -eq 4 ]
	[ -z "$output" ]
	[ "$(seen POST /fapi/v1/positionMargin)" -eq 1 ]
}

# --- modes ---

@test "the position mode is shown, set and shown again, for both markets" {
	sim --balance coinm.BTC=1
	pos mode
	[ "$status" -eq 0 ]
	is '.positionMode == "one-way" and .changed == false' <<<"$output"
	pos mode hedge
	[ "$status" -eq 0 ]
	is '.positionMode == "hedge" and .changed == true' <<<"$output"
	signed GET /fapi/v1/positionSide/dual | is '.dualSidePosition == true'
	pos mode hedge --market coinm	# -4059: so already
	[ "$status" -eq 0 ]
	is '.positionMode == "hedge" and .changed == false' <<<"$output"
}

@test "what stands in the way of a position mode is named, of both markets" {
	sim --balance coinm.BTC=1 --position BTCUSD_PERP:-10
	pos mode hedge
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"BTCUSD_PERP, position: -10 contracts"* ]]
	limit_order BTCUSDT BUY 0.01 50000 newClientOrderId=bf-1 | is '.orderId > 0'
	pos mode hedge --market coinm
	[ "$status" -eq 1 ]
	[[ $stderr == *"BTCUSDT, order "*bf-1* ]]
	rules 'on POST positionSide/dual: reply=400/-4531'
	pos mode hedge
	[ "$status" -eq 1 ]
	[[ $stderr == *"BTCUSDT, order "*"BTCUSD_PERP, position"* ]]
}

@test "multi-assets mode with its preview, and so already" {
	sim --balance BTC=0.5 --position BTCUSDT:1
	pos multi-assets
	is '.multiAssets == "off" and .changed == false' <<<"$output"
	pos multi-assets on
	[ "$status" -eq 0 ]
	is '.multiAssets == "on" and .changed == true and (.positions | length) == 1' <<<"$output"
	signed GET /fapi/v1/multiAssetsMargin | is '.multiAssetsMargin == true'
	eq "$(of .availableAfter)" "$(available)"
	jq -e --arg l "$(risk BTCUSDT .liquidationPrice)" '((.positions[0].liquidationPriceAfter | tonumber) - ($l | tonumber) | fabs) < 0.1 and
		(.positions[0].liquidationPriceAfter | tonumber) < (.positions[0].liquidationPriceBefore | tonumber)' <<<"$output"
	pos multi-assets on	# -4171
	[ "$status" -eq 0 ]
	is '.changed == false' <<<"$output"
	pos margin-type SOLUSDT isolated
	[ "$status" -eq 1 ]
	[[ $stderr == *"multi-assets off"* ]]
	pos multi-assets off
	[ "$status" -eq 0 ]
	pos margin-type SOLUSDT isolated
	[ "$status" -eq 0 ]
	pos multi-assets on
	[ "$status" -eq 1 ]
	[[ $stderr == *"in the way: SOLUSDT is isolated"* ]]
}

@test "an unanswered mode is settled by looking: done, or unknown" {
	sim --fault 'on POST positionSide/dual#1: exec=yes net=fin' --fault 'on POST positionSide/dual#2: exec=no net=fin'
	pos mode hedge
	[ "$status" -eq 0 ]
	is '.changed == true' <<<"$output"
	pos mode one-way
	[ "$status" -eq 4 ]
	[ -z "$output" ]
	[ "$(seen POST /fapi/v1/positionSide/dual)" -eq 2 ]
}

# --- the kill latch ---

@test "a set latch refuses what adds risk (exit 6, nothing sent), and never what lowers it" {
	some --margin-type SOLUSDT=isolated
	latch latch
	for a in 'leverage BTCUSDT 50' 'ensure BTCUSDT --leverage 50' 'margin ETHUSDT remove 10' 'margin-type SOLUSDT crossed' \
	    'multi-assets on' 'ensure SOLUSDT --margin-type crossed --leverage 5' 'leverage BTCUSDT 50 --dry-run'; do
		# shellcheck disable=SC2086
		pos $a
		[ "$status" -eq 6 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
	[ "$(posts)" -eq 0 ]
	for a in 'leverage BTCUSDT 10' 'leverage BTCUSDT 10' 'margin ETHUSDT add 10' 'margin-type DOGEUSDT isolated' \
	    'ensure SOLUSDT --leverage 5 --margin-type isolated'; do
		# shellcheck disable=SC2086
		pos $a
		[ "$status" -eq 0 ] || { echo "$a: $status $stderr"; false; }
	done
}

@test "a latch of a part holds that part" {
	some
	latch latch-ETHUSDT
	pos leverage BTCUSDT 50
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	pos leverage ETHUSDT 50
	[ "$status" -eq 6 ]
	rm "$XDG_STATE_HOME/bf/sim/latch-ETHUSDT"
	latch latch-short
	pos margin ETHUSDT add 10
	[ "$status" -eq 0 ]
	pos margin ETHUSDT remove 1	# of a long one
	[ "$status" -eq 0 ]
	latch latch-long
	pos margin ETHUSDT remove 1
	[ "$status" -eq 6 ]
}

@test "-o table has a setting in a row" {
	some
	pos -o table margin ETHUSDT +100
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == WHAT*CHANGED*LIQ*THEN* ]]
	[[ ${lines[1]} == ETHUSDT*100*true*2710.8*2690.7* ]]
	pos -o table mode
	[[ ${lines[1]} == "position mode"*one-way*false* ]]
}

@test "a full disk is exit 8" {
	some
	local a
	for a in 'ensure BTCUSDT --leverage 5' 'margin ETHUSDT +1' mode multi-assets; do
		run sh -c "bf-position $a >/dev/full"
		[ "$status" -eq 8 ] || { echo "$a: $status"; false; }
	done
}
