# bf-sim --state: what an exchange knew is known by the next one on the same
# file, whether the first ended or was killed.

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
	state=$T/state
}

teardown() { home_end; }

# put SYMBOL SIDE TYPE QUANTITY [more]: fails unless it was taken.
put() {
	signed POST /fapi/v1/order "symbol=$1&side=$2&type=$3&quantity=$4${5:+&$5}" >"$T/answer"
	[ -s "$T/answer" ] && is .orderId <"$T/answer"
}
end() { kill "-${1:-TERM}" "$SIM_PID"; wait "$SIM_PID" || true; }

# Everything that a client can ask of the account, one answer a line.
all_of_it() {
	local symbol path
	for path in openOrders openAlgoOrders income symbolConfig accountConfig feeBurn multiAssetsMargin positionSide/dual; do
		signed GET "/fapi/v1/$path" limit=1000
		echo
	done
	for symbol in BTCUSDT ETHUSDT; do
		for path in allOrders allAlgoOrders userTrades positionMargin/history forceOrders; do
			signed GET "/fapi/v1/$path" "symbol=$symbol"
			echo
		done
	done
	for path in account balance positionRisk; do
		signed GET "/fapi/v3/$path"
		echo
	done
	signed GET /fapi/v2/positionRisk
	echo
	for path in account balance positionRisk openOrders income 'allOrders?symbol=BTCUSD_PERP' 'userTrades?symbol=BTCUSD_PERP'; do
		signed GET "/dapi/v1/${path%\?*}" "$([[ $path != *\?* ]] || echo "${path#*\?}")"
		echo
	done
}
# Fails, and says where, unless all is as $1 has it.
same_as() {
	all_of_it >"$T/now"
	run ! grep -n '"code"' "$T/now"
	diff "$1" "$T/now"
}

algo() { signed POST /fapi/v1/algoOrder "algoType=CONDITIONAL&$1"; }

# An account that has done a bit of everything.
live_a_little() {
	signed POST /fapi/v1/leverage 'symbol=ETHUSDT&leverage=7'
	signed POST /fapi/v1/marginType 'symbol=ETHUSDT&marginType=ISOLATED'
	put BTCUSDT BUY MARKET 0.5
	put BTCUSDT SELL MARKET 0.2
	put ETHUSDT SELL MARKET 3
	signed POST /fapi/v1/positionMargin 'symbol=ETHUSDT&amount=12.5&type=1'
	signed POST /fapi/v1/positionMargin 'symbol=ETHUSDT&amount=2&type=2'
	put BTCUSDT BUY LIMIT 0.02 'price=59000&timeInForce=GTC&newClientOrderId=rests'
	put BTCUSDT BUY LIMIT 0.03 'price=58000&timeInForce=GTC&newClientOrderId=amended'
	signed PUT /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=amended&side=BUY&quantity=0.04&price=58100'
	put BTCUSDT BUY LIMIT 3 'price=60003&timeInForce=IOC&newClientOrderId=part'
	put ETHUSDT BUY LIMIT 1 'price=2900&timeInForce=GTC&newClientOrderId=gone'
	signed DELETE /fapi/v1/order 'symbol=ETHUSDT&origClientOrderId=gone'
	algo 'symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=50000&closePosition=true&clientAlgoId=stop'
	algo 'symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.01&activatePrice=70000&callbackRate=1&clientAlgoId=trail'
	algo 'symbol=ETHUSDT&side=BUY&type=TAKE_PROFIT&quantity=1&price=2500&triggerPrice=2600&clientAlgoId=profit'
	signed DELETE /fapi/v1/algoOrder 'clientAlgoId=profit'
	signed POST /dapi/v1/order 'symbol=BTCUSD_PERP&side=BUY&type=MARKET&quantity=5'
	signed POST /dapi/v1/order 'symbol=BTCUSD_PERP&side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=59000'
} >"$T/life"

@test "after a clean end every answer is the same as before" {
	sim --state "$state" --account 100000 --balance coinm.BTC=1
	live_a_little
	all_of_it >"$T/before"
	[ "$(jq -s 'length' "$T/before")" -eq 29 ]
	jq -se '(.[0] | length) == 2 and (.[1] | length) == 2 and (.[2] | length) == 6 and
	    (.[16] | length) == 2' "$T/before"
	end
	# what the options say counts only for an account that is new
	sim --state "$state" --balance coinm.BTC=7 --account 5
	same_as "$T/before"
}

@test "after kill -9 every answer that was given still holds" {
	sim --state "$state" --account 100000 --balance coinm.BTC=1
	live_a_little
	all_of_it >"$T/before"
	end KILL
	sim --state "$state"
	same_as "$T/before"
	end KILL	# and once more, with nothing done in between
	sim --state "$state"
	same_as "$T/before"
}

@test "killed among orders it keeps whole turns: orders, trades and money agree" {
	sim --state "$state" --order-limit 100000
	for i in $(seq 100); do
		q="symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=n$i&recvWindow=60000&timestamp=$(now)"
		echo "url = $SIM_REST/fapi/v1/order?$q&signature=$(sign "$q")"
	done >"$T/curl"
	curl -sS -X POST -H "X-MBX-APIKEY: $KEY" -K "$T/curl" -w '\n' >"$T/acks" 2>/dev/null 3>&- &
	curl=$!
	for ((i = 0; i < 10000; i++)); do
		! grep -q n5 "$T/acks" || break
	done
	end KILL
	wait "$curl" || true
	sim --state "$state"
	signed GET /fapi/v1/allOrders 'symbol=BTCUSDT&limit=1000' >"$T/orders"
	signed GET /fapi/v1/userTrades 'symbol=BTCUSDT&limit=1000' >"$T/trades"
	# whatever was answered stands
	jq -r 'select(.orderId).clientOrderId' "$T/acks" | while read -r id; do
		jq -e --arg id "$id" 'any(.[]; .clientOrderId == $id)' "$T/orders" || { echo "$id is lost" >&2; exit 1; }
	done
	n=$(jq length "$T/orders")
	[ "$n" -ge 5 ]
	jq -e 'all(.[]; .status == "FILLED")' "$T/orders"
	[ "$(jq length "$T/trades")" -eq "$n" ]
	signed GET /fapi/v3/positionRisk | is --argjson n "$n" '.[0].positionAmt | tonumber * 1000 | round == $n'
	signed GET '/fapi/v1/income' 'limit=1000&incomeType=COMMISSION' >"$T/income"
	jq -e --argjson n "$n" 'length == $n' "$T/income"
	paid=$(jq '[.[].income | tonumber] | add * 1e8 | round' "$T/income")
	signed GET /fapi/v3/balance | is --argjson paid "$paid" '.[0].balance | tonumber * 1e8 | round == 1e12 + $paid'
}

@test "ids go on from where they were, and old ones are not given again" {
	sim --state "$state"
	put BTCUSDT BUY MARKET 0.01
	btc=$(jq .orderId "$T/answer")
	put ETHUSDT BUY MARKET 0.1
	eth=$(grep -o '"orderId":[0-9]*' "$T/answer" | tr -dc 0-9)
	algo 'symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.01&triggerPrice=50000' >"$T/algo"
	tran=$(signed GET /fapi/v1/income | jq '[.[].tranId] | max')
	end KILL
	sim --state "$state"
	put BTCUSDT BUY MARKET 0.01
	[ "$(jq .orderId "$T/answer")" -eq $((btc + 1)) ]
	put ETHUSDT BUY MARKET 0.1
	[ "$(grep -o '"orderId":[0-9]*' "$T/answer" | tr -dc 0-9)" -eq $((eth + 1)) ]
	[ "$(algo 'symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.01&triggerPrice=49000' | jq .algoId)" -eq $(($(jq .algoId "$T/algo") + 1)) ]
	signed GET /fapi/v1/userTrades symbol=BTCUSDT | is 'map(.id) | . == [1, 2]'
	signed GET /fapi/v1/income | is --argjson t "$tran" '[.[].tranId] | . == unique and max > $t'
}

@test "an order filled in part waits for the rest of it" {
	sim --state "$state"
	put BTCUSDT BUY LIMIT 3 'price=60003&timeInForce=GTC&newClientOrderId=part'
	end KILL
	sim --state "$state" --mark BTCUSDT=60100	# a start quotes anew: not at its price
	signed GET /fapi/v1/openOrders | is '.[0] | .clientOrderId == "part" and .status == "PARTIALLY_FILLED" and .executedQty == "2.000"'
	public "/fapi/v1/depth?symbol=BTCUSDT&limit=5" | is '.bids[0] == ["60096.90", "2.000"]'
	signed DELETE /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=part' | is '.status == "CANCELED" and .executedQty == "2.000"'
}

@test "what rested still fills, what waited still triggers" {
	feed
	sim --state "$state" --feed "$T/feed"
	put BTCUSDT BUY LIMIT 0.02 'price=59000&timeInForce=GTC&newClientOrderId=rests'
	put ETHUSDT BUY MARKET 1
	algo 'symbol=ETHUSDT&side=SELL&type=STOP_MARKET&triggerPrice=2900&workingType=MARK_PRICE&closePosition=true&clientAlgoId=stop'
	end KILL
	sim --state "$state" --feed "$T/feed"
	mark BTCUSDT 58900
	mark ETHUSDT 2890
	done_() {
		signed GET /fapi/v1/order 'symbol=BTCUSDT&origClientOrderId=rests' | is '.status == "FILLED"' &&
		    signed GET /fapi/v1/algoOrder clientAlgoId=stop | is '.algoStatus == "FINISHED"'
	}
	wait_for done_
	signed GET /fapi/v3/positionRisk | is 'length == 1 and .[0].symbol == "BTCUSDT"'
}

@test "a key that was made stays the account's key, unless a seed makes another" {
	sim --state "$state"
	cp "$T/sim.out" "$T/first"
	put BTCUSDT BUY MARKET 0.01
	end
	sim --state "$state"
	jq -se '.[0].key == .[1].key and .[0].secret == .[1].secret' "$T/first" "$T/sim.out"
	end
	sim --state "$state" --seed 3
	jq -se '.[0].key != .[1].key' "$T/first" "$T/sim.out"
	signed GET /fapi/v3/positionRisk | is '.[0].positionAmt == "0.010"'
}

@test "the file is its owner's alone, has the made key's secret, and none of an accounts file" {
	sim --state "$state"
	[ "$(stat -c %a "$state")" = 600 ]
	put BTCUSDT BUY MARKET 0.01
	secret=$(jq -r .secret "$T/sim.out")
	end
	[ "$(find "$T" -maxdepth 1 -name 'state*' ! -perm 600)" = '' ]
	grep -aq "$secret" "$state"
	printf '[one]\nkey = %064d\nsecret = a-secret-of-one\nbalance = USDT=1000\n' 1 >"$T/accounts"
	chmod 600 "$T/accounts"
	sim --state "$state.2" --accounts "$T/accounts"
	KEY=$(printf %064d 1) SECRET=a-secret-of-one
	put BTCUSDT BUY MARKET 0.01
	end
	grep -aq "$(printf %064d 1)" "$state.2"
	run ! grep -aq a-secret-of-one "$state.2"
}

@test "accounts are known again by name, and a new one begins as its file says" {
	account() { printf '[%s]\nkey = %064d\nsecret = s%s\nbalance = USDT=%s\n' "$1" "$2" "$2" "$3"; }
	{ account one 1 1000; account two 2 2000; } >"$T/accounts"
	chmod 600 "$T/accounts"
	sim --state "$state" --accounts "$T/accounts"
	KEY=$(printf %064d 1) SECRET=s1
	put BTCUSDT BUY MARKET 0.01
	end
	{ account three 3 3000; account two 2 9; account one 1 9; } >"$T/accounts"
	sim --state "$state" --accounts "$T/accounts"
	while read -r n balance positions; do
		KEY=$(printf %064d "$n") SECRET=s$n
		signed GET /fapi/v3/balance | is --arg b "$balance" '.[0].balance == $b'
		signed GET /fapi/v3/positionRisk | is --argjson n "$positions" 'length == $n'
	done <<-'END'
		3 3000.00000000 0
		2 2000.00000000 0
		1 999.69998500 1
	END
}

@test "hedge mode, multi-assets mode, BNB for fees and both legs are kept" {
	sim --state "$state" --balance BNB=10 --balance USDC=500
	signed POST /fapi/v1/positionSide/dual dualSidePosition=true
	signed POST /fapi/v1/multiAssetsMargin multiAssetsMargin=true
	signed POST /fapi/v1/feeBurn feeBurn=true
	put BTCUSDT BUY MARKET 0.02 positionSide=LONG
	put BTCUSDT SELL MARKET 0.03 positionSide=SHORT
	all_of_it >"$T/before"
	end KILL
	sim --state "$state"
	same_as "$T/before"
	signed GET /fapi/v3/positionRisk | is 'map([.positionSide, .positionAmt]) == [["LONG", "0.020"], ["SHORT", "-0.030"]]'
	signed GET /fapi/v1/feeBurn | is .feeBurn
}

@test "a market made up by a seed goes on with the account it had" {
	sim --state "$state" --synthetic --seed 5
	put BTCUSDT BUY MARKET 0.05
	put BTCUSDT BUY LIMIT 0.05 'price=50000&timeInForce=GTC&newClientOrderId=low'
	mark=$(public "/fapi/v1/premiumIndex?symbol=BTCUSDT" | jq -r .markPrice)
	sleep 1.2	# the lazy write of what only the market moved
	end
	sim --state "$state" --synthetic --seed 5
	signed GET /fapi/v1/openOrders | is 'map(.clientOrderId) == ["low"]'
	signed GET /fapi/v3/positionRisk | is '.[0].positionAmt == "0.050"'
	# prices go on from the last, not from 60000 again
	public "/fapi/v1/premiumIndex?symbol=BTCUSDT" | is --arg m "$mark" '(.markPrice | tonumber) / ($m | tonumber) | . > 0.98 and . < 1.02'
	put BTCUSDT SELL MARKET 0.05 reduceOnly=true
}

@test "a clock that is not the real one goes on from the time that was kept" {
	sim --state "$state" --clock step --start 2025-01-01T00:00:00Z --ledger "$T/l1"
	public "/fapi/v1/time" | is '.serverTime == 1735689600000'
	end
	sim --state "$state" --clock step
	public "/fapi/v1/time" | is '.serverTime == 1735689600000'
}

@test "two exchanges on one file: the second says who has it" {
	sim --state "$state"
	run bf-sim --state "$state"
	[ "$status" -eq 2 ]
	[[ $output == *"$state"*"in use by another bf-sim"* ]]
	public /fapi/v1/ping
	end KILL	# a lock does not outlive its holder
	sim --state "$state"
}

@test "a file that is not ours is refused by name and left as it was" {
	refused() {	# WHAT: the output says so; the file is unchanged
		run timeout 10 bf-sim --state "$state"
		[ "$status" -eq "${2:-2}" ] && [[ $output == *"$state"*"$1"* ]] || { echo "$1: $status $output"; return 1; }
	}
	echo 'some notes of mine, and no database at all' >"$state"
	chmod 600 "$state"
	refused "not a file of bf-sim's"
	[ "$(cat "$state")" = 'some notes of mine, and no database at all' ]
	rm "$state"
	mkdir "$state"
	refused '' 8
	rmdir "$state"
	mkfifo -m 600 "$state"
	refused "not a regular file"
	rm "$state"
	: >"$state"
	chmod 644 "$state"
	refused "chmod 600"
	rm "$state"
	state=$T/no/such/dir/state
	refused 'No such file' 8
}

@test "a newer layout, a damaged file and another program's database are refused" {
	sim --state "$state"
	put BTCUSDT BUY MARKET 0.01
	end
	# SQLite's header: user_version at byte 60, application_id at 68
	cp -p "$state" "$T/ours"
	printf '\0\0\0\143' | dd of="$state" bs=1 seek=60 conv=notrunc status=none
	run bf-sim --state "$state"
	[ "$status" -eq 2 ]
	[[ $output == *"its layout is 99, this bf-sim knows 1"* ]]
	cp "$T/ours" "$state"
	printf 'abcd' | dd of="$state" bs=1 seek=68 conv=notrunc status=none
	run bf-sim --state "$state"
	[ "$status" -eq 2 ]
	[[ $output == *"another program"* ]]
	cp "$T/ours" "$state"
	truncate -s 8192 "$state"
	run bf-sim --state "$state"
	[ "$status" -eq 2 ] || [ "$status" -eq 8 ]
	[[ $output == *"$state"* ]]
	# a decimal that is none
	cp "$T/ours" "$state"
	at=$(grep -abo '0\.30001500' "$state" | head -n 1 | cut -d: -f1)
	printf 'x' | dd of="$state" bs=1 seek="$at" conv=notrunc status=none
	run bf-sim --state "$state"
	[ "$status" -eq 2 ]
	[[ $output == *"damaged"* ]]
	cp "$T/ours" "$state"
	sim --state "$state"
}

@test "rows that cannot be are refused by the table's name, and fill no memory" {
	command -v sqlite3 >/dev/null || skip "no sqlite3 here"
	sim --state "$state"
	put BTCUSDT BUY MARKET 0.01
	put BTCUSDT BUY LIMIT 0.01 'price=59000&timeInForce=GTC'
	algo 'symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.01&callbackRate=1' | is .algoId
	end
	cp "$state" "$T/ours"
	while IFS='|' read -r says table set; do
		cp "$T/ours" "$state"
		sqlite3 "$state" "UPDATE $table SET $set WHERE seq = (SELECT max(seq) FROM $table)"
		status=0
		(ulimit -t 20; exec timeout 20 bf-sim --state "$state") >"$T/out" 2>"$T/err" || status=$?
		[ "$status" -eq 2 ] && grep -q -- "--state $state: .*$says" "$T/err" || { echo "$set: $status $(cat "$T/err")"; false; }
	done <<-'END'
		orders: |orders|id = 1099511627776
		orders: |orders|id = -1
		symbols: |symbols|next_id = 9223372036854775807
		orders.side|orders|side = 0
		orders.type|orders|type = 99
		orders.status|orders|status = -1
		orders.pos_mode|orders|pos_mode = 3
		trades.pos_mode|trades|pos_mode = -1
		legs: |legs|amt = '1099511627776'
		legs: |legs|paid = '99999999999999999999999999999999999999'
		algos: |algos|callback = '99999999999999999999999999999999999999'
		algos: |algos|extreme = '99999999999999999999999999999999999999'
		algos: |algos|type = 0
	END
}

@test "a start that is refused leaves the file as it was" {
	sim --state "$state"
	put BTCUSDT BUY MARKET 0.01
	end
	cp "$state" "$T/was"
	printf '[default]\nkey = %064d\nsecret = s\n[new]\nkey = %064d\nsecret = s\nposition = BTCUSDT:99999\n' 1 2 >"$T/accounts"
	chmod 600 "$T/accounts"
	run bf-sim --state "$state" --accounts "$T/accounts"
	[ "$status" -eq 2 ]
	cmp "$state" "$T/was"
}

@test "a symbol that is listed no more is said and passed over, the rest is there" {
	sim --state "$state"
	put BTCUSDT BUY MARKET 0.01
	put DOGEUSDT BUY LIMIT 500 'price=0.18&timeInForce=GTC'
	end
	sim --state "$state" --symbols BTCUSDT
	grep -q 'not listed any more' "$T/sim.err"
	signed GET /fapi/v3/positionRisk | is 'map(.symbol) == ["BTCUSDT"]'
	signed GET /fapi/v1/openOrders | is '. == []'
}

@test "a disk that is full ends the exchange with 8, and what was answered is kept" {
	sim --state "$state"
	put BTCUSDT BUY MARKET 0.01
	end
	# ulimit -f: blocks of 1024 bytes; bf-sim ignores the signal, the write fails
	size=$(($(stat -c %s "$state") / 1024 + 400))
	rm "$T/sim.out"		# the ready line of the first one must not be taken for this one's
	(
		ulimit -f "$size"
		exec bf-sim --profile-out sim --state "$state" >"$T/sim.out" 2>"$T/sim.err" 3>&- 4>&-
	) &
	SIM_PID=$!
	SIM_PIDS="$SIM_PIDS $SIM_PID"
	wait_for grep -q '"rest"' "$T/sim.out"
	SIM_REST=$(jq -r .rest "$T/sim.out")
	n=1
	while put BTCUSDT BUY MARKET 0.001 2>/dev/null; do
		n=$((n + 1))
		[ "$n" -lt 400 ]
	done
	wait "$SIM_PID" && status=0 || status=$?
	[ "$status" -eq 8 ]
	grep -q "$state" "$T/sim.err"
	sim --state "$state"
	signed GET /fapi/v1/allOrders 'symbol=BTCUSDT&limit=1000' | is --argjson n "$n" 'length >= $n'
}
