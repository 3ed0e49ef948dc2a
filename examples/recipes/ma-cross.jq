# Two moving averages that cross, in jq: buys when the fast one of closed candles rises above
# the slow one, and sells what was bought when it falls below.
#
#	{ bf-info klines BTCUSDT 1m --limit 50; bf-stream kline_1m BTCUSDT; } |
#	    jq -nRr --unbuffered --arg symbol BTCUSDT --arg quantity 0.01 --argjson fast 5 \
#	        --argjson slow 20 -f ma-cross.jq | bf-risk --rules risk.conf | bf-order >>outcomes
#
# --unbuffered: without it jq keeps what it says until it fills a block, and an order leaves
# hours late. -R: lines are read as text, so they go by as they came; an order id of 19 digits
# would not survive jq 1.6 as a number. The first program only warms up: no candle of bf-info
# ever makes an order.
#
# The client order id is made of the candle, so a candle makes one order however often it is
# played: bf-order refuses the second. Sales only reduce; without a position one is refused.
#
# It does not protect from: a cross while it was not running, a candle that was missing, a market
# that goes sideways and pays fees at each cross, a fall between two candles (no stop is placed),
# or a purchase that was refused. Limits are bf-risk's. A pattern to copy and change, not advice.

def mean(n): .[-n:] | add / n;

# [open time, close, closed, live] of a line that is a candle of ours
def candle:
	(try fromjson catch null) | objects |
	if .e == "kline" and .k.s == $symbol then [.k.t, (.k.c | tonumber), .k.x, true]
	elif .e == "bf.kline" and .s == $symbol then [.t, (.c | tonumber), .x, false]
	else empty end;

def intent($t; $side):
	{symbol: $symbol, side: $side, type: "MARKET", quantity: $quantity, newOrderRespType: "RESULT",
	 newClientOrderId: "ma-\($symbol)-\($t / 1000)-\($side | ascii_downcase)"} +
	if $side == "SELL" then {reduceOnly: "true"} else {} end | tojson;

foreach inputs as $line ({closes: [], last: 0, above: null, say: []};
	.say = [$line] | ([$line | candle][0]) as $c |
	if $c == null or ($c[2] | not) or $c[0] <= .last then .
	else
		.last = $c[0] | .closes = (.closes + [$c[1]])[-$slow:] | .above as $was |
		if (.closes | length) < $slow then .
		else
			.above = ((.closes | mean($fast)) > (.closes | mean($slow))) |
			if $c[3] and $was != null and $was != .above
			then .say += [intent($c[0]; if .above then "BUY" else "SELL" end)]
			else . end
		end
	end;
	.say[])
