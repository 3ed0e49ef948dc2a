# The clocks of bf-sim: one that is stepped, one that runs faster.

setup() {
	load ../helper
	load ../simclient
	home
	STEPPED=1
}

teardown() {
	home_end
}

START=2026-11-02T00:00:00Z
START_MS=1793577600000
stepped() { sim --clock step --start $START --seed 5 "$@"; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$SIM_PID/status"; }	# kB

@test "a stepped clock stands still, moves as far as it is told, and only forward" {
	stepped
	[ "$(now)" = $START_MS ]
	[ "$(now)" = $START_MS ]
	step 1
	[ "$(now)" = $((START_MS + 1)) ]
	step 90s
	[ "$(now)" = $((START_MS + 90001)) ]
	step 0
	curl -sS --noproxy '*' -d set=2026-11-02T01:00:00Z "$SIM_REST/sim/v1/clock" | is '.ok and .now == 1793581200000'
	curl -sS --noproxy '*' -d set=2020-01-01T00:00:00Z "$SIM_REST/sim/v1/clock" | is '.error | test("not back")'
	for wrong in step=-1 step=x set=2026-11-02T00:59:59Z set=never step=1\&set=2026-11-03 step=400d; do
		curl -sS --noproxy '*' -d "$wrong" "$SIM_REST/sim/v1/clock" | is '.error | test("step=TIME")'
	done
	[ "$(now)" = 1793581200000 ]
	public /sim/v1/status | is '.clock == "step" and .now == 1793581200000'
	limit_order BTCUSDT BUY 0.1 59000 | is '.updateTime == 1793581200000'
}

@test "funding is charged at its hours, whatever the step" {
	stepped --symbols BTCUSDT,BTCUSD_PERP --position BTCUSDT:0.1 --balance coinm.BTC=1 --position BTCUSD_PERP:10
	ws u "/private/ws/$(listen_key)"
	keyed PUT /fapi/v1/listenKey >/dev/null
	step 50m
	keyed PUT /fapi/v1/listenKey >/dev/null
	step 5h
	step 3h		# over the first
	step 16h	# and the others
	times="$((START_MS + 28800000)),$((START_MS + 57600000)),$((START_MS + 86400000))"
	public '/fapi/v1/fundingRate?symbol=BTCUSDT' | is "map(.fundingTime) == [$times]"
	signed GET /fapi/v1/income incomeType=FUNDING_FEE | is "map(.time) == [$times] and all(.[]; (.income | tonumber) != 0)"
	signed GET /dapi/v1/income incomeType=FUNDING_FEE | is "map(.time) | sort == [$times]"
	public '/fapi/v1/premiumIndex?symbol=BTCUSDT' | is ".nextFundingTime == $((START_MS + 115200000))"
	# each row is the position at the mark of its time
	public '/fapi/v1/fundingRate?symbol=BTCUSDT' >"$T/rates"
	signed GET /fapi/v1/income incomeType=FUNDING_FEE >"$T/income"
	jq -es '[.[0], .[1]] | transpose | all(.[]; ((.[0].fundingRate | tonumber) * (.[0].markPrice | tonumber) * 0.1 + (.[1].income | tonumber)) | fabs < 0.0000001)' \
	    "$T/rates" "$T/income"
	signed GET /fapi/v3/balance | is "([.[] | select(.asset == \"USDT\")][0].balance | tonumber * 100000000 | round) ==
	    (10000 + $(jq 'map(.income | tonumber) | add' "$T/income") | . * 100000000 | round)"
}

@test "a day of a made-up market: candles are exact sums, and nothing grows" {
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=4	# it would look like growth
	stepped --synthetic --symbols BTCUSDT
	ws t /public/ws/btcusdt@trade
	step 5m
	caught_up t
	public "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime=$START_MS&endTime=$((START_MS + 299999))" >"$T/minutes"
	events t '.' >"$T/trades"
	say t '!close 1000'
	wait_for got t '^fin'
	# a minute's candle is what its trades make
	jq -ces '.[0] as $k | .[1] | group_by(.T / 60000 | floor) | map([(.[0].T / 60000 | floor) * 60000, (.[0].p | tonumber), (map(.p | tonumber) | max),
	    (map(.p | tonumber) | min), (.[-1].p | tonumber), (map(.q | tonumber * 1000 | round) | add), length,
	    (map(select(.m | not) | .q | tonumber * 1000 | round) | add // 0)]) |
	    . == ($k | map(select(.[8] > 0) | [.[0], (.[1:5][] | tonumber), (.[5] | tonumber * 1000 | round), .[8], (.[9] | tonumber * 1000 | round)])) and length == 5' \
	    "$T/minutes" "$T/trades"
	step 5h
	step 55m
	six=$(rss)
	step 6h
	step 6h
	step 6h
	[ "$(now)" = $((START_MS + 86400000)) ]
	day=$(rss)
	[ "$day" -lt $((six + six / 2 + 4096)) ] || { echo "after 6 h $six kB, after 24 h $day kB"; false; }
	# an hour's candle is what its minutes make, the day's what its hours make
	at=$((START_MS + 72000000))
	public "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime=$at&endTime=$((at + 3599999))&limit=1000" >"$T/60"
	public "/fapi/v1/klines?symbol=BTCUSDT&interval=1h&startTime=$at&endTime=$((at + 3599999))" >"$T/1"
	public "/fapi/v1/klines?symbol=BTCUSDT&interval=1h&startTime=$START_MS&endTime=$((START_MS + 86399999))" >"$T/24"
	public "/fapi/v1/klines?symbol=BTCUSDT&interval=1d&startTime=$START_MS&endTime=$((START_MS + 86399999))" >"$T/day"
	sum='def sum: [.[0][0], .[0][1], (map(.[2] | tonumber) | max), (map(.[3] | tonumber) | min), .[-1][4],
	    (map(.[5] | tonumber * 1000 | round) | add), .[-1][6], (map(.[8]) | add), (map(.[9] | tonumber * 1000 | round) | add)];'
	jq -es "$sum"'(.[0] | length) == 60 and (.[0] | sum) == (.[1] | sum)' "$T/60" "$T/1"
	jq -es "$sum"'(.[0] | length) == 24 and (.[0] | sum) == (.[1] | sum)' "$T/24" "$T/day"
	jq -e '[.[:-1], .[1:]] | transpose | all(.[]; .[1][0] - .[0][0] == 60000 and .[0][6] + 1 == .[1][0])' "$T/60"
	public '/fapi/v1/ticker/24hr?symbol=BTCUSDT' | is ".count == $(jq 'map(.[8]) | add' "$T/24")"
}

@test "the same seed, steps and requests: the same bytes on every wire and in the ledger" {
	for run in one two; do
		rm -f "$T"/ledger* "$T"/*.in "$T"/m "$T"/u "$T"/c
		stepped --synthetic --account 100000 --balance coinm.BTC=1
		key=$(listen_key)
		coin=$(listen_key dapi)
		ws m '/public/stream?streams=btcusdt@depth@100ms/btcusdt@bookTicker/ethusdt@trade/!bookTicker'
		ws c "/stream?streams=btcusd_perp@markPrice@1s/btcusd_perp@kline_1m/btcusd_perp@aggTrade/$coin"
		ws u "/private/ws/$key"
		for i in 1 2 3 4 5 6; do
			step 3000
			market_order BTCUSDT BUY 0.0$i
			limit_order ETHUSDT SELL 0.$i 3001
			algo_order BTCUSDT SELL STOP_MARKET "quantity=0.0$i&triggerPrice=59$i""00"
			signed POST /dapi/v1/order "symbol=BTCUSD_PERP&side=SELL&type=MARKET&quantity=$i"
			public '/fapi/v1/depth?symbol=BTCUSDT'
		done >"$T/$run.answers"
		step 10m
		for name in m c u; do
			caught_up $name
			grep -v '^pong' "$T/$name" >"$T/$run.$name"
		done
		signed GET /fapi/v3/account >>"$T/$run.answers"
		kill "$SIM_PID"
		wait "$SIM_PID"
		cp "$T/ledger" "$T/$run.ledger"
	done
	for name in answers ledger m c u; do
		[ -s "$T/one.$name" ]
		cmp "$T/one.$name" "$T/two.$name"
	done
	[ "$(wc -l <"$T/one.m")" -gt 1000 ]
}

@test "orders on their way arrive at their own time, in the middle of a step" {
	stepped --synthetic --latency 1000
	ws a /ws-fapi/v1
	order_by_ws() {	# ID RECVWINDOW
		local p text
		p=$(jq -cn --arg key "$(ready key)" --argjson now "$(now)" --arg id "$1" --argjson window "$2" '{symbol: "BTCUSDT", side: "BUY", type: "LIMIT",
		    timeInForce: "GTC", quantity: "0.1", price: "55000", newClientOrderId: $id, apiKey: $key, timestamp: $now, recvWindow: $window}')
		text=$(jq -r 'to_entries | sort_by(.key) | map("\(.key)=\(.value)") | join("&")' <<<"$p")
		say a "$(jq -c --arg s "$(sign "$text")" --arg id "$1" '{id: $id, method: "order.place", params: (. + {signature: $s})}' <<<"$p")"
		say a '{"id":"behind '"$1"'","method":"ticker.price","params":{"symbol":"BTCUSDT"}}'
		wait_for got a "\"behind $1\""	# so it has come
	}
	order_by_ws one 5000
	step 999
	order_by_ws two 5000
	order_by_ws three 500
	caught_up a
	run ! got a '"id":"one"'
	[ "$(executed)" -eq 0 ]
	step 5000
	wait_for got a '"id":"three"'
	events a '[.[] | select(.id == "one")][0].result.updateTime' | is ". == $((START_MS + 1000))"
	events a '[.[] | select(.id == "two")][0].result.updateTime' | is ". == $((START_MS + 1999))"
	events a '[.[] | select(.id == "three")][0]' | is '.status == 400 and .error.code == -5028'
	order BTCUSDT one | is ".time == $((START_MS + 1000))"
}

@test "what has its hour happens at it: dead-man timers, GTD, listen keys, a connection's day" {
	stepped
	ws p /public/ws
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=timer
	signed POST /fapi/v1/countdownCancelAll 'symbol=BTCUSDT&countdownTime=10000'
	place "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTD&goodTillDate=$((START_MS + 700000))&quantity=0.1&price=2900&newClientOrderId=gtd"
	step 9999
	order BTCUSDT timer | is '.status == "NEW"'
	step 1
	order BTCUSDT timer | is ".status == \"CANCELED\" and .updateTime == $((START_MS + 10000))"
	step 1h
	order ETHUSDT gtd | is '.status == "EXPIRED" or .status == "CANCELED"'
	order ETHUSDT gtd | is ".updateTime >= $((START_MS + 700000)) and .updateTime < $((START_MS + 702000))"
	step 22h
	caught_up p
	step 2h
	wait_for got p '^close 1000'
}

@test "a virtual clock runs so many times as fast" {
	sim --clock virtual --speed 100 --start $START --synthetic --symbols BTCUSDT
	public /sim/v1/status | is '.clock == "virtual"'
	a=$(date +%s%3N); first=$(now); b=$(date +%s%3N)
	later() { [ "$(now)" -gt $((first + 120000)) ]; }
	wait_for later
	c=$(date +%s%3N); last=$(now); d=$(date +%s%3N)
	[ $((last - first)) -ge $(((c - b - 20) * 100)) ]
	[ $((last - first)) -le $(((d - a + 20) * 100)) ]
	public '/fapi/v1/klines?symbol=BTCUSDT&interval=1m' | is 'length >= 2'
	step 8h		# and can be moved on besides
	[ "$(now)" -gt $((last + 28800000)) ]
	public '/fapi/v1/fundingRate?symbol=BTCUSDT' | is 'length == 1'
}

@test "a real clock is not stepped, nor a stepped one given a speed" {
	STEPPED=
	sim
	curl -sS --noproxy '*' -X POST "$SIM_REST/sim/v1/clock?step=5" | is '.error | test("real clock")'
	run bf-sim --clock step --speed 5
	[ "$status" -eq 2 ]
	run bf-sim --clock sundial
	[ "$status" -eq 2 ]
	[[ $output == *"real, virtual or step"* ]]
	run bf-sim --start yesterday
	[ "$status" -eq 2 ]
}
