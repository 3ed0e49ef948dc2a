# The streams of bf-sim: market data and user data, heard by wscat.

setup() {
	load ../helper
	load ../simclient
	home
}

teardown() {
	home_end
}

# A market that moves only by steps, the same every time.
stepped() {
	STEPPED=1
	sim --clock step --start 2026-11-02T00:00:30Z --seed 5 --synthetic "$@"
}
# steps N MS NAME: so many steps, all heard
steps() {
	local i
	for ((i = 0; i < $1; i++)); do step "$2"; done
	caught_up "$3"
}

# --- paths, routes, control messages ---

@test "each route serves its own streams, and is silent about others" {
	stepped
	all='btcusdt@markPrice@1s/btcusdt@bookTicker/nosuch@depth/btcusdt@depth5@100ms/btcusdt@kline_1m/BTCUSDT@bookTicker'
	ws public "/public/ws/$all"
	ws market "/market/ws/$all"
	ws private "/private/ws/$all"
	ws root "/ws/$all"
	for name in public market private root; do steps 3 1000 "$name"; done
	holds public '[.[].e] | unique == ["bookTicker", "depthUpdate"]'
	holds market '[.[].e] | unique == ["kline", "markPriceUpdate"]'
	holds private '. == []'
	holds root '[.[].e] | unique == ["bookTicker", "depthUpdate"]'
	[ "$(count private .)" -eq 1 ]	# the pong
}

@test "the root is the host of COIN-M" {
	stepped
	ws coinm /ws/btcusd_perp@bookTicker/btcusd_perp@markPrice@1s/btcusd_perp@aggTrade/btcusd_perp@kline_1m
	ws public /public/ws/btcusd_perp@bookTicker/btcusd_perp@depth
	steps 10 1000 coinm
	holds coinm '[.[].e] | unique | contains(["bookTicker", "markPriceUpdate"])'
	holds coinm 'all(.[]; .st == 2 or .e == "kline")'
	holds coinm '[.[] | select(.e == "markPriceUpdate")] | length >= 9 and all(.[]; has("ap") | not)'
	caught_up public
	holds public '. == []'
}

@test "a path that is none is answered 404" {
	sim
	for path in /nowhere/ws /public /private /wss /ws-fapi/v2 /publicws /private/x/ws; do
		run "$BF_PEERS/wscat" "${SIM_WS##*:}" "$path" </dev/null
		[ "$status" -eq 1 ] || { echo "$path: $output"; false; }
		[[ $output == 'HTTP/1.1 404'* ]] || { echo "$path: $output"; false; }
	done
}

@test "raw and combined are two shapes of the same payload" {
	stepped
	ws raw /public/ws/btcusdt@bookTicker
	ws combined '/public/stream?streams=btcusdt@bookTicker/ethusdt@bookTicker'
	ws empty /public/stream
	subscribe empty btcusdt@bookTicker
	steps 5 1000 raw
	caught_up combined
	caught_up empty
	holds combined 'all(.[]; keys == ["data", "stream"]) and ([.[].stream] | unique == ["btcusdt@bookTicker", "ethusdt@bookTicker"])'
	# who comes makes the state be told again to those who are there
	[ "$(events raw 'unique_by(.u) | length')" -gt 3 ]
	[ "$(events combined '[.[].data | select(.s == "BTCUSDT")] | unique_by(.u)')" = "$(events raw 'unique_by(.u)')" ]
	[ "$(events empty '[.[].data | select(. != null)] | unique_by(.u)')" = "$(events raw 'unique_by(.u)')" ]
}

@test "a connection may turn its payloads round" {
	stepped
	ws c /public/ws/btcusdt@bookTicker
	say c '{"method":"GET_PROPERTY","params":["combined"],"id":1}'
	wait_for got c '^{"result":false,"id":1}$'
	say c '{"method":"SET_PROPERTY","params":["combined",true],"id":2}'
	wait_for got c '^{"result":null,"id":2}$'
	say c '{"method":"GET_PROPERTY","params":["combined"],"id":3}'
	wait_for got c '^{"result":true,"id":3}$'
	n=$(count c '"stream":')
	steps 5 1000 c
	[ "$(count c '"stream":"btcusdt@bookTicker"')" -gt "$n" ]
}

@test "a subscription is answered, listed in order, and ends" {
	stepped
	ws s /market/ws
	say s '{"method":"SUBSCRIBE","params":["ethusdt@markPrice@1s","btcusdt@markPrice@1s","btcusdt@markPrice@1s","what@ever"],"id":9007199254740993}'
	wait_for got s '^{"result":null,"id":9007199254740993}$'
	say s '{"method":"LIST_SUBSCRIPTIONS","id":"x-1"}'
	wait_for got s '^{"result":\["btcusdt@markPrice@1s","ethusdt@markPrice@1s","what@ever"\],"id":"x-1"}$'
	steps 2 1000 s
	holds s '[.[] | select(.e) | .s] | unique == ["BTCUSDT", "ETHUSDT"]'
	say s '{"method":"UNSUBSCRIBE","params":["btcusdt@markPrice@1s","not@there"],"id":null}'
	wait_for got s '^{"result":null,"id":null}$'
	n=$(count s '"s":"BTCUSDT"')
	steps 3 1000 s
	[ "$(count s '"s":"BTCUSDT"')" -eq "$n" ]
	counted s '"s":"ETHUSDT"' 5
}

@test "a control message that is wrong is told so, by number and word" {
	sim
	n=0
	ws e /market/ws
	while IFS='|' read -r text code words; do
		n=$((n + 1))
		[ $((n % 8)) -ne 0 ] || { ws "e$n" /market/ws; name=e$n; }
		say "${name:-e}" "$text"
		wait_for counted "${name:-e}" "\"code\":$code,\"msg\":\"[^\"]*$words" 1 || { echo "$text"; cat "$T/${name:-e}"; false; }
	done <<-'END'
		{"method":"SING","id":1}|2|unknown variant
		{"params":["a@b"],"id":1}|2|missing field `method`
		{"method":"SUBSCRIBE","params":["btcusdt@depth"],"id":-1}|2|must be an unsigned integer
		{"method":"SUBSCRIBE","params":["btcusdt@depth"],"id":1.5}|2|must be an unsigned integer
		{"method":"SUBSCRIBE","params":["btcusdt@depth"],"id":{"a":1}}|2|must be an unsigned integer
		{"method":"SUBSCRIBE","params":"btcusdt@depth","id":1}|2|array
		{"method":"SUBSCRIBE","params":[1],"id":1}|2|string
		{"method":"GET_PROPERTY","params":["colour"],"id":1}|0|Unknown property
		{"method":"GET_PROPERTY","params":[7],"id":1}|2|property name must be a string
		{"method":"GET_PROPERTY","params":["combined",1],"id":1}|2|too many parameters
		{"method":"SET_PROPERTY","params":["combined"],"id":1}|1|expected Boolean
		{"method":"SET_PROPERTY","params":["combined","true"],"id":1}|1|expected Boolean
		{"method":|3|Invalid JSON
		nonsense|3|Invalid JSON
		{"method":"SUBSCRIBE","params":["a@b"],"id":1}}|3|Invalid JSON
		[]|2|Invalid request
	END
	public /fapi/v1/ping
}

@test "the eleventh message in a second ends the connection with 1008" {
	sim
	ws s /market/ws
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do
		echo '{"method":"LIST_SUBSCRIPTIONS","id":1}'
	done >&"${WS_IN[s]}"
	wait_for got s '^fin'
	got s '^close 1008 Too many requests'
	[ "$(count s '"result":\[\]')" -le 20 ]
	ws p /market/ws		# pings and pongs count as well
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do echo '!ping x'; done >&"${WS_IN[p]}"
	wait_for got p '^close 1008'
}

@test "more streams than a connection may have are refused, and the others stay" {
	sim
	ws s /market/ws
	names() { seq "$1" "$2" | sed 's/.*/"s&@markPrice"/' | paste -sd, -; }
	say s '{"method":"SUBSCRIBE","params":['"$(names 1 1000)"'],"id":1}'
	wait_for got s '"result":null,"id":1'
	say s '{"method":"SUBSCRIBE","params":['"$(names 1001 1030)"'],"id":2}'
	wait_for got s '"error":{"code":2,"msg":"Invalid request: too many subscriptions"},"id":2'
	say s '{"method":"LIST_SUBSCRIPTIONS","id":3}'
	wait_for got s '"id":3}'
	holds s '[.[] | select(.id == 3) | .result | length] == [1000]'
}

@test "frames that break the protocol end the connection, with its number" {
	sim
	n=0
	while IFS='|' read -r hex code what; do
		n=$((n + 1))
		ws "f$n" /public/ws
		say "f$n" "!raw $hex"
		wait_for got "f$n" '^close\|^rst\|^fin' || { echo "$what"; false; }
		got "f$n" "^close $code" || { echo "$what: $(cat "$T/f$n")"; false; }
	done <<-'END'
		810161|1002|a client's frame without a mask
		c18000000000|1002|a reserved bit
		838000000000|1002|an unknown opcode
		89fe007e00000000|1002|a long control frame
		098000000000|1002|a control frame in pieces
		808000000000|1002|a continuation of nothing
		0181000000006181810000000062|1002|a new message within one in pieces
		88810000000003|1002|a close frame of one byte
		8882000000000001|1002|a close code that is none
		81ff8000000000000000|1002|a length of 64 bits with the first one set
		81ff000000010000000000000000|1009|a message of four gigabytes
	END
	public /fapi/v1/ping
}

@test "a message may come in pieces with a ping between them" {
	sim
	ws f /market/ws
	# {"method":"LIST_SUB + SCRIPTIONS","id":4}
	a=$(printf '{"method":"LIST_SUB' | od -An -tx1 | tr -d ' \n')
	b=$(printf 'SCRIPTIONS","id":4}' | od -An -tx1 | tr -d ' \n')
	say f "!raw 0193000000""00$a" '!ping mid' "!raw 8093000000""00$b"
	wait_for got f '^{"result":\[\],"id":4}$'
	got f "^pong $(printf mid | od -An -tx1 | tr -d ' \n')"
}

# --- depth ---

# The book of a snapshot ($1) and the diffs after it ($2, arrays), as levels of price and quantity.
rebuilt() {
	jq -cn --slurpfile s "$1" --slurpfile d "$2" '
		def apply($side; $levels): reduce $levels[] as $l (.;
			if ($l[1] | tonumber) == 0 then del(.[$side][$l[0]]) else .[$side][$l[0]] = $l[1] end);
		{b: ($s[0].bids | map({(.[0]): .[1]}) | add), a: ($s[0].asks | map({(.[0]): .[1]}) | add)} |
		reduce ($d[0][] | select(.u >= $s[0].lastUpdateId)) as $e (.; apply("b"; $e.b) | apply("a"; $e.a)) |
		[.b, .a] | map(to_entries | map([(.key | tonumber), (.value | tonumber)]) | sort)'
}
levels() { jq -c '[.bids, .asks] | map(map(map(tonumber)) | sort)' "$1"; }

@test "a snapshot and the diffs after it are the book" {
	stepped
	sleepers='btcusdt@depth@100ms btcusdt@depth btcusdt@depth@500ms'
	for s in $sleepers; do ws "$s" "/public/ws/$s"; done
	steps 10 700 btcusdt@depth
	public '/fapi/v1/depth?symbol=BTCUSDT&limit=1000' >"$T/snapshot"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		step 900
		limit_order BTCUSDT BUY 0.5 55000 >/dev/null
	done
	step 700
	public '/fapi/v1/depth?symbol=BTCUSDT&limit=1000' >"$T/end"
	for s in $sleepers; do
		caught_up "$s"
		holds "$s" 'length > 10 and all(.[]; .e == "depthUpdate" and .U <= .u and .ps == "BTCUSDT" and .st == 1)'
		holds "$s" '[.[:-1], .[1:]] | transpose | all(.[]; .[1].pu == .[0].u and .[1].U > .[0].u)'
		events "$s" . >"$T/diffs"
		id=$(jq .lastUpdateId "$T/snapshot")
		jq -e --argjson id "$id" '[.[] | select(.u >= $id)][0] | .U <= $id and .u >= $id' "$T/diffs"
		[ "$(jq '.[-1].u' "$T/diffs")" = "$(jq .lastUpdateId "$T/end")" ]
		[ "$(rebuilt "$T/snapshot" "$T/diffs")" = "$(levels "$T/end")" ]
	done
}

@test "the same of COIN-M, on its own path" {
	stepped
	ws d /ws/btcusd_perp@depth@100ms
	step 3000
	public '/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000' >"$T/snapshot"
	for _ in 1 2 3 4 5; do step 900; done
	public '/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000' >"$T/end"
	caught_up d
	holds d '([.[:-1], .[1:]] | transpose | all(.[]; .[1].pu == .[0].u)) and all(.[]; .ps == "BTCUSD" and .st == 2)'
	events d . >"$T/diffs"
	[ "$(rebuilt "$T/snapshot" "$T/diffs")" = "$(levels "$T/end")" ]
}

@test "partial depth is the top of the book" {
	stepped
	ws p /public/ws/btcusdt@depth5@100ms/btcusdt@depth10@100ms/btcusdt@depth20@100ms
	steps 20 500 p
	holds p '[.[] | (.b | length)] | unique == [5, 10, 20]'
	for n in 5 10 20; do
		public "/fapi/v1/depth?symbol=BTCUSDT&limit=$n" >"$T/rest"
		[ "$(events p "[.[] | select((.b | length) == $n)] | last | [.b, .a]")" = "$(jq -c '[.bids, .asks]' "$T/rest")" ]
	done
}

@test "the best prices are those of the book" {
	stepped
	ws b /public/ws/btcusdt@bookTicker
	steps 30 300 b
	best='[.bidPrice, .bidQty, .askPrice, .askQty]'
	[ "$(events b 'last | [.b, .B, .a, .A]')" = "$(public '/fapi/v1/ticker/bookTicker?symbol=BTCUSDT' | jq -c "$best")" ]
	holds b '([.[].u] | . == sort) and all(.[]; (.b | tonumber) < (.a | tonumber)) and length > 5'
}

# --- every stream of the market ---

# kinds NAME STREAM [FILTER]: the members of what came last, each with its kind's first letter
kinds() {
	events "$1" "[.[] | select(.stream == \"$2\") | .data] | last |
	    (if type == \"array\" then .[0] else . end) | ${3:-.} |
	    with_entries(.value |= type[0:1]) | to_entries | map(.key + .value) | sort | join(\" \")" | tr -d '"'
}
# Each line of the table "route|stream|members": what came has these.
documented() {
	local route name want have bad=0
	while IFS='|' read -r route name want; do
		have=$(kinds "$route" "$name")
		[ "$have" != "$want" ] || continue
		echo "$name: came $have"
		echo "$name: want $want"
		bad=1
	done <<<"$1"
	return "$bad"
}
names_of() { sed -n "s/^$1|\([^|]*\)|.*/\1/p" <<<"$2" | paste -sd/ -; }

@test "every stream of USDⓈ-M says its own event, with the members that are documented" {
	stepped --position BTCUSDT:1 --account 5000 --leverage BTCUSDT=50
	table=$(cat <<-'END'
		market|btcusdt@aggTrade|En Tn an es fn ln mb nqs ps qs ss stn
		market|btcusdt@trade|En Tn Xs es mb ps qs ss stn tn
		market|btcusdt@markPrice|En Ps Tn aps es is ps rs ss stn
		market|ethusdt@markPrice@1s|En Ps Tn aps es is ps rs ss stn
		market|!markPrice@arr|En Ps Tn aps es is ps rs ss stn
		market|!markPrice@arr@1s|En Ps Tn aps es is ps rs ss stn
		market|btcusdt@kline_1m|En es ko ss
		market|btcusdt@kline_1M|En es ko ss
		market|btcusdt_perpetual@continuousKline_1s|En cts es ko pss
		market|btcusdt_perpetual@continuousKline_5m|En cts es ko pss
		market|btcusdt@miniTicker|En cs es hs ls os pss qs ss stn vs
		market|!miniTicker@arr|En cs es hs ls os pss qs ss stn vs
		market|btcusdt@ticker|Cn En Fn Ln On Ps Qs cs es hs ls nn os ps pss qs ss stn vs ws
		market|!ticker@arr|Cn En Fn Ln On Ps Qs cs es hs ls nn os ps pss qs ss stn vs ws
		market|btcusdt@forceOrder|En es oo
		market|!forceOrder@arr|En es oo pss stn
		market|!contractInfo|En css cts dtn es otn ss stn
		market|!assetIndex@arr|As Bs En Gs Qs as bs es gs is qs ss
		market|btcusd@assetIndex|As Bs En Gs Qs as bs es gs is qs ss
		public|btcusdt@bookTicker|As Bs En Tn as bs es pss ss stn un
		public|!bookTicker|As Bs En Tn as bs es pss ss stn un
		public|btcusdt@depth|En Tn Un aa ba es pss pun ss stn un
		public|btcusdt@depth@100ms|En Tn Un aa ba es pss pun ss stn un
		public|btcusdt@depth@500ms|En Tn Un aa ba es pss pun ss stn un
		public|btcusdt@depth5|En Tn Un aa ba es pss pun ss stn un
		public|btcusdt@depth10@100ms|En Tn Un aa ba es pss pun ss stn un
		public|btcusdt@depth20@500ms|En Tn Un aa ba es pss pun ss stn un
	END
	)
	ws public "/public/stream?streams=$(names_of public "$table")"
	ws market "/market/stream?streams=$(names_of market "$table")"
	market_order BTCUSDT BUY 0.01
	steps 12 500 public
	act 'liquidate BTCUSDT' 'status=SETTLING ETHUSDT'
	steps 12 500 market
	documented "$table"
	[ "$(kinds market btcusdt@kline_1m .k)" = 'Bs Ln Qs Tn Vs cs fn hs is ls nn os qs ss tn vs xb' ]
	[ "$(kinds market btcusdt_perpetual@continuousKline_1s .k)" = 'Bs Ln Qs Tn Vs cs fn hs is ls nn os qs tn vs xb' ]
	[ "$(kinds market btcusdt@forceOrder .o)" = 'Ss Tn Xs aps fs ls os ps pss qs ss stn zs' ]
	holds market '[.[] | select(.stream == "btcusdt@kline_1M") | .data.k.i] | unique == ["1M"]'
	holds market '[.[] | select(.stream == "!contractInfo") | .data | [.s, .cs]] | contains([["ETHUSDT", "SETTLING"]])'
	holds market '[.[] | select(.stream == "!forceOrder@arr") | .data.o | [.s, .S, .o, .f]] | unique == [["BTCUSDT", "SELL", "LIMIT", "IOC"]]'
	# the lists of all have both markets
	for all in '!markPrice@arr' '!miniTicker@arr' '!ticker@arr'; do
		holds market "[.[] | select(.stream == \"$all\") | .data[].st] | unique == [1, 2]"
	done
	holds public '[.[] | select(.stream == "!bookTicker") | .data.st] | unique == [1, 2]'
}

@test "every stream of COIN-M as well" {
	stepped --balance coinm.BTC=1 --position BTCUSD_PERP:500
	table=$(cat <<-'END'
		root|btcusd_perp@aggTrade|En Tn an es fn ln mb ps qs ss stn
		root|btcusd@indexPrice|En es is ps ss
		root|ethusd@indexPrice@1s|En es is ps ss
		root|btcusd@markPrice|En Ps Tn es is ps rs ss stn
		root|ethusd@markPrice@1s|En Ps Tn es is ps rs ss stn
		root|btcusd_perp@markPrice|En Ps Tn es is ps rs ss stn
		root|btcusd_261225@markPrice@1s|En Ps Tn es is ps rs ss stn
		root|!markPrice@arr|En Ps Tn aps es is ps rs ss stn
		root|btcusd_perp@kline_1m|En es ko ss
		root|btcusd_perpetual@continuousKline_1m|En cts es ko pss
		root|btcusd_current_quarter@continuousKline_1h|En cts es ko pss
		root|btcusd@indexPriceKline_1m|En es ko pss
		root|btcusd_perp@markPriceKline_1m|En es ko pss
		root|btcusd_perp@miniTicker|En cs es hs ls os pss qs ss stn vs
		root|btcusd_perp@ticker|Cn En Fn Ln On Ps Qs cs es hs ls nn os ps pss qs ss stn vs ws
		root|btcusd_perp@bookTicker|As Bs En Tn as bs es pss ss stn un
		root|!bookTicker|As Bs En Tn as bs es pss ss stn un
		root|btcusd_perp@depth|En Tn Un aa ba es pss pun ss stn un
		root|btcusd_perp@depth@100ms|En Tn Un aa ba es pss pun ss stn un
		root|btcusd_perp@depth5|En Tn Un aa ba es pss pun ss stn un
		root|btcusd_perp@depth20@500ms|En Tn Un aa ba es pss pun ss stn un
		root|btcusd_perp@forceOrder|En es oo
		root|!forceOrder@arr|En es oo pss stn
		root|!contractInfo|En css cts dtn es otn pss ss stn
	END
	)
	ws root "/stream?streams=$(names_of root "$table")"
	steps 20 500 root
	act 'liquidate BTCUSD_PERP' 'status=SETTLING ETHUSD_PERP'
	steps 12 500 root
	documented "$table"
	holds root '[.[] | select(.stream == "btcusd@markPrice") | .data | map(.s)] | unique == [["BTCUSD_261225", "BTCUSD_PERP"]] or unique == [["BTCUSD_PERP", "BTCUSD_261225"]]'
	holds root '[.[] | select(.stream == "btcusd_261225@markPrice@1s") | .data | [.r, .T]] | unique == [["", 0]]'
	holds root '[.[] | select(.stream == "btcusd@indexPriceKline_1m") | .data | [.e, .ps]] | unique == [["indexPrice_kline", "BTCUSD"]]'
	holds root '[.[] | select(.stream == "btcusd_perp@markPriceKline_1m") | .data | [.e, .ps]] | unique == [["markPrice_kline", "BTCUSD"]]'
	[ "$(kinds root btcusd_perp@forceOrder .o)" = 'Ss Tn Xs aps fs ls os ps pss qs ss stn zs' ]
}

@test "who comes later is told how things stand, he alone, though the clock stands still" {
	stepped
	all='["!bookTicker","!markPrice@arr@1s","!miniTicker@arr","btcusdt@markPrice@1s","btcusdt@depth5@500ms","btcusdt@kline_1m"]'
	for name in a b; do ws "$name" /public/ws; ws "m$name" /market/ws; done
	for name in a ma b mb; do
		say "$name" '{"method":"SUBSCRIBE","params":'"$all"',"id":1}'
		wait_for got "$name" '"result":null'
		caught_up "$name"
	done
	kinds='[.[] | if type == "array" then "[" + .[0].e else .e // empty end] | sort'
	[ "$(events b "$kinds")" = "$(events a "$kinds")" ]
	[ "$(events mb "$kinds")" = "$(events ma "$kinds")" ]
	holds b 'map(.e) | index("bookTicker") != null and index("depthUpdate") != null'
	holds mb '[.[] | (if type == "array" then .[0] else . end) | .e // empty] | unique == ["24hrMiniTicker", "kline", "markPriceUpdate"]'
	seen=$(wc -l <"$T/a")
	caught_up a
	[ "$(wc -l <"$T/a")" -eq $((seen + 1)) ]	# the pong
}

@test "a symbol that is not in Latin letters has streams too" {
	sim
	ws u /public/ws/%E6%B5%8B%E8%AF%95usdt@bookTicker
	wait_for got u '"s":"测试USDT"'
	ws v /public/stream
	subscribe v 测试usdt@depth5
	wait_for got v '{"stream":"测试usdt@depth5","data":{"e":"depthUpdate"'
}

# --- user data ---

@test "the ways to hear an account: all of a key, some events, several keys, wrapped or bare" {
	sim
	key=$(listen_key)
	ws all "/private/ws/$key"
	ws some "/private/ws?listenKey=$key&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE"
	ws combined "/private/stream?streams=$key"
	ws two "/private/stream?listenKey=$key&events=ORDER_TRADE_UPDATE&listenKey=$key&events=TRADE_LITE"
	ws asked /private/ws
	subscribe asked "$key@ACCOUNT_UPDATE" "$key@ORDER_TRADE_UPDATE"
	ws none "/private/ws?listenKey=$key&events=MARGIN_CALL"
	ws public "/public/ws/$key"
	ws legacy "/ws/$key"
	market_order BTCUSDT BUY 0.01
	for name in all some combined two asked none public legacy; do caught_up "$name"; done
	holds all '[.[].e] == ["ORDER_TRADE_UPDATE", "TRADE_LITE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"] or
	    [.[].e] == ["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "TRADE_LITE", "ORDER_TRADE_UPDATE"]'
	holds some '[.[].e] | unique == ["ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]'
	[ "$(events combined '[.[].data]')" = "$(events all .)" ]
	holds combined "[.[].stream] | unique == [\"$key\"]"
	holds two "[.[] | [.stream, .data.e]] | unique == [[\"$key@ORDER_TRADE_UPDATE\", \"ORDER_TRADE_UPDATE\"], [\"$key@TRADE_LITE\", \"TRADE_LITE\"]]"
	holds asked '[.[] | select(.e)] | length == 3'
	for name in none public legacy; do holds "$name" '. == []'; done
	say asked '{"method":"LIST_SUBSCRIPTIONS","id":1}'
	wait_for got asked "{\"result\":\[\"$key@ACCOUNT_UPDATE\",\"$key@ORDER_TRADE_UPDATE\"\],\"id\":1}"
}

@test "a listen key lives its time, longer when kept, and tells its end" {
	STEPPED=1
	sim --clock step --start 2026-11-02T00:00:30Z --listen-key-life 3600
	key=$(listen_key)
	[ "${#key}" -eq 64 ]
	[ "$(listen_key)" = "$key" ]
	ws u "/private/ws/$key"
	ws some "/private/ws?listenKey=$key&events=ORDER_TRADE_UPDATE"
	ws asked "/private/ws?listenKey=$key&events=listenKeyExpired"
	step 50m
	keyed PUT /fapi/v1/listenKey | jq -e . >/dev/null
	step 50m
	limit_order BTCUSDT BUY 0.01 55000
	caught_up u
	holds u '[.[].e] == ["ORDER_TRADE_UPDATE"]'
	step 11m
	wait_for got u '"e":"listenKeyExpired"'
	holds u "last | .listenKey == \"$key\" and .E == $(($(date -u -d 2026-11-02T01:50:30Z +%s) * 1000))"
	wait_for got asked '"e":"listenKeyExpired"'
	keyed PUT /fapi/v1/listenKey | jq -e '.code == -1125'
	fresh=$(listen_key)
	[ "$fresh" != "$key" ]
	limit_order BTCUSDT BUY 0.01 55000
	caught_up u	# open, and silent
	holds u 'length == 2'
	caught_up some
	holds some '[.[].e] == ["ORDER_TRADE_UPDATE"]'
}

@test "a key that is closed is silent, and gone" {
	sim
	key=$(listen_key)
	coin=$(listen_key dapi)
	[ "$key" != "$coin" ]
	ws u "/private/ws/$key"
	keyed DELETE /fapi/v1/listenKey | jq -e '. == {}'
	keyed PUT /fapi/v1/listenKey | jq -e '.code == -1125'
	keyed PUT /dapi/v1/listenKey | jq -e '.code != -1125'
	limit_order BTCUSDT BUY 0.01 55000
	caught_up u
	holds u '. == []'
	curl -sS --noproxy '*' -X POST "$SIM_REST/fapi/v1/listenKey" | jq -e '.code == -2015 or .code == -2014'
}

@test "an order tells each of its changes" {
	sim
	ws u "/private/ws/$(listen_key)"
	limit_order BTCUSDT BUY 0.1 59000 newClientOrderId=one
	signed PUT /fapi/v1/order 'symbol=BTCUSDT&side=BUY&origClientOrderId=one&quantity=0.2&price=59100'
	act 'fill=0.05 order=one' 'fill=0.05 order=one'
	signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=one'
	place 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.1&price=58000&newClientOrderId=ioc'
	market_order BTCUSDT SELL 0.1
	caught_up u
	holds u '[.[] | select(.e == "ORDER_TRADE_UPDATE") | .o | select(.c == "one") | [.x, .X, (.l | tonumber), (.z | tonumber)]] == [
	    ["NEW", "NEW", 0, 0], ["AMENDMENT", "NEW", 0, 0], ["TRADE", "PARTIALLY_FILLED", 0.05, 0.05],
	    ["TRADE", "PARTIALLY_FILLED", 0.05, 0.1], ["CANCELED", "CANCELED", 0, 0.1]]'
	holds u '[.[] | select(.o.c == "ioc") | .o | [.x, .X, .er]] == [["NEW", "NEW", "0"], ["EXPIRED", "EXPIRED", "2"]]'
	holds u '[.[] | select(.e == "ORDER_TRADE_UPDATE" and .o.o == "MARKET") | .o.X] == ["NEW", "FILLED"]'
	# the members of one that traded, as they are documented
	[ "$(events u '[.[] | select(.o.x == "TRADE")][0].o | with_entries(.value |= type[0:1]) | to_entries | map(.key + .value) | sort | join(" ")')" = \
	    '"Ls Ns Rb Ss Tn Vs Xs aps as bs cpb cs ers fs gtdn in ls mb ns os ots pPb pms ps pss qs rps sin sps ss ssn tn wts xs zs"' ]
	# each fill: the lite one first, the same trade
	holds u '[.[] | select(.e == "TRADE_LITE" or .o.x == "TRADE") | if .o then .o | {t, i, l, L, c, S} else {t, i, l, L, c, S, lite: true} end] |
	    length == 6 and all(range(0; 6; 2) as $k | .[$k:$k + 2] | .[0] == .[1] + {lite: true}; .)'
}

@test "an account update has what changed, and no more" {
	sim --account 10000 --position ETHUSDT:1
	ws u "/private/ws/$(listen_key)"
	limit_order BTCUSDT BUY 0.1 59000
	caught_up u
	holds u 'all(.[]; .e != "ACCOUNT_UPDATE")'	# unfilled orders send none
	market_order BTCUSDT BUY 0.1
	signed POST /fapi/v1/marginType 'symbol=SOLUSDT&marginType=ISOLATED'
	market_order SOLUSDT BUY 1
	signed POST /fapi/v1/positionMargin 'symbol=SOLUSDT&amount=5&type=1'
	act deposit=100
	caught_up u
	holds u '[.[] | select(.e == "ACCOUNT_UPDATE") | .a | [.m, [.B[].a], [.P[] | .s + " " + .mt + " " + .ps]]] |
	    . == [["ORDER", ["USDT"], ["BTCUSDT cross BOTH"]],
	    ["MARGIN_TYPE_CHANGE", ["USDT"], ["SOLUSDT isolated BOTH"]], ["ORDER", ["USDT"], ["SOLUSDT isolated BOTH"]],
	    ["MARGIN_TRANSFER", ["USDT"], ["SOLUSDT isolated BOTH"]], ["DEPOSIT", ["USDT"], []]]'
	holds u 'last | .a.B[0].bc == "100" and (.a.B[0] | keys == ["a", "bc", "cw", "wb"])'
	holds u '[.[] | select(.e == "ACCOUNT_UPDATE")][0] | keys == ["E", "T", "a", "e"] and
	    (.a.P[0] | keys == ["bep", "cr", "ep", "iw", "mt", "pa", "ps", "s", "up"])'
}

@test "settings tell of themselves in two forms" {
	sim
	ws u "/private/ws/$(listen_key)"
	signed POST /fapi/v1/leverage 'symbol=ETHUSDT&leverage=7'
	signed POST /fapi/v1/multiAssetsMargin multiAssetsMargin=true
	act 'leverage=9 BTCUSDT'
	caught_up u
	holds u '[.[] | del(.E, .T)] == [{e: "ACCOUNT_CONFIG_UPDATE", ac: {s: "ETHUSDT", l: 7}},
	    {e: "ACCOUNT_CONFIG_UPDATE", ai: {j: true}}, {e: "ACCOUNT_CONFIG_UPDATE", ac: {s: "BTCUSDT", l: 9}}]'
}

@test "a margin call comes when the margin is nearly used up, and when it is asked for" {
	sim --account 5000 --position BTCUSDT:1@60000 --leverage BTCUSDT=100 --margin-type ETHUSDT=isolated --position ETHUSDT:1
	ws u "/private/ws/$(listen_key)"
	act margin_call
	caught_up u
	holds u '[.[] | select(.e == "MARGIN_CALL")] | length == 1 and (.[0] | has("cw") and (.p[0] | keys == ["iw", "mm", "mp", "mt", "pa", "ps", "s", "up"]))'
	act 'mark=55400 BTCUSDT'
	caught_up u
	holds u '[.[] | select(.e == "MARGIN_CALL")] | length == 2 and (last | [.p[] | [.s, .mt, .mp]] == [["BTCUSDT", "CROSSED", "55400.00000000"]])'
}

@test "funding is a change of the wallet, with the symbol it was for" {
	sim --account 10000 --position BTCUSDT:0.1 --position ETHUSDT:-1 --margin-type ETHUSDT=isolated
	ws u "/private/ws/$(listen_key)"
	act 'funding=0.0001 BTCUSDT' 'funding=0.0002 ETHUSDT'
	caught_up u
	holds u '[.[] | select(.e == "ACCOUNT_UPDATE") | .a | [.m, .S, .B[0].a, .B[0].bc, [.P[].s]]] |
	    .[0] == ["FUNDING_FEE", "BTCUSDT", "USDT", "-0.6", []] and
	    .[1] == ["FUNDING_FEE", "ETHUSDT", "USDT", "0.6", ["ETHUSDT"]]'
	signed GET /fapi/v1/income incomeType=SPECIAL_FUNDING_FEE | jq -e 'map([.symbol, .income]) | sort == [["BTCUSDT", "-0.60000000"], ["ETHUSDT", "0.60000000"]]'
}

@test "a conditional order goes its way by ALGO_UPDATE, and its order by ORDER_TRADE_UPDATE" {
	sim --position BTCUSDT:0.1
	ws u "/private/ws/$(listen_key)"
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.1&triggerPrice=59000&workingType=MARK_PRICE&clientAlgoId=stop' | jq -e '.algoStatus == "NEW"'
	algo_order BTCUSDT SELL TAKE_PROFIT_MARKET 'quantity=0.1&triggerPrice=70000&clientAlgoId=take' | jq -e '.algoStatus == "NEW"'
	signed DELETE /fapi/v1/algoOrder clientAlgoId=take
	act 'mark=58900 BTCUSDT'
	caught_up u
	holds u '[.[] | select(.e == "ALGO_UPDATE") | [.o.caid, .o.X]] == [["stop", "NEW"], ["take", "NEW"], ["take", "CANCELED"],
	    ["stop", "TRIGGERING"], ["stop", "TRIGGERED"], ["stop", "FINISHED"]]'
	holds u '[.[] | select(.o.caid == "stop" or .o.c) | .e + " " + (.o.X)] | .[1:] |
	    . == ["ALGO_UPDATE TRIGGERING", "ORDER_TRADE_UPDATE NEW", "ALGO_UPDATE TRIGGERED", "ORDER_TRADE_UPDATE FILLED", "ALGO_UPDATE FINISHED"]'
	holds u '(map(select(.o.X == "TRIGGERED"))[0].o) as $a | (map(select(.e == "ORDER_TRADE_UPDATE"))[0].o) as $o |
	    $a.ai == ($o.i | tostring) and $a.tt > 0 and $a.act == "MARKET"'
	holds u 'map(select(.e == "ALGO_UPDATE"))[0].o | .ai == "" and .tt == 0 and .at == "CONDITIONAL" and .wt == "MARK_PRICE" and .tp == "59000.00"'
}

@test "a trigger that cannot be carried out is told with its reason" {
	sim --account 1000
	ws u "/private/ws/$(listen_key)"
	algo_order BTCUSDT BUY STOP_MARKET 'quantity=10&triggerPrice=61000&workingType=MARK_PRICE&clientAlgoId=big'
	algo_order BTCUSDT SELL STOP_MARKET 'quantity=0.1&triggerPrice=59000&workingType=MARK_PRICE&reduceOnly=true&clientAlgoId=reduce' || true
	act 'mark=61500 BTCUSDT'
	caught_up u
	holds u '[.[] | select(.e == "ALGO_UPDATE" and .o.caid == "big") | .o.X] | last == "REJECTED"'
	holds u '[.[] | select(.o.caid == "big" and .o.X == "REJECTED")][0].o.rm | test("[Mm]argin")'
}

@test "COIN-M tells of itself on its own key, with the account's alias" {
	sim --balance coinm.BTC=1
	key=$(listen_key dapi)
	ws c "/ws/$key"
	ws u "/private/ws/$(listen_key)"
	signed POST /dapi/v1/order 'symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=10'
	signed POST /dapi/v1/leverage 'symbol=BTCUSD_PERP&leverage=11'
	act 'funding=0.0001 BTCUSD_PERP' margin_call
	caught_up c
	holds c '[.[].e] | unique == ["ACCOUNT_CONFIG_UPDATE", "ACCOUNT_UPDATE", "MARGIN_CALL", "ORDER_TRADE_UPDATE"]'
	holds c 'all(.[] | select(.e != "ACCOUNT_CONFIG_UPDATE"); .i | type == "string" and length > 0)'
	holds c '[.[] | select(.o.x == "TRADE") | .o] | length > 0 and all(.[]; .ma == "BTC" and .N == "BTC" and (has("gtd") | not))'
	holds c '[.[] | select(.e == "ACCOUNT_UPDATE") | .a | [.m, .B[0].a]] | unique == [["FUNDING_FEE", "BTC"], ["ORDER", "BTC"]]'
	caught_up u
	holds u 'all(.[]; .e == "MARGIN_CALL")'
}
