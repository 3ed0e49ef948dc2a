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
