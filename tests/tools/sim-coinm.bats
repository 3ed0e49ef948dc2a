# bf-sim's COIN-M side (/dapi), as curl uses it. Values come from published or
# recorded answers of the exchange, or are worked out beside the test. The built-in
# book of BTCUSD_PERP at 60000: bids from 59997.0, asks from 60003.0, 1000 contracts
# of 100 USD each level.

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
}

teardown() {
	home_end
}

coinm() { sim --balance coinm.BTC=1 --balance coinm.ETH=10 "$@"; }
put() { signed POST /dapi/v1/order "$@"; }
# SYMBOL SIDE CONTRACTS PRICE [MORE]
limit() { put "symbol=$1&side=$2&type=LIMIT&timeInForce=GTC&quantity=$3&price=$4${5:+&$5}"; }
# SYMBOL SIDE CONTRACTS [MORE]
market() { put "symbol=$1&side=$2&type=MARKET&quantity=$3${4:+&$4}"; }
# filled SYMBOL SIDE CONTRACTS PRICE: an order that is filled at just that price.
filled() {
	limit "$1" "$2" "$3" "$4" >/dev/null
	act "fill $1"
}
risk() { signed GET /dapi/v1/positionRisk pair=BTCUSD | jq -c ".[] | select(.symbol == \"${1:-BTCUSD_PERP}\")"; }
wallet() { signed GET /dapi/v1/balance | jq -r '.[] | select(.asset == "BTC").balance'; }
quarter() { public /dapi/v1/exchangeInfo | jq -r '.symbols[] | select(.contractType == "CURRENT_QUARTER").symbol'; }

# --- market ---

@test "exchangeInfo has contracts: their size, state and integer quantities" {
	coinm
	public /dapi/v1/exchangeInfo >"$T/info"
	is '(has("assets") or has("futuresType") | not) and [.rateLimits[].rateLimitType] == ["REQUEST_WEIGHT", "ORDERS"]' <"$T/info"
	is '.symbols[0] | .symbol == "BTCUSD_PERP" and .pair == "BTCUSD" and .contractType == "PERPETUAL" and .contractStatus == "TRADING"
	    and .contractSize == 100 and .marginAsset == "BTC" and .quoteAsset == "USD" and .baseAsset == "BTC" and .deliveryDate == 4133404800000
	    and .pricePrecision == 1 and .quantityPrecision == 0 and .equalQtyPrecision == 4 and .underlyingType == "COIN"
	    and .liquidationFee == "0.015000" and (has("status") | not) and .timeInForce == ["GTC", "IOC", "FOK", "GTX"]' <"$T/info"
	is '.symbols[0].filters | map(.filterType) | sort == ["LOT_SIZE", "MARKET_LOT_SIZE", "MAX_NUM_ORDERS", "PERCENT_PRICE", "PRICE_FILTER"]' <"$T/info"
	is '.symbols[0].filters[] | select(.filterType == "LOT_SIZE") | .stepSize == "1" and .minQty == "1" and .maxQty == "1000000"' <"$T/info"
	is '.symbols[1] | .symbol == "ETHUSD_PERP" and .contractSize == 10 and .marginAsset == "ETH"' <"$T/info"
	# a delivery: the last Friday of its quarter, 08:00 UTC
	is '.symbols[2] | .contractType == "CURRENT_QUARTER" and (.symbol | test("^BTCUSD_[0-9]{6}$")) and
	    (.deliveryDate / 1000 | strftime("%u %H:%M:%S %m") | . == "5 08:00:00 03" or . == "5 08:00:00 06" or . == "5 08:00:00 09" or . == "5 08:00:00 12")' <"$T/info"
}

@test "a ticker of one symbol is an array too; symbol and pair exclude each other" {
	coinm
	market BTCUSD_PERP BUY 10 | is '.orderId > 0'
	for t in ticker/24hr ticker/price ticker/bookTicker premiumIndex; do
		public "/dapi/v1/$t?symbol=BTCUSD_PERP" | is 'length == 1 and .[0].symbol == "BTCUSD_PERP"'
		public "/dapi/v1/$t?pair=BTCUSD" | is 'length == 2'
		public "/dapi/v1/$t" | is 'length == 3'
		public "/dapi/v1/$t?symbol=BTCUSD_PERP&pair=BTCUSD" | is '.code == -1128'
		public "/dapi/v1/$t?pair=NOPE" | is '.code == -4087'
		public "/dapi/v1/$t?symbol=BTCUSDT" | is '.code == -1121'
	done
	# 10 contracts of 100 USD at 60003 are 0.01666583 BTC
	public '/dapi/v1/ticker/24hr?symbol=BTCUSD_PERP' | is '.[0] | .pair == "BTCUSD" and .volume == "10" and .baseVolume == "0.01666583" and (has("quoteVolume") | not)'
	public '/dapi/v1/ticker/price?symbol=BTCUSD_PERP' | is '.[0] | .ps == "BTCUSD" and .price == "60003.0"'
	public '/dapi/v1/ticker/bookTicker?symbol=BTCUSD_PERP' | is '.[0] | .pair == "BTCUSD" and .bidPrice == "59997.0" and .bidQty == "1000" and .askQty == "990"'
	public '/dapi/v1/premiumIndex?pair=BTCUSD' | is '.[0].pair == "BTCUSD" and .[0].nextFundingTime > 0 and .[1].lastFundingRate == "" and .[1].nextFundingTime == 0'
	public '/dapi/v1/depth?symbol=BTCUSD_PERP&limit=5' | is '.symbol == "BTCUSD_PERP" and .pair == "BTCUSD" and .asks[0] == ["60003.0", "990"]'
	public '/dapi/v1/trades?symbol=BTCUSD_PERP' | is '.[0] | .qty == "10" and .baseQty == "0.01666583" and (has("quoteQty") | not)'
	public '/dapi/v1/klines?symbol=BTCUSD_PERP&interval=1m' | is 'any(.[]; .[5] == "10" and .[7] == "0.01666583" and .[10] == "0.01666583")'
	public '/dapi/v1/klines?symbol=BTCUSD_PERP&interval=1d&startTime=1700000000000&endTime=1717280000001' | is '.code == -4088'
	public '/dapi/v1/openInterest?symbol=BTCUSD_PERP' | is '.openInterest == "10" and .contractType == "PERPETUAL" and .pair == "BTCUSD"'
	public /dapi/v1/fundingRate | is '.code == -1102'
}

# --- orders ---

@test "an order counts contracts, and is paid in coins" {
	coinm
	market BTCUSD_PERP BUY 30 'newClientOrderId=m&newOrderRespType=RESULT' |
		is '.status == "FILLED" and .executedQty == "30" and .cumQty == "30" and .pair == "BTCUSD"
		    and (has("avgPrice") or has("cumBase") or has("cumQuote") | not)'
	# 3000 / 60003 = 0.0499975..., x 0.05 % = 0.00002499(87)
	signed GET /dapi/v1/order 'symbol=BTCUSD_PERP&origClientOrderId=m' |
		is '(.avgPrice | tonumber) == 60003 and .cumBase == "0.04999750" and .pair == "BTCUSD" and (has("cumQuote") | not)'
	signed GET /dapi/v1/userTrades symbol=BTCUSD_PERP | is '.[0] | .qty == "30" and .baseQty == "0.04999750" and .commission == "0.00002499"
	    and .commissionAsset == "BTC" and .marginAsset == "BTC" and .pair == "BTCUSD" and .maker == false and .realizedPnl == "0.00000000"'
	[ "$(wallet)" = 0.99997501 ]
	# published: 10 contracts at 19100.5 are 0.05235465 BTC; the maker pays 0.01 %
	act 'mark=19100 BTCUSD_PERP'
	filled BTCUSD_PERP BUY 10 19100.5
	signed GET /dapi/v1/userTrades symbol=BTCUSD_PERP | is '.[1] | .price == "19100.5" and .baseQty == "0.05235465" and .maker == true and .commission == "0.00000523"'
}

@test "an order's quantity is whole contracts of the market's own symbols, and there is no GTD" {
	coinm
	o='side=BUY&type=LIMIT&timeInForce=GTC&price=59000'
	refusals POST /dapi/v1/order <<-END
		symbol=BTCUSD_PERP&$o&quantity=1.5|-1111
		symbol=BTCUSD_PERP&$o&quantity=0|-4003
		symbol=BTCUSD_PERP&$o&quantity=1000001|-4005
		symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=60001|-4005
		symbol=BTCUSD_PERP&side=BUY&type=LIMIT&timeInForce=GTD&price=59000&quantity=1&goodTillDate=1893456000000|-1115
		symbol=BTCUSD_PERP&side=BUY&type=LIMIT&timeInForce=GTC&price=59000.05&quantity=1|-1111
		symbol=BTCUSD_PERP&side=BUY&type=STOP_MARKET&quantity=1&stopPrice=61000|-4120
		symbol=BTCUSDT&$o&quantity=1|-1121
		symbol=ETHUSD_PERP&side=BUY&type=MARKET&quantity=100000|-2019
	END
	signed POST /fapi/v1/order "symbol=BTCUSD_PERP&$o&quantity=1" | is '.code == -1121'
	signed GET /dapi/v1/openOrders symbol=NOSUCH | is '.code == -1121'
	# one contract is 100 USD: there is no least notional
	put "symbol=BTCUSD_PERP&$o&quantity=1" | is '.status == "NEW"'
	[ "$(status_of signed POST /dapi/v1/order/test "symbol=BTCUSD_PERP&$o&quantity=1")" = 404 ]
}

@test "orders and fills are asked for by symbol or by pair, in small pages" {
	coinm
	q=$(quarter)
	limit BTCUSD_PERP BUY 1 59000 newClientOrderId=p
	limit "$q" BUY 1 59000 newClientOrderId=q
	limit ETHUSD_PERP BUY 1 2900 newClientOrderId=e
	market BTCUSD_PERP BUY 1
	market "$q" BUY 2
	signed GET /dapi/v1/openOrders pair=BTCUSD | is 'map(.clientOrderId) == ["p", "q"] and .[0].pair == "BTCUSD"'
	signed GET /dapi/v1/openOrders | is 'length == 3'
	signed GET /dapi/v1/allOrders pair=BTCUSD | is 'length == 4'
	signed GET /dapi/v1/allOrders symbol=BTCUSD_PERP | is 'length == 2 and .[1].cumBase == "0.00166658"'
	signed GET /dapi/v1/userTrades pair=BTCUSD | is 'map(.qty) == ["1", "2"]'
	signed GET /dapi/v1/userTrades "symbol=$q" | is 'length == 1'
	refusals GET /dapi/v1/allOrders <<-'END'
		limit=5|-1102
		pair=BTCUSD&orderId=1|-1128
		symbol=BTCUSD_PERP&limit=101|-1130
		symbol=BTCUSD_PERP&pair=BTCUSD|-1128
	END
	refusals GET /dapi/v1/userTrades <<-'END'
		limit=5|-1102
		pair=BTCUSD&fromId=1|-1128
		pair=BTCUSD&orderId=1|-1128
		symbol=BTCUSD_PERP&limit=1001|-1130
	END
}

@test "codes are COIN-M's own where the two markets differ" {
	coinm --position BTCUSD_PERP:10
	limit BTCUSD_PERP BUY 2 59000 newClientOrderId=a | is '.status == "NEW"'
	change='symbol=BTCUSD_PERP&origClientOrderId=a&side=BUY'
	refusals PUT /dapi/v1/order <<-END
		$change&quantity=2|-1102
		$change&price=59001|-1102
		$change&quantity=2&price=59000|-4197
	END
	signed PUT /dapi/v1/order "$change&quantity=3&price=59001&modifyId=4" | is '.origQty == "3" and .price == "59001.0" and .pair == "BTCUSD" and .modifyId == 4'
	signed GET /dapi/v1/orderAmendment 'symbol=BTCUSD_PERP&origClientOrderId=a' | is '.[0] | .pair == "BTCUSD" and .amendment.origQty == {before: "2", after: "3"}'
	limit BTCUSD_PERP SELL 8 61000 reduceOnly=true | is '.reduceOnly'
	limit BTCUSD_PERP SELL 3 61000 reduceOnly=true | is '.code == -4112'
	# the filters that an exchangeInfo gives: a book too far off, too many changes
	public /dapi/v1/exchangeInfo | sed 's/"1.0500"/"1.00001"/' >"$T/info"
	act "filters=$T/info"
	market BTCUSD_PERP BUY 1 | is '.code == -4113'
	act 'status=SETTLING BTCUSD_PERP'
	signed PUT /dapi/v1/order "$change&quantity=4&price=59001" | is '.code == -4199'
	signed POST /dapi/v1/leverage 'symbol=ETHUSD_PERP&leverage=126' | is '.code == -4028'
}

# --- positions ---

@test "an isolated position is that of a recorded answer, to the last decimal" {
	# recorded: 2 contracts at 37643.10000021, mark 38103.05510455, isolated wallet
	# 0.00268058. At 2x 200 / 37643.1 / 2 = 0.00265653, so 0.00002405 are added.
	coinm --mark BTCUSD_PERP=38103.05510455 --position BTCUSD_PERP:2@37643.10000021 --margin-type BTCUSD_PERP=isolated --leverage BTCUSD_PERP=2
	signed POST /dapi/v1/positionMargin 'symbol=BTCUSD_PERP&type=1&amount=0.00002405' | is '.code == 200 and .type == 1 and .amount == 0.00002405'
	risk | is '.positionAmt == "2" and .entryPrice == "37643.10000021" and .markPrice == "38103.05510455" and .unRealizedProfit == "0.00006413"
	    and .notionalValue == "0.00524892" and .isolatedWallet == "0.00268058" and .isolatedMargin == "0.00274471"
	    and .liquidationPrice == "25119.97445760" and .marginType == "isolated" and .leverage == "2" and .isAutoAddMargin == "false"
	    and (has("notional") or has("adl") or has("maintMargin") | not)'
	signed GET /dapi/v1/positionMargin/history symbol=BTCUSD_PERP | is '.[0] | .amount == "0.00002405" and .asset == "BTC" and .type == 1'
	signed POST /dapi/v1/leverage 'symbol=BTCUSD_PERP&leverage=1' | is '.code == -4150'
}

@test "a short's liquidation price, and none where the coins cover it" {
	# 1000 USD short at 60000, wallet 0.005, 0.4 %: 1000 x 0.996 / (1000/60000 - 0.005)
	# = 85371.4286. At 20x the wallet begins with 1000 / 60000 / 20 = 0.00083333.
	coinm --position BTCUSD_PERP:-10@60000 --margin-type BTCUSD_PERP=isolated
	signed POST /dapi/v1/positionMargin 'symbol=BTCUSD_PERP&type=1&amount=0.00416667' | is '.code == 200'
	risk | is '.isolatedWallet == "0.00500000" and (.liquidationPrice | tonumber | . > 85371.42 and . < 85371.43)'
	signed POST /dapi/v1/positionMargin 'symbol=BTCUSD_PERP&type=1&amount=0.01166667' | is '.code == 200'
	risk | is '.isolatedWallet == "0.01666667" and .liquidationPrice == "0"'
	refusals POST /dapi/v1/positionMargin <<-'END'
		symbol=BTCUSD_PERP&type=1&amount=1|-4050
		symbol=BTCUSD_PERP&type=2&amount=0.0166|-4051
		symbol=ETHUSD_PERP&type=1&amount=0.1|-4049
		symbol=BTCUSD_PERP&type=1&amount=0|-4055
	END
}

@test "margins are fractions of a coin: of the published examples" {
	# 100 contracts of 100 USD at 25000 are 0.4 BTC: 0.02 at 20x, 0.0016 at 0.4 %;
	# at 100000 there are 7000 contracts 7 BTC in the second tier: 7 x 0.5 % - 0.005
	coinm --mark BTCUSD_PERP=25000 --position BTCUSD_PERP:100
	signed GET /dapi/v1/account | is '.positions[] | select(.symbol == "BTCUSD_PERP") | .notionalValue == "0.40000000" and .initialMargin == "0.02000000"
	    and .maintMargin == "0.00160000" and .isolated == false and .leverage == "20" and .maxQty == "50"'
	signed GET /dapi/v1/account | is '(has("totalWalletBalance") | not) and .canTrade and (.assets[] | select(.asset == "BTC") |
	    .walletBalance == "1.00000000" and .initialMargin == "0.02000000" and .maintMargin == "0.00160000" and .availableBalance == "0.98000000")'
	signed GET /dapi/v1/balance | is '.[0] | .asset == "BTC" and .withdrawAvailable == "0.98000000" and (has("maxWithdrawAmount") or has("marginAvailable") | not)
	    and (.accountAlias | length > 0)'
	kill "$SIM_PID"
	coinm --mark BTCUSD_PERP=100000 --position BTCUSD_PERP:7000
	signed GET /dapi/v1/account | is '.assets[] | select(.asset == "BTC") | .maintMargin == "0.03000000" and .initialMargin == "0.35000000"'
}

@test "entries average harmonically, profit is in coins, and both coins' wallets are apart" {
	coinm
	# 5000 USD at 60000 and 3000 at 64000: 8000 / (5000/60000 + 3000/64000) = 61440
	filled BTCUSD_PERP BUY 50 60000
	act 'mark=64000 BTCUSD_PERP'
	filled BTCUSD_PERP BUY 30 64000
	risk | is '.positionAmt == "80" and (.entryPrice | tonumber) == 61440'
	# 2000 USD of it at 64000: 2000 x (1/61440 - 1/64000) = 0.00130208
	filled BTCUSD_PERP SELL 20 64000
	signed GET /dapi/v1/income incomeType=REALIZED_PNL | is 'length == 1 and .[0].income == "0.00130208" and .[0].asset == "BTC" and .[0].symbol == "BTCUSD_PERP"'
	signed GET /dapi/v1/income 'incomeType=COMMISSION' | is 'length == 3 and all(.[]; .asset == "BTC" and (.income | test("^-0.0000")))'
	signed GET /dapi/v1/income incomeType=TRANSFER | is 'map([.asset, .income]) == [["BTC", "1.00000000"], ["ETH", "10.00000000"]]'
	signed GET /dapi/v1/income symbol=ETHUSD_PERP | is '. == []'
	signed GET /dapi/v1/balance | is '.[1] | .asset == "ETH" and .balance == "10.00000000"'
	signed GET /fapi/v1/income | is 'all(.[]; .asset == "USDT")'
	# funding: a short of 80 contracts at 60500 gets 8000 / 60500 x 0.0001
	act 'mark=60500 BTCUSD_PERP'
	filled BTCUSD_PERP SELL 140 60500
	act 'funding=0.0001 BTCUSD_PERP'
	signed GET /dapi/v1/income | is '.[-1] | (.incomeType | test("FUNDING_FEE$")) and .income == "0.00001322" and .asset == "BTC"'
}

@test "a delivery settles what is held at its price" {
	coinm
	q=$(quarter)
	kill "$SIM_PID"
	coinm --position "$q:30@61440"
	limit "$q" BUY 1 59000 newClientOrderId=waits
	act "settle=64000 $q"
	# 3000 x (1/61440 - 1/64000) = 0.00195312, less a taker's fee: 3000 / 64000 x 0.05 %
	signed GET /dapi/v1/income incomeType=DELIVERED_SETTELMENT | is ".[0] | .income == \"0.00195312\" and .symbol == \"$q\" and .asset == \"BTC\""
	[ "$(wallet)" = 1.00192969 ]
	signed GET /dapi/v1/order "symbol=$q&origClientOrderId=waits" | is '.status == "EXPIRED" or .status == "CANCELED"'
	risk "$q" | is '.positionAmt == "0"'
	market "$q" BUY 1 | is '.code == -4140 or .code == -4141'
	market BTCUSD_PERP BUY 1 | is '.orderId > 0'
}

@test "positionRisk lists flat contracts, by pair or margin asset, and both legs in hedge mode" {
	coinm
	signed GET /dapi/v1/positionRisk | is 'length == 3 and all(.[]; .positionSide == "BOTH" and .positionAmt == "0")'
	signed GET /dapi/v1/positionRisk marginAsset=ETH | is 'map(.symbol) == ["ETHUSD_PERP"]'
	signed GET /dapi/v1/positionRisk 'marginAsset=ETH&pair=ETHUSD' | is '.code == -1128'
	signed GET /dapi/v1/positionRisk pair=NOPE | is '.code == -4087'
	signed POST /dapi/v1/positionSide/dual dualSidePosition=true | is '.code == 200'
	signed GET /dapi/v1/positionRisk pair=ETHUSD | is 'map(.positionSide) | sort == ["BOTH", "LONG", "SHORT"]'
}

@test "brackets are in coins, by pair and by symbol" {
	coinm
	signed GET /dapi/v2/leverageBracket symbol=BTCUSD_PERP | is 'length == 1 and .[0].symbol == "BTCUSD_PERP" and (.[0].brackets |
	    map([.qtylFloor, .qtyCap, .maintMarginRatio, .cum])[:4] == [[0, 5, 0.004, 0], [5, 10, 0.005, 0.005], [10, 20, 0.01, 0.055], [20, 50, 0.025, 0.355]]
	    and .[6].cum == 11.605 and .[9].cum == 496.605)'
	signed GET /dapi/v2/leverageBracket | is 'map(.symbol) | index("ETHUSD_PERP")'
	signed GET /dapi/v1/leverageBracket pair=BTCUSD | is 'length == 1 and .[0].pair == "BTCUSD" and .[0].brackets[0].qtyCap == 5'
	signed GET /dapi/v1/leverageBracket | is 'map(.pair) == ["BTCUSD", "ETHUSD"]'
	signed POST /dapi/v1/leverage 'symbol=BTCUSD_PERP&leverage=50' | is '. == {leverage: 50, maxQty: "20", symbol: "BTCUSD_PERP"}'
	signed GET /dapi/v1/commissionRate symbol=BTCUSD_PERP | is 'keys == ["makerCommissionRate", "symbol", "takerCommissionRate"] and (.takerCommissionRate | tonumber) == 0.0005'
	signed GET /dapi/v1/adlQuantile symbol=BTCUSD_PERP | is '.[0].adlQuantile | has("LONG") and has("SHORT") and has("BOTH")'
}

# --- conditional orders ---

@test "conditional orders go to the algo service here too" {
	coinm --position BTCUSD_PERP:20
	signed POST /dapi/v1/algoOrder 'algoType=CONDITIONAL&symbol=BTCUSD_PERP&side=SELL&type=STOP_MARKET&quantity=5&triggerPrice=59000&workingType=MARK_PRICE&clientAlgoId=s' |
		is '.algoStatus == "NEW" and .quantity == "5" and .triggerPrice == "59000.0"'
	signed POST /dapi/v1/algoOrder 'algoType=CONDITIONAL&symbol=BTCUSD_PERP&side=SELL&type=TAKE_PROFIT_MARKET&closePosition=true&triggerPrice=61000&clientAlgoId=c' | is '.closePosition'
	signed GET /dapi/v1/openAlgoOrders symbol=BTCUSD_PERP | is 'map(.clientAlgoId) == ["s", "c"]'
	signed GET /fapi/v1/openAlgoOrders | is '. == []'
	signed DELETE /fapi/v1/algoOrder clientAlgoId=s | is '.code == -2011'
	act 'mark=59000 BTCUSD_PERP'
	signed GET /dapi/v1/algoOrder clientAlgoId=s | is '.algoStatus == "FINISHED"'
	risk | is '.positionAmt == "15"'
	# a limit price off the trigger by more than PERCENT_PRICE
	stop='algoType=CONDITIONAL&symbol=BTCUSD_PERP&type=STOP&quantity=1'
	signed POST /dapi/v1/algoOrder "$stop&side=BUY&triggerPrice=61000&price=64060" | is '.code == -4151'
	signed POST /dapi/v1/algoOrder "$stop&side=SELL&triggerPrice=57000&price=54000" | is '.code == -4152'
	signed DELETE /dapi/v1/algoOrder clientAlgoId=c | is '.code == "200"'
	signed GET /dapi/v1/allAlgoOrders symbol=BTCUSD_PERP | is 'map(.algoStatus) == ["FINISHED", "CANCELED"]'
}

# --- what the two markets share ---

@test "the position mode is one of both markets" {
	coinm
	signed POST /dapi/v1/positionSide/dual dualSidePosition=true | is '.code == 200'
	signed GET /fapi/v1/positionSide/dual | is '.dualSidePosition == true'
	signed POST /fapi/v1/positionSide/dual dualSidePosition=true | is '.code == -4059'
	limit BTCUSD_PERP BUY 1 59000 positionSide=LONG | is '.positionSide == "LONG"'
	signed POST /fapi/v1/positionSide/dual dualSidePosition=false | is '.code == -4067'
	signed DELETE /dapi/v1/allOpenOrders symbol=BTCUSD_PERP | is '.code == 200'
	market BTCUSD_PERP SELL 1 positionSide=SHORT | is '.orderId > 0'
	signed POST /fapi/v1/positionSide/dual dualSidePosition=false | is '.code == -4068'
	market BTCUSD_PERP BUY 1 positionSide=SHORT | is '.orderId > 0'
	signed POST /fapi/v1/positionSide/dual dualSidePosition=false | is '.code == 200'
	signed GET /dapi/v1/positionSide/dual | is '.dualSidePosition == false'
}

@test "weight and order counts are one pool of both markets" {
	stepped --balance coinm.BTC=1
	step $((60000 - NOW % 60000))
	used() { sed -n 's/^x-mbx-used-weight-1m: \([0-9]*\).*/\1/Ip' "$T/h"; }
	limit BTCUSD_PERP BUY 1 59000 >/dev/null
	signed POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000' -D "$T/h" | is '.orderId > 0'
	grep -qi '^x-mbx-order-count-1m: 2' "$T/h"
	signed GET /fapi/v3/account "" -D "$T/h" | is '.assets'
	before=$(used)
	signed GET /dapi/v1/account "" -D "$T/h" | is '.assets'
	[ $(($(used) - before)) -eq 5 ]
}
