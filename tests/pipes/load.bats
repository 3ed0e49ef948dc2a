# Many clients, many orders, and input that is none: the exchange answers or
# hangs up, its accounts stay what they are, and the others notice nothing.

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
}

teardown() { home_end; }

# many NAME [-s] COUNT [PATH]: that many clients at once (tests/peers/many.c).
many() {
	local fd args=("${@:2}") at=1
	[ "$2" = -s ] && at=2
	mkfifo "$T/$1.in"
	"$BF_PEERS/many" "${args[@]:0:at}" "${SIM_WS##*:}" "${args[@]:at}" <"$T/$1.in" >"$T/$1" 3>&- 4>&- &
	exec {fd}>"$T/$1.in"
	MANY=$fd
	wait_for grep -qx open "$T/$1"
}
# tally NAME FD FILTER: what they have to say
tally() {
	local had
	had=$(wc -l <"$T/$1")
	echo >&"$2"
	wait_for more "$1" "$had"
	tail -n 1 "$T/$1" | is "$3"
}
more() { [ "$(wc -l <"$T/$1")" -gt "$2" ]; }
enough() { tally "$@" 2>/dev/null; }

# --- many ---

@test "a thousand who say nothing keep nobody from placing an order" {
	sim
	many idle 1000
	signed POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newOrderRespType=RESULT' | is '.status == "FILLED"'
	ws m /market/ws/btcusdt@markPrice@1s
	wait_for got m markPriceUpdate
	tally idle "$MANY" '.over == 0'
	curl -sS -w '%{time_total}\n' -o /dev/null "$SIM_REST/fapi/v1/ping" | is '. < 1'
}

# N contracts like BTCUSDT: $T/info, and a feed of a mark for each.
contracts() {
	public /fapi/v1/exchangeInfo | jq -c --argjson n "$1" '.symbols[0] as $s | .symbols = [range($n) | tostring | ("C" + .) as $c |
	    $s | .symbol = $c + "USDT" | .pair = $c + "USDT" | .baseAsset = $c]' >"$T/info"
	jq -c '.symbols | to_entries[] | {e: "markPriceUpdate", E: 1740787200000, s: .value.symbol, p: "\(60000 + .key)", i: "60000"}' "$T/info" >"$T/marks"
}

@test "fifty clients hear the marks of 500 contracts every second, and a slow one is cut" {
	sim
	contracts 500
	stepped --exchange-info "$T/info" --symbols BTCUSDT --feed "$T/marks"
	step 500
	many fast 50 '/market/stream?streams=!markPrice@arr@1s'
	fast=$MANY
	many slow -s 1 '/market/stream?streams=!markPrice@arr@1s'
	slow=$MANY
	ws one /market/ws/!markPrice@arr@1s
	for ((i = 0; i < 12; i++)); do
		step 10000
		wait_for enough fast "$fast" ".least >= 10 * $((i + 1))"
	done
	tally fast "$fast" '.least >= 120 and .most <= 121 and .over == 0'
	echo read >&"$slow"	# now it looks, and hears only of what was long ago
	wait_for enough slow "$slow" '.over == 1'
	tally slow "$slow" '.most > 0 and .most < 110'
	events one '[.[] | (map(.s) | unique | length)] | unique' >"$T/lengths"
	[ "$(cat "$T/lengths")" = '[501]' ]
	holds one 'map(.[0].E) | .[-120:] | . == [range(.[0]; .[0] + 120000; 1000)]'
}

@test "those who come when all places are taken are turned away, and may come again" {
	sim
	many idle 1024
	tally idle "$MANY" '.over >= 0'
	exec {MANY}>&-
	back() { public /fapi/v1/ping | is '. == {}'; }
	wait_for back
}

@test "a quarter of a million names that are no streams keep nobody waiting" {
	local fd fds=() i answer
	sim
	for ((i = 0; i < 250; i++)); do
		exec {fd}<>"/dev/tcp/127.0.0.1/${SIM_REST##*:}"
		fds+=("$fd")
		printf 'GET /stream?streams=%s HTTP/1.1\r\nHost: sim\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n' \
		    "$(seq -s / -f "$i.%g" 1000)" >&"$fd"
		read -r -t 10 answer <&"$fd"
		[[ $answer == *" 101 "* ]] || { echo "$answer"; false; }
	done
	curl -sS -w '%{time_total}\n' -o /dev/null "$SIM_REST/fapi/v1/ping" | is '. < 1'
	for fd in "${fds[@]}"; do exec {fd}>&-; done
	curl -sS -w '%{time_total}\n' -o /dev/null "$SIM_REST/fapi/v1/ping" | is '. < 2'
}

# A thousand orders, five a batch: the 200 that five accounts may have each. All
# signatures of an account are made by one openssl.
place_batches() {	# ACCOUNT: 200 bids, half a dollar apart
	local key files=() queries=() signatures k i q list half now
	key=$(printf %064d "$1") now=$(now)
	for ((k = 0; k < 40; k++)); do
		list=
		for ((i = 0; i < 5; i++)); do
			half=$((119980 - 1000 + 200 * $1 - 5 * k - i))
			list+="%7B%22symbol%22:%22BTCUSDT%22,%22side%22:%22BUY%22,%22type%22:%22LIMIT%22,%22timeInForce%22:%22GTC%22,"
			list+="%22quantity%22:%220.001%22,%22price%22:%22$((half / 2)).$((5 * (half & 1)))%22%7D,"
		done
		q="recvWindow=60000&timestamp=$now&batchOrders=%5B${list%,}%5D"
		queries+=("$q")
		printf %s "$q" >"$T/q.$1.$k"
		files+=("$T/q.$1.$k")
	done
	mapfile -t signatures < <(openssl dgst -sha256 -hmac "s$1" "${files[@]}" | sed 's/^.*= *//')
	for ((k = 0; k < 40; k++)); do
		printf 'url = "%s/fapi/v1/batchOrders?%s&signature=%s"\n' "$SIM_REST" "${queries[k]}" "${signatures[k]}"
	done >"$T/curl"
	curl -sS --noproxy '*' -X POST -H "X-MBX-APIKEY: $key" -K "$T/curl" -w '\n' >"$T/acks.$1"
}

@test "a thousand orders rest in a book of a thousand levels, and are cancelled" {
	for i in 1 2 3 4 5; do
		printf '[a%d]\nkey = %064d\nsecret = s%d\nbalance = USDT=10000\n' "$i" "$i" "$i"
	done >"$T/accounts"
	chmod 600 "$T/accounts"
	sim --accounts "$T/accounts" --order-limit 100000 --weight-limit 100000
	for i in 1 2 3 4 5; do
		place_batches "$i"
		is -s 'flatten | length == 200 and all(.[]; .status == "NEW")' <"$T/acks.$i"
	done
	KEY=$(printf %064d 3) SECRET=s3
	signed GET /fapi/v1/openOrders symbol=BTCUSDT | is 'length == 200'
	signed POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=58000' | is '.code == -2025'
	public '/fapi/v1/depth?symbol=BTCUSDT&limit=1000' >"$T/book"
	is '.bids | length == 1000' <"$T/book"
	is '.bids | map(.[0] | tonumber) | . == (unique | reverse)' <"$T/book"
	# the engine's own figures agree with what was placed
	signed GET /fapi/v3/account | is '(.totalOpenOrderInitialMargin | tonumber) as $m | $m > 594 and $m < 600'
	for i in 1 2 3 4 5; do
		KEY=$(printf %064d "$i") SECRET=s$i
		signed DELETE /fapi/v1/allOpenOrders symbol=BTCUSDT | is '.code == 200'
		signed GET /fapi/v1/openOrders | is '. == []'
		signed GET /fapi/v3/account | is '.totalOpenOrderInitialMargin == "0.00000000" and .availableBalance == "10000.00000000"'
	done
	public '/fapi/v1/depth?symbol=BTCUSDT&limit=1000' | is '.bids | length == 20'
}

# --- what is no request ---

# What must not change.
account() {
	signed GET /fapi/v3/account
	signed GET /fapi/v3/positionRisk
	signed GET /fapi/v1/openOrders
	signed GET /fapi/v1/openAlgoOrders
	signed GET /fapi/v1/allOrders symbol=BTCUSDT
	signed GET /fapi/v1/symbolConfig
}
holding() {	# an account that has something to lose
	sim --weight-limit 1000000 --order-limit 100000 --position BTCUSDT:0.05
	signed POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000&newClientOrderId=mine' | is .orderId
	account >"$T/before"
}
unchanged() {
	public /fapi/v1/ping | is '. == {}'
	account | diff "$T/before" -
	[ "$(ledger order length)" -eq 1 ]
	kill -0 "$SIM_PID"
	[ ! -s "$T/sim.err" ]
}
# raw BYTES: sent as they are; the first line of the answer, or "closed".
raw() (
	trap '' PIPE
	exec {fd}<>"/dev/tcp/127.0.0.1/${SIM_REST##*:}" 2>/dev/null
	printf '%b' "$1" >&"$fd"
	IFS= read -rt 10 line <&"$fd" || [ -n "$line" ] || line=closed
	printf '%s\n' "${line%$'\r'}"
)

@test "malformed HTTP is answered or ended" {
	holding
	a='GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\n'
	while IFS='|' read -r bytes want; do
		run raw "${bytes/GET_/$a}"
		[[ $output =~ ^(HTTP/1\.1\ ($want)|closed)( |$) ]] || { echo "$bytes: $output; wanted $want"; false; }
	done <<-'END'
		NONSENSE\r\n\r\n|400
		\r\n\r\n\r\n\r\nGET\r\n\r\n|400
		GET /fapi/v1/ping\r\n\r\n|400
		GET /fapi/v1/ping HTTP/9.9\r\n\r\n|400|505
		GET  /fapi/v1/ping HTTP/1.1\r\n\r\n|400
		GET fapi/v1/ping HTTP/1.1\r\n\r\n|400|404
		G\0T /fapi/v1/ping HTTP/1.1\r\n\r\n|400
		GET /fapi/v1/p\0ng HTTP/1.1\r\n\r\n|400|404
		GET /fapi/v1/\xff\xfe HTTP/1.1\r\n\r\n|400|404
		\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n|400
		PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n|400|404|505
		GET_Host : x\r\n\r\n|400
		GET_nocolon\r\n\r\n|400
		GET_: x\r\n\r\n|400
		GET_Host: a\r\n\r\n|400
		GET_X: a\r\n b\r\n\r\n|400
		GET /fapi/v1/ping HTTP/1.1\r\n\r\n|400
		GET_X: \0\r\n\r\n|400|200
		GET_Content-Length: -1\r\n\r\n|400
		GET_Content-Length: 1x\r\n\r\n|400
		GET_Content-Length: 99999999999999999999999\r\n\r\n|400|413
		GET_Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd|400
		GET_Content-Length: 2000000\r\n\r\n|413
		GET_Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n|400
		GET_Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n|411
		GET_Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n|411
		GET_Transfer-Encoding: gzip\r\n\r\n|411
		GET_Expect: miracles\r\n\r\n|417
		GET_Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n|400|426|404
		GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n|400
		GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n|426
	END
	unchanged
}

@test "a head or body that is too large is refused, and not kept" {
	holding
	long=$(head -c 70000 /dev/zero | tr '\0' a)
	[[ $(raw "GET /fapi/v1/ping?x=$long HTTP/1.1\r\nHost: x\r\n\r\n") =~ ^(HTTP/1.1\ (431|414)|closed) ]]
	[[ $(raw "GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\nX: $long\r\n\r\n") =~ ^(HTTP/1.1\ 431|closed) ]]
	fields=$(yes 'X: y\r\n' | head -n 20000 | tr -d '\n')
	[[ $(raw "GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\n$fields\r\n") =~ ^(HTTP/1.1\ (431|400)|closed) ]]
	head -c 1500000 /dev/zero | tr '\0' a >"$T/body"
	[[ $(curl -sS --noproxy '*' -o /dev/null -w '%{http_code}' -H Expect: --data-binary "@$T/body" "$SIM_REST/fapi/v1/order" 2>/dev/null) =~ ^(413|000)$ ]]
	[[ $(curl -sS --noproxy '*' -o /dev/null -w '%{http_code}' -H Expect: -H 'Transfer-Encoding: chunked' --data-binary "@$T/body" "$SIM_REST/fapi/v1/order" 2>/dev/null) =~ ^(411|000)$ ]]
	# just large is only wrong
	head -c 900000 "$T/body" >"$T/large"
	keyed POST /fapi/v1/order -H Expect: --data-binary "@$T/large" | is '.code < 0'
	# a client that goes away in the middle of its order has placed none
	(
		exec {fd}<>"/dev/tcp/127.0.0.1/${SIM_REST##*:}"
		printf 'POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nX-MBX-APIKEY: %s\r\nContent-Length: 500\r\n\r\nsymbol=BTCUSDT&side=BUY&type=MARKET&quantity=1' "$KEY" >&"$fd"
	)
	unchanged
}

@test "a wrong method is answered and does nothing" {
	holding
	while read -r path; do
		for m in GET POST PUT DELETE PATCH OPTIONS TRACE HEAD BREW; do
			how=(-X "$m")
			[ "$m" != HEAD ] || how+=(--head)
			code=$(curl -sS --noproxy '*' -m 10 "${how[@]}" -H "X-MBX-APIKEY: $KEY" -o /dev/null -w '%{http_code}' "$SIM_REST$path")
			[[ $code == [24]* ]] || { echo "$m $path: $code"; false; }
		done
	done <<-'END'
		/fapi/v1/order
		/fapi/v1/allOpenOrders?symbol=BTCUSDT
		/fapi/v1/leverage?symbol=BTCUSDT&leverage=3
		/dapi/v1/batchOrders
		/
	END
	keyed DELETE /fapi/v1/listenKey | is 'type == "object"'
	unchanged
}

# Each of these, signed, is refused with a code of the exchange's.
@test "parameters that are twice, unknown, huge, negative or no text change nothing" {
	local big nine q method path n=0 i files=() lines=() signatures
	holding
	big=$(printf '9%.0s' {1..60})
	nine=9223372036854775808
	o='symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC'
	while read -r method path q; do
		q=${q//ORDER/$o} q=${q//BIG/$big} q=${q//NINE/$nine}
		[[ $q == *recvWindow=* ]] || q="recvWindow=60000${q:+&$q}"
		[[ $q == *timestamp=* ]] || q="$q&timestamp=$(now)"
		n=$((n + 1))
		printf %s "$q" >"$T/q$n"
		files+=("$T/q$n") lines+=("$method $path?$q")
	done <<-'END'
		POST /fapi/v1/order ORDER&quantity=0.01&price=59000&price=1
		POST /fapi/v1/order ORDER&quantity=0.01&quantity=0.01&price=59000
		POST /fapi/v1/order ORDER&symbol=ETHUSDT&quantity=1&price=2900
		POST /fapi/v1/order ORDER&quantity=-0.01&price=59000
		POST /fapi/v1/order ORDER&quantity=0.01&price=-59000
		POST /fapi/v1/order ORDER&quantity=BIG&price=59000
		POST /fapi/v1/order ORDER&quantity=0.01&price=BIG
		POST /fapi/v1/order ORDER&quantity=0.BIG&price=59000
		POST /fapi/v1/order ORDER&quantity=1e2&price=59000
		POST /fapi/v1/order ORDER&quantity=0x1&price=59000
		POST /fapi/v1/order ORDER&quantity=NaN&price=59000
		POST /fapi/v1/order ORDER&quantity=Infinity&price=59000
		POST /fapi/v1/order ORDER&quantity=%D9%A1&price=59000
		POST /fapi/v1/order ORDER&quantity=1,5&price=59000
		POST /fapi/v1/order ORDER&quantity=1%00&price=59000
		POST /fapi/v1/order ORDER&quantity=&price=59000
		POST /fapi/v1/order ORDER&quantity=%&price=59000
		POST /fapi/v1/order ORDER&quantity=0.01&price=59000&newClientOrderId=%ff%fe
		POST /fapi/v1/order ORDER&quantity=0.01&price=59000&newClientOrderId=%00
		POST /fapi/v1/order ORDER&quantity=0.01&price=59000&newClientOrderId=a%0d%0ab
		POST /fapi/v1/order ORDER&quantity=0.01&price=59000&recvWindow=-1
		POST /fapi/v1/order ORDER&quantity=0.01&price=59000&recvWindow=BIG
		POST /fapi/v1/order ORDER&quantity=0.01&price=59000&timestamp=-1
		POST /fapi/v1/order ORDER&quantity=0.01&price=59000&timestamp=BIG
		POST /fapi/v1/order symbol=%ff%fe%fd&side=BUY&type=MARKET&quantity=0.01
		POST /fapi/v1/order symbol=BTCUSDT%00&side=BUY&type=MARKET&quantity=0.01
		POST /fapi/v1/order symbol=%E2%80%AEBTCUSDT&side=BUY&type=MARKET&quantity=0.01
		PUT /fapi/v1/order symbol=BTCUSDT&origClientOrderId=mine&side=BUY&quantity=-1&price=59000
		PUT /fapi/v1/order symbol=BTCUSDT&origClientOrderId=mine&side=SELL&quantity=0.01&price=58000
		DELETE /fapi/v1/order symbol=BTCUSDT&orderId=-1
		DELETE /fapi/v1/order symbol=BTCUSDT&orderId=NINE
		DELETE /fapi/v1/order symbol=BTCUSDT&orderId=BIG
		DELETE /fapi/v1/order symbol=BTCUSDT&origClientOrderId=min%65%00
		DELETE /fapi/v1/allOpenOrders symbol=BTCUSDTT
		DELETE /fapi/v1/batchOrders symbol=BTCUSDT&orderIdList=%5B-1,NINE%5D
		DELETE /fapi/v1/batchOrders symbol=BTCUSDT&orderIdList=%5B%5B%5B%5B
		POST /fapi/v1/batchOrders batchOrders=%5B%5D
		POST /fapi/v1/batchOrders batchOrders=%5B%7B%7D%5D
		POST /fapi/v1/batchOrders batchOrders=%5B1,%22a%22,null%5D
		POST /fapi/v1/batchOrders batchOrders=%7B
		POST /fapi/v1/batchOrders batchOrders=%5B%7B%22symbol%22:%22BTCUSDT%22,%22side%22:%22BUY%22,%22type%22:%22MARKET%22,%22quantity%22:%22-1%22%7D%5D
		POST /fapi/v1/batchOrders batchOrders=%5B%7B%22symbol%22:%22%5Cud800%22,%22side%22:%22BUY%22,%22type%22:%22MARKET%22,%22quantity%22:%221%22%7D%5D
		POST /fapi/v1/algoOrder algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.01&triggerPrice=-5
		POST /fapi/v1/algoOrder algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=BIG&triggerPrice=50000
		POST /fapi/v1/algoOrder algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.01&callbackRate=BIG
		POST /fapi/v1/leverage symbol=BTCUSDT&leverage=-1
		POST /fapi/v1/leverage symbol=BTCUSDT&leverage=4294967316
		POST /fapi/v1/leverage symbol=BTCUSDT&leverage=20.5
		POST /fapi/v1/marginType symbol=BTCUSDT&marginType=%ff
		POST /fapi/v1/positionMargin symbol=BTCUSDT&amount=-5&type=1
		POST /fapi/v1/positionMargin symbol=BTCUSDT&amount=BIG&type=1
		POST /fapi/v1/countdownCancelAll symbol=BTCUSDT&countdownTime=-1
		POST /fapi/v1/countdownCancelAll symbol=BTCUSDT&countdownTime=BIG
		POST /fapi/v1/positionSide/dual dualSidePosition=maybe
		GET /fapi/v1/allOrders symbol=BTCUSDT&limit=-5
		GET /fapi/v1/allOrders symbol=BTCUSDT&startTime=-1
		GET /fapi/v1/allOrders symbol=BTCUSDT&startTime=NINE
		GET /fapi/v1/userTrades symbol=BTCUSDT&fromId=BIG
		GET /fapi/v1/income limit=99999999999
		GET /fapi/v1/income page=-1
		POST /dapi/v1/order symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=1.5
		POST /dapi/v1/order symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1
		POST /fapi/v1/order symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=1
	END
	mapfile -t signatures < <(openssl dgst -sha256 -hmac "$SECRET" "${files[@]}" | sed 's/^.*= *//')
	for ((i = 0; i < n; i++)); do
		printf '%s\n' "url = \"$SIM_REST${lines[i]#* }&signature=${signatures[i]}\"" "request = ${lines[i]%% *}" \
		    "header = \"X-MBX-APIKEY: $KEY\"" "noproxy = *" silent 'write-out = "\n"' next
	done | sed '$d' >"$T/curl"
	curl -K "$T/curl" >"$T/answers"
	[ "$(wc -l <"$T/answers")" -eq "$n" ]
	jq -r 'if type == "array" then all(.[]; .code < 0) else .code < 0 end' "$T/answers" >"$T/refused"
	[ "$(grep -cx true "$T/refused")" -eq "$n" ] || { paste -d' ' "$T/refused" "$T/answers" <(printf '%s\n' "${lines[@]}") | grep -v ^true >&2; false; }
	# what nobody knows is passed over
	signed GET /fapi/v1/openOrders 'colour=blue&_=1' | is 'length == 1'
	for q in 'symbol=BTCUSDT&limit=-1' 'symbol=BTCUSDT&interval=1m&startTime=-1' 'symbol=BTCUSDT&interval=1m&limit=NaN' 'symbol=%ff&interval=1m' 'interval=1m'; do
		public "/fapi/v1/klines?$q" | is '.code < 0' || { echo "$q"; false; }
	done
	unchanged
}

# broken PATH WANT LINE...: what wscat sends after it has begun, and how it ends.
broken() {
	printf '%s\n' "${@:3}" | timeout 10 "$BF_PEERS/wscat" -c "${SIM_WS##*:}" "$1" >"$T/heard" 2>&1 || true
	tail -n 3 "$T/heard" | grep -Eq "^(close ($2)|fin|rst)" || { echo "$*: $(tail -c 300 "$T/heard")" >&2; return 1; }
}

@test "WebSocket frames that break the protocol end their connection, with the reason" {
	holding
	long=$(printf '00%.0s' {1..126})
	for path in /market/ws/btcusdt@aggTrade /ws-fapi/v1; do
		while IFS='|' read -r frames want; do
			broken "$path" "$want" "!raw ${frames//LONG/$long}"
		done <<-'END'
			810568656c6c6f|1002
			c18000000000|1002
			a18000000000|1002
			918000000000|1002
			838000000000|1002
			8b8000000000|1002
			81ff800000000000000000000000|1002|1009
			81ff7fffffffffffffff00000000|1009
			81ff000000004000000000000000|1009
			098000000000|1002
			088000000000|1002
			89fe007e00000000LONG|1002
			808000000000|1002
			01810000000041818100000000 41|1002
			88810000000041|1002
			8882000000000001|1002
			888200000000ffff|1002
			888400000000 03e8fffe|1002|1007
		END
		# a whole message that is too long
		broken "$path" 1009 "$(head -c 1500000 /dev/zero | tr '\0' a)"
	done
	# a connection that ends in the middle of a frame
	for bytes in 81 81fe 81fe00 '81ff00000000'; do
		printf '%s\n' "!raw $bytes" | timeout 0.3 "$BF_PEERS/wscat" "${SIM_WS##*:}" /ws-fapi/v1 >/dev/null 2>&1 || true
	done
	unchanged
}

@test "messages that are no requests are answered or end their connection" {
	holding
	for path in /market/ws/btcusdt@aggTrade /ws-fapi/v1; do
		ws "w${path//\//_}" "$path"
		while IFS= read -r text; do
			# ten a second are allowed: a connection each
			printf '%s\n' "$text" | timeout 10 "$BF_PEERS/wscat" -c -n 1 "${SIM_WS##*:}" "$path" >"$T/heard" 2>/dev/null || true
			grep -Eq '"(error|code)"|^close|^fin|^rst' "$T/heard" || { echo "$path: $text: $(head -c 300 "$T/heard")"; false; }
		done <<-'END'
			hello
			{
			[]
			null
			"text"
			12345678901234567890
			{"id":1}
			{"method":7,"id":1}
			{"method":"SUBSCRIBE","params":"btcusdt@aggTrade","id":1}
			{"method":"SUBSCRIBE","params":[1,{}],"id":1}
			{"method":"SUBSCRIBE","params":["btcusdt@aggTrade"],"id":{}}
			{"id":"x","method":"order.place","params":[]}
			{"id":"x","method":"order.place","params":{"symbol":{"a":1}}}
			{"id":"x","method":"order.place","params":{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":1,"timestamp":1}}
			[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
		END
		printf '%s\n' '!raw 818200000000fffe' | timeout 10 "$BF_PEERS/wscat" -c -n 1 "${SIM_WS##*:}" "$path" >"$T/heard" 2>/dev/null || true
		grep -Eq '"(error|code)"|^close|^fin|^rst' "$T/heard"
		run ! grep -q '^fin\|^rst' "$T/w${path//\//_}"
	done
	unchanged
}
