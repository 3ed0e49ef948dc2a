# The rate limits that all processes of an address share. What was asked, and
# whether it was too much, is what bf-sim counted, not what the tools say.
# shellcheck disable=SC2154,SC2016	# stderr: run sets it; $ in jq's programs

setup() {
	load ../helper
	home
}

teardown() { home_end; }

# limited [bf-sim options]: an exchange that allows a weight of LIMIT (100) a minute,
# whose minute begins now, and whose time and limits are known to the tools.
limited() { limited_as sim "$@"; }
limited_as() {
	sim_as "$1" --weight-limit "${LIMIT:-100}" --skew $((60000 - $(date +%s%3N) % 60000)) "${@:2}"
	acquaint
}
acquaint() { bf-time >/dev/null && bf-info --refresh symbols >/dev/null; }

# another NAME: a second profile of the same exchange.
another() {
	cp -p "$XDG_CONFIG_HOME/bf/profiles/$BF_PROFILE" "$XDG_CONFIG_HOME/bf/profiles/$1"
	bf-time --profile "$1" >/dev/null && bf-info --profile "$1" --refresh symbols >/dev/null
}

requests() { jq -cs 'map(select(.what == "request"))' "$T/ledger"; }
asked() { requests | jq length; }
refused() { requests | jq '[.[] | select(.http == 429 or .http == 418)] | length'; }

# The weight of each minute of the exchange's clock: an array. Weights as Binance
# documents them; a request without one here is an error.
weights() {
	requests | jq -c '
		def by_symbol(all): if .query | test("(^|&)symbol=") then 1 else all end;
		def weight: {
			"/fapi/v1/time": 1, "/fapi/v1/exchangeInfo": 1, "/fapi/v1/premiumIndex": by_symbol(10),
			"/fapi/v1/order": (if .method == "POST" then 0 else 1 end), "/fapi/v3/positionRisk": 5,
			"/fapi/v1/openOrders": by_symbol(40), "/fapi/v1/openAlgoOrders": by_symbol(40),
			"/fapi/v1/allOpenOrders": 1, "/fapi/v1/algoOpenOrders": 1, "/fapi/v1/batchOrders": (if .method == "DELETE" then 1 else 5 end),
			"/fapi/v1/positionSide/dual": 30, "/fapi/v1/listenKey": 1,
			"/dapi/v1/openOrders": by_symbol(40), "/dapi/v1/openAlgoOrders": by_symbol(40), "/dapi/v1/positionRisk": 1
		}[.path] // error("no weight known of \(.method) \(.path)");
		group_by(.E / 60000 | floor) | map(map(weight) | add)'
}
never_over() {	# LIMIT
	weights | is --argjson max "$1" 'length > 0 and all(. <= $max)' && [ "$(refused)" -eq 0 ]
}
# What the exchange itself says is used in this minute, without the question.
own_count() { curl -sS --noproxy '*' -o "$T/ping" -D - "$SIM_REST/fapi/v1/ping" |
	tr -d '\r' | awk -F ': ' 'tolower($1) == "x-mbx-used-weight-1m" { print $2 - 1 }'; }

# crowd N COMMAND...: N of them at once, all waited for; the exit status of each is a
# line of $T/status, and their pids are in PIDS while they run.
start() {
	local i
	PIDS=()
	for ((i = 0; i < $1; i++)); do
		"${@:2}" >"$T/out.$i" 2>"$T/err.$i" 3>&- 4>&- &
		PIDS+=($!)
	done
}
gather() {
	local p status
	: >"$T/status"
	for p in "${PIDS[@]}"; do
		status=0
		wait "$p" || status=$?
		echo "$status" >>"$T/status"
	done
}
crowd() { start "$@"; gather; }
ended() { grep -cx "$1" "$T/status" || :; }	# how many with this status
# use_up: ask until the public part of the minute is gone.
use_up() {
	local i words
	for words in 'mark' 'mark BTCUSDT'; do
		for ((i = 0; i < 200; i++)); do
			# shellcheck disable=SC2086
			bf-info $words >/dev/null 2>"$T/err" || break
		done
	done
	grep -q "kept for what reduces risk" "$T/err"
}
cancel() { bf-order "${@:2}" <<< "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"$1\"}"; }

# orders_of ID: 20 orders, far from the market, their ids beginning so.
orders_of() {
	local i
	for i in {1..20}; do
		printf '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","quantity":"0.01","price":"50000","timeInForce":"GTC","newClientOrderId":"%s"}\n' "$1$i"
	done
}
taken() { jq -cs --arg id "$1" '[.[] | select(.what == "order" and (.clientOrderId | startswith($id)))] | length' "$T/ledger"; }

@test "50 processes at once ask for all of the public budget, and not a bit more" {
	limited
	local used
	used=$(weights | jq add)
	crowd 50 bf-info mark
	[ "$(($(ended 0) + $(ended 3)))" -eq 50 ]
	never_over 70
	[ "$(weights)" = "[$((used + $(ended 0) * 10))]" ]
	[ "[$(own_count)]" = "[$((used + $(ended 0) * 10))]" ]
	[ "$(ended 0)" -eq $(((70 - used) / 10)) ]
	grep -l "nothing was sent" "$T"/err.* | wc -l | is --argjson n "$(ended 3)" '. == $n'
}

@test "50 small requests at once, again and again, stay below the limit" {
	limited
	crowd 50 bf-info --refresh symbols
	[ "$(ended 0)" -gt 40 ]
	crowd 50 bf-info --refresh symbols
	[ "$(ended 3)" -gt 0 ]
	never_over 70
}

@test "what is asked as a minute ends and the next one begins fits into either" {
	SKEW=$((57500 - $(date +%s%3N) % 60000))
	sim --weight-limit 100 --skew "$SKEW"
	acquaint
	wait_for minute_ends
	crowd 30 bf-info mark
	[ "$(refused)" -eq 0 ]
	requests | is '[.[] | select(.path == "/fapi/v1/premiumIndex")] | length >= 7 and length <= 10'
	never_over 100
}
minute_ends() { [ $((($(date +%s%3N) + SKEW) % 60000)) -ge 59000 ]; }

@test "kill -9 of some of them, before they ask and while they wait, never passes it" {
	limited --fault 'on GET premiumIndex: net=delay=4000'
	local i p used pids=()
	used=$(weights | jq add)
	for i in {0..49}; do	# one of three at its very start, or a little later
		start 1 bf-info mark
		pids+=("${PIDS[0]}")
		((i % 3 != 2)) || kill -9 "${pids[i - i % 2 * 2]}" 2>/dev/null || :
	done
	PIDS=("${pids[@]}")
	wait_for few_left	# the others were refused; these may hold a part of the budget
	for p in "${LEFT[@]:0:3}"; do kill -9 "$p" 2>/dev/null || :; done
	gather
	[ "$(ended 137)" -gt 0 ]
	[ "$(($(ended 0) + $(ended 3) + $(ended 137)))" -eq 50 ]
	never_over 70
	[ "$(weights | jq add)" -ge "$((used + $(ended 0) * 10))" ]
	crowd 20 bf-info mark
	never_over 70
}
few_left() {
	local p
	LEFT=()
	for p in "${PIDS[@]}"; do
		if kill -0 "$p"; then LEFT+=("$p"); fi
	done
	[ "${#LEFT[@]}" -lt 10 ]
}

@test "two profiles of an exchange, and both its markets, count together" {
	limited
	another two
	start 25 bf-info mark
	local first=("${PIDS[@]}")
	start 25 bf-info --profile two mark
	PIDS+=("${first[@]}")
	gather
	never_over 70
	run --separate-stderr bf-info --profile two --market coinm mark
	[ "$status" -eq 3 ]
	[[ $stderr == *"nothing was sent"* ]]
	never_over 70
	[ "$(stat -c '%a %s' "$XDG_STATE_HOME/bf/.limits/${SIM_REST#http://}.ip")" = "600 4096" ]
	[ "$(stat -c %a "$XDG_STATE_HOME/bf/.limits")" = 700 ]
}

@test "what others of this address use is counted too, as the exchange tells it" {
	limited
	curl -sS --noproxy '*' -d used+=60 "$SIM_REST/sim/v1/do" | is .ok
	bf-info mark BTCUSDT >/dev/null
	run --separate-stderr bf-info mark
	[ "$status" -eq 3 ]
	[[ $stderr == *"the limit of 70 request weight a minute"* ]]
	[ "$(refused)" -eq 0 ]
}

@test "what reduces risk has the rest of the budget, up to the limit itself" {
	limited
	another two
	orders_of x | head -n 2 | bf-order >"$T/placed"
	[ "$(taken x)" -eq 2 ]
	use_up
	run --separate-stderr cancel x1
	echo "$stderr"
	[ "$status" -eq 0 ]
	is '.status == "CANCELED"' <<<"$output"
	run --separate-stderr cancel x2 --profile two
	[ "$status" -eq 0 ]
	run bf-info mark
	[ "$status" -eq 3 ]
	weights | is '. == [72]'
	for _ in {1..50}; do
		run cancel none
		[ "$status" -ne 3 ] || break
	done
	[[ $output == *"the limit of 100 request weight a minute is used up"* ]]
	weights | is '. == [100]'
	[ "$(refused)" -eq 0 ]
}

@test "bf-kill proves the account flat although the public budget is gone" {
	LIMIT=1000 limited --account 100000 --position BTCUSDT:0.5
	orders_of x | bf-order >"$T/placed"
	[ "$(taken x)" -eq 20 ]
	use_up
	run --separate-stderr bf-kill
	echo "$output $stderr"
	[ "$status" -eq 0 ]
	is 'select(.step == "end") | .flat' <<<"${lines[-1]}"
	weights | is '.[0] > 700 and .[0] <= 1000'
	[ "$(refused)" -eq 0 ]
}

@test "who has a key may ask for the contract rules from the rest of the budget" {
	limited --position BTCUSDT:0.1
	use_up
	rm -r "$XDG_CACHE_HOME/bf"
	run bf-info --refresh symbols
	[ "$status" -eq 3 ]
	bf-order <<< '{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"0.1","reduceOnly":true}' >"$T/closed"
	is .orderId <"$T/closed"
	requests | is '[.[] | select(.path == "/fapi/v1/exchangeInfo")] | length == 2'
	never_over 100
}

silent() {	# nobody asks, whatever it is
	local n
	n=$(asked)
	run bf-info --refresh symbols
	[ "$status" -eq 3 ]
	[[ $output == *"asked for silence"* ]]
	run bf-info --profile two --market coinm --refresh mark
	[ "$status" -eq 3 ]
	run bf-position
	[ "$status" -eq 3 ]
	run bf-order --profile two <<< '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"x1"}'
	[ "$status" -eq 3 ]
	crowd 20 bf-info mark
	[ "$(ended 3)" -eq 20 ]
	[ "$(asked)" -eq "$n" ]
}

@test "429 and 418 silence every process, profile and market, and no other exchange" {
	local answer
	for answer in 429/-1003 418/empty; do
		limited_as sim --fault "on GET premiumIndex#1: reply=$answer hdr=Retry-After:3600"
		another two
		run --separate-stderr bf-info mark
		[ "$status" -eq 3 ]
		silent
		limited_as other
		bf-info mark >/dev/null
		[ "$(refused)" -eq 0 ]
		home_end
		rm -rf "$T"/ledger* "$XDG_STATE_HOME/bf"
	done
}

@test "the silence ends when the exchange said, for all, and not before" {
	LIMIT=400 limited --fault 'on GET premiumIndex#1: reply=429/-1003 hdr=Retry-After:2'
	another two
	run bf-info mark
	[ "$status" -eq 3 ]
	wait_for bf-info --profile two mark
	bf-info mark >/dev/null
	bf-position >/dev/null
	# by the exchange's clock and its own record of what was asked
	requests | is '(map(.http) | index(429)) as $i | .[$i + 1].E - .[$i].E >= 2000 and length > $i + 3'
	[ "$(refused)" -eq 1 ]
}

@test "a 403 on the way silences all as well" {
	limited --fault 'on GET premiumIndex#1: reply=403/waf'
	another two
	run bf-info mark
	[ "$status" -eq 3 ]
	silent
}

@test "profiles of one key share its orders, another key has its own" {
	printf '%s\n' '[alice]' 'key = alicekey' 'secret = alicesecret' 'balance = USDT=100000' \
		'[bob]' 'key = bobkey' 'secret = bobsecret' 'balance = USDT=100000' >"$T/accounts"
	chmod 600 "$T/accounts"
	sim --accounts "$T/accounts" --order-limit 20 --skew $((60000 - $(date +%s%3N) % 60000))
	local profiles=$XDG_CONFIG_HOME/bf/profiles
	acquaint
	another two
	sed 's/alice/bob/' "$profiles/sim" >"$profiles/bob"
	chmod 600 "$profiles/bob"
	bf-time --profile bob >/dev/null
	orders_of c | bf-order --profile bob >"$T/c" 2>&1 3>&- 4>&- &	# each waits for its limit in vain
	pid=$!
	orders_of a | bf-order >"$T/a" 2>&1 || :
	orders_of b | bf-order --profile two >"$T/b" 2>&1 || :
	wait "$pid" || :
	[ "$(taken a)" -eq 14 ]		# 70 % of 20: these do not reduce
	[ "$(taken b)" -eq 0 ]
	[ "$(taken c)" -eq 14 ]
	[ "$(refused)" -eq 0 ]
	[ "$(find "$XDG_STATE_HOME/bf/.limits" -name '*.account-*' | grep -c -- '-[0-9a-f]\{16\}$')" -eq 2 ]
	run grep -rE 'alicekey|bobkey' "$XDG_STATE_HOME/bf/.limits"
	[ "$status" -eq 1 ]
}

@test "counters that cannot be used stop what is asked, and say so" {
	limited
	local n
	n=$(asked)
	rm -r "$XDG_STATE_HOME/bf/.limits"
	: >"$XDG_STATE_HOME/bf/.limits"
	run bf-info mark
	[ "$status" -eq 8 ]
	[[ $output == *limits* ]]
	[ "$(asked)" -eq "$n" ]
	rm "$XDG_STATE_HOME/bf/.limits"
	bf-info mark >/dev/null
	chmod 770 "$XDG_STATE_HOME/bf/.limits"
	run bf-info mark
	[ "$status" -eq 8 ]
	[[ $output == *"chmod 700"* ]]
	[ "$(asked)" -eq $((n + 1)) ]
}
