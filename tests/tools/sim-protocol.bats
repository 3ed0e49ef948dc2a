# bf-sim's protocol at its edges: limits, the ends of time, the forms of numbers,
# what HTTP allows.

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
}

teardown() {
	home_end
}

used() { sed -n 's/^x-mbx-used-weight-1m: \([0-9]*\).*/\1/Ip' "$T/h"; }
# costs N METHOD PATH [QUERY]: a signed request weighs so much.
costs() {
	local before
	public /fapi/v1/time -D "$T/h" >/dev/null
	before=$(used)
	signed "$2" "$3" "${4:-}" -D "$T/h" >/dev/null
	[ $(($(used) - before)) -eq "$1" ] || { echo "$3 $4: $(($(used) - before)), not $1" >&2; return 1; }
}
# raw TEXT: bytes to the port, the answer on stdout.
raw() {
	local fd
	exec {fd}<>"/dev/tcp/127.0.0.1/${SIM_REST##*:}"
	printf '%b' "$1" >&"$fd"
	timeout 5 cat <&"$fd"
	exec {fd}>&-
}

# --- limits ---

@test "each path of /futures/data has a pool of its own, fundingRate and fundingInfo have one" {
	stepped --symbols BTCUSDT
	# URL[1-N]: N requests of one curl
	many() { public "$1&n=[1-$2]" -o /dev/null -w '%{http_code}\n' | sort | uniq -c | tr -s ' \n' ' '; }
	[ "$(many '/futures/data/delivery-price?pair=BTCUSDT' 1001)" = ' 1000 200 1 429 ' ]
	[ "$(many '/futures/data/globalLongShortAccountRatio?symbol=BTCUSDT&period=5m' 1000)" = ' 1000 200 ' ]
	[ "$(many '/fapi/v1/fundingRate?limit=1' 300)" = ' 300 200 ' ]
	[ "$(many '/fapi/v1/fundingInfo?x=1' 201)" = ' 200 200 1 429 ' ]
	public /fapi/v1/ping | is '. == {}'
}

@test "a weight without a symbol is not made less by a parameter nobody reads" {
	stepped
	costs 40 GET /fapi/v1/openOrders pair=BTCUSDT
	costs 1 GET /fapi/v1/openOrders symbol=BTCUSDT
	costs 50 GET /fapi/v1/forceOrders marginAsset=USDT
	costs 1 GET /dapi/v1/openOrders pair=BTCUSD
	costs 40 GET /dapi/v1/openOrders
}

# --- times ---

@test "a start at the end of all time gets an empty answer, at once" {
	stepped
	last=9223372036854775807
	for q in klines?symbol=BTCUSDT markPriceKlines?symbol=BTCUSDT indexPriceKlines?pair=BTCUSDT \
		premiumIndexKlines?symbol=BTCUSDT 'continuousKlines?pair=BTCUSDT&contractType=PERPETUAL'; do
		for i in 1m 3d 1w 1M; do
			public "/fapi/v1/$q&interval=$i&startTime=$last" -m 5 | is '. == []'
			public "/fapi/v1/$q&interval=$i&startTime=$((last - 1))&endTime=$last" -m 5 | is '. == []'
		done
	done
	public "/dapi/v1/klines?symbol=BTCUSD_PERP&interval=1M&startTime=$last" -m 5 | is '. == []'
	public "/fapi/v1/aggTrades?symbol=BTCUSDT&startTime=$last" -m 5 | is '. == []'
	public "/futures/data/basis?pair=BTCUSDT&contractType=PERPETUAL&period=5m&startTime=$last" -m 5 | is '. == []'
	public "/fapi/v1/fundingRate?startTime=$last" -m 5 | is '. == []'
	for p in allOrders userTrades forceOrders income allAlgoOrders positionMargin/history; do
		signed GET "/fapi/v1/$p" "symbol=BTCUSDT&startTime=$last" -m 5 | is '. == []'
		signed GET "/fapi/v1/$p" "symbol=BTCUSDT&startTime=0&endTime=$last" -m 5 | is '.code == -4165'
	done
}

@test "a start of 0 is a start: the oldest come, not the newest" {
	stepped --start 2026-03-01T00:00:00Z
	for p in 60000 60001 60002; do
		market_order BTCUSDT BUY 0.01 | is '.orderId > 0'
		act "mark=$p BTCUSDT"
		step 60000
	done
	public '/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1&startTime=0' | is '.[0][0] == 1772323200000'
	public '/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1&startTime=1' | is '.[0][0] == 1772323200000'
	public '/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1' | is '.[0][0] > 1772323200000'
	public '/fapi/v1/aggTrades?symbol=BTCUSDT&limit=1&startTime=0' | is '.[0].a == 1'
	public '/fapi/v1/aggTrades?symbol=BTCUSDT&limit=1' | is '.[0].a > 1'
	act 'funding=0.0001 BTCUSDT' 'funding=0.0002 BTCUSDT'
	public '/fapi/v1/fundingRate?symbol=BTCUSDT&limit=1&startTime=0' | is '.[0].fundingRate == "0.00010000"'
	public '/fapi/v1/fundingRate?symbol=BTCUSDT&limit=1' | is '.[0].fundingRate == "0.00020000"'
}

# --- forms ---

@test "prices at a mark or an index have the tick's decimals where that loses none" {
	stepped --start 2026-03-01T00:00:00Z
	market_order ETHUSDT BUY 1 | is '.orderId > 0'
	act 'adl ETHUSDT'
	signed GET /fapi/v1/forceOrders symbol=ETHUSDT |
		is '.[0] | .clientOrderId == "adl_autoclose" and .price == "3000.00" and .stopPrice == "0.00"'
	signed GET /fapi/v1/userTrades symbol=ETHUSDT | is '.[1] | .price == "3000.00" and .quoteQty == "3000.00000"'
	market_order BTCUSDT_260327 BUY 0.01 | is '.orderId > 0'
	public /futures/data/delivery-price?pair=BTCUSDT | is '. == []'
	act 'settle=60100 BTCUSDT_260327'
	signed GET /fapi/v1/allOrders symbol=BTCUSDT_260327 |
		is '.[1] | .clientOrderId == "settlement_autoclose-1" and .price == "60100.0"'
	signed GET /fapi/v1/userTrades symbol=BTCUSDT_260327 | is '.[1] | .price == "60100.0" and .quoteQty == "601.0000"'
	public /futures/data/delivery-price?pair=BTCUSDT |
		is '. == [{ deliveryTime: 1774598400000, deliveryPrice: 60100 }]'
	act 'mark=3000.123 ETHUSDT'
	market_order ETHUSDT BUY 1 | is '.orderId > 0'
	act 'adl ETHUSDT'
	signed GET /fapi/v1/userTrades symbol=ETHUSDT | is '.[3].price == "3000.12300000"'
}

@test "a bad newOrderRespType is refused of conditional orders too" {
	stepped
	a='algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.01&triggerPrice=59000'
	signed POST /fapi/v1/algoOrder "$a&newOrderRespType=FULL" | is '.code == -1136'
	signed POST /fapi/v1/algoOrder "$a&newOrderRespType=RESULT" | is '.algoStatus == "NEW"'
}

# --- HTTP ---

@test "whatever stands in a path, the answer is JSON and says so" {
	stepped
	raw 'GET /fapi/v1/"}{\\\\\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | sed '1,/^\r$/d' |
		is '.code == -5000 and (.msg | startswith("Path /fapi/v1/\"}{"))'
	raw 'BREW /fapi/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | grep -q '^HTTP/1.1 404'
	raw "GET /fapi/v1/ping?a=$(printf 'b%.0s' {1..60000}) HTTP/1.0\r\n\r\n" | grep -q '^HTTP/1.1 200'
	raw 'POST /fapi/v1/listenKey HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' |
		grep -q '^HTTP/1.1 411'
}
