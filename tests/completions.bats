#!/usr/bin/env bats
# What the completions offer, asked of the shells themselves. The words come from what a session with
# bf-sim left: cache, journal, configuration.

setup() {
	load helper
	home
	repo=$BATS_TEST_DIRNAME/..
}
teardown() { [ -z "${SIM_PID:-}" ] || kill -CONT "$SIM_PID"; home_end; }

# A market, two orders, one of them cancelled; then no exchange is there any more.
session() {
	feed
	sim --feed "$T/feed"
	mark BTCUSDT 50000
	mark ETHUSDT 3000
	wait_for bf-info mark BTCUSDT ETHUSDT
	bf-order buy BTCUSDT 0.01 @ 40000 --client-id stands >/dev/null
	bf-order buy BTCUSDT 0.01 @ 41000 --client-id gone >/dev/null
	bf-order cancel BTCUSDT gone >/dev/null
	kill -STOP "$SIM_PID"	# whoever asked it now would hang
}

# in_bash WORD...: what bash offers for the last word.
in_bash() {
	# shellcheck disable=SC2016 # for the other bash
	run timeout 10 bash -c '. "$1/completions/bash/$2"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "_${1//-/_}"; printf "%s\n" "${COMPREPLY[@]}"' \
		_ "$repo" "$@"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	got=" ${output//$'\n'/ } "
}
# in_fish LINE
in_fish() {
	# shellcheck disable=SC2016 # for fish
	run timeout 10 fish --no-config -c 'for f in $argv[1]/completions/fish/*; source $f; end; complete -C $argv[2]' "$repo" "$1"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	got=" $(cut -f 1 <<<"$output" | tr '\n' ' ') "
}
# in_zsh LINE TEXT: zsh at a terminal completes the line to one with TEXT in it.
in_zsh() {
	cat >"$T/z" <<-'Z'
	zmodload zsh/zpty
	zpty z zsh -f -i
	zpty -w z "PS1=; fpath=($1/completions/zsh \$fpath); autoload -Uz compinit; compinit -u -D; bindkey '^I' complete-word; setopt nobeep; print rea''dy"
	zpty -r z out '*ready*'
	zpty -w -n z "$2"$'\t'
	zpty -r z out "*$3*" && print -r -- "$3"
	zpty -d z
	Z
	run timeout 20 zsh -f "$T/z" "$repo" "$1" "$2"
	[[ $output == *"$2"* ]] || { echo "$1: no $2: $output"; false; }
}
offers() { local w; for w; do [[ $got == *" $w "* ]] || { echo "no $w:$got"; return 1; }; done; }
offers_not() { local w; for w; do [[ $got != *" $w "* ]] || { echo "$w:$got"; return 1; }; done; }

@test "bash: verbs, then symbols, then what an order may be, ids of orders that may stand" {
	session
	in_bash bf-order ''; offers buy cancel open; offers_not BTCUSDT
	in_bash bf-order buy BTC; offers BTCUSDT; offers_not ETHUSDT buy
	in_bash bf-order --tif GTC buy ''; offers BTCUSDT ETHUSDT
	in_bash bf-order buy BTCUSDT ''; [ "$got" = ' all ' ]
	in_bash bf-order buy BTCUSDT 1 ''; offers @ market match stop take-profit trail
	in_bash bf-order sell BTCUSDT 1 match Q; offers QUEUE QUEUE_5; offers_not OPPONENT
	in_bash bf-order sell BTCUSDT 1 trail 1 ''; [ "$got" = ' from ' ]
	for v in cancel modify query; do
		in_bash bf-order "$v" BTCUSDT ''; offers stands; offers_not gone
		in_bash bf-order "$v" ETHUSDT ''; offers_not stands gone
	done
}

@test "bash: streams and then symbols; intervals; pairs; either market" {
	session
	in_bash bf-stream mark; offers markPrice markPriceKline_1m; offers_not BTCUSDT
	in_bash bf-stream markPrice ''; offers BTCUSDT bookTicker kline_4h
	in_bash bf-stream markPrice BTCUSDT ''; offers ETHUSDT; offers_not bookTicker
	in_bash bf-stream --profile sim trade E; offers ETHUSDT
	in_bash bf-info klines BTCUSDT ''; offers 1m 1M 12h; offers_not BTCUSDT
	in_bash bf-info continuousKlines BTC; offers BTCUSDT
	in_bash bf-info limits ''; offers_not BTCUSDT 1m
	in_bash bf-position BTC; offers BTCUSDT
	in_bash bf-position margin-type BTCUSDT ''; [ "$got" = ' crossed isolated ' ]
	in_bash bf-position what-if buy E; offers ETHUSDT
	in_bash bf-kill --symbol BTC; offers BTCUSDT
}

@test "bash: profiles after --profile, however it is written; values of options; files" {
	mkdir -p "$XDG_CONFIG_HOME/bf"
	printf '[mine]\nexchange = demo\n' >"$XDG_CONFIG_HOME/bf/config"
	in_bash bf-order --profile ''; [ "$got" = ' demo live mine ' ]
	in_bash bf-order --profile = m; [ "$got" = ' mine ' ]
	in_bash bf-profile show ''; offers demo live mine
	in_bash bf-order -o ''; offers table ndjson
	in_bash bf-order --tif G; [ "$got" = ' GTC GTX GTD ' ]
	in_bash bf-order --pro; [ "$got" = ' --profile ' ]
	in_bash bf-time --ch; [ "$got" = ' --check ' ]
	: >"$T/rules.file"
	in_bash bf-risk --rules "$T/rules.f"; offers "$T/rules.file"
	run bash -c '. "$1/completions/bash/bf-risk"; complete -p bf-risk' _ "$repo"
	[[ $output == *"-o default"* ]]
}

@test "bash: no word of an exchange is run, and none that a shell would run is offered" {
	mkdir -p "$XDG_CACHE_HOME/bf/demo"
	chmod -R 700 "$XDG_CACHE_HOME/bf"
	jq -n --arg x "\$(touch $T/ran)" '{symbols: ["BTCUSDT", "X\($x)", "A;B"] | map({symbol: .})}' >"$XDG_CACHE_HOME/bf/demo/exchangeInfo.json"
	in_bash bf-order --profile demo buy ''
	[ "$got" = ' BTCUSDT ' ]
	[ ! -e "$T/ran" ]
}

@test "without bf-profile, and with a configuration that does not load, the verbs are still offered" {
	mkdir -p "$T/bin"
	for p in bash timeout env; do ln -s "$(command -v "$p")" "$T/bin/$p"; done
	PATH=$T/bin in_bash bf-order ca
	[ "$got" = ' cancel cancel-all ' ]
	mkdir -p "$XDG_CONFIG_HOME/bf"
	echo nonsense >"$XDG_CONFIG_HOME/bf/config"
	in_bash bf-order ca
	[ "$got" = ' cancel cancel-all ' ]
	in_bash bf-order buy ''
	[ "$got" = '  ' ]
}

@test "fish: the same words" {
	command -v fish >/dev/null || skip "no fish"
	session
	in_fish 'bf-order cancel BTCUSDT '; offers stands; offers_not gone
	in_fish 'bf-order '; offers buy cancel; offers_not BTCUSDT
	in_fish 'bf-order --tif GTC buy BT'; offers BTCUSDT; offers_not ETHUSDT
	in_fish 'bf-order buy BTCUSDT 1 '; offers @ market match stop take-profit trail
	in_fish 'bf-stream markPrice ETH'; offers ETHUSDT
	in_fish 'bf-info klines BTCUSDT '; offers 1m 1M
	in_fish 'bf-order --profile '; offers demo live sim
	in_fish 'bf-order --tif '; offers GTC GTX
	in_fish 'bf-position what-if '; offers buy sell
}

@test "zsh: the same words" {
	command -v zsh >/dev/null || skip "no zsh"
	session
	in_zsh 'bf-order cancel BTCUSDT sta' 'BTCUSDT stands'
	in_zsh 'bf-order --tif GTC buy ETHU' 'buy ETHUSDT'
	in_zsh 'bf-order --profile=si' '--profile=sim'
	in_zsh 'bf-order buy BTCUSDT 1 mar' '1 market'
	in_zsh 'bf-position mode hed' 'mode hedge'
}
