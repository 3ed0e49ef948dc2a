#!/usr/bin/env bats
# bf-position funding and carry: what holding costs. The oracle is what the exchange (bf-sim) then takes,
# and tells curl.
# shellcheck disable=SC2154	# stderr: run sets it

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
}
teardown() { home_end; }

pos() { run --separate-stderr bf-position "$@"; }
of() { jq -c "select(.symbol == \"$1\")" <<<"$output"; }
eq() { jq -en --arg a "$1" --arg b "$2" '($a | tonumber) == ($b | tonumber)' >/dev/null || { echo "$1, not $2"; false; }; }
held() { sim --balance coinm.BTC=1 --position BTCUSDT:0.123 --position ETHUSDT:-2 --position BTCUSD_PERP:77 "$@"; }
premium() { public "/$1/v1/premiumIndex?symbol=$2" | jq -r 'if type == "array" then .[0] else . end | .lastFundingRate'; }

@test "what is due is what the exchange then takes, of both markets and both sides" {
	held
	pos funding
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	for s in BTCUSDT ETHUSDT BTCUSD_PERP; do
		m=fapi
		[ $s != BTCUSD_PERP ] || m=dapi
		act "funding=$(premium $m $s) $s"
		[ "$(of $s | jq -r .due)" = "$(signed GET /$m/v1/income "symbol=$s&limit=10" | jq -r '.[-1].income')" ]
		eq "$(of $s | jq -r .fundingRate)" "$(premium $m $s)"
	done
	of BTCUSDT | is '(.due | tonumber) < 0 and .asset == "USDT" and .paid == "0" and .payments == 0 and .rateMean == null'
	of ETHUSDT | is '(.due | tonumber) > 0'
	of BTCUSD_PERP | is '.asset == "BTC" and .market == "coinm"'
	is -s 'all(.[]; .minutes == (((.nextFundingTime - .E) / 60000) | floor))' <<<"$output"
}

@test "what an hour and some hours cost, by the symbol's own interval" {
	held
	hours=$(public '/fapi/v1/fundingInfo' | jq '[.[] | select(.symbol == "BTCUSDT").fundingIntervalHours] + [8] | .[0]')
	pos funding BTCUSDT --hours 48
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	jq -e --argjson h "$hours" '.fundingIntervalHours == $h and .hours == 48 and .settlements == 48 / $h and
		((.ahead | tonumber) - (.due | tonumber) * .settlements | fabs) < 1e-7 and
		((.perHour | tonumber) - (.due | tonumber) / $h | fabs) < 1e-8' <<<"$output"
}

@test "the past: the mean of the rates, and what was paid since" {
	held
	act 'funding=0.0002 BTCUSDT' 'funding=-0.0001 BTCUSDT' 'funding=0.0005 BTCUSDT'
	pos funding BTCUSDT
	[ "$status" -eq 0 ]
	eq "$(jq -r .rateMean <<<"$output")" 0.0002
	is '.rates == 3 and .payments == 3' <<<"$output"
	eq "$(jq -r .paid <<<"$output")" "$(signed GET /fapi/v1/income symbol=BTCUSDT | jq '[.[] |
		select(.incomeType | endswith("FUNDING_FEE")).income | tonumber * 1e8 | round] | add / 1e8')"
	jq -e '((.dueAtMean | tonumber) + 0.123 * 60000 * 0.0002 | fabs) < 1e-8' <<<"$output"
	jq -e '((.rateOverMean | tonumber) - ((.fundingRate | tonumber) - 0.0002) | fabs) < 1e-12' <<<"$output"
}

@test "a delivery contract has no funding, a flat account no rows, an unknown symbol is exit 1" {
	sim
	pos funding
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	pos funding BTCUSD
	[ "$status" -eq 1 ]
	s=$(public /fapi/v1/exchangeInfo | jq -r '[.symbols[] | select(.contractType == "CURRENT_QUARTER").symbol][0]')
	market_order "$s" BUY 0.1 | is '.orderId > 0'
	pos funding "$s"
	[ "$status" -eq 0 ]
	is '.fundingRate == null and .due == null and .perHour == null and .ahead == null and .settlements == 0' <<<"$output"
}

@test "what cannot be read is exit 3" {
	held --fault 'on GET fundingRate: reply=503/svc'
	pos funding BTCUSDT
	[ "$status" -eq 3 ]
	[ -z "$output" ]
}

@test "carry needs no key, and has every perpetual, the most of a year first" {
	sim --balance coinm.BTC=1
	profile=$XDG_CONFIG_HOME/bf/profiles/sim
	grep -E '^(rest|ws|coinm)' "$profile" >"$T/bare"
	(umask 077 && cp "$T/bare" "$XDG_CONFIG_HOME/bf/profiles/bare")
	pos --profile bare carry
	[ "$status" -eq 0 ]
	for m in fapi dapi; do public /$m/v1/premiumIndex; done | jq -r '.[] | select(.nextFundingTime > 0).symbol' | sort >"$T/perpetual"
	diff "$T/perpetual" <(jq -r .symbol <<<"$output" | sort)
	# a year has 365 x 24 / interval settlements
	is -s 'all(.[]; ((.annual | tonumber) - (.fundingRate | tonumber) * 876000 / .fundingIntervalHours | fabs) < 0.0001) and
		(map(.annual | tonumber | fabs) | . == (sort | reverse))' <<<"$output"
	public /fapi/v1/fundingInfo | jq -c '.[] | [.symbol, .fundingIntervalHours]' | sort >"$T/info"
	[ -s "$T/info" ]
	jq -c '[.symbol, .fundingIntervalHours]' <<<"$output" | sort | comm -13 - "$T/info" | (! grep .)
	pos --profile bare carry BTCUSDT BTCUSD_PERP
	is -s 'length == 2 and all(.[]; .pays == "LONG" and .basis == "0.00")' <<<"$output"
	pos --profile bare carry --market coinm -o table
	[[ ${lines[0]} == SYMBOL*RATE*"A YEAR %"* ]]
	[[ $output != *BTCUSDT* ]]
}

@test "wrong words are a usage error" {
	sim
	for a in 'funding --hours 0' 'funding --until now' 'carry --since -1d' 'funding --asset USDT'; do
		# shellcheck disable=SC2086
		pos $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
	pos carry BTCUSD
	[ "$status" -eq 1 ]
}

@test "a full disk is exit 8" {
	held
	for a in funding carry; do
		run sh -c "bf-position $a >/dev/full"
		[ "$status" -eq 8 ] || { echo "$a: $status"; false; }
	done
}
