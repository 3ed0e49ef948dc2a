#!/usr/bin/env bats
# What bf-order(1) says: its tables are what bf-order does. (Its examples run in pages.bats.)

setup() {
	load ../helper
	home
	cd "$T" || return 1
	page=$BATS_TEST_DIRNAME/../../man/bf-order.1
	ON='"symbol":"BTCUSDT","side":"SELL"'
}
teardown() { home_end; }

# table WORD: the literal block of the page that has a line with it, in which
# \& is nothing.
table() {
	awk -v word="$1" '/^\.Ed/ { if (found) printf "%s", block; on = 0 }
		on { gsub(/\\&/, ""); block = block $0 "\n"; if (index($0, word)) found = 1 }
		/^\.Bd/ { on = 1; block = ""; found = 0 }' "$page"
}
# outcomes < intents, each with a note: "NOTE<TAB>kind", kind being bf.dryrun or bf.reject.
outcomes() { bf-order --dry-run 2>"$T/err" | jq -r '[.intent.note, .e] | @tsv'; }

# cell LINE FROM TO: the first word between two columns.
cell() { cut -c"$2-$3" <<<"$1" | tr -s ' ' '\n' | grep -m 1 . || true; }

# What each parameter looks like.
declare -gA value=([quantity]='"quantity":"0.1"' [closePosition]='"closePosition":"true"'
	[price]='"price":"61000"' [timeInForce]='"timeInForce":"IOC"' [goodTillDate]='"goodTillDate":"99999999999999"'
	[triggerPrice]='"triggerPrice":"61000"' [activatePrice]='"activatePrice":"61000"' [callbackRate]='"callbackRate":"1"'
	[workingType]='"workingType":"MARK_PRICE"' [priceProtect]='"priceProtect":"true"' [reduceOnly]='"reduceOnly":"true"')

# intent NOTE TYPE PARAMETER...
intent() {
	local text="{$ON,\"note\":\"$1\",\"type\":\"$2\"" k
	shift 2
	for k; do
		case $k in
		'"'*)	text+=,$k ;;
		*)	text+=,${value[$k]} ;;
		esac
	done
	echo "$text}"
}
# case_of TYPE ROW MARK NEEDED...: intents that show whether the mark is so.
case_of() {
	local type=$1 row=$2 mark=$3 k rest=()
	shift 3
	for k; do [ "$k" = "$row" ] || rest+=("$k"); done
	case $mark in
	'!')	intent "$type $row there: bf.dryrun" "$type" "$row" "${rest[@]}"
		intent "$type $row not there: bf.reject" "$type" "${rest[@]}" ;;
	+)	intent "$type $row: bf.dryrun" "$type" "$row" "$@" ;;
	GTD)	intent "$type $row and GTD: bf.dryrun" "$type" "$row" '"timeInForce":"GTD"' "$@"
		intent "$type $row: bf.reject" "$type" "$row" "$@"
		intent "$type GTD alone: bf.reject" "$type" '"timeInForce":"GTD"' "$@" ;;
	or)	intent "$type $row instead: bf.dryrun" "$type" "$row" "${rest[@]:1}"	# quantity is the first
		intent "$type $row too: bf.reject" "$type" "$row" "$@" ;;
	'')	intent "$type $row: bf.reject" "$type" "$row" "$@" ;;
	*)	echo "what is $mark?" >&2; return 1 ;;
	esac
}

@test "the table of types and their parameters is what is accepted and refused" {
	local line row
	sim --position BTCUSDT:0.5
	table closePosition | tail -n +3 >rows
	[ "$(wc -l <rows)" -eq 11 ]
	while IFS= read -r line; do
		row=${line%% *}
		case_of LIMIT "$row" "$(cell "$line" 21 26)" quantity price
		case_of MARKET "$row" "$(cell "$line" 28 34)" quantity
		for t in STOP TAKE_PROFIT; do
			case_of $t "$row" "$(cell "$line" 35 40)" quantity price triggerPrice
			case_of ${t}_MARKET "$row" "$(cell "$line" 41 53)" quantity triggerPrice
		done
		case_of TRAILING_STOP_MARKET "$row" "$(cell "$line" 54 80)" quantity callbackRate
	done <rows >intents
	[ "$(wc -l <intents)" -ge 70 ]
	outcomes <intents >got
	[ "$(wc -l <got)" -eq "$(wc -l <intents)" ] || { cat got; cat "$T/err"; false; }
	while IFS=$'\t' read -r note kind; do
		[ "${note##* }" = "$kind" ] || { echo "$note, but it is $kind"; bad=1; }
	done <got
	[ -z "${bad:-}" ]
}

@test "the table of position modes is what the request has" {
	local mode line words want ask opts
	table 'in hedge mode' | tail -n +2 >rows
	[ "$(wc -l <rows)" -eq 8 ]
	for mode in one-way hedge; do
		opts=()
		[ $mode = one-way ] || opts=(--hedge)
		sim_as "$mode" "${opts[@]}"
		while IFS= read -r line; do
			words=$(cut -c1-31 <<<"$line") want=$(cut -c32-47 <<<"$line")
			[ $mode = one-way ] || want=$(cut -c49- <<<"$line")
			ask="\"side\":\"${words%%[, ]*}\""
			[[ $words != *reduceOnly* ]] || ask+=',"reduceOnly":"true"'
			[[ $words != *positionSide* ]] || ask+=",\"positionSide\":\"$(sed 's/.*positionSide \([A-Z]*\).*/\1/' <<<"$words")\""
			got=$(bf-order --dry-run --jq .query 2>err <<<"{\"symbol\":\"BTCUSDT\",\"type\":\"MARKET\",\"quantity\":\"0.1\",$ask}" |
				tr -d '"' | tr '&' '\n' | grep -E '^(positionSide|reduceOnly)=' | paste -sd' ' -) || true
			case ${want%"${want##*[! ]}"} in
			'opens '*|'closes '*)	want=positionSide=$(grep -oE 'LONG|SHORT' <<<"$want") ;;
			'is reduceOnly')	want=reduceOnly=true ;;
			'as without it')	want= ;;
			'as it is')		want=$([[ $words != *reduceOnly* ]] || echo reduceOnly=true) ;;
			*)			echo "what is $want?"; false ;;
			esac
			[ "$got" = "$want" ] || { echo "$mode, $words: \"$got\", not \"$want\""; cat err; false; }
		done <rows
	done
}

@test "the table of rounding is what --round does" {
	local line row side word want from got at
	sim --position BTCUSDT:0.5
	table 'never a worse one' | tail -n +2 >rows
	[ "$(wc -l <rows)" -eq 5 ]
	while IFS= read -r line; do
		row=$(cut -c1-33 <<<"$line")
		for side in BUY SELL; do
			at=34
			[ $side = BUY ] || at=40
			word=$(cell "$line" $at $((at + 4)))
			from=61000.05
			case $row in
			quantity*)	ask='"type":"MARKET","quantity":"0.1005"' key=quantity from=0.1005 ;;
			price*)		ask="\"type\":\"LIMIT\",\"quantity\":\"0.1\",\"price\":\"$from\"" key=price ;;
			*stop*)		ask="\"type\":\"STOP_MARKET\",\"quantity\":\"0.1\",\"triggerPrice\":\"$from\"" key=triggerPrice ;;
			*profit*)	ask="\"type\":\"TAKE_PROFIT_MARKET\",\"quantity\":\"0.1\",\"triggerPrice\":\"$from\"" key=triggerPrice ;;
			activate*)	ask="\"type\":\"TRAILING_STOP_MARKET\",\"quantity\":\"0.1\",\"callbackRate\":\"1\",\"activatePrice\":\"$from\"" key=activatePrice ;;
			esac
			got=$(bf-order --round --dry-run --jq ".intent.$key" 2>err <<<"{\"symbol\":\"BTCUSDT\",\"side\":\"$side\",$ask}")
			case $word$from in
			down61000.05)	want='"61000"' ;;
			up61000.05)	want='"61000.1"' ;;
			down0.1005)	want='"0.1"' ;;
			*)		want='another word' ;;
			esac
			[ "$got" = "$want" ] || { echo "$side $row: $got, not $want ($word)"; cat err; false; }
		done
	done <rows
}
