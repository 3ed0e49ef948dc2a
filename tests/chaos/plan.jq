# What one seed does, as words for the shell: jq -nr --arg seed N --arg has "OPTIONS" -f plan.jq
#
#   sim=()      options of bf-sim
#   profile=''  lines added to the profile
#   tool=()     options of bf-order
#   twin=0|1    a second bf-order reads the same intents at the same time
#   kill_ms=N   kill -9 after so long; 0: not
#   calm=0|1    no faults while bf-order recovers
#   ahead=''    what the exchange does before that
#   intents=''  the lines
#
# All follows from the seed; seed 0 is a day without trouble. has: what `bf-order --help` knows, so that an older one gets
# what it understands.

($seed | tonumber) as $seed
# Mixed by squares, for jq counts in doubles: each step stays below 2^53.
| def mix: (. % 67108859) as $a | ($a * $a + 48271 * .) % 2147483647;
  def hash($k): ($seed * 7919 + $k * 104729 + 12345) % 2147483647 | mix | mix | mix | mix;
  def below($k; $n): hash($k) / 7 | floor % $n;
  def one($k; $v): $v[below($k; $v | length)];
  def can($option): $has | split(" ") | index($option) != null;
  def two: tostring | if length < 2 then "0" + . else . end;
  def id($i): "s\($seed)-\($i | two)";
  def digits($x; $n): (($x * pow(10; $n) + 0.5 | floor | tostring)) as $d
    | ("000000000"[:([$n + 1 - ($d | length), 0] | max)] + $d) as $d
    | if $n == 0 then $d else $d[:-$n] + "." + $d[-$n:] end;

  can("--trigger-price") as $whole	# the whole order language, both markets
| ($seed > 0 and below(1; 4) == 0) as $hedge
| ($whole and below(2; 5) == 0) as $coinm
| (if can("--via") then one(3; ["rest", "rest", "ws", "ws", "auto"]) else "rest" end) as $via
| (3 + below(4; 10)) as $n

# A contract: name, a price, its decimals, a quantity, its decimals.
| [["BTCUSDT", 60000, 1, 0.002, 3], ["ETHUSDT", 3000, 2, 0.01, 3], ["SOLUSDT", 150, 2, 1, 0],
   ["BTCUSD_PERP", 60000, 1, 1, 0], ["ETHUSD_PERP", 3000, 2, 2, 0]] as $contracts
| def contract($k): if $coinm and below($k; 2) == 0 then $contracts[3 + below($k + 1; 2)] else $contracts[below($k; 3)] end;

  # The i-th intent. Every one that is not the same again carries its number as a note.
  def place($i): (1000 + 40 * $i) as $k | contract($k) as $c | one($k + 2; ["BUY", "SELL"]) as $side
    | (if $side == "BUY" then -1 else 1 end) as $away
    | { symbol: $c[0], side: $side, quantity: digits($c[3] * (2 + below($k + 3; 3)); $c[4]) } as $o
    # a price of its own, away from the market; $i is in its digits
    | digits($c[1] * (1 + $away * (1 + below($k + 5; 4)) / 100) + ($i + 1) * pow(0.1; $c[2]); $c[2]) as $rests
    | digits($c[1] * (1 - $away * 0.01); $c[2]) as $crosses
    | (one($k + 6;
	[["limit"], ["limit"], ["limit"], ["market"], ["market"], ["ioc"], ["gtx"], ["fok"], ["reduce"], ["odd"]] +
	if $whole then [["stop"], ["stop"], ["stop-limit"], ["trail"]] else [] end))[0] as $kind
    | $o + (
	if $kind == "limit" then { type: "LIMIT", price: $rests, timeInForce: "GTC" }
	elif $kind == "market" then { type: "MARKET" }
	elif $kind == "ioc" then { type: "LIMIT", price: $crosses, timeInForce: "IOC" }
	elif $kind == "fok" then { type: "LIMIT", price: $rests, timeInForce: "FOK" }
	elif $kind == "gtx" then { type: "LIMIT", price: one($k + 7; [$rests, $crosses]), timeInForce: "GTX" }
	elif $kind == "reduce" then { type: "MARKET", reduceOnly: true }
	elif $kind == "stop" then { type: one($k + 8; ["STOP_MARKET", "TAKE_PROFIT_MARKET"]) }
	elif $kind == "stop-limit" then { type: "STOP", price: $rests, timeInForce: "GTC" }
	elif $kind == "trail" then { type: "TRAILING_STOP_MARKET", callbackRate: "1" }
	else one($k + 9; [{ type: "LIMIT", price: "1.23456789" }, { type: "MARKET", quantity: "0" },
	    { type: "LIMIT" }, { type: "MARKET", symbol: "NOSUCHUSDT" }]) end)
    | if .type == "STOP_MARKET" or .type == "STOP" then
	.triggerPrice = digits($c[1] * (if $side == "BUY" then 1.03 else 0.97 end); $c[2])
      elif .type == "TAKE_PROFIT_MARKET" then
	.triggerPrice = digits($c[1] * (if $side == "BUY" then 0.97 else 1.03 end); $c[2])
      else . end
    | if $hedge and (($whole | not) or below($k + 10; 3) == 0) then .positionSide = one($k + 11; ["LONG", "SHORT"]) else . end
    | if below($k + 12; 15) == 0 then . else .newClientOrderId = id($i) end;

  # One of those before, as [index, intent].
  def earlier($all; $k): ($all | to_entries | map(select(.value.newClientOrderId and (.value.op | not)))) as $v
    | if ($v | length) == 0 then null else $v[below($k; $v | length)].value end;
  def conditional: .triggerPrice != null or .callbackRate != null;
  def cancel($o): { op: "cancel", symbol: $o.symbol } +
    if $o | conditional then { clientAlgoId: $o.newClientOrderId } else { origClientOrderId: $o.newClientOrderId } end;
  def modify($o; $i): ($contracts | map(select(.[0] == $o.symbol))[0]) as $c
    | { op: "modify", symbol: $o.symbol, side: $o.side, quantity: $o.quantity,
	price: digits($c[1] * (if $o.side == "BUY" then 0.985 else 1.015 end) + (100 + $i) * pow(0.1; $c[2]); $c[2]),
	origClientOrderId: $o.newClientOrderId };

  (reduce range($n) as $i ([];
    (500 + 10 * $i) as $k | below($k; 20) as $what | earlier(.; $k + 1) as $o
    | . + [
	(if $o == null or $what < 12 then place($i)
	elif $what < 15 then cancel($o)
	elif $what == 15 then $o + { again: true }
	elif $what == 16 then { op: "cancel", symbol: $o.symbol, origClientOrderId: "nobody-\($i | two)" }
	elif $what == 17 and below($k + 2; 4) == 0 then { op: "cancel-all", symbol: $o.symbol }
	elif $whole and $what > 16 and $o.type == "LIMIT" and $o.symbol != "NOSUCHUSDT" and $o.price != null then modify($o; $i)
	else place($i) end) | if .again then del(.again) else .note = $i end ])
  | if $seed > 0 then . else [
	{ symbol: "BTCUSDT", side: "BUY", type: "LIMIT", quantity: "0.002", price: "59000", newClientOrderId: id(0), note: 0 },
	{ symbol: "ETHUSDT", side: "BUY", type: "MARKET", quantity: "0.02", newClientOrderId: id(1), note: 1 }] end) as $intents

# What goes wrong, by the rows of the list of failures. An order that is executed late, or reads
# that lag behind, or both, stay within the lag budget below: beyond it nobody can know.
| (if $via == "ws" then "WS order.place" else "POST order" end) as $post
| def exec($k): one($k; ["exec=yes", "exec=no", "exec=late=\(50 + below($k + 1; 550))", "exec=late=\(750 + below($k + 1; 200))"]);
  def row($k): one($k; [
	"on \($post)#N: \(one($k + 1; ["exec=yes", "exec=no"])) reply=503/unknown",	# F01
	"on \($post)#N: \(exec($k + 1)) reply=408/-1007",				# F02
	"on \($post)#N: \(one($k + 1; ["exec=yes", "exec=no"])) reply=400/-1006",	# F03
	"on \($post)#N: exec=no reply=503/svc",						# F04
	"on \($post)#N: exec=no reply=503/internal",					# F05
	"on \($post)#N: exec=yes reply=500/internal",
	"on \($post)*N: exec=no reply=503/-1008",					# F06
	"on \($post)#N: \(one($k + 1; ["exec=yes", "exec=no"])) reply=\(one($k + 2; ["502/html", "504/empty", "500/empty", "200/html", "200/null", "200/empty", "200/bom", "200/trailing"]))",	# F07
	"on \($post)#N: \(exec($k + 1)) net=stall=2500",				# F08
	"on \($post)#N: \(one($k + 1; ["exec=yes", "exec=no"])) net=\(one($k + 2; ["rst", "fin"]))",	# F09
	"on \($post)#N: \(one($k + 1; ["exec=yes", "exec=no"])) net=\(one($k + 2; ["rst", "fin"]))",
	"t=\(below($k + 1; 250)) sim refuse=\(30 + below($k + 2; 300))",		# F10
	"on \($post)#N: exec=yes net=cut=\(1 + below($k + 1; 700))",			# F11
	"on \($post)#N: exec=yes reply=400/-4116",					# F12
	"sim lag=\(50 + below($k + 1; 250))",						# F13
	"on DELETE order#N: exec=no reply=400/-2011",					# F15
	"on DELETE order#N: sim fill=0.001",						# F16
	"on DELETE order#N: exec=yes net=rst",
	"on POST batchOrders#1: exec=no reply=200/mixed",				# F17
	"on POST batchOrders#N: \(one($k + 1; ["exec=yes", "exec=no"])) \(one($k + 2; ["net=rst", "reply=503/unknown", "reply=200/empty", "net=cut=300", "reply=408/-1007"]))",
	"on PUT order#N: sim fill",							# F18
	"on PUT order#N: exec=no reply=400/\(one($k + 1; ["-5026", "-5027"]))",
	"on PUT order#N: \(one($k + 1; ["exec=yes", "exec=no"])) net=rst",
	"on POST algoOrder#N: \(exec($k + 1)) \(one($k + 2; ["net=rst", "reply=503/unknown", "reply=408/-1007", "net=stall=2500", "reply=502/html"]))",
	"t=\(below($k + 1; 250)) sim blackhole=\(50 + below($k + 2; 500))",		# F19
	"sim ack=full",									# F20
	"on \($post)#N: exec=no reply=400/-1021",
	"on GET order*N: reply=\(one($k + 1; ["503/unknown", "400/-2013", "502/html", "429/-1003"]))",
	"ws:user: \(one($k + 1; ["fin", "rst", "mute", "drop=1", "dup", "swap", "delay=200", "blackhole"])) after=\(below($k + 2; 4))",
	"ws:api: \(one($k + 1; ["fin", "rst", "close=1008", "swap", "drop=1", "blackhole", "dup", "handshake=503/html"])) after=\(below($k + 2; 5))"
    ]) | gsub("[#]N"; "#\(1 + below($k + 5; 3))") | gsub("[*]N"; "*\(1 + below($k + 6; 4))");

  (if $seed == 0 then 0 else one(10; [0, 0.02, 0.05, 0.1, 0.2, 0.3]) end) as $p
| [range(if $seed == 0 then 0 else below(11; 4) end) | row(100 + 10 * .)] as $faults
| (["--seed", "\($seed)", "--chaos", "\($p)", "--account", (if $seed == 0 then "1000000" else one(12; ["1000000", "1000000", "1000000", "300"]) end)] +
    (if $hedge then ["--hedge"] else [] end) + (if $coinm then ["--balance", "coinm.BTC=10", "--balance", "coinm.ETH=100"] else [] end) +
    (if below(13; 5) == 0 then ["--position", one(14; ["BTCUSDT:0.01", "ETHUSDT:0.5"])] else [] end) +
    ($faults | map("--fault", .))) as $sim
| (["--timeout", "300", "--resolve-timeout", "3", "--lag-budget", "1300"] +
    (if can("--wait") then ["--wait", one(29; ["1", "100", "300"])] else [] end) +
    (if can("--via") then ["--via", $via] else [] end) +
    (if can("--max-in-flight") and below(15; 2) == 0 then ["--max-in-flight", "\(1 + below(16; 8))"] else [] end) +
    (if can("--batch") and below(17; 3) == 0 then ["--batch", "\(1 + below(18; 5))"] else [] end) +
    (if can("--batch-any") and below(19; 4) == 0 then ["--batch-any"] else [] end) +
    (if can("--no-sync") and below(20; 2) == 0 then ["--no-sync"] else [] end)) as $tool
| (if $seed > 0 and below(21; 4) == 0 then 3 + below(22; one(23; [40, 400, 1500])) else 0 end) as $kill
| ($intents | map(tojson) | if below(24; 5) == 0 then [{e: "markPriceUpdate", s: "BTCUSDT", p: "60000"} | tojson] + . else . end) as $lines
| "sim=(\($sim | @sh))",
  "profile='recv_window = \(one(25; [250, 300, 400]))'",
  "tool=(\($tool | @sh))",
  "twin=\(if $seed > 0 and below(26; 8) == 0 then 1 else 0 end)",
  "kill_ms=\($kill)",
  "calm=\(if below(27; 4) == 0 then 0 else 1 end)",
  "ahead=\(if below(28; 60) == 0 then "sim time+=4d" else "" end | @sh)",
  "intents=\($lines | join("\n") | @sh)"
