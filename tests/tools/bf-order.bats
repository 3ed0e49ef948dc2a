#!/usr/bin/env bats
# bf-order against bf-sim. What happened is read from the simulator's ledger.

setup() { load ../helper; home; }
teardown() { home_end; }

# Lines a strategy would write.
limit() { printf '{"symbol":"%s","side":"%s","type":"LIMIT","quantity":"%s","price":"%s"%s}\n' "${4:-BTCUSDT}" "$1" "$2" "$3" "${5:+,$5}"; }
market() { printf '{"symbol":"%s","side":"%s","type":"MARKET","quantity":"%s"%s}\n' "${3:-ETHUSDT}" "$1" "$2" "${4:+,$4}"; }

# The profile of the simulator, with more keys.
profile() { printf '%s\n' "$@" >>"$XDG_CONFIG_HOME/bf/profiles/sim"; }
# An exchange that answers in doubt is asked again soon: short windows.
quick() { profile 'recv_window = 400'; }
QUICK=(--lag-budget 1 --timeout 400 --resolve-timeout 8)

state() { echo "$XDG_STATE_HOME/bf/sim"; }
journal() { cat "$(state)"/journal/*.ndjson; }
intents() { journal | jq -s '[.[] | select(.what == "intent")] | length'; }
posts() { seen POST /fapi/v1/order; }
order_lines() { grep -c '"what":"order"' "$T/ledger"; }
has_order() { [ "$(executed)" -ge 1 ]; }
term_until_said() { kill -TERM "$pid" 2>/dev/null; grep -q twice "$T/err"; }
has_post() { grep '"what":"request"' "$T/ledger" | grep -q '"POST"'; }

# What must hold after any run: as many transmissions as intents that left, and
# no order twice.
once() {
	[ "$(posts)" -eq "$1" ] || { echo "$(posts) POSTs, not $1"; return 1; }
	[ "$(executed)" -eq "$2" ] || { echo "$(executed) orders, not $2"; return 1; }
}
# The kinds of the lines of $output, in their order.
kinds() { jq -r '.e // .status' <<<"$output" | paste -sd' '; }

#
# Before anything is sent
#

@test "without a chosen profile nothing is done, and it is said how to choose one" {
	run --separate-stderr bf-order <<<"$(market BUY 0.01)"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == *--profile* ]]
}

@test "a key file that others can read is refused, with its mode" {
	sim
	printf 'key=abc\nsecret=def\n' >"$T/key"
	chmod 644 "$T/key"
	mkdir -p "$XDG_CONFIG_HOME/bf"
	printf '[other]\nrest = %s\nws = %s\nkey_file = %s\n' "$SIM_REST" "$SIM_WS" "$T/key" >"$XDG_CONFIG_HOME/bf/config"
	chmod 600 "$XDG_CONFIG_HOME/bf/config"
	run --separate-stderr bf-order --profile other <<<"$(market BUY 0.01)"
	[ "$status" -eq 5 ]
	[[ $stderr == *644* ]]
	once 0 0
}

@test "a key file that cannot be read is refused" {
	sim
	mkdir -p "$XDG_CONFIG_HOME/bf"
	printf '[other]\nrest = %s\nws = %s\nkey_file = %s\n' "$SIM_REST" "$SIM_WS" "$T/none" >"$XDG_CONFIG_HOME/bf/config"
	chmod 600 "$XDG_CONFIG_HOME/bf/config"
	run --separate-stderr bf-order --profile other <<<"$(market BUY 0.01)"
	[ "$status" -ne 0 ]
	[[ $stderr == *"$T/none"* ]]
	once 0 0
}

@test "an input that others could write orders into is refused" {
	sim
	market BUY 0.01 >"$T/intents"
	chmod 666 "$T/intents"
	run --separate-stderr bf-order <"$T/intents"
	[ "$status" -eq 2 ]
	[[ $stderr == *666* ]]
	chmod 600 "$T/intents"
	mkfifo -m 622 "$T/fifo"
	market BUY 0.01 >"$T/fifo" &
	run --separate-stderr bf-order <"$T/fifo"
	[ "$status" -eq 2 ]
	[[ $stderr == *fifo* ]]
	once 0 0
}

@test "the profile in use is named on standard error" {
	sim
	run --separate-stderr bf-order </dev/null
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[[ $stderr == *"profile sim"* ]]
}

@test "a live profile without caps is told so" {
	BF_API_KEY=k BF_API_SECRET=s run --separate-stderr bf-order --profile live </dev/null
	[ "$status" -eq 0 ]
	[[ $stderr == *"profile live is live and has no caps"* ]]
}

#
# Orders
#

@test "an intent becomes an order, and the exchange's answer is the outcome" {
	sim
	run --separate-stderr bf-order <<<"$(limit BUY 0.002 59000)"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	[ "$(jq -r '.symbol + .side + .status' <<<"$output")" = BTCUSDTBUYNEW ]
	[[ $(jq -r .clientOrderId <<<"$output") == bf-* ]]
	once 1 1
}

@test "ids of 19 digits keep every one, through --jq too" {
	sim
	run --separate-stderr bf-order <<<"$(market BUY 0.01)"
	[ "$status" -eq 0 ]
	[[ $output =~ \"orderId\":[0-9]{19}[,}] ]]
	id=$(grep -oE '"orderId":[0-9]+' <<<"$output" | cut -d: -f2)
	grep -q "$id" "$T/ledger"
	run --separate-stderr bf-order --jq .orderId <<<"$(market BUY 0.01)"
	[[ ${output//\"/} =~ ^[0-9]{19}$ ]]
	grep -q "${output//\"/}" "$T/ledger"
}

@test "orders from arguments: limit, market, reduce-only, cancel and cancel-all" {
	sim
	run --separate-stderr bf-order buy BTCUSDT 0.002 @ 59000
	[ "$status" -eq 0 ]
	id=$(jq -r .orderId <<<"$output")
	[ "$(jq -r .timeInForce <<<"$output")" = GTC ]
	run --separate-stderr bf-order --post-only buy BTCUSDT 0.002 @58000 --client-id mine
	[ "$(jq -r .timeInForce <<<"$output")" = GTX ]
	run --separate-stderr bf-order buy ETHUSDT 0.01 market
	[ "$status" -eq 0 ]
	run --separate-stderr bf-order sell ETHUSDT 0.01 market --reduce-only
	[ "$(jq -r .reduceOnly <<<"$output")" = true ]
	run --separate-stderr bf-order cancel BTCUSDT "$id"
	[ "$(jq -r .status <<<"$output")" = CANCELED ]
	run --separate-stderr bf-order cancel BTCUSDT mine
	[ "$(jq -r .status <<<"$output")" = CANCELED ]
	run --separate-stderr bf-order cancel-all BTCUSDT
	[ "$(jq -r .code <<<"$output")" = 200 ]
	once 4 4
}

@test "there is no silent market order" {
	sim
	run --separate-stderr bf-order buy BTCUSDT 0.002
	[ "$status" -eq 2 ]
	[[ $stderr == *market* ]]
	run --separate-stderr bf-order buy BTCUSDT 0.002 60000
	[ "$status" -eq 2 ]
	once 0 0
}

@test "a table for people, from arguments only" {
	sim
	run --separate-stderr bf-order -o table buy BTCUSDT 0.002 @ 59000
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *TIME*SYMBOL*STATUS* ]]
	[[ ${lines[1]} == *BTCUSDT*NEW* ]]
	run --separate-stderr bf-order -o table buy BTCUSDT 0.002 @ 59000.03
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"59000.03: not a multiple of tickSize 0.10; nearest 59000.00"* ]]
	run --separate-stderr bf-order -o table <<<"$(market BUY 0.01)"
	[ "$status" -eq 2 ]
}

@test "--dry-run shows the request, without a key, and sends nothing" {
	sim
	run --separate-stderr bf-order --dry-run --client-id a-1 buy BTCUSDT 0.002 @ 59000
	[ "$status" -eq 0 ]
	[ "$(jq -r '.e + .method + .path' <<<"$output")" = bf.dryrunPOST/fapi/v1/order ]
	local sent
	sent=$(jq -r .query <<<"$output")
	[[ $sent == "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.002&price=59000&newClientOrderId=a-1&timestamp="*"&recvWindow=5000&signature=not-signed" ]]
	run --separate-stderr bf-order --dry-run buy BTCUSDT 0.0005 @ 59000
	[ "$status" -eq 1 ]
	once 0 0
	[ "$(intents)" -eq 0 ] || false
}

@test "members that are no parameters stay with the intent and are not sent" {
	sim
	run --separate-stderr bf-order --dry-run <<<"$(limit BUY 0.002 59000 BTCUSDT '"note":"a \u20ac","n":{"x":[1, 2]}')"
	[ "$(jq -c '[.intent.note, .intent.n]' <<<"$output")" = '["a €",{"x":[1,2]}]' ]
	[[ $(jq -r .query <<<"$output") != *note* ]]
}

#
# Input
#

@test "a malformed line stops the reading; what came before is finished" {
	sim
	{ market BUY 0.01; echo '{"symbol":'; market BUY 0.01; market BUY 0.01; } >"$T/in"
	run --separate-stderr bf-order <"$T/in"
	[ "$status" -eq 1 ]
	[ "$(jq -r '.status // .rule' <<<"$output" | paste -sd' ')" = "FILLED json" ] || [ "$(jq -r '.status // .rule' <<<"$output" | paste -sd' ')" = "NEW json" ]
	[[ $stderr == *"line 2"* ]]
	[[ $stderr == *"2 lines not read"* ]]
	once 1 1
}

@test "a value that is no object is malformed input too, an empty line is not" {
	sim
	run --separate-stderr bf-order <<<$'\n\n[1,2]'
	[ "$status" -eq 1 ]
	[ "$(jq -r .rule <<<"$output")" = json ]
	[[ $stderr == *"line 3"* ]]
}

@test "a last line without its newline is not executed" {
	sim
	run --separate-stderr bash -c 'printf %s "$0" | bf-order' "$(market BUY 0.01)"
	[ "$status" -eq 1 ]
	[ "$(jq -r .rule <<<"$output")" = partial-line ]
	[[ $stderr == *newline* ]]
	once 0 0
}

@test "a line of 10 MiB is read; one of 17 MiB is too long, and stops" {
	sim
	head -c 10485760 /dev/zero | tr '\0' x >"$T/x"
	{ printf '{"e":"note","x":"'; cat "$T/x"; printf '"}\n'; market BUY 0.01; } >"$T/in"
	run --separate-stderr bf-order <"$T/in"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	{ cat "$T/x" "$T/x"; echo; market BUY 0.01; } >"$T/in"
	run --separate-stderr bf-order <"$T/in"
	[ "$status" -eq 1 ]
	[ "$(jq -r .rule <<<"$output")" = line-too-long ]
	[[ $stderr == *"1 line not read"* ]]
	once 1 1
}

@test "invalid UTF-8, a NUL and a duplicate member are refused" {
	sim
	run --separate-stderr bash -c 'printf "{\"symbol\":\"BTC\\xff\"}\n" | bf-order'
	[ "$status" -eq 1 ]
	[[ $output == *UTF-8* ]]
	run --separate-stderr bash -c 'printf "{\"symbol\":\"BTC\\0\"}\n" | bf-order'
	[ "$(jq -r .rule <<<"$output")" = json ]
	run --separate-stderr bf-order <<<"$(market BUY 0.01 ETHUSDT '"quantity":"100"')"
	[ "$(jq -r '.rule + (.code|tostring)' <<<"$output")" = intent-1101 ]
	once 0 0
}

@test "records of others pass only with --pass, refusals of others always" {
	sim
	printf '%s\n' '{"e":"markPriceUpdate","p":"1.0"}' '{"e":"bf.reject","rule":"max-lev" , "intent":null}' '{"e":"bf.conn"}' >"$T/in"
	run --separate-stderr bf-order <"$T/in"
	[ "$status" -eq 1 ]
	[ "$output" = '{"e":"bf.reject","rule":"max-lev" , "intent":null}' ]
	run --separate-stderr bf-order --pass <"$T/in"
	[ "$output" = "$(cat "$T/in")" ]
}

@test "every intent leaves as exactly one outcome" {
	sim --fault 'on POST order#3: exec=no reply=400/-2019'
	quick
	{
		market BUY 0.01				# result
		echo '{"e":"markPriceUpdate","s":"BTCUSDT"}'
		limit BUY 0.0015 59000			# rejected here
		market BUY 0.01 NOSUCHUSDT		# rejected here
		market BUY 0.01				# result
		market BUY 0.01				# refused there
		echo '{"symbol":"ETHUSDT","side":"UP"}'	# rejected here
		echo '{"op":"cancel-all","symbol":"ETHUSDT"}'
		echo '{"op":"cancel","symbol":"ETHUSDT","orderId":"8389765606284283460"}'
		market SELL 0.02 ETHUSDT '"reduceOnly":true'
	} >"$T/in"
	run --separate-stderr bf-order <"$T/in"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 9 ]
	[ "$(jq -s '[.[] | select(.e == "bf.reject")] | length' <<<"$output")" -eq 3 ]
	[ "$(jq -s '[.[] | select(.e == "bf.error")] | length' <<<"$output")" -eq 2 ]
	once 4 3
}

#
# Rules
#

@test "an unknown symbol is refused by name, with near ones" {
	sim
	run --separate-stderr bf-order <<<"$(market BUY 0.01 ETHUSD)"
	[ "$status" -eq 1 ]
	[ "$(jq -r '.e + (.code|tostring)' <<<"$output")" = bf.reject-1121 ]
	[[ $output == *ETHUSDT* ]]
	once 0 0
}

@test "price off tick, quantity and notional below the least: rule, value, limit, nearest" {
	sim
	run --separate-stderr bf-order <<<"$(limit BUY 0.002 59000.03)"
	[ "$status" -eq 1 ]
	[ "$(jq -r '.rule + " " + (.code|tostring) + " " + .limit' <<<"$output")" = "tickSize -4014 0.10" ]
	[[ $output == *"nearest 59000.00"* ]]
	run --separate-stderr bf-order <<<"$(limit BUY 0.0001 59000)"
	[[ $output == *-4004* ]]
	run --separate-stderr bf-order <<<"$(limit BUY 0.005 2900 ETHUSDT)"
	[ "$(jq -r '.rule + " " + (.code|tostring) + " " + .limit' <<<"$output")" = "notional -4164 20" ]
	run --separate-stderr bf-order <<<"$(market BUY 0.001)"
	[ "$(jq -r .code <<<"$output")" = -4164 ]
	once 0 0
}

@test "all breaches are told at once" {
	sim
	run --separate-stderr bf-order <<<"$(limit BUY 0.0001 59000.03)"
	[[ $output == *-4014* ]]
	[[ $output == *-4004* ]]
	[[ $output == *-4164* ]]
	[ "${#lines[@]}" -eq 1 ]
}

@test "--round rounds to the safe side, says so, and journals what was sent" {
	sim
	run --separate-stderr bf-order --round <<<"$(limit BUY 0.0029 59000.09 BTCUSDT '"note":1')"
	[ "$status" -eq 0 ]
	[ "$(jq -r '.origQty + " " + .price' <<<"$output" | sed 's/0*$//;s/\.$//')" = "0.002 59000" ]
	[[ $stderr == *"0.0029 rounded to 0.002"* ]]
	[[ $stderr == *"59000.09 rounded to 59000"* ]]
	[ "$(journal | jq -c 'select(.what == "intent").data.intent | [.quantity, .price, .note]')" = '["0.002","59000",1]' ]
	run --separate-stderr bf-order --round --dry-run <<<"$(limit SELL 0.0029 61000.01)"
	[[ $(jq -r .query <<<"$output") == *"quantity=0.002&price=61000.1&"* ]]
}

@test "the caps of the profile hold, but not against closing" {
	sim --position BTCUSDT:0.1
	profile 'symbols = BTCUSDT SOLUSDT' 'max_order_notional = 200'
	run --separate-stderr bf-order <<<"$(market BUY 0.01)"
	[ "$status" -eq 1 ]
	[ "$(jq -r .rule <<<"$output")" = symbols ]
	run --separate-stderr bf-order <<<"$(limit BUY 0.01 59000)"
	[ "$(jq -r '.rule + " " + .value + " " + .limit' <<<"$output")" = "max_order_notional 590 200" ]
	run --separate-stderr bf-order <<<"$(market BUY 0.01 BTCUSDT)"
	[ "$(jq -r '.rule + " " + .value' <<<"$output")" = "max_order_notional 600" ]
	run --separate-stderr bf-order <<<"$(market SELL 0.1 BTCUSDT '"reduceOnly":"true"')"
	[ "$status" -eq 0 ]
	once 1 1
}

@test "the cap on orders a minute is a refusal that may be tried again" {
	sim
	profile 'max_orders_per_minute = 2'
	# four orders: whichever minute they fall into, one of them is over
	run --separate-stderr bf-order <<<"$(market BUY 0.01; market BUY 0.01; market BUY 0.01; market BUY 0.01; market BUY 0.01)"
	[ "$status" -eq 3 ]
	[ "$(tail -n 1 <<<"$output" | jq -r '.outcome + (.retryable|tostring)')" = refusedtrue ]
	[ "$(posts)" -lt 5 ]
}

@test "a filter refusal of the exchange makes the rules be read anew, once" {
	sim --fault 'on POST order*2: exec=no reply=400/-4164'
	bf-order --dry-run <<<"$(market BUY 0.01)" >/dev/null
	before=$(seen GET /fapi/v1/exchangeInfo)
	run --separate-stderr bf-order <<<"$(market BUY 0.01; market BUY 0.01; market BUY 0.01)"
	[ "$status" -eq 1 ]
	[ "$(seen GET /fapi/v1/exchangeInfo)" -eq $((before + 1)) ]
	once 3 1
}

@test "an id is never sent twice: not in a run, not in the next" {
	sim
	run --separate-stderr bf-order <<<"$(market BUY 0.01 ETHUSDT '"newClientOrderId":"a-1"'; market BUY 0.01 ETHUSDT '"newClientOrderId":"a-1"')"
	[ "$status" -eq 1 ]
	[ "$(jq -r 'select(.e == "bf.reject").rule' <<<"$output")" = duplicate-id ]
	run --separate-stderr bf-order <<<"$(market BUY 0.01 ETHUSDT '"newClientOrderId":"a-1"')"
	[ "$status" -eq 1 ]
	[ "$(jq -r .rule <<<"$output")" = duplicate-id ]
	once 1 1
}

@test "an id whose order never left may be used again" {
	sim --position ETHUSDT:1
	bf-order --dry-run <<<"$(market BUY 0.01)" >/dev/null 2>&1
	bf-order sell ETHUSDT 0.01 market --reduce-only >/dev/null 2>&1
	kill -9 "$SIM_PID"
	wait "$SIM_PID" || true
	run --separate-stderr bf-order sell ETHUSDT 0.02 market --reduce-only --client-id a-1
	[ "$status" -eq 3 ]
	[ "$(jq -r '.outcome + (.retryable|tostring)' <<<"$output")" = refusedtrue ]
	sim --position ETHUSDT:1
	run --separate-stderr bf-order sell ETHUSDT 0.02 market --reduce-only --client-id a-1
	[ "$status" -eq 0 ]
}

#
# The kill latch
#

@test "the kill latch refuses what adds risk and passes what reduces it" {
	sim --position ETHUSDT:1
	bf-kill --latch-only --reason "too hot" 2>/dev/null >&2
	run --separate-stderr bf-order <<<"$(market BUY 0.01; market SELL 0.5 ETHUSDT '"reduceOnly":true'; echo '{"op":"cancel-all","symbol":"ETHUSDT"}')"
	[ "$status" -eq 6 ]
	[ "$(head -n 1 <<<"$output" | jq -r .rule)" = kill-latch ]
	[[ $output == *"too hot"* ]]
	[ "${#lines[@]}" -eq 3 ]
	once 1 1
}

@test "a latch set during a run stops the next order" {
	sim
	mkfifo -m 600 "$T/in"
	bf-order <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	exec 8>"$T/in"
	market BUY 0.01 >&8
	wait_for grep -q orderId "$T/out"
	touch "$(state)/latch"
	market BUY 0.01 >&8
	exec 8>&-
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 6 ]
	[ "$(tail -n 1 "$T/out" | jq -r .rule)" = kill-latch ]
	once 1 1
}

#
# The exchange in trouble
#

@test "a refusal of the exchange is an error of known outcome" {
	sim --fault 'on POST order: exec=no reply=400/-2019'
	run --separate-stderr bf-order <<<"$(market BUY 0.01)"
	[ "$status" -eq 1 ]
	[ "$(jq -r '.e + " " + .outcome + " " + (.retryable|tostring) + " " + (.code|tostring)' <<<"$output")" = "bf.error refused false -2019" ]
	once 1 0
}

@test "503 Service Unavailable, Internal error and -1008 are refused, and may be tried again" {
	for reply in 503/svc 503/internal 503/-1008; do
		sim --fault "on POST order: exec=no reply=$reply"
		run --separate-stderr bf-order <<<"$(market BUY 0.01)"
		[ "$status" -eq 3 ] || { echo "$reply: $status $output $stderr"; false; }
		[ "$(jq -r '.outcome + (.retryable|tostring)' <<<"$output")" = refusedtrue ]
		once 1 0
		home_end
		: >"$T/ledger"
	done
}

@test "F01: 503 Unknown error, executed: found by its id, sent once" {
	sim --fault 'on POST order: exec=yes reply=503/unknown'
	quick
	run --separate-stderr bf-order "${QUICK[@]}" <<<"$(market BUY 0.01)"
	[ "$status" -eq 0 ]
	[ "$(jq -r .symbol <<<"$output")" = ETHUSDT ]
	[[ $stderr == *unknown* ]]
	once 1 1
}

@test "F01: 503 Unknown error, not executed: absent, sent once" {
	sim --fault 'on POST order: exec=no reply=503/unknown'
	quick
	run --separate-stderr bf-order "${QUICK[@]}" <<<"$(market BUY 0.01)"
	[ "$status" -eq 1 ]
	[ "$(kinds)" = "bf.recovered bf.error" ]
	[ "$(tail -n 1 <<<"$output" | jq -r '.outcome + (.retryable|tostring)')" = refusedfalse ]
	once 1 0
}

@test "F02: time-out of the backend, executed late: found" {
	sim --fault 'on POST order: exec=late=300 reply=408/-1007'
	quick
	run --separate-stderr bf-order "${QUICK[@]}" <<<"$(market BUY 0.01)"
	[ "$status" -eq 0 ]
	once 1 1
}

@test "F05: the text that means refused, under another status, is not known" {
	sim --fault 'on POST order: exec=yes reply=500/internal'
	quick
	run --separate-stderr bf-order "${QUICK[@]}" <<<"$(market BUY 0.01)"
	[ "$status" -eq 0 ]
	once 1 1
}

@test "F07: HTML, and an empty answer, leave the outcome unknown until it is found" {
	for reply in 502/html 504/empty 200/html 200/null 200/empty; do
		sim --fault "on POST order: exec=yes reply=$reply"
		quick
		run --separate-stderr bf-order "${QUICK[@]}" <<<"$(market BUY 0.01)"
		[ "$status" -eq 0 ] || { echo "$reply: $status $output $stderr"; false; }
		once 1 1
		home_end
		: >"$T/ledger"
	done
}

@test "F08: no answer in time, executed later: found" {
	sim --fault 'on POST order: exec=late=600 net=stall'
	profile 'recv_window = 1500'
	run --separate-stderr bf-order --lag-budget 1 --timeout 300 --resolve-timeout 8 <<<"$(market BUY 0.01)"
	[ "$status" -eq 0 ]
	once 1 1
}

@test "F08: no answer in time, never executed: absent" {
	sim --fault 'on POST order: exec=no net=stall'
	quick
	run --separate-stderr bf-order "${QUICK[@]}" <<<"$(market BUY 0.01)"
	[ "$status" -eq 1 ]
	[ "$(kinds)" = "bf.recovered bf.error" ]
	once 1 0
}

@test "F09: the connection dies after the request, by reset or end: one request, found or absent" {
	for net in rst fin cut=40; do
		for exec in yes no; do
			sim --fault "on POST order: exec=$exec net=$net"
			quick
			run --separate-stderr bf-order "${QUICK[@]}" <<<"$(market BUY 0.01)"
			if [ $exec = yes ]; then
				[ "$status" -eq 0 ] || { echo "$net $exec: $status $output $stderr"; false; }
				once 1 1
			else
				[ "$status" -eq 1 ] || { echo "$net $exec: $status $output $stderr"; false; }
				once 1 0
			fi
			home_end
			: >"$T/ledger"
		done
	done
}

@test "a kept connection that dies unanswered is no reason to send again" {
	for exec in yes no; do
		for net in rst fin; do
			sim --fault "on POST order#2: exec=$exec net=$net"
			quick
			run --separate-stderr bf-order "${QUICK[@]}" <<<"$(market BUY 0.01; market BUY 0.02)"
			[ "$(posts)" -eq 2 ] || { echo "$exec $net: $(posts) requests"; false; }
			if [ $exec = yes ]; then
				[ "$status" -eq 0 ]
				[ "$(executed)" -eq 2 ]
			else
				[ "$status" -eq 1 ]
				[ "$(executed)" -eq 1 ]
			fi
			home_end
			: >"$T/ledger"
		done
	done
}

@test "while an outcome stays unknown, what adds risk is refused and what reduces it goes" {
	sim --position ETHUSDT:1 --fault 'on POST order#1: exec=no net=rst' --fault 'on GET order: reply=503/unknown'
	quick
	run --separate-stderr bf-order --lag-budget 1 --timeout 400 --resolve-timeout 1 <<<"$(market BUY 0.01; market BUY 0.02; market SELL 0.03 ETHUSDT '"reduceOnly":true')"
	[ "$status" -eq 4 ]
	[ "$(jq -r '.outcome // .rule // .status' <<<"$output" | head -n 2 | paste -sd' ')" = "unknown unresolved" ]
	[ "${#lines[@]}" -eq 3 ]
	once 2 1
}

@test "429 with Retry-After: nothing more leaves until then, from any process" {
	sim --fault 'on POST order#1: exec=no reply=429/-1003 hdr=Retry-After:60'
	run --separate-stderr bf-order <<<"$(market BUY 0.01; market BUY 0.02)"
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 2 ]
	[ "$(jq -r .retryable <<<"$output" | sort -u)" = true ]
	requests=$(grep -c '"what":"request"' "$T/ledger")
	run --separate-stderr bf-order <<<"$(market BUY 0.01)"
	[ "$status" -eq 3 ]
	[ "$(grep -c '"what":"request"' "$T/ledger")" -eq "$requests" ]
	once 1 0
}

@test "an exchange that is not there: not sent, may be tried again" {
	sim
	bf-order --dry-run <<<"$(market BUY 0.01)" >/dev/null	# the rules and the time are known
	kill -9 "$SIM_PID"
	wait "$SIM_PID" || true
	run --separate-stderr bf-order <<<"$(market BUY 0.01)"
	[ "$status" -eq 3 ]
	[ "$(jq -r '.outcome + (.retryable|tostring)' <<<"$output")" = refusedtrue ]
}

@test "prices that cannot be had: nothing that adds risk is sent, an exit is" {
	sim --position ETHUSDT:1 --fault 'on GET premiumIndex: reply=502/html'
	run --separate-stderr bf-order <<<"$(market BUY 0.01; market SELL 0.02 ETHUSDT '"reduceOnly":true')"
	[ "$status" -eq 3 ]
	[ "$(head -n 1 <<<"$output" | jq -r '.e + (.retryable|tostring)')" = bf.errortrue ]
	[ "$(tail -n 1 <<<"$output" | jq -r .reduceOnly)" = true ]
	once 1 1
}

@test "a refused key ends the run" {
	sim --fault 'on POST order: exec=no reply=401/-2015'
	run --separate-stderr bf-order <<<"$(market BUY 0.01; market BUY 0.02)"
	[ "$status" -eq 5 ]
	[ "$(jq -r .category <<<"$output" | paste -sd' ')" = "key unavailable" ]	# the second was read, not sent
	once 1 0
}

@test "-4116: an order with this id stands; it is adopted" {
	sim --fault 'on POST order: exec=yes reply=400/-4116'
	quick
	run --separate-stderr bf-order "${QUICK[@]}" <<<"$(limit BUY 0.002 59000)"
	[ "$status" -eq 0 ]
	once 1 1
}

#
# The journal
#

@test "without a journal nothing is sent" {
	sim
	bf-order </dev/null 2>/dev/null		# makes the directories
	mkdir -p "$(state)/journal"
	mkdir "$(state)/journal/$(date -u +%Y-%m-%d).ndjson"
	run --separate-stderr bf-order <<<"$(market BUY 0.01)"
	[ "$status" -eq 8 ]
	[[ $stderr$output == *journal* ]]
	once 0 0
	run --separate-stderr bf-order --journal /dev/full <<<"$(market BUY 0.01)"
	[ "$status" -eq 8 ]
	once 0 0
}

@test "two processes given the same order: one sends it" {
	sim
	mkfifo -m 600 "$T/one" "$T/two"
	bf-order <"$T/one" >"$T/out1" 2>&1 3>&- & local a=$!
	bf-order <"$T/two" >"$T/out2" 2>&1 3>&- & local b=$!
	exec 7>"$T/one" 8>"$T/two"
	market BUY 0.01 ETHUSDT '"newClientOrderId":"warm-1"' >&7	# both have read the journal
	market BUY 0.01 ETHUSDT '"newClientOrderId":"warm-2"' >&8
	wait_for grep -q warm-1 "$T/out1"
	wait_for grep -q warm-2 "$T/out2"
	market BUY 0.01 ETHUSDT '"newClientOrderId":"same-1"' | tee /dev/fd/7 >&8
	exec 7>&- 8>&-
	wait "$a" || true
	wait "$b" || true
	once 3 3
	[ "$(grep -h same-1 "$T/out1" "$T/out2" | grep -c 'another process')" -eq 1 ]
	[ "$(grep -h same-1 "$T/out1" "$T/out2" | grep -c '"status"')" -eq 1 ]
}

@test "the journal line is on the disk before the first byte of the order" {
	command -v strace >/dev/null || skip "no strace here"
	sim
	bf-order --dry-run <<<"$(market BUY 0.01)" >/dev/null
	# no leak check under a tracer: it cannot, and ends the program for it
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		strace -f -qq -s 300 -e trace=write,fdatasync,fsync,sendto,send,sendmsg,writev -o "$T/trace" bf-order <<<"$(market BUY 0.01)" >"$T/out" 2>"$T/err" || skip "strace cannot trace here"
	line=$(grep -n 'bf.journal.*\\"intent\\"' "$T/trace" | head -n 1 | cut -d: -f1)
	sync=$(awk -v l="$line" 'NR > l && /fdatasync/ { print NR; exit }' "$T/trace")
	post=$(grep -n 'POST /fapi/v1/order' "$T/trace" | head -n 1 | cut -d: -f1)
	[ -n "$line" ] && [ -n "$sync" ] && [ -n "$post" ]
	[ "$line" -lt "$sync" ]
	[ "$sync" -lt "$post" ]
}

@test "killed with an order in flight: the next start finds it, before anything else" {
	sim --fault 'on POST order#1: exec=yes net=stall'
	bf-order <<<"$(market BUY 0.01 ETHUSDT '"newClientOrderId":"a-1"')" >"$T/out" 2>/dev/null 3>&- &
	pid=$!
	wait_for has_order
	kill -9 "$pid"
	wait "$pid" || true
	run --separate-stderr bf-order <<<"$(market BUY 0.02)"
	[ "$status" -eq 0 ]
	[ "$(head -n 1 <<<"$output" | jq -r '.e + " " + .outcome + " " + .clientOrderId')" = "bf.recovered result a-1" ]
	[[ $(head -n 1 <<<"$output") =~ \"orderId\":[0-9]{19}[,}] ]]
	[ "${#lines[@]}" -eq 2 ]
	once 2 2
	run --separate-stderr bf-order recover
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "killed with an order that never arrived: recover proves it absent" {
	sim --fault 'on POST order#1: exec=no net=stall'
	quick
	bf-order <<<"$(market BUY 0.01)" >"$T/out" 2>/dev/null 3>&- &
	pid=$!
	wait_for has_post
	kill -9 "$pid"
	wait "$pid" || true
	run --separate-stderr bf-order "${QUICK[@]}" recover
	[ "$status" -eq 0 ]
	[ "$(jq -r '.e + " " + .outcome' <<<"$output")" = "bf.recovered absent" ]
	once 1 0
}

@test "the journal can be read, and tells what was intended and what came of it" {
	sim
	bf-order --max-in-flight 1 --batch 1 <<<"$(market BUY 0.01; limit BUY 0.002 59000)" >/dev/null 2>&1
	run --separate-stderr bf-order journal
	[ "$status" -eq 0 ]
	[ "$(jq -r .what <<<"$output" | paste -sd' ')" = "intent result intent result" ]
	run --separate-stderr bf-order -o table journal 2
	[[ ${lines[0]} == *TIME*BECAME* ]]
	[ "${#lines[@]}" -eq 3 ]	# a row for each order
	run --separate-stderr bf-order journal 0
	[ "$status" -eq 2 ]
	[ "$stderr" = "bf-order: days 0: not a whole number from 1 to 10000"$'\n'"bf-order: see bf-order --help" ]
}

@test "a damaged line of the journal is said, and costs only itself" {
	sim
	bf-order <<<"$(market BUY 0.01; market BUY 0.02)" >/dev/null 2>&1
	f=$(echo "$(state)"/journal/*.ndjson)
	sed -i '2s/FILLED\|NEW/XXX/' "$f"
	run --separate-stderr bf-order journal
	[ "$status" -eq 8 ]
	[[ $stderr == *"1 damaged line"* ]]
	[ "${#lines[@]}" -eq 3 ]
}

#
# Output and signals
#

@test "a full disk: the order is finished, journalled and said" {
	sim
	run --separate-stderr bash -c 'bf-order >/dev/full' <<<"$(market BUY 0.01; market BUY 0.02)"
	[ "$status" -eq 8 ]
	[[ $stderr == *orderId* ]]
	[[ $stderr == *"No space left"* ]]
	[[ $stderr == *"0.02"*"not sent"* || $stderr == *"nothing was sent"*"0.02"* ]]
	[ "$(journal | jq -r .what | paste -sd' ')" = "intent result" ]
	once 1 1
}

@test "the reader leaves while an order is in flight: it is finished, journalled and said" {
	sim --fault 'on POST order: net=delay=700'
	{ market BUY 0.01; market BUY 0.02; } >"$T/in"
	{ bf-order <"$T/in" 2>"$T/err" || echo $? >"$T/status"; } | wait_for has_post
	wait_for test -s "$T/status"
	[ "$(cat "$T/status")" -eq 8 ]
	grep -q orderId "$T/err"
	[ "$(journal | jq -r .what | paste -sd' ')" = "intent result" ]
	once 1 1
}

@test "the reader leaves while there is nothing to do: bf-order ends" {
	sim
	mkfifo -m 600 "$T/in"
	{ bf-order <"$T/in" 2>"$T/err" || echo $? >"$T/status"; } 3>&- | true &
	exec 8>"$T/in"
	wait_for test -s "$T/status"
	exec 8>&-
	[ "$(cat "$T/status")" -eq 8 ]
	grep -q "reader of standard output has gone" "$T/err"
}

@test "SIGTERM: the order in flight is finished, nothing more is begun" {
	sim --fault 'on POST order#1: net=delay=700'
	{ market BUY 0.01; market BUY 0.02; } >"$T/in"
	bf-order <"$T/in" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for has_post
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 3 ]
	[ "$(jq -r '.status // (.category + .outcome)' <"$T/out" | sort | paste -sd' ')" = "NEW unavailablerefused" ]
	once 1 1
}

@test "a second SIGTERM leaves with an order in flight: 4, and the next start finds it" {
	sim --fault 'on POST order#1: net=stall'
	bf-order <<<"$(market BUY 0.01)" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for has_post
	wait_for term_until_said
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 4 ]
	run --separate-stderr bf-order recover
	[ "$(jq -r .outcome <<<"$output")" = result ]
	once 1 1
}

@test "standard output that is closed is local trouble, and nothing is sent" {
	sim
	run --separate-stderr bash -c 'bf-order >&-' <<<"$(market BUY 0.01)"
	[ "$status" -eq 8 ]
	once 0 0
}

@test "the secret is in no output, no file of the state, no process" {
	sim
	secret=$(sed -n 's/^secret *= *//p' "$XDG_CONFIG_HOME/bf/profiles/sim")
	[ -n "$secret" ]
	run bf-order <<<"$(market BUY 0.01; market BUY 0.00001)"
	[[ $output != *"$secret"* ]]
	[[ $output != *signature* ]]
	run grep -rlF "$secret" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$T/ledger"
	[ -z "$output" ]
}
