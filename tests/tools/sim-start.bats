# How bf-sim starts: what it is told, what it refuses and in which words, where
# it listens, and who gets to know its secrets.

setup() {
	load ../helper
	load ../simclient
	load ../answers
	home
	conf=$T/accounts
}

teardown() { home_end; }

# accounts < TEXT: an accounts file, private.
accounts() { (umask 077 && cat >"$conf"); }
data() { [ -n "${BF_TEST_DATA:-}" ] || skip "no recorded data (BF_TEST_DATA is not set)"; }
# refused STATUS WORDS bf-sim's options: said on stderr, nothing on stdout.
refused() {
	run --separate-stderr timeout 10 bf-sim "${@:3}" </dev/null
	[ "$status" -eq "$1" ] && [ -z "$output" ] && [[ $stderr == *"$2"* ]] ||
	    { echo "${*:3}: $status, $output $stderr; wanted: $2"; return 1; } >&2
}

@test "it is there at once" {
	local before=${EPOCHREALTIME/./} line
	exec 5< <(exec bf-sim 3>&- 4>&-)
	SIM_PIDS=$!
	read -r line <&5
	echo "# start-up $(((${EPOCHREALTIME/./} - before) / 1000)) ms" >&3
	[[ $line == '{"e":"bf.sim"'* ]]
}

# --- accounts ---

@test "an accounts file that cannot be is refused by file, line, key, value and rule" {
	key=$(printf %064d 1)
	good="[one]"$'\n'"key = $key"$'\n'"secret = hush-hush"
	while IFS='|' read -r text where why; do
		printf '%b\n' "${text//GOOD/$good}" | accounts
		refused 2 "accounts:$where" --accounts "$conf" && [[ $stderr == *"$why"* && $stderr != *hush-hush* ]] ||
		    { echo "$text: $stderr; wanted: $where $why"; false; }
	done <<-'END'
		key = abc|1: key|before the first [account]
		[one]\nkey = abc\nsecret|3: |not `key = value`
		[one]\nnonsense|2: |not `key = value`
		[one\nkey = abc|1: |not `key = value`
		[one two]\nkey = abc|2: one two|1 to 31 letters
		[one]\nkey = a b\nsecret = hush-hush|2: key: a b|blank
		[one]\nkey =|2: key|empty
		[one]\nkey = abc|2: one|either secret or public_key_file
		[one]\nsecret = hush-hush|2: one|has no key
		GOOD\nsecret = again|4: secret|said twice
		GOOD\nsecret = hush-hush\tx|4: secret|said twice
		[one]\nkey = abc\nsecret = hush-hush x|3: secret|blank
		GOOD\npublic_key_file = nothing.pem|4: public_key_file: nothing.pem|No such file
		GOOD\npublic_key_file = accounts|4: public_key_file: accounts|not a public key in PEM
		GOOD\ncolour = blue|4: colour|unknown key
		GOOD\nhedge = perhaps|4: hedge: perhaps|yes or no
		GOOD\nfee_tier = 12|4: fee_tier: 12|0 to 9
		GOOD\nbalance = USDT|4: |ASSET=AMT
		GOOD\nbalance = USDT=1 SHELLS=5|4: |no such wallet
		GOOD\nbalance = USDT=-1|4: |0 or more
		GOOD\n# two lines on\n\nposition = NOSUCH:1|6: |there is no NOSUCH here
		GOOD\nposition = BTCUSDT:0.0001|4: |
		GOOD\nleverage = BTCUSDT=200|4: |1 to 125
		GOOD\nmargin_type = BTCUSDT=both|4: |isolated or crossed
		GOOD\n[two]\nkey = abc\nsecret = b\n[one]\nhedge = yes|8: one|there already
		GOOD\n[two]\nkey = 0000000000000000000000000000000000000000000000000000000000000001\nsecret = b|5: key|another account has this key
		GOOD\nbalance = USDT=100\nbalance = BTC=1,\n    BNB=x|6: |ASSET=AMT
	END
}

@test "an accounts file is read by nobody but its owner" {
	printf '[one]\nkey = %064d\nsecret = s\n' 1 | accounts
	chmod 644 "$conf"
	refused 2 "chmod 600 $conf" --accounts "$conf"
	refused 2 'No such file' --accounts "$T/none"
	refused 2 'not a regular file' --accounts "$T"
	: >"$conf"
	refused 2 "has no [account]" --accounts "$conf"
	printf '[one]\nkey = %064d\nsecret = \0s\n' 1 | accounts
	refused 2 'NUL' --accounts "$conf"
}

@test "options for the one account do not mix with a file of accounts" {
	printf '[one]\nkey = %064d\nsecret = s\n' 1 | accounts
	for o in '--account 5' '--balance BTC=1' '--position BTCUSDT:1' '--leverage BTCUSDT=5' \
	    '--margin-type BTCUSDT=isolated' '--hedge' '--multi-assets'; do
		# shellcheck disable=SC2086
		refused 2 --accounts --accounts "$conf" $o
	done
}

@test "accounts of a file are named, not shown, and each has what the file says" {
	openssl genpkey -algorithm ed25519 -out "$T/ed" 2>/dev/null
	openssl pkey -in "$T/ed" -pubout -out "$T/ed.pub"
	accounts <<-END
		# a comment
		[maker]
		key = $(printf %064d 1)
		secret = hush-one
		balance = USDT=2500, BNB=3
		    coinm.BTC=0.5
		position = BTCUSDT:0.01@59000
		leverage = BTCUSDT=10
		fee_tier = 3

		[hedger]
		key = $(printf %064d 2)
		secret = hush-two
		hedge = yes
		balance = USDT=100

		[reader]
		key = $(printf %064d 3)
		public_key_file = ed.pub
		can_trade = no
	END
	sim --accounts "$conf"
	is '.accounts == ["maker", "hedger", "reader"] and (has("key") or has("secret") | not)' <"$T/sim.out"
	run ! grep -r 'hush-' "$T/sim.out" "$T/sim.err" "$T/ledger"
	KEY=$(printf %064d 1) SECRET=hush-one
	signed GET /fapi/v3/balance | is 'map({(.asset): .balance}) | add | .USDT == "2500.00000000" and .BNB == "3.00000000"'
	signed GET /dapi/v1/balance | is 'any(.[]; .asset == "BTC" and .balance == "0.50000000")'
	signed GET /fapi/v3/positionRisk | is '.[0].positionAmt == "0.010" and .[0].entryPrice == "59000"'
	signed GET /fapi/v1/symbolConfig symbol=BTCUSDT | is '.[0].leverage == 10'
	signed GET /fapi/v1/accountConfig | is '.feeTier == 3'
	KEY=$(printf %064d 2) SECRET=hush-two
	signed GET /fapi/v1/positionSide/dual | is .dualSidePosition
	signed GET /fapi/v3/positionRisk | is '. == []'
	# ccxt skips a wallet that has no time
	signed GET /fapi/v3/account | is '.assets | map({(.asset): .updateTime}) | add | .USDT > 0 and .BNB == 0'
	KEY=$(printf %064d 3)
	sign() {
		printf %s "$1" >"$T/message"
		openssl pkeyutl -sign -inkey "$T/ed" -rawin -in "$T/message" | openssl base64 -A | sed 's/+/%2B/g; s/\//%2F/g; s/=/%3D/g'
	}
	signed GET /fapi/v1/accountConfig | is '.canTrade == false'
	signed POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01' | is '.code == -2015'
}

# --- the command line ---

@test "an option that cannot be is refused by name, with the rule" {
	touch "$T/empty"
	while IFS='|' read -r args why; do
		# shellcheck disable=SC2086
		refused 2 "${why}" $args
		set -- $args
		[[ $stderr == *"${1#--}"* ]] || { echo "$args: $stderr"; false; }
	done <<-END
		--port 70000|0 to 65535
		--port x|whole number
		--regime wild|calm, trend, spike, crash or thin
		--regime calm|add --synthetic
		--position BTCUSDT:0.0105|0.010 would do
		--position BTCUSDT:-20000x|-1000.000 would do
		--synthetic --feed -|one market at a time
		--clock fast|real, virtual or step
		--clock step --speed 2|stands still
		--speed 2|--clock virtual
		--speed 2 --synthetic|--clock virtual
		--start tomorrow|2025-10-10T21:00:00Z
		--chaos 1.1|0 to 1
		--latency -1|0 to 60000
		--symbols NOSUCH|NOSUCH is not built in
		--symbols ,|names none
		--brackets $T/empty|--exchange-info
		--order-limit 0|1 to
		--listen-key-life 0|1 to
		--seed -1|whole number
		--feed $T|Is a directory
		--feed $T/none|No such file
		--faults $T/none|No such file
		--balance SHELLS=5|no such wallet
		--balance coinm.USDT=5|COIN-M has no such wallet
		--mark =5|SYMBOL=VALUE
		--nonsense|unknown option
		operand|no operands
		--port|needs an argument
	END
}

@test "a feed that says nothing sensible is not refused, each line is" {
	head -c 3000 /dev/urandom | tr -d '\n' >"$T/noise"
	printf '\n{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"61000"}\n' >>"$T/noise"
	sim --feed "$T/noise"
	[ "$(wc -l <"$T/sim.err")" -eq 1 ]
	grep -q 'line 1: .*passed over' "$T/sim.err"
	run ! grep -aq '[^ -~]' "$T/sim.err"
	public '/fapi/v1/premiumIndex?symbol=BTCUSDT' | is '.markPrice == "61000.00000000"'
}

@test "a port in use, a ledger that cannot be written: 8, and what is the matter" {
	sim
	refused 8 "port ${SIM_REST##*:}: Address already in use" --port "${SIM_REST##*:}"
	refused 8 "$T/none/ledger" --ledger "$T/none/ledger"
	sim_as other --port 0
	[ "$(jq -r .rest "$T/other.out")" != "$(jq -r .rest "$T/sim.out")" ]
}

# --- where it listens ---

# Whether a port of this machine's own address (not loopback) answers.
outside() { curl -s -m 2 --noproxy '*' "http://$1:${SIM_REST##*:}/fapi/v1/ping" >/dev/null; }

@test "it listens on loopback alone, unless told the address in as many words" {
	sim
	grep -q '^http://127.0.0.1:' <<<"$SIM_REST"
	[ ! -s "$T/sim.err" ]
	me=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 '^[0-9.]*$') || true
	[ -z "$me" ] || run ! outside "$me"
	sim --listen 127.0.0.2
	[[ $SIM_REST == http://127.0.0.2:* && $SIM_WS == ws://127.0.0.2:* ]]
	[ ! -s "$T/sim.err" ]
	public /fapi/v1/ping | is '. == {}'
	grep -qx "rest = $SIM_REST" "$XDG_CONFIG_HOME/bf/profiles/sim"
	sim --listen 0.0.0.0
	grep -q -- '--listen 0.0.0.0: anybody who reaches this machine' "$T/sim.err"
	grep -q '^http://127.0.0.1:' <<<"$SIM_REST"
	public /fapi/v1/ping | is '. == {}'
	if [ -n "$me" ]; then
		outside "$me"
		# the control path is for this machine only
		[ "$(curl -s -m 2 --noproxy '*' -o /dev/null -w '%{http_code}' "http://$me:${SIM_REST##*:}/sim/v1/status")" != 200 ]
	fi
}

@test "an address that is none, or not this machine's, is refused" {
	for a in localhost 127.0.0 300.1.1.1 ::1 '' all; do
		refused 2 'not an IPv4 address' --listen "$a"
	done
	refused 8 "192.0.2.1" --listen 192.0.2.1
}

# --- contracts ---

@test "--symbols leaves the rest of the built-in contracts out" {
	sim --symbols ETHUSDT,BTCUSD_PERP --symbols BTCUSDT
	public /fapi/v1/exchangeInfo | is '[.symbols[].symbol] | sort == ["BTCUSDT", "ETHUSDT"]'
	public /dapi/v1/exchangeInfo | is '[.symbols[].symbol] == ["BTCUSD_PERP"]'
	public '/fapi/v1/depth?symbol=SOLUSDT' | is '.code == -1121'
}

@test "the recorded contracts of the testnet are listed with their own rules" {
	data
	gunzip -c "$BF_TEST_DATA/usdm/rest-exchangeInfo-testnet-2025-11-26.json.gz" >"$T/info"
	gunzip -c "$BF_TEST_DATA/usdm/derived-leverageBracket-mainnet-2024-10-24.json.gz" >"$T/brackets"
	stepped --exchange-info "$T/info" --brackets "$T/brackets" --leverage SUIUSDT=5 --start 2025-11-26T00:00:00Z
	public /fapi/v1/exchangeInfo >"$T/ours"
	for f in "$T/info" "$T/ours"; do	# what a client would compare
		jq -cS '.symbols[] | select(.status == "TRADING") | [.symbol, .pair, .contractType, .baseAsset, .quoteAsset,
		    .marginAsset, .pricePrecision, .quantityPrecision, .onboardDate, (.filters |
		    map(select(.filterType | IN("PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "MIN_NOTIONAL", "PERCENT_PRICE"))) |
		    map(map_values(tostring | if test("^[0-9.]+$") then tonumber else . end)) | sort_by(.filterType))]' "$f" | sort >"$f.rules"
	done
	[ "$(wc -l <"$T/info.rules")" -gt 500 ]
	comm -23 "$T/info.rules" "$T/ours.rules" >"$T/lost"
	[ "$(jq -r '.[0]' "$T/lost")" = UXLINKUSDT ]	# was over by then
	jq -c 'map(select(.symbol == "SUIUSDT"))[0].brackets | map([.initialLeverage, .notionalCap, .maintMarginRatio, .cum])' "$T/brackets" >"$T/want"
	signed GET /fapi/v1/leverageBracket symbol=SUIUSDT | jq -c '.[0].brackets | map([.initialLeverage, .notionalCap, .maintMarginRatio, .cum])' >"$T/got"
	diff <(jq -S . "$T/want") <(jq -S . "$T/got")
}

@test "a contract of a file has a market once its price is known" {
	data
	gunzip -c "$BF_TEST_DATA/coinm/rest-exchangeInfo-mainnet-2021-07-22.json.gz" >"$T/info"
	sim --exchange-info "$T/info" --mark ADAUSD_PERP=1.2 --balance coinm.ADA=1000 --leverage ADAUSD_PERP=5
	public /dapi/v1/exchangeInfo | is '.symbols | length >= 36'
	public '/dapi/v1/ticker/bookTicker?symbol=ADAUSD_PERP' | is '.[0] | (.bidPrice | tonumber) < 1.2 and (.askPrice | tonumber) > 1.2'
	signed POST /dapi/v1/order 'symbol=ADAUSD_PERP&side=BUY&type=MARKET&quantity=3' | is '.orderId > 0'
	signed GET /dapi/v1/positionRisk pair=ADAUSD | is 'map(select(.symbol == "ADAUSD_PERP"))[0].positionAmt == "3"'
}

@test "files of contracts that are none are refused by name" {
	echo '{"symbols":7}' >"$T/info"
	refused 2 "$T/info: not an exchangeInfo answer" --exchange-info "$T/info"
	echo '{"symbols":[' >"$T/info"
	refused 2 "$T/info: byte" --exchange-info "$T/info"
	refused 2 "$T/none: No such file" --exchange-info "$T/none"
	refused 2 "$T: cannot be read" --exchange-info "$T"
	echo '{"symbols":[]}' >"$T/info"
	refused 2 "$T/info: not a leverageBracket answer" --exchange-info "$T/info" --brackets "$T/info"
}

# --- the same again ---

# A dialogue with a market on a stepped clock; its bytes are in $T/$1.
dialogue() {
	stepped --start 2025-03-01T00:00:00Z --synthetic --seed "$2"
	local i path
	ws "public.$1" /public/ws/btcusdt@depth@100ms
	ws "market.$1" '/market/stream?streams=btcusdt@aggTrade/ethusdt@markPrice@1s/btcusdt@kline_1m'
	for i in 1 2 3 4 5; do
		step 900
		signed POST /fapi/v1/order "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0$i&newOrderRespType=RESULT"
		signed POST /fapi/v1/order "symbol=ETHUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=3${i}00"
		for path in 'depth?symbol=BTCUSDT&limit=100' 'trades?symbol=ETHUSDT' premiumIndex 'klines?symbol=BTCUSDT&interval=1h' ticker/24hr; do
			public "/fapi/v1/$path"
		done
		signed GET /fapi/v3/account
	done >"$T/said.$1"
	wait_for got "market.$1" aggTrade
	kill "$SIM_PID"
	wait "$SIM_PID"
	for i in public market; do
		wait_for got "$i.$1" '^fin'
	done
	mv "$T/ledger.sim" "$T/ledger.$1"
}

@test "the same seed and the same requests give the same bytes, another seed others" {
	dialogue a 7
	dialogue b 7
	dialogue c 8
	for what in said public market ledger; do
		[ -s "$T/$what.a" ]
		cmp "$T/$what.a" "$T/$what.b"
		run ! cmp -s "$T/$what.a" "$T/$what.c"
	done
	[ "$(count public.a depthUpdate)" -ge 8 ]
}

# --- secrets ---

@test "the made secret is in the ready line and the profile, and nowhere else" {
	sim --state "$T/state"
	signed GET /fapi/v3/account >"$T/o1"
	listen_key >"$T/o2"
	user
	signed POST /fapi/v1/order 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01' >"$T/o3"
	q="timestamp=$(now)"
	keyed GET "/fapi/v3/account?$q&signature=$(sign "$q$SECRET")" >"$T/o4"	# refused
	keyed GET "/fapi/v3/account?apiSecret=$SECRET&timestamp=x&signature=$SECRET" >"$T/o5"	# a client's mistake
	for p in status faults; do public "/sim/v1/$p"; done >"$T/o6"
	event '.e == "ORDER_TRADE_UPDATE"'
	[ "$(grep -c "$SECRET" "$T/sim.out")" -eq 1 ]
	grep -q "$SECRET" "$XDG_CONFIG_HOME/bf/profiles/sim"
	run ! grep -aq "$SECRET" "$T"/o[123456] "$T/sim.err" "$T/u"
	run ! grep -q signature= "$T/ledger.sim"
	# not in what others may read of the process
	run ! grep -aq "$SECRET" "/proc/$SIM_PID/cmdline" "/proc/$SIM_PID/environ"
	awk '/^Max core file size/ { exit $5 != 0 || $6 != 0 }' "/proc/$SIM_PID/limits"
	kill "$SIM_PID"
	wait "$SIM_PID"
	[ ! -e "$XDG_CONFIG_HOME/bf/profiles/sim" ]
	[ "$(stat -c %a "$T/state")" = 600 ]
}
