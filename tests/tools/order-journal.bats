#!/usr/bin/env bats
# The journal of bf-order: what a person sees of it, what it holds after any death.

setup() { load ../helper; home; }
teardown() { home_end; }

state() { echo "$XDG_STATE_HOME/bf/sim"; }
today() { echo "$(state)/journal/$(date -u +%Y-%m-%d).ndjson"; }

# A profile with nobody behind its address: the journal needs no exchange.
lonely() {
	mkdir -p "$XDG_CONFIG_HOME/bf/profiles" "$(state)/journal"
	printf 'rest = http://127.0.0.1:9\nws = ws://127.0.0.1:9\n' >"$XDG_CONFIG_HOME/bf/profiles/sim"
	chmod 600 "$XDG_CONFIG_HOME/bf/profiles/sim"
	chmod -R go= "$XDG_STATE_HOME"
	export BF_PROFILE=sim
	umask 077
}
# line MS WHAT ID DATA: a line of the journal, its checksum by gzip.
line() {
	local text crc
	text=$(printf '{"e":"bf.journal","E":%s,"what":"%s","id":"%s","data":%s' "$@")
	crc=$(printf %s "$text" | gzip -c | tail -c 8 | od -An -tx4 -N4 --endian=little | tr -d ' ')
	printf '%s,"crc":"%s"}\n' "$text" "$crc"
}
# at HH:MM:SS: milliseconds of that time today.
at() { date -u -d "$(date -u +%F) $1" +%s000; }
intent() { printf '{"intent":{%s},"timestamp":1,"recvWindow":5000%s}' "$1" "${2:+,$2}"; }
# The cells of a row, by the widths of the headings: columns with one blank more than one apart.
cells() { sed 's/  */ /g;s/^ //;s/ $//' <<<"$1"; }

@test "a row for each intent, in order of time, with what became of it" {
	lonely
	{
		line "$(at 00:00:01)" intent a-1 "$(intent '"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","quantity":"0.010","price":"60000","newClientOrderId":"a-1"' '"market":"usdm"')"
		line "$(at 00:00:02)" intent a-2 "$(intent '"symbol":"BTCUSD_PERP","side":"SELL","type":"MARKET","quantity":3' '"market":"coinm"')"
		line "$(at 00:00:03)" result a-2 '{"orderId":7,"status":"FILLED"}'
		line "$(at 00:00:04)" result a-1 '{"orderId":8,"status":"NEW"}'
		line "$(at 00:00:05)" intent a-3 "$(intent '"symbol":"ETHUSDT","side":"SELL","type":"STOP_MARKET","closePosition":"true","triggerPrice":"2900.5"')"
		line "$(at 00:00:06)" refused a-3 '{"category":"rejected","http":400,"code":-2021,"msg":"Order would immediately trigger."}'
		line "$(at 00:00:07)" intent a-4 "$(intent '"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"1"')"
		line "$(at 00:00:08)" unknown a-4 '{"category":"unknown","http":503,"code":-1001,"msg":"Unknown error"}'
		line "$(at 00:00:09)" intent a-5 "$(intent '"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"2"')"
		line "$(at 00:00:10)" unknown a-5 '{"category":"unknown","http":0,"code":0,"msg":"no answer"}'
		line "$(at 00:00:11)" resolved a-5 '{"orderId":9,"status":"FILLED"}'
		line "$(at 00:00:12)" intent a-6 "$(intent '"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"4"')"
		line "$(at 00:00:13)" absent a-6 '{"category":"rejected","http":0,"code":0,"msg":"was never executed"}'
		line "$(at 00:00:14)" intent '~a-1' "$(intent '"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"a-1"')"
		line "$(at 00:00:15)" result '~a-1' '{"orderId":8,"status":"CANCELED"}'
		line "$(at 00:00:16)" intent '~#77' "$(intent '"op":"cancel","symbol":"BTCUSDT","orderId":77')"
		line "$(at 00:00:17)" intent '~*BTCUSDT' "$(intent '"op":"cancel-all","symbol":"BTCUSDT"')"
		line "$(at 00:00:18)" result '~*BTCUSDT' '{"code":200,"msg":"The operation of cancel all open order is done."}'
		line "$(at 00:00:19)" intent '=5' "$(intent '"op":"modify","symbol":"BTCUSDT","side":"BUY","orderId":"78","quantity":"0.02","price":"59000","modifyId":5')"
		line "$(at 00:00:20)" result '=5' '{"orderId":78,"status":"NEW"}'
	} >"$(today)"
	run --separate-stderr bf-order -o table journal
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	d=$(date -u +%F)
	[[ $(cells "${lines[0]}") == "TIME MARKET DO SYMBOL SIDE TYPE QUANTITY PRICE TRIGGER BECAME ID MESSAGE" ]]
	want=("$d 00:00:01.000 usdm place BTCUSDT BUY LIMIT 0.010 60000 - NEW a-1 -"
		"$d 00:00:02.000 coinm place BTCUSD_PERP SELL MARKET 3 - - FILLED a-2 -"
		"$d 00:00:05.000 - place ETHUSDT SELL STOP_MARKET all - 2900.5 REFUSED -2021 a-3 Order would immediately trigger."
		"$d 00:00:07.000 - place ETHUSDT BUY MARKET 1 - - UNKNOWN a-4 Unknown error"
		"$d 00:00:09.000 - place ETHUSDT BUY MARKET 2 - - FILLED a-5 found by looking it up"
		"$d 00:00:12.000 - place ETHUSDT BUY MARKET 4 - - ABSENT a-6 was never executed"
		"$d 00:00:14.000 - cancel BTCUSDT - - - - - CANCELED a-1 -"
		"$d 00:00:16.000 - cancel BTCUSDT - - - - - OPEN #77 -"
		"$d 00:00:17.000 - cancel-all BTCUSDT - - - - - DONE - The operation of cancel all open order is done."
		"$d 00:00:19.000 - modify BTCUSDT BUY - 0.02 59000 - NEW #78 -")
	[ "${#lines[@]}" -eq 11 ]
	for i in "${!want[@]}"; do
		[ "$(cells "${lines[i + 1]}")" = "${want[i]}" ] || { echo "${lines[i + 1]}"; echo "${want[i]}"; false; }
	done
	run --separate-stderr bf-order journal		# a program gets the lines
	[ "$output" = "$(cat "$(today)")" ]
	run --separate-stderr bf-order --jq .what journal
	[ "${#lines[@]}" -eq 20 ]
}

@test "an intent that is signed anew is one row; one that is tried again later is another" {
	lonely
	i=$(intent '"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"1"')
	{
		line "$(at 00:00:01)" intent a "$i"
		line "$(at 00:00:02)" intent a "$i"
		line "$(at 00:00:03)" refused a '{"code":0,"msg":"not connected"}'
		line "$(at 00:00:04)" intent a "$i"
		line "$(at 00:00:05)" result a '{"status":"FILLED"}'
		line "$(at 00:00:06)" unknown a '{"msg":"late news of another process"}'
	} >"$(today)"
	run --separate-stderr bf-order -o table journal
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[1]} == *00:00:01.000*REFUSED*"not connected"* ]]
	[[ ${lines[2]} == *00:00:04.000*FILLED* ]]
}

@test "an outcome whose intent is lost is shown with what it tells itself; days are joined" {
	lonely
	line "$(at 00:00:01)" result b-1 '{"orderId":8,"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","origQty":"0.5","price":"61000","status":"NEW","clientOrderId":"b-1"}' >"$(today)"
	run --separate-stderr bf-order -o table journal
	[[ $(cells "${lines[1]}") == *"- - BTCUSDT SELL LIMIT 0.5 61000 - NEW b-1 -" ]]
	line "$(($(at 00:00:00) - 5))" intent b-1 "$(intent '"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","quantity":"0.5","price":"61000"')" \
		>"$(state)/journal/$(date -u -d yesterday +%F).ndjson"
	run --separate-stderr bf-order -o table journal 2
	[ "${#lines[@]}" -eq 2 ]
	[[ $(cells "${lines[1]}") == "$(date -u -d yesterday +%F) 23:59:59.995 - place BTCUSDT SELL LIMIT 0.5 61000 - NEW b-1 -" ]]
}

@test "damage is named by file and line, and costs only itself" {
	lonely
	for i in 1 2 3; do
		line "$(at 00:00:0$i)" intent "c-$i" "$(intent '"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"1"')"
	done >"$(today)"
	sed -i '2s/BUY/BUX/' "$(today)"
	printf '{"e":"bf.journal","E":1' >>"$(today)"	# torn: no damage
	for o in table ndjson; do
		run --separate-stderr bf-order -o "$o" journal
		[ "$status" -eq 8 ]
		# shellcheck disable=SC2154 # bats sets it
		[ "${stderr_lines[0]}" = "bf-order: $(today): line 2: not what its checksum says" ]
		[ "${stderr_lines[1]}" = "bf-order: journal: 1 damaged line passed over" ]
		[ "${#lines[@]}" -eq "$([ "$o" = table ] && echo 3 || echo 2)" ]
	done
	yes nonsense | head -n 5000 >>"$(today)" || true
	run --separate-stderr bf-order -o table journal
	[ "$status" -eq 8 ]
	[ "${#stderr_lines[@]}" -eq 21 ]	# not thousands of sentences
	[[ ${stderr_lines[20]} == *"5001 damaged lines"* ]]
}

@test "what the journal holds drives no terminal, and long values are cut" {
	lonely
	long=$(printf 'x%.0s' {1..3000})
	{
		line "$(at 00:00:01)" intent 'd-1' "$(intent '"symbol":"BTC\u001b[31mUSDT\u202e","side":"BUY","type":"'"$long"'","quantity":"1"')"
		line "$(at 00:00:02)" refused 'd-1' '{"code":-1,"msg":"\u001b]52;c;aGk=\u0007'"$long"'"}'
	} >"$(today)"
	run --separate-stderr bf-order -o table journal
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ $output != *$'\e'* && $output != *$'\a'* && $output != *$'\u202e'* ]]
	[ "${#output}" -lt 3000 ]
}

@test "a journal in one file is shown as far back as asked" {
	lonely
	{
		line "$(($(at 00:00:00) - 86400000 * 9))" intent e-1 "$(intent '"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"1"')"
		line "$(at 00:00:01)" intent e-2 "$(intent '"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"1"')"
	} >"$T/mine"
	run --separate-stderr bf-order --journal "$T/mine" --jq .id journal
	[ "${#lines[@]}" -eq 2 ]
	run --separate-stderr bf-order --journal "$T/mine" --jq .id journal 3
	[ "$output" = '"e-2"' ]
	run --separate-stderr bf-order --journal "$T/none" -o table journal
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a full disk and a reader that leaves are said" {
	lonely
	line "$(at 00:00:01)" intent f-1 "$(intent '"symbol":"ETHUSDT","side":"BUY","type":"MARKET","quantity":"1"')" >"$(today)"
	for o in table ndjson; do
		run sh -c "bf-order -o $o journal >/dev/full"
		[ "$status" -eq 8 ]
		[[ $output == *"No space left"* ]]
	done
}

# A writer that is killed while it writes may leave a line cut short: an intent was not sent then,
# and what an outcome was about is looked up. There must be no other damage.
cut_at_most() {
	[ "$status" -eq 0 ] && return
	[ "$status" -eq 8 ] && ! grep -vE 'cut short, or overwritten$|damaged lines? passed over$' <<<"$stderr" && return
	echo "$status $stderr"
	return 1
}

# Four writers, killed at any moment: each line of the journal is whole or cut at its end, there
# is one for each order the exchange was sent, and the next start settles what is open.
@test "four processes killed at any moment: the journal is whole and has every order" {
	umask 077
	sim
	echo 'recv_window = 400' >>"$XDG_CONFIG_HOME/bf/profiles/sim"
	for turn in 1 2 3; do
		pids=
		for w in 1 2 3 4; do
			for k in {1..40}; do
				printf '{"symbol":"ETHUSDT","side":"BUY","type":"LIMIT","quantity":"0.01","price":"2990","newClientOrderId":"k%s-%s-%s"}\n' \
					"$turn" "$w" "$k"
			done >"$T/in.$w"
		done
		for w in 1 2 3 4; do
			# what is open is looked up first: not longer than it is waited for below
			bf-order --lag-budget 1 --resolve-timeout 10 <"$T/in.$w" >"$T/out.$turn.$w" 2>/dev/null 3>&- &
			pids="$pids $!"
		done
		for w in 1 2 3 4; do wait_for test -s "$T/out.$turn.$w"; done
		for p in $pids; do
			kill -9 "$p" 2>/dev/null || true
			sleep "0.00$((RANDOM % 10))"
		done
		for p in $pids; do wait "$p" 2>/dev/null || true; done
		run --separate-stderr bf-order journal 2
		cut_at_most
		jq -r 'select(.what == "intent").id' <<<"$output" | sort >"$T/journalled"
		jq -r 'select(.what == "order").clientOrderId' "$T/ledger" | sort >"$T/sent"
		[ "$(wc -l <"$T/sent")" -ge $((4 * turn)) ]
		[ -z "$(comm -13 "$T/journalled" "$T/sent")" ] || { comm -13 "$T/journalled" "$T/sent"; false; }
		[ -z "$(uniq -d "$T/sent")" ]
	done
	run --separate-stderr bf-order --lag-budget 1 --resolve-timeout 20 recover
	[ "$status" -eq 0 ] || [ "$status" -eq 1 ] || { echo "$status $stderr"; false; }
	run --separate-stderr bf-order -o table journal 2
	cut_at_most
	! grep -w 'OPEN\|UNKNOWN' <<<"$output" || false
	[ "$(($(wc -l <<<"$output") - 1))" -eq "$(wc -l <"$T/journalled")" ]
}
