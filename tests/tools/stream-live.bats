#!/usr/bin/env bats
# bf-stream against bf-sim: many streams of both markets, connections that are replaced,
# streams that fall silent, local books, and accounts after a gap.

setup() { load ../helper; load ../streaming; load ../gap; load ../signed; home; }
teardown() { home_end; }

# info N: exchangeInfo with N contracts more, T0USDT ...
info() {
	jq -n -c --argjson n "$1" '{symbols: [range($n) | {symbol: "T\(.)USDT", pair: "T\(.)USDT", status: "TRADING",
		contractType: "PERPETUAL", baseAsset: "T\(.)", quoteAsset: "USDT", marginAsset: "USDT", pricePrecision: 2,
		quantityPrecision: 3, onboardDate: 1569398400000, deliveryDate: 4133404800000, orderTypes: ["LIMIT"],
		timeInForce: ["GTC"], filters: [{filterType: "PRICE_FILTER", minPrice: "0.01", maxPrice: "1000000", tickSize: "0.01"},
		{filterType: "LOT_SIZE", minQty: "0.001", maxQty: "1000", stepSize: "0.001"}]}]}'
}

@test "symbols of both markets in one command: each on its own market's connection" {
	sim --synthetic
	stream markPrice bookTicker BTCUSDT BTCUSD_PERP
	up market
	up public
	up coinm
	wait_for count '.e == "markPriceUpdate" and .s == "BTCUSD_PERP"'
	wait_for count '.e == "bookTicker" and .s == "BTCUSD_PERP"'
	wait_for count '.e == "markPriceUpdate" and .s == "BTCUSDT"'
}

@test "a symbol that only COIN-M has needs no --market" {
	sim --synthetic
	run timeout 20 bf-stream --count 1 aggTrade markPrice BTCUSD_PERP
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *'"conn":"coinm"'* ]]
	[[ ${lines[1]} == *'"s":"BTCUSD_PERP"'* ]]
}

@test "streams of all symbols carry both markets; only those of one are given" {
	sim --synthetic
	stream markPrice
	wait_for count '.s == "BTCUSDT"' 2
	all '[.[] | select(.e == "markPriceUpdate") | .st] | unique == [1]'
	kill "$STREAM_PID"
	ends 0
	stream --market coinm markPrice
	wait_for count '.s == "BTCUSD_PERP"' 2
	all '[.[] | select(.e == "markPriceUpdate") | .st] | unique == [2]'
}

@test "the exchange's own names are taken as they are" {
	sim --synthetic
	stream btcusdt@bookTicker ethusdt@depth5@100ms '!miniTicker@arr'
	wait_for count '.e == "bookTicker" and .s == "BTCUSDT"'
	wait_for count '.e == "depthUpdate" and .s == "ETHUSDT" and (.b | length) == 5'
	wait_for count '.e == "24hrMiniTicker"'
}

@test "every market stream of USD-M that the exchange pushes by itself comes" {
	sim --synthetic --regime spike
	stream markPrice bookTicker aggTrade trade depth depth5 depth10@500ms depth20@100ms kline_1m kline_1h \
		continuousKline_1m miniTicker ticker BTCUSDT
	local e
	for e in markPriceUpdate bookTicker aggTrade trade depthUpdate kline continuous_kline 24hrMiniTicker 24hrTicker; do
		wait_for count ".e == \"$e\""
	done
}

@test "and those of COIN-M, pairs too" {
	sim --synthetic --regime spike
	stream indexPrice pairMarkPrice markPrice bookTicker aggTrade depth@100ms kline_1m indexPriceKline_1m \
		markPriceKline_1m continuousKline_1m miniTicker ticker BTCUSD_PERP
	local e
	for e in indexPriceUpdate markPriceUpdate bookTicker aggTrade depthUpdate kline indexPrice_kline markPrice_kline \
		continuous_kline 24hrMiniTicker 24hrTicker; do
		wait_for count ".e == \"$e\""
	done
}

@test "--symbols-from reads symbols from a file, or from standard input" {
	sim --synthetic
	printf '# mine\nBTCUSDT ETHUSDT\n\nSOLUSDT\n' >"$T/symbols"
	stream --symbols-from "$T/symbols" markPrice
	wait_for count '.s == "SOLUSDT"'
	wait_for count '.s == "ETHUSDT"'
	all '[.[] | select(.e == "markPriceUpdate") | .s] | unique == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]'
	run timeout 20 bf-stream --count 1 --symbols-from - markPrice <<<BNBUSDT
	[[ ${lines[1]} == *BNBUSDT* ]]
	printf 'BTCUSDT\nNOTHING\n' >"$T/symbols"
	run --separate-stderr timeout 20 bf-stream --symbols-from "$T/symbols" markPrice
	[ "$status" -eq 1 ]
	[[ $stderr == *NOTHING* ]]
	run --separate-stderr timeout 20 bf-stream --symbols-from "$T/none" markPrice
	[ "$status" -eq 2 ]
	[[ $stderr == *none* ]]
}

@test "more streams than a connection may carry are split evenly over two" {
	info 1100 >"$T/info"
	sim --exchange-info "$T/info"
	jq -r '.symbols[].symbol' "$T/info" >"$T/symbols"
	stream --symbols-from "$T/symbols" markPrice BTCUSDT
	up market
	up market-2
	# the rest is subscribed by messages, and each is answered: nobody complains or cuts
	wait_for eval '[ "$(jq -s "[.[] | select(.what == \"ws\")] | length" "$T/ledger")" -eq 2 ]'
	do_now 'mark=7 T1099USDT'
	do_now 'mark=8 T0USDT'
	wait_for count '.s == "T0USDT" and (.p | tonumber) == 8'
	wait_for count '.s == "T1099USDT" and (.p | tonumber) == 7'
	run ! grep -q 'down\|complains' "$T/out" "$T/err"
}

@test "a connection is replaced before its time is up: nothing is lost, nothing doubled" {
	sim --synthetic --regime spike
	stream --renew 2 depth@100ms aggTrade trade bookTicker BTCUSDT BTCUSD_PERP
	wait_for count '.e == "bf.conn" and .state == "replaced" and .conn == "public"' 2
	wait_for count '.e == "bf.conn" and .state == "replaced" and .conn == "market"' 2
	wait_for count '.e == "bf.conn" and .state == "replaced" and .conn == "coinm"' 1
	kill "$STREAM_PID"
	ends 0
	for s in BTCUSDT BTCUSD_PERP; do
		all "[.[] | select(.e == \"depthUpdate\" and .s == \"$s\")] | length > 20 and
			(. as \$d | [range(1; length) | \$d[.].pu == \$d[. - 1].u] | all)"
		all "[.[] | select(.e == \"trade\" and .s == \"$s\") | .t] | length > 2 and
			(. as \$d | [range(1; length) | \$d[.] == \$d[. - 1] + 1] | all)"
		all "[.[] | select(.e == \"aggTrade\" and .s == \"$s\") | .a] | length > 2 and
			(. as \$d | [range(1; length) | \$d[.] == \$d[. - 1] + 1] | all)"
	done
	all '[.[] | select(.e == "bf.conn" and .state == "down" or .e == "bf.gap")] == []'
	[ -z "$(sort "$T/out" | uniq -d)" ]
}

@test "a connection that dies while another takes over is taken over from at once" {
	sim --synthetic --regime spike
	stream --renew 2 trade BTCUSDT
	up market
	wait_for eval '[ "$(jq -s "[.[] | select(.what == \"ws\")] | length" "$T/ledger")" -eq 2 ]'
	tell 'ws:market: fin'	# both
	wait_for count '.e == "bf.conn" and .state == "up"' 1
	wait_for count '.e == "trade"' 5
	[ -z "$(sort "$T/out" | uniq -d)" ]
}

@test "a message that is sent twice comes once" {
	sim --synthetic --fault 'ws:market: dup=20 after=3' --fault 'ws:public: dup=20 after=3'
	stream bookTicker markPrice kline_1m BTCUSDT
	wait_for count '.e == "bookTicker"' 10
	wait_for count '.e == "markPriceUpdate"' 4
	[ -z "$(sort "$T/out" | uniq -d)" ]
}

@test "a stream that falls silent is told of although its socket lives, and connected anew" {
	sim --synthetic --fault 'ws:market: mute after=2'
	stream --max-silence 1500 markPrice BTCUSDT
	wait_for count '.e == "bf.lag" and .state == "silent" and .stream == "btcusdt@markPrice@1s" and .s == "BTCUSDT" and .ms > 1500'
	wait_for count '.e == "bf.conn" and .state == "down" and (.why | contains("nothing comes"))'
	wait_for count '.e == "bf.conn" and .state == "up"' 2
	wait_for count '.e == "bf.lag" and .state == "ok"'
	wait_for count '.e == "markPriceUpdate"' 4
}

@test "a stream of which nothing ever came is another case" {
	sim --synthetic --fault 'ws:market: mute'
	stream --max-silence 1000 markPrice BTCUSDT
	wait_for count '.e == "bf.lag" and .state == "never"'
	run ! grep -q '"state":"silent"' "$T/out"
}

@test "where silence is normal nothing is said" {
	sim --synthetic
	stream --max-silence 500 forceOrder markPrice BTCUSDT
	wait_for count '.e == "markPriceUpdate"' 4
	run ! grep -q 'forceOrder.*bf.lag\|bf.lag.*forceOrder' "$T/out"
}

@test "records that come late are told of, with how late" {
	sim --synthetic --fault 'ws:market: delay=3000'
	stream markPrice BTCUSDT
	wait_for count '.e == "bf.lag" and .state == "late" and .ms >= 2900 and .ms < 60000'
	wait_for count '.e == "markPriceUpdate"' 3
	all '[.[] | select(.e == "bf.lag")] | length == 1'
}

@test "--lag-exit ends the run when they are too late: exit 3" {
	sim --synthetic --fault 'ws:market: delay=3000'
	stream --lag-exit 1000 --max-lag 0 markPrice BTCUSDT
	ends 3
	grep -q 'lag-exit' "$T/err"
}

@test "--lag-exit ends it too when a stream says nothing for so long" {
	sim --synthetic --fault 'ws:market: mute after=2'
	stream --lag-exit 1500 --max-silence 60000 markPrice BTCUSDT
	ends 3
	grep -q 'silent' "$T/err"
	grep -q markPriceUpdate "$T/out"
}

@test "what trades were missed while a connection was down nobody knows: a bf.gap says so" {
	sim --synthetic --regime spike
	stream trade bookTicker BTCUSDT
	wait_for count '.e == "trade"'
	wait_for count '.e == "bookTicker"'
	tell 'ws:market: fin'
	tell 'ws:public: fin'
	wait_for count '.e == "bf.gap"'
	wait_for count '.e == "bf.conn" and .state == "up"' 4
	all '[.[] | select(.e == "bf.gap" and .why != "ids are missing")] | length == 1 and (.[0] | .stream == "btcusdt@trade" and .s == "BTCUSDT" and
		.from > 0 and .to >= .from and .why == "connection lost")'
}

@test "a refused handshake is told with its status, and tried again" {
	sim --synthetic --fault 'ws:market: handshake=403/html'
	stream markPrice BTCUSDT
	wait_for count '.e == "bf.conn" and .state == "down" and (.why | contains("403"))'
	wait_for count '.e == "markPriceUpdate"'
}

@test "--book: the best levels in order, never crossed, never older than before" {
	sim --synthetic --regime spike
	stream --book 5 BTCUSDT BTCUSD_PERP
	wait_for count '.e == "depthUpdate" and .s == "BTCUSDT"' 20
	wait_for count '.e == "depthUpdate" and .s == "BTCUSD_PERP"' 5
	all '[.[] | select(.e == "depthUpdate")] | all((.b | length) == 5 and (.a | length) == 5 and
		([.b[][0] | tonumber] | . == (sort | reverse)) and ([.a[][0] | tonumber] | . == sort) and
		(.b[0][0] | tonumber) < (.a[0][0] | tonumber) and (keys == ["E", "T", "a", "b", "e", "s", "u"]))'
	all '[.[] | select(.e == "depthUpdate" and .s == "BTCUSDT") | .u] | . == (sort | unique)'
}

@test "--book: what is shown is the exchange's own book of that update" {
	feed
	sim --feed "$T/feed"
	stream --book 20 BTCUSDT
	up public
	local i
	for i in 1 2 3; do
		mark BTCUSDT $((60000 + i * 50))
		wait_for eval 'curl -s "$SIM_REST/fapi/v1/depth?symbol=BTCUSDT&limit=20" >"$T/rest"; u=$(jq .lastUpdateId "$T/rest");
			count ".e == \"depthUpdate\" and .u == $u"'
		jq -S '[.bids, .asks]' "$T/rest" >"$T/a"
		jq -S --argjson u "$(jq .lastUpdateId "$T/rest")" 'select(.e == "depthUpdate" and .u == $u) | [.b, .a]' "$T/out" >"$T/b"
		cmp "$T/a" "$T/b"
	done
}

@test "--book: a lost change is seen, told, and mended by a snapshot" {
	sim --synthetic --regime spike --fault 'ws:public: drop=1 after=10'
	stream --book 3 BTCUSDT
	wait_for count '.e == "bf.gap" and .what == "book" and .s == "BTCUSDT"'
	wait_for count '.e == "bf.recovered" and .what == "book"'
	wait_for eval '[ "$(seen GET /fapi/v1/depth)" -eq 2 ]'
	# nothing is shown between the two
	all '[.[] | select(.s == "BTCUSDT") | .e] | (index("bf.gap")) as $g | .[$g + 1] == "bf.recovered"'
}

@test "--book: a snapshot that cannot be had is told, and the book when it is there" {
	sim --synthetic --regime spike --fault 'on GET /fapi/v1/depth*8: reply=503/svc'
	stream --book 5 BTCUSDT
	wait_for count '.e == "bf.gap" and .what == "book" and .s == "BTCUSDT" and (.why | startswith("no snapshot: "))'
	wait_for count '.e == "bf.recovered" and .what == "book"'
	wait_for count '.e == "depthUpdate"'
	[ "$(grep -c '"e":"bf.gap"' "$T/out")" -eq 1 ]
}

@test "--book --interval: no more often than that" {
	sim --synthetic --regime spike
	stream --book 2 --interval 1000 BTCUSDT
	wait_for count '.e == "depthUpdate"' 4
	# times of the changes, each at the most a change's interval older than when it was shown
	all '[.[] | select(.e == "depthUpdate") | .E] | . as $e | [range(1; length) | $e[.] - $e[. - 1] >= 500] | all'
}

@test "books that are all lost at once do not ask for their snapshots all at once" {
	sim --synthetic
	stream --book 1 BTCUSDT ETHUSDT SOLUSDT DOGEUSDT BNBUSDT BTCUSDC 1000PEPEUSDT
	wait_for eval '[ "$(jq -r "select(.e == \"depthUpdate\") | .s" "$T/out" | sort -u | wc -l)" -eq 7 ]'
	tell 'ws:public: fin'
	wait_for count '.e == "bf.recovered"' 7
	# Windows of 10 s, on the exchange's clock; what left in the last ms of one is served in the next.
	# Without a bound all 14 would be in one, or near it.
	[ "$(jq -s '[.[] | select(.what == "request" and .path == "/fapi/v1/depth") | .E / 10000 | floor] | group_by(.) |
		map(length) | max' "$T/ledger")" -le 12 ]
	[ "$(seen GET /fapi/v1/depth)" -ge 14 ]
}

@test "user: a fill during a gap is recovered, once, and so are orders and positions" {
	sim --synthetic
	stream user
	up user
	do_now 'place SELL ETHUSDT qty=0.5 price=3900 order=stands'
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.c == "stands"'
	# one order ends, one comes, a position is opened, another is opened and closed
	gap user 2 $'cancel order=stands\nplace BUY BTCUSDT qty=0.02\nplace BUY SOLUSDT qty=1\nplace SELL SOLUSDT qty=1\nplace SELL ETHUSDT qty=0.1 price=3950 order=comes'
	wait_for count '.e == "bf.reconcile" and .what == "done"'
	all '[.[] | select(.e == "bf.recovered" and .what == "fill") | .fill | [.symbol, .side, .qty | tostring]] | sort ==
		[["BTCUSDT", "BUY", "0.020"], ["SOLUSDT", "BUY", "1.00"], ["SOLUSDT", "SELL", "1.00"]]'
	all '[.[] | select(.e == "bf.recovered" and .what == "order") | .order | [.clientOrderId, .status]] | sort ==
		[["comes", "NEW"], ["stands", "CANCELED"]]'
	all '[.[] | select(.e == "bf.reconcile" and .what == "position_mismatch")] | length == 1 and
		(.[0] | .s == "BTCUSDT" and .ps == "BOTH" and .was == "0" and (.is | tonumber) == 0.02)'
	all '[.[] | select(.e == "bf.reconcile" and .what == "done")][0] | .fills == 3 and .orders == 2 and .positions == 1 and .to > .from'
	# and what comes afterwards comes as usual
	do_now 'place SELL BTCUSDT qty=0.02'
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.X == "FILLED" and .o.S == "SELL"'
}

@test "user: of COIN-M too" {
	sim --synthetic --balance coinm.BTC=1
	stream --market coinm user
	up user-coinm
	gap root 2 'place BUY BTCUSD_PERP qty=3'
	wait_for count '.e == "bf.recovered" and .what == "fill" and .fill.symbol == "BTCUSD_PERP" and .market == "coinm"'
	wait_for count '.e == "bf.reconcile" and .what == "done"'
}

@test "user: every fill is reported exactly once, whatever the connection does" {
	sim --synthetic
	stream --renew 2 user
	up user
	local i
	for i in 1 2 3 4 5 6 7 8; do
		do_now "place BUY BTCUSDT qty=0.00$i order=o$i"
		case $i in
		3) tell 'ws:user: dup=3' ;;
		4) tell 'ws:user: rst' ;;
		6) tell 'ws:user: fin' ;;
		esac
		wait_for eval "count '(.e == \"ORDER_TRADE_UPDATE\" and .o.x == \"TRADE\") or (.e == \"bf.recovered\" and .what == \"fill\")' $i"
	done
	wait_for count '.e == "bf.conn" and .state == "replaced"'
	local ids
	ids=$(jq -c 'if .e == "ORDER_TRADE_UPDATE" and .o.x == "TRADE" then .o.t elif .e == "bf.recovered" and .what == "fill" then .fill.id else empty end' "$T/out")
	[ "$(sort <<<"$ids" | uniq -d)" = "" ]
	[ "$(wc -l <<<"$ids")" -eq "$(jq -s '[.[] | select(.what == "fill")] | length' "$T/ledger")" ]
}

@test "user: REST that fails after a gap is told, and asked again" {
	sim --synthetic --fault 'on GET /fapi/v1/income*6: reply=503/svc'
	stream user
	up user
	gap user 1 'place BUY BTCUSDT qty=0.02'
	wait_for count '.e == "bf.reconcile" and .what == "failed"'
	# events are not held up for it
	wait_for do_now 'place SELL BTCUSDT qty=0.01'
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.S == "SELL"'
	wait_for count '.e == "bf.recovered" and .what == "fill" and .fill.side == "BUY"'
	wait_for count '.e == "bf.reconcile" and .what == "done"'
}

@test "user: a symbol that REST refuses does not keep the other ones from being told" {
	sim --synthetic --fault 'on GET userTrades#1: reply=400/-1121'
	stream user
	up user
	gap user 1 $'place BUY BTCUSDT qty=0.02\nplace BUY SOLUSDT qty=1'
	wait_for count '.e == "bf.reconcile" and .what == "done"'
	all '[.[] | select(.e == "bf.recovered" and .what == "fill")] | length == 1'
	all '[.[] | select(.e == "bf.reconcile" and .what == "incomplete")] | length == 1'
}

@test "user: an order that a list of REST left out stands all the same" {
	sim --synthetic
	stream user
	up user
	do_now 'place SELL ETHUSDT qty=0.5 price=3900 order=stands'
	wait_for count '.e == "ORDER_TRADE_UPDATE" and .o.c == "stands"'
	tell 'on GET openOrders#1: reply=200/array'
	gap user 1 'place BUY BTCUSDT qty=0.02'
	wait_for count '.e == "bf.reconcile" and .what == "done"'
	gap user 1 'cancel order=stands'
	wait_for count '.e == "bf.reconcile" and .what == "done"' 2
	all '[.[] | select(.e == "bf.recovered" and .what == "order") | .order | [.clientOrderId, .status]] == [["stands", "CANCELED"]]'
}

@test "--book: a symbol whose snapshot is refused does not end the other books" {
	sim --synthetic --fault 'on GET depth#1: reply=400/-1121'
	stream --book 5 BTCUSDT ETHUSDT
	wait_for count '.e == "depthUpdate"' 3
	grep -q 'snapshot of .*-1121' "$T/err"
}

@test "user: a key that the exchange no longer knows is replaced at the keepalive" {
	sim
	stream user
	up user
	do_now 'expire_listenkey'
	wait_for eval '[ "$(seen POST /fapi/v1/listenKey)" -ge 2 ]'
	wait_for count '.e == "bf.conn" and .conn == "user" and .state == "up"' 2
}

@test "options that mean nothing are refused before anything is asked" {
	sim
	local a
	for a in '--interval 100 markPrice' '--rotate 1M markPrice' '--speed 2 markPrice' '--snapshot x --book 5 BTCUSDT' \
		'--snapshot x --replay y' '--replay y --record z' '--book 0 BTCUSDT' '--book x BTCUSDT' '--when-slow wait markPrice' \
		'--buffer 1 markPrice' '--buffer 10X markPrice' '--max-lag -1 markPrice' '--renew 0 markPrice' '--rotate 5 --record x markPrice' \
		'--book 5 --interval 1 BTCUSDT' '--replay y --speed fast'; do
		# shellcheck disable=SC2086
		run --separate-stderr timeout 20 bf-stream $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
		[[ $stderr == bf-stream:*--* ]] || { echo "$a: $stderr"; false; }
	done
	run ! grep -q '"what":"request"' "$T/ledger"
}

@test "a table of a book shows its best levels" {
	sim --synthetic
	stream -o table --book 5 BTCUSDT
	wait_for eval '[ "$(wc -l <"$T/out")" -ge 3 ]'
	[[ $(head -n 1 "$T/out") =~ ^\ *TIME\ +SYMBOL\ +QTY\ +BID\ +ASK\ +QTY ]]
	[[ $(sed -n 2p "$T/out") =~ BTCUSDT\ +[0-9.]+\ +[0-9.]+\ +[0-9.]+ ]]
}

@test "a table of several kinds of events has of each its own price" {
	sim --synthetic
	stream -o table ticker kline_1m BTCUSDT
	wait_for grep -q kline "$T/out"
	wait_for grep -q 24hrTicker "$T/out"
	kill "$STREAM_PID"
	ends 0
	# the day's change is far from the price
	awk '$2 == "kline" || $2 == "24hrTicker" { n++; if ($4 < 50000 || $4 > 70000) bad = 1 } END { exit n < 2 || bad }' "$T/out" ||
		{ cat "$T/out"; false; }
}

@test "a table that cannot begin has no headings" {
	sim
	run --separate-stderr timeout 20 bf-stream -o table --profile nowhere user
	[ "$status" -eq 2 ]
	[ -z "$output" ]
}
