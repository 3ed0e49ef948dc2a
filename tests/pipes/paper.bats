# Paper trading: orders meet a market that was recorded on the real exchange on
# 2024-08-08 (see BF_TEST_DATA's README), or one that comes through the pipe.
# The numbers wanted are read off the recording, not off bf-sim.

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
}

teardown() { home_end; }

# recording usdm|coinm: $T/feed is the recording, with the snapshot where it came.
recording() {
	local name=usdm/ws-btcusdt-2024-08-08 shot=btcusdt after=54
	[ -n "${BF_TEST_DATA:-}" ] || skip "no recorded data (BF_TEST_DATA is not set)"
	[ "$1" = usdm ] || name=coinm/ws-btcusd_perp-2024-08-08 shot=btcusd_perp after=36
	gunzip -c "$BF_TEST_DATA/$name.ndjson.gz" >"$T/raw"
	{
		head -n "$after" "$T/raw"
		head -n 1 "$BF_TEST_DATA/$name.rest-depth-$shot.json"
		echo
		tail -n "+$((after + 1))" "$T/raw"
	} >"$T/feed"
}
# at TIME: the exchange shows this time (ms after 2024-08-08T23:54:00Z).
epoch=1723161240000
at() { step $((epoch + $1 - NOW)); }
depth() { public "/${1:-fapi}/v1/depth?symbol=${2:-BTCUSDT}&limit=5"; }
top() { jq -c '[.bids[0], .asks[0]]'; }
buy() { signed POST /fapi/v1/order "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=$2&price=$1&newClientOrderId=mine"; }
mine() { signed GET /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=mine'; }
fills() { signed GET /fapi/v1/userTrades symbol=BTCUSDT | jq -c 'map([.price, .qty, .maker])'; }

# --- the book ---

@test "a recording ends in the book it is known to end in, USD-M and COIN-M" {
	recording usdm
	stepped --feed "$T/feed"
	[ "$NOW" -eq 1723161256299 ]	# the first record's E
	step 400000
	[ "$(depth | top)" = '[["61659.70","1.486"],["61659.80","0.981"]]' ]
	public '/fapi/v1/ticker/price?symbol=BTCUSDT' | is --arg p "$(jq -r 'select(.data.e == "trade").data.p' "$T/raw" | tail -n 1)" '.price == $p'
	[ ! -s "$T/sim.err" ]
	recording coinm
	stepped --feed "$T/feed"
	step 400000
	[ "$(depth dapi BTCUSD_PERP | top)" = '[["61741.9","1739"],["61742.0","1697"]]' ]
	[ ! -s "$T/sim.err" ]
}

@test "records with their stream's envelope and bare ones, as bf-stream prints them, are the same market" {
	recording usdm
	head -n 4000 "$T/feed" >"$T/short"
	jq -c '.data // .' "$T/short" >"$T/bare"
	jq -nc '[inputs]' "$T/bare" >"$T/array"	# and all of them in one line
	stepped --feed "$T/short"
	step 400000
	public '/fapi/v1/depth?symbol=BTCUSDT&limit=1000' | jq -c '[.bids, .asks]' >"$T/want"
	[ "$(jq '.[0] | length' "$T/want")" -gt 900 ]
	for f in bare array; do
		stepped --feed "$T/$f"
		step 400000
		public '/fapi/v1/depth?symbol=BTCUSDT&limit=1000' | jq -c '[.bids, .asks]' | cmp - "$T/want"
		[ ! -s "$T/sim.err" ]
	done
	mkfifo "$T/fifo"	# used as it comes
	sim --feed "$T/fifo"
	cat "$T/bare" >"$T/fifo"
	same() { public '/fapi/v1/depth?symbol=BTCUSDT&limit=1000' | jq -c '[.bids, .asks]' | cmp - "$T/want"; }
	wait_for same
}

# --- orders that rest ---

# The bid of 61808.00 at 22994 has 10.561 in it. From then on 10.561 are sold at
# this price, the last 0.002 of them at 23729; of the next 0.081 in the same
# millisecond the first 0.050 are ours.
@test "a resting order is filled when the recorded trades have used up what stood before it, not sooner" {
	recording usdm
	sold=$(jq -s --argjson a $((epoch + 22994)) --argjson b $((epoch + 23728)) 'map(.data | select(.e == "trade" and .m and
	    .p == "61808.00" and .E > $a and .E <= $b).q | tonumber) | add * 1000 | round' <(head -n 1600 "$T/raw"))
	[ "$sold" -eq 6427 ]
	stepped --feed "$T/feed" --latency 0
	at 22994
	depth | is '.bids[0] == ["61808.00", "10.561"]'
	buy 61808 0.050 | is '.status == "NEW"'
	depth | is '.bids[0] == ["61808.00", "10.611"]'
	at 23728
	mine | is '.status == "NEW" and .executedQty == "0.000"'
	at 23729
	mine | is '.status == "FILLED" and .avgPrice == "61808.00000"'
	[ "$(fills)" = '[["61808.00","0.050",true]]' ]
	signed GET /fapi/v1/userTrades symbol=BTCUSDT | is '.[0].commission == "0.61808000"'	# 0.02 %
}

# The same with 0.200: the trades that follow in this millisecond are of 0.081 each.
@test "a larger one is filled in parts, by the trades it gets its turn in" {
	recording usdm
	stepped --feed "$T/feed" --latency 0
	at 22994
	buy 61808 0.200
	at 23729
	[ "$(fills)" = '[["61808.00","0.081",true],["61808.00","0.081",true],["61808.00","0.038",true]]' ]
}

# At 94355 the bid of 61800.10 has 2.213. In the next eight seconds 1.360 are
# sold at this price and the rest is cancelled or stays: those cancelled are
# counted from the back, so 0.028 still stand before ours.
@test "an order whose price was traded, but not through its place, is not filled" {
	recording usdm
	stepped --feed "$T/feed" --latency 0
	at 94355
	depth | is '.bids[0] == ["61800.10", "2.213"]'
	buy 61800.10 0.050
	at 102355
	mine | is '.status == "NEW" and .executedQty == "0.000"'
	# an order ahead of all of them is filled by the first
	run jq -e '[.data | select(.e == "trade" and .m and .p == "61800.10" and .E > 1723161334355 and .E <= 1723161342355)] | length > 0' "$T/raw"
	[[ $output == *true* ]]
}

# The bid of 61814.9 at 31731 has 129 contracts. 127 of them are sold until a trade
# of 35 comes at 34868: 2 are of the others, and the order of 20 is filled.
@test "in COIN-M too an order waits for its turn in the recorded trades" {
	recording coinm
	stepped --feed "$T/feed" --latency 0 --balance coinm.BTC=1
	at 31731
	depth dapi BTCUSD_PERP | is '.bids[0] == ["61814.9", "129"]'
	signed POST /dapi/v1/order 'symbol=BTCUSD_PERP&side=BUY&type=LIMIT&timeInForce=GTC&quantity=20&price=61814.9&newClientOrderId=mine' | is '.status == "NEW"'
	at 34867
	signed GET /dapi/v1/order 'symbol=BTCUSD_PERP&origClientOrderId=mine' | is '.executedQty == "0"'
	at 34868
	signed GET /dapi/v1/userTrades symbol=BTCUSD_PERP | is 'map([.price, .qty, .maker, .commission]) == [["61814.9", "20", true, "0.00000323"]]'	# 0.01 %
}

@test "an order below the market is filled when the market has fallen through it" {
	recording usdm
	stepped --feed "$T/feed" --latency 0
	at 22994
	buy 61806.10 0.001	# a price of its own between two bids
	at 23729
	mine | is '.status == "NEW"'
	at 23730	# 0.002 are sold at 61806.00
	mine | is '.status == "FILLED" and .avgPrice == "61806.10000"'
}

# --- orders that take ---

# The asks at 22994, by the diff with u 5123108298716: 61808.10 x 3.051,
# 61809.10 x 0.305, 61809.40 x 1.035.
@test "a market order pays the recorded asks, level after level" {
	recording usdm
	stepped --feed "$T/feed" --latency 0 --account 100000
	at 22994
	signed POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=4&newClientOrderId=mine' | is .orderId
	mine | is '.status == "FILLED" and .cumQuote == "247233.54220"'	# 3.051, 0.305 and 0.644 of them
	[ "$(fills)" = '[["61808.10","3.051",false],["61809.10","0.305",false],["61809.40","0.644",false]]' ]
	depth | is '.asks[0] == ["61809.40", "0.391"]'
	# what was taken is there again as soon as the recording says so: we did not trade there
	at 23121
	depth | is '.asks[0][0] == "61808.10"'
}

# The bid is 61808.00 at 23720 and 61800.10 at 23820.
@test "an order meets the book of a moment later: 50 ms, or --latency" {
	local fd q latency
	recording usdm
	for latency in 50 100 1 0; do
		how=(--latency "$latency")
		[ "$latency" -ne 50 ] || how=()
		stepped --feed "$T/feed" "${how[@]}"
		at $((23820 - latency))
		q="symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.010&newOrderRespType=RESULT&timestamp=$NOW"
		exec {fd}<>"/dev/tcp/127.0.0.1/${SIM_REST##*:}"
		printf 'POST /fapi/v1/order?%s&signature=%s HTTP/1.1\r\nHost: sim\r\nX-MBX-APIKEY: %s\r\nConnection: close\r\n\r\n' "$q" "$(sign "$q")" "$KEY" >&"$fd"
		if [ "$latency" -gt 0 ]; then
			step $((latency - 1))
			[ "$(fills)" = '[]' ]
			step 1
		fi
		tail -n 1 <&"$fd" >"$T/answer"
		exec {fd}>&-
		is '.status == "FILLED"' <"$T/answer"
		[ "$(fills)" = '[["61800.10","0.010",false]]' ]
	done
	stepped --feed "$T/feed" --latency 0
	at 23720
	signed POST /fapi/v1/order 'symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.010' | is .orderId
	[ "$(fills)" = '[["61808.00","0.010",false]]' ]
}

@test "contracts of COIN-M are bought at the recorded ask, and paid for in coins" {
	recording coinm
	stepped --feed "$T/feed" --latency 0 --balance coinm.BTC=1
	step 400000
	signed POST /dapi/v1/order 'symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=1700&newOrderRespType=RESULT' | is '.status == "FILLED" and .executedQty == "1700"'
	# 1697 at 61742.0 and 1 at 61742.4, 2 at 61744.1; 100 USD each, 0.05 % cut off
	signed GET /dapi/v1/userTrades symbol=BTCUSD_PERP | is 'map([.price, .qty]) == [["61742.0", "1697"], ["61742.4", "1"], ["61744.1", "2"]]
	    and .[0].commission == "0.00137426" and .[0].baseQty == "2.74853422" and .[0].commissionAsset == "BTC"'
	signed GET /dapi/v1/positionRisk pair=BTCUSD | is 'map(select(.symbol == "BTCUSD_PERP"))[0].positionAmt == "1700"'
}

# --- through the pipe ---

b_ready() { grep -q '"rest"' "$T/b.out"; }

@test "one exchange's streams are another's market, and orders fill there" {
	sim_as a --synthetic --seed 11 --regime spike
	A=$SIM_REST
	bg "bf-stream --profile a depth@100ms bookTicker aggTrade markPrice@1s BTCUSDT 2>'$T/stream.err' |
	    bf-sim --feed - --profile-out b --ledger '$T/ledger.b' >'$T/b.out' 2>'$T/b.err'"
	wait_for b_ready
	SIM_REST=$(jq -r .rest "$T/b.out") KEY=$(jq -r .key "$T/b.out") SECRET=$(jq -r .secret "$T/b.out")
	# the market of b is that of a
	near() {	# the middle of b's book is within 0.1 % of a's
		jq -se 'map((.bids[0][0] | tonumber) + (.asks[0][0] | tonumber)) | (.[0] / .[1] - 1) | . < 0.001 and . > -0.001' \
		    <(curl -sS "$A/fapi/v1/depth?symbol=BTCUSDT&limit=5") <(depth)
	}
	wait_for near
	traded() { public '/fapi/v1/trades?symbol=BTCUSDT' | jq -e 'length > 3'; }
	wait_for traded
	signed POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010&newOrderRespType=RESULT' | is '.status == "FILLED"'
	price=$(depth | jq -r '.bids[0][0]')
	buy "$price" 0.010 | is .orderId
	filled() { mine | jq -e '.status == "FILLED"'; }
	wait_for filled
	mine | is --arg p "$price" '(.avgPrice | tonumber) <= ($p | tonumber)'
	grep -q '"what":"fill"' "$T/ledger.b"
	[ ! -s "$T/b.err" ]
}
