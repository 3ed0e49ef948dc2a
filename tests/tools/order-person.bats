#!/usr/bin/env bats
# What bf-order shows a person: tables and sentences, on a terminal that script(1) makes.

setup() {
	load ../helper
	load ../simclient
	home
	command -v script >/dev/null || skip "no script(1) to make a terminal with"
}
teardown() { home_end; }

# tty WORDS: what bf-order shows on a terminal, in $T/tty; its exit status in $status.
tty() {
	status=0
	script -qec "bf-order $*" /dev/null </dev/null >"$T/raw" || status=$?
	tr -d '\r' <"$T/raw" >"$T/tty"
}
# shows TEXT...: each stands in it.
shows() {
	local text
	for text; do
		grep -qF -- "$text" "$T/tty" || { echo "no \"$text\" in:"; cat "$T/tty"; return 1; }
	done
}
# cells HEADING: what stands in the rows below it; of a column whose cells hold no blank.
cells() {
	awk -v head="$1" '!at { for (i = 1; i <= NF; i++) if ($i == head) at = i; next } { print $at }' "$T/tty"
}

@test "where there is nothing to show it is said, and that is a success" {
	sim
	for words in open cancel-all recover; do
		tty $words
		[ "$status" -eq 0 ]
		case $words in
		open)		shows 'no orders stand' ;;
		cancel-all)	shows 'nothing to cancel' ;;
		recover)	shows 'nothing to recover' ;;
		esac
		run --separate-stderr bf-order $words
		[ "$status" -eq 0 ]
		[[ -z $output && $stderr == 'bf-order: profile sim' ]]
	done
	limit_order BTCUSDT BUY 0.01 50000 newClientOrderId=x-1 | is '.orderId > 0'
	tty open --mine
	[ "$status" -eq 0 ]
	shows 'no such orders stand'
	tty open
	run ! grep -q 'orders stand' "$T/tty"
	shows x-1
}

@test "a dry run is a table with its cost" {
	sim
	bf-order --dry-run buy BTCUSDT 0.01 @ 50000 >"$T/record" 2>"$T/err"
	tty --dry-run buy BTCUSDT 0.01 @ 50000
	[ "$status" -eq 0 ]
	[ "$(wc -l <"$T/tty")" -eq 3 ]		# the profile, the headings, the order
	shows LIMIT
	sed -i 1d "$T/tty"
	for pair in PRICE:price NOTIONAL:notional FEE:fee MARGIN:margin POSITION:positionAmt LEVERAGE:leverage LIQUIDATION:liquidationPrice; do
		[ "$(cells "${pair%:*}")" = "$(jq -r ".cost.${pair#*:} | if . == \"0\" then \"-\" else . end" "$T/record")" ] || { echo "$pair"; cat "$T/tty" "$T/record"; false; }
	done
	tty --dry-run cancel-all BTCUSDT
	shows /fapi/v1/allOpenOrders /fapi/v1/algoOpenOrders METHOD
	tty --dry-run --jq .path buy BTCUSDT 0.01 @ 50000
	shows '"/fapi/v1/order"'
}

@test "cancel-all is a table, of symbols and of orders" {
	sim
	limit_order BTCUSDT BUY 0.01 50000 newClientOrderId=x-1 | is '.orderId > 0'
	tty cancel-all BTCUSDT
	[ "$status" -eq 0 ]
	shows 'SYMBOL   OPEN  MESSAGE' 'BTCUSDT     0  all open orders are cancelled'
	limit_order ETHUSDT BUY 0.1 2000 newClientOrderId=x-2 | is '.orderId > 0'
	tty cancel-all
	[ "$status" -eq 0 ]
	shows 'CLIENT ID' x-2 CANCELED
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=50000' | is '.algoId > 0'
	tty cancel-all --algo BTCUSDT
	shows BTCUSDT 'the conditional orders are cancelled'
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=50000' | is '.algoId > 0'
	tty cancel-all
	shows success
	run --separate-stderr bf-order open
	[ -z "$output" ]
}

@test "a market order shows what was filled; --test says that nothing was placed" {
	sim
	tty buy BTCUSDT 0.01 market
	[ "$status" -eq 0 ]
	shows FILLED
	n=$(executed)
	tty --test buy BTCUSDT 0.01 market
	[ "$status" -eq 0 ]
	shows 'nothing was placed'
	[ "$(executed)" -eq "$n" ]
	run --separate-stderr bf-order --test buy BTCUSDT 0.0005 @ 50000	# refused here: nothing to say of the exchange
	[ "$status" -eq 1 ]
	[[ $stderr != *"would take it"* ]]
}

@test "a conditional order is not cancelled as a regular one, and the refusal names --algo" {
	sim
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.01&triggerPrice=50000&clientAlgoId=st' | is '.algoId > 0'
	tty cancel BTCUSDT st
	[ "$status" -eq 1 ]
	shows 'a conditional order is cancelled with --algo'
	run --separate-stderr bf-order <<<'{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"st"}'
	[ "$status" -eq 1 ]
	is '.code == -2011 and (.msg | test("algoId or clientAlgoId"))' <<<"$output"
	tty cancel BTCUSDT st --algo
	[ "$status" -eq 0 ]
	tty cancel BTCUSDT st --algo
	run ! grep -q 'with --algo' "$T/tty"
}

@test "what was recovered is a table of its own, before the order's" {
	sim --fault 'on POST order: exec=no reply=503/unknown' --fault 'on GET order: reply=502/html'
	run --separate-stderr bf-order --timeout 100 --resolve-timeout 1 --lag-budget 1 buy BTCUSDT 0.01 @ 50000 --client-id lost
	[ "$status" -eq 4 ] || { echo "$status $output $stderr"; false; }
	tty --timeout 100 --resolve-timeout 1 --lag-budget 1 recover
	[ "$status" -eq 4 ]
	shows 'CLIENT ID  OUTCOME' lost unknown
	tty --timeout 100 --resolve-timeout 1 --lag-budget 1 cancel-all BTCUSDT
	shows 'CLIENT ID  OUTCOME' lost 'SYMBOL   OPEN  MESSAGE'
	[ "$(grep -nF OUTCOME "$T/tty" | cut -d: -f1)" -lt "$(grep -nF OPEN "$T/tty" | cut -d: -f1)" ]
}
