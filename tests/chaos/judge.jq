# Whether one run kept the law, by the ledger of bf-sim and not by what the tool says. One
# object: what happened, and in problems what must not.
#
#   jq -n --arg seed N --arg killed 0|1 --arg exit N --arg twin_exit N|- --arg recover_exit N \
#      --rawfile intents F --rawfile out F --rawfile twin F --rawfile recover F \
#      --rawfile journal F --slurpfile ledger F -f judge.jq

def lines: split("\n") | map(select(. != ""));
def objects: lines | map(try fromjson catch null);
def id_of: .newClientOrderId // .clientAlgoId // .origClientOrderId // .clientOrderId // null;
def number: tonumber? // null;
def same($a; $b): ($a | number) as $x | ($b | number) as $y | $x != null and $y != null and (($x - $y) | fabs) < 1e-9;
def plan_id: type == "string" and startswith("s\($seed)-");

($killed == "1") as $killed
| ($twin_exit != "-") as $twins
| ($intents | objects | map(select(.e | not))) as $in
| ($ledger | map(select(.what == "request"))) as $requests
| ($ledger | map(select(.what == "order"))) as $orders
| ($ledger | map(select(.what == "algo"))) as $algos
| ($ledger | map(select(.what == "fill"))) as $fills
| ($journal | objects) as $written

# What an output says: outcomes of intents, and what was found of earlier ones.
| def outcomes: map(select(. != null and ((.e // "" | startswith("bf.") | not) or .e == "bf.reject" or .e == "bf.error")));
  def found: map(select(. != null and .e == "bf.recovered"));
  def word: if .e == "bf.reject" then "refused" elif .e == "bf.error" then .outcome else "result" end;
  def twice_asked: .rule == "duplicate-id" or ((.msg // "") | test("another process"));

# Of each id: how many intents name it, and how many outcomes.
  def pair: . as $said
    | ($in | map(id_of) | unique[]) as $id | select($id != null)
    | { id: $id, asked: ($in | map(select(id_of == $id)) | length),
	said: ($said | map(select(if word == "result" then id_of == $id else (.intent | id_of) == $id end)) | length) };

  ($out | objects | outcomes) as $first
| (if $twins then $twin | objects | outcomes else [] end) as $second
| ($recover | objects) as $after
| (($out | objects | found) + (if $twins then $twin | objects | found else [] end) + ($after | found)) as $settled

# The transmissions that name an id. One that was refused by name for its time was no
# order and may be signed anew.
| def stale: .http == 400 and (.said // .code // -1021) == -1021;
  def naming($id): map(select((.clientOrderId == $id) or (.query | contains($id))));
  ($requests | map(select((.method == "POST" and (.path | test("/(order|algoOrder|batchOrders)$"))) or
    (.method | test("^(order|algoOrder)\\.place$"))))) as $placing
| ($requests | map(select((.method == "DELETE" and (.path | test("/(order|algoOrder|batchOrders)$"))) or
    (.method | test("^(order|algoOrder)\\.cancel$"))))) as $cancelling
| ($requests | map(select((.method == "PUT" and (.path | test("/(order|batchOrders)$"))) or .method == "order.modify"))) as $changing

| def problems_of_place($id):
    ($in | map(select((.op == null or .op == "place") and id_of == $id))) as $asked
  | ($asked[0]) as $o
  | ($placing | naming($id)) as $sent
  | ($sent | map(select(stale | not)) | length) as $times
  | ($orders | map(select(.clientOrderId == $id and (.algoId | not)))) as $plain
  | ($algos | map(select(.clientAlgoId == $id) | .algoId) | unique) as $waiting
  | (($plain | length) + ($waiting | length)) as $stands
  | ($fills | map(select(.clientOrderId == $id) | .qty | tonumber) | add // 0) as $filled
  | ([($first, $second) | map(select(word != "result" and (.intent.newClientOrderId == $id))) | .[]] | map(select(twice_asked | not) | word)) as $said
  | ($settled | map(select(.clientOrderId == $id and (.intent.op == null or .intent.op == "place")) | .outcome)) as $later
  # results of that id beyond those its cancels and modifications can account for
  | ([$first, $second] | map(map(select(word == "result" and id_of == $id)) | length) | add) as $results
  | ($in | map(select(.op != null and .op != "place" and id_of == $id)) | length * (if $twins then 2 else 1 end)) as $others
  | ($written | map(select(. != null and .id == $id))) as $log
  | ($log | map(.what) | last) as $logged
  | (($log | map(select(.what == "result" or .what == "resolved")) | length) > 0 or $results > $others or
	($later | index("result")) != null) as $yes
  | ((($said + $later) | index("unknown")) != null) as $perhaps
  | (($said | index("refused")) != null or ($later | index("absent")) != null) as $no
  | ($asked | length == 1 and ($twins | not)) as $only
  | (if $times > 1 then "\($id): sent \($times) times" else empty end),
    (if $stands > 1 then "\($id): executed \($stands) times" else empty end),
    (if $stands == 1 and $times == 0 then "\($id): executed, but no request" else empty end),
    (if $filled > ($o.quantity | number // 0) + 1e-9 then "\($id): filled \($filled) of \($o.quantity)" else empty end),
    ($plain[] | select((same(.qty; $o.quantity) and .symbol == $o.symbol and .side == $o.side) | not)
	| "\($id): executed is \(.side) \(.qty) \(.symbol)"),
    (if ($sent | length) > 0 and ($log | map(select(.what == "intent")) | length) == 0 then "\($id): sent, but not in the journal" else empty end),
    (if $yes and $stands == 0 then "\($id): said to stand, and does not" else empty end),
    (if $no and $stands > 0 and ($only or ($yes or $perhaps | not)) then "\($id): said not to stand, and does" else empty end),
    (if ($logged == "refused" or $logged == "absent") and $stands > 0 and ($twins | not) then
	"\($id): \($logged) by the journal, and stands" else empty end),
    (if ($logged == "intent" or $logged == "unknown") and $recover_exit == "0" then
	"\($id): open in the journal, and recover passed it over" else empty end),
    (if $stands > 0 and ($yes or $perhaps or $no | not) and
	($killed and ($logged == "intent" or $logged == "unknown") and ($after | found | length == 0) and $recover_exit != "0" | not)
	and ($logged == "intent" and $recover_exit != "0" | not)
	then "\($id): stands, and nothing says so" else empty end);

  def problems_of_cancel($id):
    ($in | map(select(.op == "cancel" and id_of == $id))) as $asked
  | ($cancelling | naming($id) | map(select(stale | not)) | length) as $times
  | (($asked | length) * (if $twins then 2 else 1 end)) as $most
  | ([$first[], $second[]] | map(select(word == "result" and id_of == $id and .status == "CANCELED")) | length) as $gone
  | ($ledger | map(select((.what == "order_end" and .clientOrderId == $id) or
	(.what == "algo" and .clientAlgoId == $id and (.status | test("CANCEL"))))) | length) as $ended
  | (if $times > $most then "cancel \($id): sent \($times) times, asked \($most) times" else empty end),
    (if $gone > 0 and $ended == 0 then "cancel \($id): said to be cancelled, and is not" else empty end);

  def problems_of_modify($m):
    ($changing | naming($m.origClientOrderId) | map(select((.query | contains($m.price)) and (stale | not))) | length) as $times
  | ($ledger | map(select(.what == "amend" and .clientOrderId == $m.origClientOrderId and same(.price; $m.price))) | length) as $done
  | (if $times > (if $twins then 2 else 1 end) then "modify \($m.origClientOrderId) to \($m.price): sent \($times) times" else empty end),
    ([$first[], $second[]] | map(select(word == "refused" and .intent.note == $m.note))
      | if length > 0 and $done > 0 and ($twins | not) then "modify \($m.origClientOrderId) to \($m.price): said to be refused, and was done" else empty end);

  # Every intent leaves as one outcome, if the program was not killed.
  def count($name; $said; $status; $raw):
    ($raw | lines | map(select((try (fromjson | type) catch "none") != "object")) | .[] | "\($name): not a JSON object: \(.[:80])"),
    ($raw | if . != "" and (endswith("\n") | not) then "\($name): the last line has no end" else empty end),
    (if ($said | length) == ($in | length) then
	($said | pair | select(.asked != .said) | "\($name): \(.asked) intents of \(.id), \(.said) outcomes")
     elif ($said | length) == 0 and ($status | test("^[2-8]$")) then
	(if ($placing + $cancelling + $changing | length) > 0 and ($twins | not) then "\($name): no outcome, yet something was sent" else empty end)
     else "\($name): \($in | length) intents, \($said | length) outcomes, exit \($status)" end);

  # By design: 4, then 8, 6, 5, 7, 3, 2, 1.
  def rank($status): ["0", "1", "2", "3", "7", "5", "6", "8", "4"] as $v | $v | index($status) // -1;
  def status_of: if .e == "bf.reject" then (if .rule == "kill-latch" then "6" else "1" end)
    elif .e == "bf.error" then ({ rejected: "1", usage: "2", unavailable: "3", clock: "7", key: "5", tripped: "6", local: "8", unknown: "4" }[.category] // "?")
    else "0" end;
  def exits($name; $said; $status):
    ($said | map(rank(status_of)) | max // 0) as $worst
  | (if rank($status) == -1 then "\($name): exit \($status)"
     elif rank($status) < $worst then "\($name): exit \($status), yet an outcome asks for more care"
     elif ($said | length) == ($in | length) and rank($status) > $worst and ($status != "4" and $status != "3" and $status != "8") then
	"\($name): exit \($status), which no outcome explains"
     else empty end);

  [ ($in | map(select((.op == null or .op == "place") and id_of != null) | id_of) | unique[] | problems_of_place(.)),
    ($in | map(select(.op == "cancel") | id_of) | unique[] | problems_of_cancel(.)),
    ($in | map(select(.op == "modify"))[] | problems_of_modify(.)),
    # orders to which the tool gave the id
    ($orders | map(select(.clientOrderId | plan_id | not) | select((.algoId | not) and (.clientOrderId | startswith("bf-"))) | .clientOrderId)
      | group_by(.)[] | select(length > 1) | "\(.[0]): executed \(length) times"),
    (($orders | map(select((.algoId | not) and (.clientOrderId | startswith("bf-")))) | length) as $n
      | ($in | map(select((.op == null or .op == "place") and id_of == null)) | length * (if $twins then 2 else 1 end)) as $most
      | if $n > $most then "\($n) orders without an id of ours, asked \($most)" else empty end),
    (if $killed then empty else count("bf-order"; $first; $exit; $out), exits("bf-order"; $first; $exit) end),
    (if $twins then count("its twin"; $second; $twin_exit; $twin), exits("its twin"; $second; $twin_exit) else empty end),
    ($recover | lines | map(select((try (fromjson | type) catch "none") != "object"))[] | "recover: not a JSON object: \(.[:80])"),
    (if ($after | found | map(select(.outcome == "unknown")) | length) > 0 and $recover_exit != "4" then
	"recover: exit \($recover_exit) with an unknown outcome" else empty end)
  ] as $problems
| { seed: ($seed | tonumber), exit: $exit, killed: $killed, twins: $twins, intents: ($in | length),
    sent: ($placing | length), executed: ($orders | length), conditional: ($algos | map(.algoId) | unique | length),
    cancels: ($cancelling | length), modifies: ($changing | length),
    results: ([$first[], $second[]] | map(select(word == "result")) | length),
    refused: ([$first[], $second[]] | map(select(word == "refused")) | length),
    unknown: ([$first[], $second[]] | map(select(word == "unknown")) | length),
    recovered: ($settled | map(.outcome) | group_by(.) | map({ (.[0]): length }) | add // {}),
    problems: $problems }
