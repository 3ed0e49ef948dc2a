#!/usr/bin/env bats
# Market data to other machines and back (examples/fanout): the envelope by itself, and real servers of the test's own.

setup() {
	load ../helper
	home
	F=$BATS_TEST_DIRNAME/../../examples/fanout
}
teardown() { home_end; }

need() { local p; for p; do command -v "$p" >/dev/null || PATH=$PATH:/usr/sbin command -v "$p" >/dev/null || skip "no $p here (./bootstrap recipes)"; done; }
# A port that nothing listens on now. serve tries again where somebody was faster.
port() {
	local i
	for ((i = 0; i < 50; i++)); do
		PORT=$((20000 + RANDOM % 12000))
		(: <>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null || return 0
	done
	return 1
}
# serve READY COMMAND...: with PORT in it; READY succeeds once it answers.
serve() {
	local ready=$1 i
	shift
	for ((i = 0; i < 5; i++)); do
		port
		bg "exec ${*//PORT/$PORT} >>'$T/server' 2>&1"
		wait_for $ready && return 0
	done
	cat "$T/server" >&2
	return 1
}
# Events with what could go wrong: digits beyond 2^53, backslashes, quotes, blanks, a gap of no symbol.
events() {
	cat <<-'END'
	{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"60000.10"}
	{"e":"aggTrade","E":2,"s":"ETHUSDT","a":8389765606284283461,"p":"3000"}
	{"e":"bf.gap","E":3,"by":"bf-stream","why":"connection \"lost\" \\ in the C:\\way's end $HOME `id` %s"}
	{"e":"markPriceUpdate","E":4,"s":"BTCUSDT","p":"60000.20"}
	{"e":"bf.gap","E":5,"by":"bf-stream","s":"ETHUSDT","stream":"ethusdt@aggTrade","lost":3}
	END
}
same() { [ "$(sort "$T/got")" = "$(events | sort)" ]; }
got() { [ "$(grep -c . "$T/got")" -ge "$1" ]; }
# Those of one symbol have kept their order.
in_order() { for s in BTCUSDT ETHUSDT; do [ "$(grep "$s" "$T/got")" = "$(events | grep "$s")" ] || return 1; done; }

@test "wrap and unwrap give every byte back; what comes twice is dropped, what is lost is a bf.gap" {
	events | "$F/wrap" >"$T/w"
	[ "$(cut -f1 "$T/w" | paste -sd' ')" = "BTCUSDT ETHUSDT bf BTCUSDT ETHUSDT" ]
	cut -f2 "$T/w" | jq -se 'length == 5'
	"$F/unwrap" <"$T/w" | cmp - <(events)
	# each twice, and an old one again at the end
	{ sed p "$T/w"; head -n 1 "$T/w"; } | "$F/unwrap" | cmp - <(events)
	for i in 1 2 3 4 5 6; do printf '{"e":"x","s":"A","i":%d}\n' $i; done | "$F/wrap" >"$T/w"
	sed -e 2,3d "$T/w" | "$F/unwrap" >"$T/got"
	jq -sc '[.[] | [.e, .why, .missing]] | .[1]' "$T/got" | is '. == ["bf.gap", "lost on the way", 2]'
	[ "$(jq -c .i "$T/got" | paste -sd' ')" = "1 null 4 5 6" ]
	sed -n '3,$p' "$T/w" | "$F/unwrap" | head -n 1 | is '.why == "begun in the middle" and .missing == 2 and .s == "A" and .E > 1600000000000'
}

@test "a sender that begins anew is told; a late line of the run before is not given any more" {
	for i in 1 2; do printf '{"e":"x","s":"A","i":%d}\n' $i; done | "$F/wrap" >"$T/1"
	printf '{"e":"x","s":"A","i":3}\n' | "$F/wrap" >"$T/2"
	cat "$T/1" "$T/2" "$T/1" | "$F/unwrap" >"$T/got"
	[ "$(jq -c '.i // .why' "$T/got" | paste -sd' ')" = '1 2 "the sender began anew" 3' ]
}

@test "an order intent is refused: these ways may deliver twice" {
	for line in '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"1"}' '{"op":"cancel","symbol":"BTCUSDT"}' 'x'; do
		run --separate-stderr "$F/wrap" <<<"$line"
		[ "$status" -eq 1 ]
		[ "$output" = '' ]
		[[ $stderr == *"intents do not travel this way"* ]]
	done
	run "$F/unwrap" <<<$'BTCUSDT\t{"symbol":"BTCUSDT","side":"BUY"}'
	[ "$output" = "unwrap: line 1: not of wrap, passed over" ]
}

answers() { [ "$(redis-cli -p "$PORT" ping)" = PONG ]; }
redis() { need redis-server redis-cli; mkdir "$T/redis"; serve answers redis-server --port PORT --bind 127.0.0.1 --save "''" --dir "'$T/redis'"; }

@test "Redis: streams a symbol, a group that goes on where it was, what was not acknowledged again" {
	redis
	events | "$F/to-redis" bf -p "$PORT"
	[ "$(redis-cli -p "$PORT" xlen bf:BTCUSDT)" = 2 ]
	BF_ONCE=1 "$F/from-redis" bf g1 BTCUSDT ETHUSDT bf -- -p "$PORT" >"$T/got"
	same
	in_order
	[ "$(redis-cli -p "$PORT" xpending bf:BTCUSDT g1 | head -n 1)" = 0 ]
	# given to the consumer, which died before it said so
	events | "$F/to-redis" bf -p "$PORT"
	redis-cli -p "$PORT" xreadgroup GROUP g1 one COUNT 1 STREAMS bf:BTCUSDT '>' >/dev/null
	BF_ONCE=1 "$F/from-redis" bf g1 BTCUSDT ETHUSDT bf -- -p "$PORT" >"$T/got"
	same
}

@test "Redis: bf-stream through it, live, byte for byte; entries that were trimmed away are a bf.gap" {
	redis
	sim --synthetic
	bg "'$F/from-redis' bf g1 BTCUSDT bf -- -p $PORT >'$T/got'"
	wait_for redis-cli -p "$PORT" --no-raw -e xinfo groups bf:bf
	bf-stream --count 40 markPrice bookTicker BTCUSDT 2>/dev/null | tee "$T/sent" | "$F/to-redis" bf -p "$PORT"
	wait_for got "$(grep -c . "$T/sent")"
	[ "$(grep '"s":"BTCUSDT"' "$T/got")" = "$(grep '"s":"BTCUSDT"' "$T/sent")" ]
	for i in 1 2 3 4 5 6 7 8; do printf '{"e":"x","s":"CUT","i":%d}\n' $i; done | "$F/to-redis" bf -p "$PORT"
	redis-cli -p "$PORT" xtrim bf:CUT MAXLEN 3 >/dev/null
	BF_ONCE=1 "$F/from-redis" bf g1 CUT -- -p "$PORT" | head -n 1 | is '.e == "bf.gap" and .missing == 5'
}

@test "Redis: an entry that is not taken ends the sender, with the reason" {
	redis
	redis-cli -p "$PORT" set bf:BTCUSDT string >/dev/null
	run --separate-stderr sh -c "printf '%s\n' '{\"e\":\"x\",\"s\":\"BTCUSDT\"}' | '$F/to-redis' bf -p $PORT"
	[ "$status" -eq 1 ]
	[[ $stderr == *WRONGTYPE* ]]
}

listens() { mosquitto_pub -p "$PORT" -t up -m 1; }

@test "MQTT: a topic a symbol, QoS 1 while nobody was there, the last mark price retained" {
	need mosquitto mosquitto_pub mosquitto_sub
	PATH=$PATH:/usr/sbin
	# as root it would become a user who may not read its own folder here
	serve listens "sh -c 'printf \"listener PORT 127.0.0.1\nallow_anonymous true\nuser $(id -un)\n\" >$T/m.conf; exec mosquitto -c $T/m.conf'"
	# a subscriber that the broker knows, and that is away
	mosquitto_sub -p "$PORT" -i me -c -q 1 -t 'bf/+' -E
	events | "$F/to-mqtt" bf -p "$PORT"
	bg "'$F/from-mqtt' bf -p $PORT -i me -c >'$T/got'"
	wait_for got 5
	same
	in_order
	[ "$(mosquitto_sub -p "$PORT" -t 'bf/+/mark' -C 1 -W 10)" = '{"e":"markPriceUpdate","E":4,"s":"BTCUSDT","p":"60000.20"}' ]
}

# BROKERS: of BF_KAFKA, or of librdkafka's mock cluster.
kafka() {
	need kcat
	TOPIC=bf-test-$$-$RANDOM
	if [ -n "${BF_KAFKA:-}" ]; then
		BROKERS=$BF_KAFKA
		return
	fi
	if kcat -h 2>&1 | grep -q '^ *-M'; then
		bg "exec kcat -M 3 >'$T/mock' 2>&1"
	else
		# shellcheck disable=SC2046 # words
		cc -o "$T/kafkamock" "$BATS_TEST_DIRNAME/kafkamock.c" $(pkg-config --cflags --libs rdkafka 2>/dev/null) -lrdkafka 2>/dev/null ||
			skip "no BF_KAFKA names a broker, this kcat has no mock cluster, and there is no librdkafka to build one"
		mkfifo "$T/hold"
		bg "exec '$T/kafkamock' <>'$T/hold' >'$T/mock' 2>&1"
	fi
	wait_for grep -q BROKERS= "$T/mock"
	BROKERS=$(sed -n 's/^BROKERS=//p' "$T/mock")
}

@test "Kafka (a mock cluster; a real one if BF_KAFKA names it): the key is the symbol, a group keeps its offset" {
	kafka
	events | "$F/to-kafka" "$BROKERS" "$TOPIC"
	run kcat -C -q -e -b "$BROKERS" -t "$TOPIC" -f '%k\n'
	[ "$(sort -u <<<"$output" | paste -sd' ')" = "BTCUSDT ETHUSDT bf" ]
	bg "'$F/from-kafka' '$BROKERS' '$TOPIC' g1 -X auto.commit.interval.ms=100 >'$T/got'"
	wait_for got 5
	same
	in_order
	# another run of the sender: told, and nothing of the first one comes again
	events | "$F/to-kafka" "$BROKERS" "$TOPIC"
	wait_for got 13
	jq -s '[.[] | select(.why == "the sender began anew")] | length' "$T/got" | is '. == 3'
	[ "$(grep -vF 'began anew' "$T/got" | sort | uniq -c | awk '{ print $1 }' | sort -u)" = 2 ]
}
