# The fault language of bf-sim: rules for requests, for WebSockets, and what the
# exchange itself can be made to do.

setup() {
	load ../helper
	load ../simclient
	home
}

teardown() {
	home_end
}

refused() { ! act "$@" 2>"$T/why"; }	# the answer is in $T/why

# --- where rules come from ---

@test "rules come from options, files in two forms, and at run time" {
	cat >"$T/rules" <<-'END'
		# a comment, and a line of blanks

		on GET ping: reply=418/-1003
		{"on":"GET time","reply":"503/svc","hdr":"Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"}
		{"on":"POST order#2","exec":"yes","net":"rst"}
	END
	sim --fault 'on GET exchangeInfo: reply=403/waf' --faults "$T/rules"
	[ "$(status_of public /fapi/v1/exchangeInfo)" = 403 ]
	[ "$(status_of public /fapi/v1/ping)" = 418 ]
	[ "$(status_of public /fapi/v1/time -D "$T/h")" = 503 ]
	grep -q '^Retry-After: Wed, 21 Oct 2026 07:28:00 GMT' "$T/h"
	[ "$(status_of limit_order BTCUSDT BUY 0.01 59000 "")" = 200 ]
	run limit_order BTCUSDT BUY 0.01 59000
	[ "$status" -eq 56 ]
	rules 'on GET depth: reply=200/null' '{"on":"GET klines","reply":"200/array"}'
	[ "$(public '/fapi/v1/depth?symbol=BTCUSDT')" = null ]
	[ "$(public '/fapi/v1/klines?symbol=BTCUSDT&interval=1m')" = '[]' ]
	public /sim/v1/faults >"$T/list"
	[ "$(wc -l <"$T/list")" -eq 6 ]
	grep -qx 'on GET exchangeInfo: reply=403/waf' "$T/list"
	grep -q '^{"on":"GET klines"' "$T/list"
	public /sim/v1/faults -X DELETE | ok
	[ -z "$(public /sim/v1/faults)" ]
	[ "$(status_of public /fapi/v1/exchangeInfo)" = 200 ]
	[ "$(status_of public /fapi/v1/time)" = 200 ]
}

@test "a rule with a time waits for it" {
	STEPPED=1
	sim --clock step --start 2026-11-02T00:00:00Z --fault 't=30s on GET ping: reply=500/empty' \
	    --fault '{"t":60000,"sim":"used=2400"}' --fault 't=2m ws:public: close=1012'
	ws p /public/ws/btcusdt@bookTicker
	[ "$(status_of public /fapi/v1/ping)" = 200 ]
	step 29999
	[ "$(status_of public /fapi/v1/ping)" = 200 ]
	step 1
	[ "$(status_of public /fapi/v1/ping)" = 500 ]
	[ "$(status_of public /fapi/v1/time)" = 200 ]
	step 30s
	[ "$(status_of public /fapi/v1/time)" = 429 ]
	caught_up p
	step 60s
	wait_for got p '^close 1012'
	ws again /public/ws/btcusdt@bookTicker	# who comes later is spared
	caught_up again
}

@test "what is no rule is refused with its words, wherever it comes from" {
	n=0
	while IFS='|' read -r rule words; do
		run bf-sim --fault "$rule"
		[ "$status" -eq 2 ] || { echo "$rule: $status $output"; false; }
		[[ $output == *"--fault"*"$words"* ]] || { echo "$rule: $output"; false; }
	done <<-'END'
		hello|in front
		on POST order|in front
		on POST order:|no action
		on POST order: exec=maybe|exec=
		on POST order: exec=no|exec=no needs
		on POST order: reply=99/-1001|reply=
		on POST order: reply=200|reply=
		on POST order: reply=400/-1|neither a name
		on POST order: reply=400/odd|neither a name
		on POST order: net=tls:bad|net=
		on POST order: net=drip=0/5|net=
		on POST order: hdr=NoColon|hdr=
		on POST order: hdr-=|hdr-=
		on POST order#0: net=fin|count
		on post order: net=fin|method
		on POSTS order: net=fin|method
		on POST order more: net=fin|more than
		on POST order: jump=1|actions are
		on POST order: net=fin sim|sim is followed
		ws:nowhere: fin|ws: is followed by
		ws:user: fly|actions are
		ws:user: after=3|no action
		ws:user: fin rst|one action
		ws:user: raw=123|raw=
		ws:user: close=99|range
		ws:user: ping=126|range
		t=-5 on GET ping: net=fin|t=
		t=soon on GET ping: net=fin|t=
		sim|in front
		{"on":"GET ping"}|no action
		{"on":7,"net":["fin"]}|JSON
		{"on":"GET ping","net":"fin"|JSON
	END
	printf 'on GET ping: net=fin\n\nnonsense\n' >"$T/rules"
	run bf-sim --faults "$T/rules"
	[ "$status" -eq 2 ]
	[[ $output == *"rules, line 3: 'nonsense'"* ]]
	run bf-sim --faults "$T/none"
	[ "$status" -eq 2 ]
	[[ $output == *"No such file"* ]]
	sim
	printf 'on GET ping: net=sideways\n' | curl -sS --noproxy '*' --data-binary @- "$SIM_REST/sim/v1/faults" | is '.error | test("net=")'
	for action in 'dance' 'fill=0.1' 'mark=1' 'mark=x BTCUSDT' 'time=5' 'time+=-5' 'skew=x' 'place BTCUSDT qty=1' 'place BUY NOSUCH qty=1' \
	    'numbers=odd' 'leverage=1000 BTCUSDT' 'deposit=1 asset=NOPE' 'fill account=9' 'regime=calm' 'filters=/none'; do
		refused "$action" || { echo "$action"; false; }
		is '.error | startswith("sim ")' <"$T/why"
	done
	refused 'mark=1 NOSUCH'
	is '.error | test("NOSUCH")' <"$T/why"
	public /fapi/v1/ping | is '. == {}'
}

@test "the control path is for this machine's own programs" {
	sim
	public /sim/v1/status | is '.clock == "real" and (.accounts | length) == 1 and (.symbols | map(.symbol) | index("BTCUSD_PERP")) != null'
	[ "$(status_of public /sim/v1/status -H 'Origin: http://evil.example')" = 403 ]
	# a name that a web page had resolved to this machine is not ours
	for host in evil.example evil.example:80 127.evil.example localhost.evil.example 127.0.0.1.evil.example 0.0.0.0 127.0.0.1@evil.example; do
		[ "$(status_of public /sim/v1/status -H "Host: $host")" = 403 ] || { echo "$host"; false; }
	done
	for host in localhost LOCALHOST:1234 127.0.0.1 127.1.2.3:80; do
		[ "$(status_of public /sim/v1/status -H "Host: $host")" = 200 ] || { echo "$host"; false; }
	done
	[ "$(status_of public /sim/v1/nothing)" = 404 ]
	[ "$(status_of public /sim/v1/clock -X POST -d step=5)" = 400 ]
	[ "$(status_of public /sim/v1/do -X POST --data-binary "$(printf 'x%.0s' {1..1100})")" = 400 ]
	printf 'mark=1\0BTCUSDT' | curl -sS --noproxy '*' --data-binary @- "$SIM_REST/sim/v1/do" | is '.error | test("NUL")'
	[ "$(executed)" -eq 0 ]
	[ "$(ledger request length)" -eq 0 ]	# it is no part of the exchange
}

# --- on: what happens to a request ---

@test "headers are added and left out" {
	sim --fault 'on GET ping: hdr=X-One:1 hdr=X-Two:b hdr-=X-MBX-USED-WEIGHT-1M' --fault 'on GET time: hdr-=x-mbx-used-weight-1m hdr=X-MBX-USED-WEIGHT-1M:-1'
	public /fapi/v1/ping -D "$T/h"
	grep -q '^X-One: 1' "$T/h"
	grep -q '^X-Two: b' "$T/h"
	run ! grep -qi used-weight "$T/h"
	public /fapi/v1/time -D "$T/h"
	grep -q '^X-MBX-USED-WEIGHT-1M: -1' "$T/h"
	[ "$(grep -ci used-weight "$T/h")" -eq 1 ]
}

@test "an answer may be slow in every way" {
	sim --fault 'on GET ping#1: net=delay=300' --fault 'on GET ping#2: net=stall=300' --fault 'on GET ping#3: net=blackhole=300' \
	    --fault 'on GET ping#4: net=drip=10/20' --fault 'on GET ping#5: net=cut=0'
	took() { curl -sS --noproxy '*' "$SIM_REST/fapi/v1/ping" -o "$T/body" -w '%{time_total}' 2>/dev/null; }
	[ "$(took | tr -dc 0-9)" -ge 300000 ]
	run took
	[ "$status" -eq 52 ]
	[ "$(tr -dc 0-9 <<<"${output##*$'\n'}")" -ge 300000 ]
	run took
	[ "$status" -eq 52 ]
	[ "$(tr -dc 0-9 <<<"$(took)")" -ge 100000 ]
	[ "$(cat "$T/body")" = '{}' ]
	run took
	[ "$status" -eq 52 ]
	n=$(public /fapi/v1/time -i | wc -c)
	rules "on GET time: net=cut=$((n - 1))"
	run public /fapi/v1/time
	[ "$status" -eq 18 ]	# a byte is missing
	took
}

@test "a rule may act before its answer: a fill while cancelling, one after placing" {
	sim --fault 'on DELETE order#1: sim fill=0.04' --fault 'on DELETE order#2: sim fill=all' --fault 'on POST order#3: exec=yes sim fill=all' \
	    --fault 'on POST order#4: exec=no reply=503/unknown sim mark=58000 BTCUSDT'
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=a
	signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=a' | is '.status == "CANCELED" and .executedQty == "0.040"'
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=b
	signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=b' | is '.code == -2011'
	order BTCUSDT b | is '.status == "FILLED"'
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=c | is '.status == "NEW"'
	order BTCUSDT c | is '.status == "FILLED" and .avgPrice == "59000.00000"'
	[ "$(position BTCUSDT)" = 0.240 ]
	[ "$(status_of limit_order BTCUSDT BUY 0.1 57000 "")" = 503 ]
	public '/fapi/v1/premiumIndex?symbol=BTCUSDT' | is '.markPrice == "58000.00000000"'
	order BTCUSDT d | is '.code == -2013'
}

@test "a canned body of every name" {
	sim
	while IFS='|' read -r name text; do
		rules "on GET ping#1: reply=200/$name"
		public /fapi/v1/ping >"$T/body"
		[[ $(cat "$T/body") == *"$text"* ]] || { echo "$name: $(cat "$T/body")"; false; }
		public /sim/v1/faults -X DELETE | ok
	done <<-'END'
		unknown|Unknown error, please check your request or try again later.
		svc|"Service Unavailable."
		internal|Internal error; unable to process your request. Please try again.
		html|<center>nginx</center>
		waf|The request could not be satisfied
		empty|
		null|null
		array|[]
		ok|"success"
		mixed|[{"code":-4164
		trailing|{}}
		code0|"code":0
	END
	rules 'on GET ping: reply=200/bom'
	[ "$(public /fapi/v1/ping | od -An -tx1 | tr -d ' ')" = efbbbf7b7d ]
}

# --- WebSocket API ---

@test "requests over the WebSocket API have rules as well, by their method" {
	sim --fault 'on WS order.place#1: exec=yes reply=503/unknown' --fault 'on WS order.place#2: reply=200/html' \
	    --fault 'on WS order.place#3: exec=yes net=fin' --fault 'on WS order.cancel#1: sim fill=all' --fault 'on WS ticker.price: net=delay=200' \
	    --fault 'on WS time: reply=400/-1000'
	place_ws() {
		local p text
		p=$(jq -cn --arg key "$(ready key)" --argjson now "$(now)" --arg id "$2" '{symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC",
		    quantity: "0.1", price: "59000", newClientOrderId: $id, apiKey: $key, timestamp: $now}')
		text=$(jq -r 'to_entries | sort_by(.key) | map("\(.key)=\(.value)") | join("&")' <<<"$p")
		say "$1" "$(jq -c --arg s "$(sign "$text")" --arg id "$2" '{id: $id, method: "order.place", params: (. + {signature: $s})}' <<<"$p")"
	}
	ws a /ws-fapi/v1
	place_ws a one
	wait_for got a '^{"id":"one","status":503,"error":{"code":-1001,"msg":"Unknown error'
	order BTCUSDT one | is '.status == "NEW"'
	place_ws a two
	wait_for got a '<center>nginx'
	order BTCUSDT two | is '.code == -2013'
	say a '{"id":"p","method":"ticker.price","params":{"symbol":"BTCUSDT"}}' '{"id":"b","method":"ticker.book","params":{"symbol":"BTCUSDT"}}'
	wait_for got a '"id":"p"'
	events a '[.[].id]' | is '. == ["one", "b", "p"]'	# out of order
	place_ws a three
	wait_for got a '^fin'
	order BTCUSDT three | is '.status == "NEW"'
	[ "$(executed)" -eq 2 ]
}

@test "connections to the WebSocket API have the faults of WebSockets" {
	sim --fault 'ws:api: handshake=403/waf' --fault 'ws:api: swap' --fault 'ws:api: dup after=4' --fault 'ws:api: close=1011 after=5'
	run "$BF_PEERS/wscat" "${SIM_WS##*:}" /ws-fapi/v1 </dev/null
	[ "$status" -eq 1 ]
	[[ $output == 'HTTP/1.1 403'*'could not be satisfied'* ]]
	ws a /ws-fapi/v1
	price() { printf '{"id":%s,"method":"ticker.price","params":{"symbol":"BTCUSDT"}}\n' "$@"; }
	price 1 2 3 4 >&"${WS_IN[a]}"
	wait_for counted a '"id"' 4
	price 5 >&"${WS_IN[a]}"
	wait_for got a '^close 1011'
	events a '[.[].id]' | is '. == [2, 1, 3, 4, 5, 5]'
	ws b /ws-fapi/v1	# each of them was of one use
	price 1 >&"${WS_IN[b]}"
	wait_for got b '"id":1'
	rules 'ws:api: rst'
	wait_for got b '^rst'
}

# --- WebSocket streams ---

# A market that moves when it is stepped, and a client of one stream of it.
ticking() {
	STEPPED=1
	sim --clock step --start 2026-11-02T00:00:00Z --seed 5 --synthetic "$@"
}
march() { local i; for ((i = 0; i < $1; i++)); do step 1000; done; }

@test "messages are lost, doubled, exchanged, muted" {
	ticking
	while IFS='|' read -r name rule want; do
		ws "$name" /market/stream
		rules "ws:market: $rule"
		subscribe "$name" btcusdt@markPrice@1s 2>/dev/null || true
		public /sim/v1/faults -X DELETE | ok
		march 6
		caught_up "$name"
		events "$name" '[.[] | select(.data) | .data.E / 1000] | min as $first | map(. - $first)' >"$T/have"
		say "$name" '!close 1000'
		wait_for got "$name" '^fin'
		[ "$(cat "$T/have")" = "$want" ] || { echo "$name: $(cat "$T/have")"; cat "$T/$name"; false; }
	done <<-'END'
		plain|delay=1|[0,1,2,3,4,5,6]
		drop|drop=2 after=2|[0,1,4,5,6]
		dup|dup after=2|[0,1,2,2,3,4,5,6]
		dups|dup=2 after=3|[0,1,2,3,3,4,4,5,6]
		swap|swap after=2|[0,1,3,2,4,5,6]
		mute|mute after=4|[0,1,2,3]
	END
}

@test "a connection ends in every way, after so many messages or at an age" {
	ticking --fault 'ws:market: fin after=3' --fault 'ws:market: rst after=2' --fault 'ws:market: close=1013 after=1' \
	    --fault 'ws:market: close=1000 age=5000'
	ws fin /market/ws/btcusdt@markPrice@1s
	march 4
	wait_for got fin '^fin'
	[ "$(count fin markPriceUpdate)" -eq 3 ]
	run ! got fin '^close'
	ws rst /market/ws/btcusdt@markPrice@1s
	march 3
	wait_for got rst '^rst'
	[ "$(count rst markPriceUpdate)" -eq 2 ]
	ws close /market/ws/btcusdt@markPrice@1s
	march 1
	wait_for got close '^close 1013'
	ws age /market/ws/btcusdt@markPrice@1s
	march 4
	caught_up age
	step 1000
	wait_for got age '^close 1000'
	ws last /market/ws/btcusdt@markPrice@1s
	march 6
	caught_up last
	[ "$(count last markPriceUpdate)" -eq 7 ]
}

@test "pings, bytes as they are, silence, delay and refused handshakes" {
	ticking --fault 'ws:public: handshake=502/html' --fault 'ws:public: handshake=429/-1003' --fault 'ws:public: raw=81026869 after=1' --fault 'ws:public: ping=125' \
	    --fault 'ws:public: delay=200'
	run "$BF_PEERS/wscat" "${SIM_WS##*:}" /public/ws </dev/null
	[ "$status" -eq 1 ]
	[[ $output == 'HTTP/1.1 502'*nginx* ]]
	run "$BF_PEERS/wscat" -t 2 "${SIM_WS##*:}" /public/ws </dev/null
	[[ $output == 'HTTP/1.1 429'* ]]
	ws p /public/ws/btcusdt@depth5@100ms
	wait_for got p '^hi$'
	wait_for got p '^ping [0-9a-f]\{250\}$'
	wait_for got p depthUpdate
	start=$(date +%s%3N)
	n=$(count p depthUpdate)
	step 2000
	wait_for counted p depthUpdate $((n + 1))
	[ $(($(date +%s%3N) - start)) -ge 200 ]
	ws hole /market/ws/btcusdt@markPrice@1s
	caught_up hole
	rules 'ws:market: blackhole'
	n=$(wc -l <"$T/hole")
	say hole '!ping x'
	march 3
	ws other /market/ws/btcusdt@markPrice@1s
	caught_up other
	[ "$(wc -l <"$T/hole")" -eq "$n" ]
}

@test "a rule given while somebody is connected is for him, else for the next" {
	sim
	ws old /public/ws
	rules 'ws:public: close=1001'
	wait_for got old '^close 1001'
	ws next /public/ws
	caught_up next
	rules 'ws:market: close=1002'
	caught_up next
	ws market /market/ws
	wait_for got market '^close 1002'
	rules 'ws:*: handshake=451/code0'
	caught_up next
	run "$BF_PEERS/wscat" "${SIM_WS##*:}" /public/ws </dev/null
	[[ $output == 'HTTP/1.1 451'* ]]
	rules 'ws:*: fin'
	wait_for got next '^fin'
}

@test "new connections are refused for a while, and the line goes dead for one" {
	sim
	ws p /public/ws
	act refuse=700
	run public /fapi/v1/ping
	[ "$status" -ne 0 ]
	wait_for public /fapi/v1/ping
	caught_up p
	start=$(date +%s%3N)
	act blackhole=500
	public /fapi/v1/ping
	[ $(($(date +%s%3N) - start)) -ge 400 ]
}

# --- sim: the clock, the limits, the shapes of answers ---

@test "the clock is wrong, or jumps" {
	sim
	offset() { echo $(($(public /fapi/v1/time | tr -dc 0-9) - $(date +%s%3N))); }
	near() { [ "$1" -gt $(($2 - 500)) ] && [ "$1" -lt $(($2 + 500)) ] || { echo "$1 is not $2"; false; }; }
	act skew=7000
	near "$(offset)" 7000
	signed GET /fapi/v3/balance | is '.code == -1021 and (.msg | test("outside of the recvWindow"))'
	act skew=-9000
	near "$(offset)" -9000
	signed GET /fapi/v3/balance | is '.code == -1021 and (.msg | test("ahead of the server"))'
	act skew+=9000
	near "$(offset)" 0
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=old | is '.status == "NEW"'
	signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=old' | is '.status == "CANCELED"'
	act time+=4d
	near "$(offset)" 345600000
	SKEW=345600000
	order BTCUSDT old | is '.code == -2013'	# the venue forgets what did not trade
}

@test "reads are old for a while" {
	STEPPED=1
	sim --clock step --start 2026-11-02T00:00:00Z --synthetic
	act lag=3s
	id() { public '/fapi/v1/depth?symbol=BTCUSDT&limit=5' | jq .lastUpdateId; }
	first=$(id)
	[ "$(position BTCUSDT)" = 0 ]
	market_order BTCUSDT BUY 0.1
	step 2999
	[ "$(id)" = "$first" ]
	[ "$(position BTCUSDT)" = 0 ]
	step 1
	[ "$(id)" -gt "$first" ]
	[ "$(position BTCUSDT)" = 0.100 ]
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=x | is '.status == "NEW"'
	order BTCUSDT x | is '.code == -2013'
	signed GET /fapi/v1/openOrders | is '. == []'
	step 3s
	order BTCUSDT x | is '.status == "NEW"'
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=y | is '.status == "NEW"'
	order BTCUSDT y | is '.code == -2013'
	act lag=0
	order BTCUSDT y | is '.status == "NEW"'
	order BTCUSDT x | is '.status == "NEW"'
}

@test "limits are used up, and addresses banned" {
	sim --skew $((60000 - $(date +%s%3N) % 60000))
	SKEW=$((60000 - $(date +%s%3N) % 60000))
	act used=900
	public /fapi/v1/ping -D "$T/h"
	grep -qi '^x-mbx-used-weight-1m: 901' "$T/h"
	act used+=99
	public /fapi/v1/ping -D "$T/h"
	grep -qi '^x-mbx-used-weight-1m: 1001' "$T/h"
	act used=2400
	[ "$(status_of public /fapi/v1/ping)" = 429 ]
	act used=0 orders10s=300
	[ "$(status_of limit_order BTCUSDT BUY 0.1 59000 "")" = 429 ]
	is '.code == -1015' <"$T/body"
	[ "$(status_of public /fapi/v1/ping)" = 200 ]
	act ban=120
	[ "$(status_of public /fapi/v1/ping -D "$T/h")" = 418 ]
	grep -Eqi '^retry-after: (119|120|2[0-9][0-9])' "$T/h"
	[ "$(executed)" -eq 0 ]
}

@test "maintenance has one answer, for its time" {
	STEPPED=1
	sim --clock step --start 2026-11-02T00:00:00Z
	act maintenance=600
	[ "$(status_of public /fapi/v1/ping)" != 200 ]
	is '.code == -1016' <"$T/body"
	step 600s
	[ "$(status_of public /fapi/v1/ping)" = 200 ]
}

@test "answers take on other shapes" {
	sim --position BTCUSDT:0.1
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=plain >"$T/plain"
	act ack=full
	market_order BTCUSDT BUY 0.01 >"$T/full"
	is 'has("avgPrice") and has("cumQuote")' <"$T/full"
	is '(has("avgPrice") or has("cumQuote")) | not' <"$T/plain"
	act ack=minimal
	[ "$(signed GET /fapi/v3/positionRisk | jq length)" -eq 1 ]
	act positions=v2
	[ "$(signed GET /fapi/v3/positionRisk | jq length)" -gt 3 ]
	act positions=v3 enum=FOO
	order BTCUSDT plain | is '.status == "FOO"'
	ws u "/private/ws/$(listen_key)"
	signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=plain'
	wait_for got u '"X":"FOO"'
	act enum= numbers=hostile
	order BTCUSDT plain >"$T/body"
	grep -Eq '"price":(5900000E-2|"5900000E-2"|59000\.00|"59000\.0000000000)' "$T/body" || grep -q 'E-\|00000000000' "$T/body"
	is '.status == "CANCELED"' <"$T/body"
	act numbers=plain
	order BTCUSDT plain | is '.price == "59000.00"'
	[ "$(count u TRADE_LITE)" -eq 0 ]
	market_order BTCUSDT BUY 0.01
	wait_for got u TRADE_LITE
	act lite=off
	market_order BTCUSDT BUY 0.01
	caught_up u
	[ "$(count u TRADE_LITE)" -eq 1 ]
	[ "$(status_of public '/futures/data/openInterestHist?symbol=BTCUSDT&period=5m')" = 200 ]
	act profile=testnet
	[ "$(status_of public '/futures/data/openInterestHist?symbol=BTCUSDT&period=5m')" != 200 ]
}

# --- sim: orders, positions, accounts ---

@test "orders are filled, cancelled, placed by somebody else" {
	sim
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=a
	limit_order BTCUSDT BUY 0.1 58000 newClientOrderId=b
	act 'fill=0.04 order=a' 'fill order=a'
	order BTCUSDT a | is '.status == "FILLED" and .executedQty == "0.100" and .avgPrice == "59000.00000"'
	act 'cancel order=b'
	order BTCUSDT b | is '.status == "CANCELED"'
	act 'place BUY BTCUSDT qty=0.05 price=57000' 'place SELL BTCUSDT qty=0.02' 'place SELL ETHUSDT qty=1 price=3300 order=web_x'
	signed GET /fapi/v1/openOrders | is 'length == 2 and all(.[]; .clientOrderId | startswith("web_"))'
	[ "$(position BTCUSDT)" = 0.080 ]
	refused 'fill=0.0001 ETHUSDT'
	grep -q stepSize "$T/why"
}

@test "conditional orders are triggered and cancelled" {
	sim --position BTCUSDT:0.1
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.05&triggerPrice=50000&clientAlgoId=one'
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.05&triggerPrice=51000&clientAlgoId=two'
	act 'trigger algo=one'
	[ "$(position BTCUSDT)" = 0.050 ]
	act 'cancel algo=two'
	signed GET /fapi/v1/openAlgoOrders | is '. == []'
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.05&triggerPrice=50000'
	act cancel=algo
	signed GET /fapi/v1/openAlgoOrders | is '. == []'
	refused trigger
}

@test "positions are liquidated and deleveraged" {
	sim --account 5000 --position BTCUSDT:0.5 --position ETHUSDT:2
	ws u "/private/ws/$(listen_key)"
	limit_order ETHUSDT BUY 1 2900
	act 'adl=0.5 ETHUSDT'
	[ "$(position ETHUSDT)" = 1.000 ]
	caught_up u
	holds u '[.[] | select(.e == "ORDER_TRADE_UPDATE") | .o | select(.c == "adl_autoclose")] | length > 0'
	act 'liquidate BTCUSDT'
	[ "$(position BTCUSDT)" != 0.500 ]
	caught_up u
	holds u '[.[] | select(.o.c // "" | startswith("autoclose-")) | .o.o] | unique == ["LIQUIDATION"]'
	[ "$(ledger liquidation length)" -ge 1 ]
}

@test "settings of the account change under its feet" {
	sim --account 1000
	act hedge
	signed GET /fapi/v1/positionSide/dual | is '.dualSidePosition == true'
	market_order BTCUSDT BUY 0.01 | is '.code == -4061'
	act hedge=off 'multi_assets=on' 'leverage=33 ETHUSDT' 'deposit=50.5' 'deposit=0.25 asset=coinm.BTC'
	signed GET /fapi/v1/positionSide/dual | is '.dualSidePosition == false'
	signed GET /fapi/v1/multiAssetsMargin | is '.multiAssetsMargin == true'
	signed GET /fapi/v1/symbolConfig symbol=ETHUSDT | is '.[0].leverage == 33'
	signed GET /fapi/v3/balance | is '[.[] | select(.asset == "USDT")][0].balance == "1050.50000000"'
	signed GET /dapi/v1/balance | is '[.[] | select(.asset == "BTC")][0].balance == "0.25000000"'
}

# --- sim: symbols ---

@test "marks, trades, funding, its interval, a symbol's status and its end" {
	STEPPED=1
	sim --clock step --start 2026-11-02T00:00:00Z --position ETHUSDT:1
	act 'mark=61000 BTCUSDT'
	public '/fapi/v1/premiumIndex?symbol=BTCUSDT' | is '.markPrice == "61000.00000000"'
	act 'trades=2500 SOLUSDT'
	public '/fapi/v1/trades?symbol=SOLUSDT&limit=1000' | is 'length == 1000 and ([.[].time] | unique | length) <= 3'
	act 'interval=4 ETHUSDT' 'funding=0.001 ETHUSDT'
	signed GET /fapi/v1/income symbol=ETHUSDT | is '.[0].income == "-3.00000000"'
	step 8h		# from the next funding on
	public /fapi/v1/fundingInfo | is '[.[] | select(.symbol == "ETHUSDT")][0].fundingIntervalHours == 4'
	public '/fapi/v1/premiumIndex?symbol=ETHUSDT' | is '.nextFundingTime == 1793620800000'
	act 'status=TRADING_HALT DOGEUSDT'
	public /fapi/v1/exchangeInfo | is '[.symbols[] | select(.symbol == "DOGEUSDT")][0].status == "TRADING_HALT"'
	market_order DOGEUSDT BUY 100 | is '.code < 0'
	[ "$(executed)" -eq 0 ]
	act 'settle=3100 ETHUSDT'
	[ "$(position ETHUSDT)" = 0 ]
	market_order ETHUSDT BUY 1 | is '.code < 0'
}

@test "filters change at run time" {
	sim
	public /fapi/v1/exchangeInfo | jq '{symbols: [.symbols[] | select(.symbol == "BTCUSDT") |
	    .filters |= map(if .filterType == "MIN_NOTIONAL" then .notional = "5000" else . end)]}' >"$T/new filters.json"
	limit_order BTCUSDT BUY 0.05 59000 | is '.status == "NEW"'
	act "filters=\"$T/new filters.json\""
	limit_order BTCUSDT BUY 0.05 59000 | is '.code == -4164'
	public /fapi/v1/exchangeInfo | is '[.symbols[] | select(.symbol == "BTCUSDT") | .filters[] | select(.filterType == "MIN_NOTIONAL")][0].notional == "5000"'
}

@test "exchangeInfo is whatever a file says, byte by byte, until it is plain again" {
	sim
	printf '{"symbols": [{"symbol":"BTCUSDT","status":7}]\n  \0\377' >"$T/odd info.json"	# no JSON at all
	act "exchangeInfo=\"$T/odd info.json\""
	for path in /fapi/v1/exchangeInfo /dapi/v1/exchangeInfo; do
		[ "$(status_of public $path)" = 200 ]
		cmp "$T/body" "$T/odd info.json"
	done
	refused "exchangeInfo=$T/none"
	is '.error | startswith("sim exchangeInfo: ")' <"$T/why"
	act "exchangeInfo=\"$T/odd info.json\"" exchangeInfo=plain
	public /fapi/v1/exchangeInfo | is '.symbols | map(.symbol) | index("BTCUSDT") == 0'
	printf '{}' >"$T/bare.json"
	rules "sim exchangeInfo=$T/bare.json"
	[ "$(public /fapi/v1/exchangeInfo)" = '{}' ]
	public /sim/v1/faults -X DELETE | ok
	public /fapi/v1/exchangeInfo | is '.symbols | length > 4'
}

@test "a made-up market is held in a mood" {
	STEPPED=1
	sim --clock step --start 2026-11-02T00:00:00Z --seed 5 --synthetic
	act 'regime=crash BTCUSDT'
	public /sim/v1/status | is '[.symbols[] | select(.symbol == "BTCUSDT")][0].regime == "crash"'
	step 20m
	public '/fapi/v1/ticker/price?symbol=BTCUSDT' | is '(.price | tonumber) < 59000'
	act regime=calm
	public /sim/v1/status | is '[.symbols[].regime] | unique == ["calm"]'
	act regime=any
}

@test "listen keys expire, and margin calls come, when asked for" {
	sim --position BTCUSDT:0.1
	ws u "/private/ws/$(listen_key)"
	act margin_call expire_listenkey
	wait_for got u listenKeyExpired
	holds u '[.[].e] == ["MARGIN_CALL", "listenKeyExpired"]'
	keyed PUT /fapi/v1/listenKey | is '.code == -1125'
}

# --- chaos ---

@test "the same seed and the same requests give the same chaos" {
	for run in one two other; do
		[ "$run" = other ] && seed=8 || seed=7
		STEPPED=1
		rm -f "$T"/ledger*
		sim --clock step --start 2026-11-02T00:00:00Z --synthetic --seed $seed --chaos 0.5
		for i in $(seq 1 40); do
			for _ in 1 2 3; do stamp=$(public /sim/v1/status | jq .now) && break; done
			q="symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000&newClientOrderId=n$i&timestamp=$stamp"
			keyed POST "/fapi/v1/order?$q&signature=$(sign "$q")" -m 4 -w '%{http_code}\n' 2>&1 | grep -v '^curl' || true
		done >"$T/$run"
		cp "$T/ledger" "$T/$run.ledger"
		kill "$SIM_PID"
		wait "$SIM_PID"
	done
	cmp "$T/one" "$T/two"
	cmp "$T/one.ledger" "$T/two.ledger"
	run ! cmp -s "$T/one" "$T/other"
	grep -q 503 "$T/one"
	is -s '[.[] | select(.what == "request") | .http] | unique | length > 4' <"$T/one.ledger"
}

@test "whatever chaos makes of a hundred orders, ledger and account say the same" {
	sim --seed 11 --chaos 0.3 --account 100000 --weight-limit 1000000 --order-limit 100000
	RANDOM=4711
	for i in $(seq 1 100); do
		side=$([ $((RANDOM % 2)) = 0 ] && echo BUY || echo SELL)
		q="symbol=BTCUSDT&side=$side&quantity=0.0$((RANDOM % 9 + 1))&newClientOrderId=c$i"
		case $((RANDOM % 3)) in
		0) signed POST /fapi/v1/order "$q&type=MARKET" -m 2 ;;
		1) signed POST /fapi/v1/order "$q&type=LIMIT&timeInForce=GTC&price=$((57000 + RANDOM % 60 * 100))" -m 2 ;;
		2) signed DELETE /fapi/v1/order "symbol=BTCUSDT&origClientOrderId=c$((i / 2))" -m 2 ;;
		esac >/dev/null 2>&1 || true
	done
	public /sim/v1/faults -X DELETE | ok
	late() { [ "$(ledger order length)" = "$(signed GET /fapi/v1/allOrders 'symbol=BTCUSDT&limit=1000' | jq length)" ]; }
	wait_for late
	SKEW=$(($(public /fapi/v1/time | tr -dc 0-9) - $(date +%s%3N)))
	signed GET /fapi/v1/allOrders 'symbol=BTCUSDT&limit=1000' >"$T/all"
	[ "$(jq length "$T/all")" -gt 20 ]
	# each order the engine took is there once, with what the ledger says it executed
	[ "$(jq -c 'map(.clientOrderId) | sort' "$T/all")" = "$(ledger order 'map(.clientOrderId) | sort')" ]
	[ "$(jq -c 'map(.clientOrderId) | unique | length' "$T/all")" = "$(jq length "$T/all")" ]
	[ "$(jq -c 'map(select(.executedQty | tonumber > 0) | [.clientOrderId, (.executedQty | tonumber)]) | sort' "$T/all")" = \
	    "$(ledger fill 'group_by(.clientOrderId) | map([.[0].clientOrderId, (map(.qty | tonumber * 1000 | round) | add / 1000)]) | sort')" ]
	# and the position is the sum of the fills
	sum=$(ledger fill 'map((.qty | tonumber * 1000 | round) * (if .side == "BUY" then 1 else -1 end)) | add')
	[ "$(position BTCUSDT | jq '. * 1000 | round')" = "$sum" ]
	signed GET /fapi/v1/userTrades 'symbol=BTCUSDT&limit=1000' | is "length == $(ledger fill length)"
	# no request was executed that was not sent
	is -s '([.[] | select(.what == "order") | .clientOrderId] - [.[] | select(.what == "request" and .method == "POST") | .clientOrderId]) == []' <"$T/ledger"
}
