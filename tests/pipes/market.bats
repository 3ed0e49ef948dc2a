#!/usr/bin/env bats
# bf-stream on recordings of the real exchange: the books that are known to be right, and
# what goes into a recording comes out of it.

setup() {
	load ../helper
	home
	[ -n "${BF_TEST_DATA:-}" ] || skip "BF_TEST_DATA is not set: no recorded data"
}
teardown() { home_end; }

# last FILE SYMBOL SNAPSHOT: the last book of a recording, all levels.
last() { bf-stream --replay "$BF_TEST_DATA/$1" --speed max --book 20000 --snapshot "$BF_TEST_DATA/$3" "$2" | tail -n 1; }

@test "the book at the end of the USD-M recording of 2024 has the figures that are known" {
	last usdm/ws-btcusdt-2024-08-08.ndjson.gz BTCUSDT usdm/ws-btcusdt-2024-08-08.rest-depth-btcusdt.json >"$T/book"
	is '[.u, (.b | length), (.a | length), .b[0], .a[0]] ==
		[5123135475514, 5018, 4578, ["61659.70", "1.486"], ["61659.80", "0.981"]]' <"$T/book"
}

@test "and that of COIN-M" {
	last coinm/ws-btcusd_perp-2024-08-08.ndjson.gz BTCUSD_PERP coinm/ws-btcusd_perp-2024-08-08.rest-depth-btcusd_perp.json >"$T/book"
	is '[.u, (.b | length), (.a | length), .b[0], .a[0]] ==
		[1007199876970, 1155, 1243, ["61741.9", "1739"], ["61742.0", "1697"]]' <"$T/book"
}

@test "four books of one recording, each from its own snapshot" {
	local s d=$BF_TEST_DATA/usdm/ws-sushi_akro_keep_ctk-2021-07-22 snaps=()
	for s in sushi akro keep ctk; do snaps+=(--snapshot "${s^^}USDT=$d.rest-depth-${s}usdt.json"); done
	bf-stream --replay "$d.ndjson.gz" --speed max --book 1 "${snaps[@]}" >"$T/books"
	jq -s 'map(select(.e == "depthUpdate")) | group_by(.s) | map(.[-1]) | map([.s, .b[0][0], .a[0][0]])' "$T/books" >"$T/tops"
	is '. == [["AKROUSDT", "0.01734", "0.01735"], ["CTKUSDT", "1.01100", "1.01200"], ["KEEPUSDT", "0.2463", "0.2467"],
		["SUSHIUSDT", "7.6120", "7.6160"]]' <"$T/tops"
}

# A bookTicker with the update id of a change is the top of the book after that change.
@test "each of the 629 best bids and asks that can be compared is the top of the book" {
	local d=$BF_TEST_DATA/usdm/ws-btcusdt-2024-08-08
	bf-stream --replay "$d.ndjson.gz" --speed max depth BTCUSDT --jq '{k: 0, u}' >"$T/all"
	bf-stream --replay "$d.ndjson.gz" --speed max --book 1 --snapshot "$d.rest-depth-btcusdt.json" BTCUSDT \
		--jq '{k: 1, u, top: (.b[0] + .a[0])}' >>"$T/all"
	bf-stream --replay "$d.ndjson.gz" --speed max bookTicker BTCUSDT --jq '{k: 2, u, top: [.b, .B, .a, .A]}' >>"$T/all"
	# in the order of u: a change, the book it made (if the top changed), the ticker
	jq -n -c '[inputs] | sort_by(.u, .k) | reduce .[] as $x ({n: 0, same: 0};
		if $x.k == 0 then .change = $x.u
		elif $x.k == 1 then .top = $x.top
		elif $x.u == .change and .top != null then .n += 1 | if .top == $x.top then .same += 1 else . end
		else . end) | [.n, .same]' "$T/all" >"$T/same"
	is '. == [629, 629]' <"$T/same"
}

@test "a change that is missing from a recording is seen" {
	local d=$BF_TEST_DATA/usdm/ws-btcusdt-2024-08-08
	gzip -dc "$d.ndjson.gz" | awk '!(/depthUpdate/ && ++n == 3000)' >"$T/cut"
	bf-stream --replay "$T/cut" --speed max --book 1 --snapshot "$d.rest-depth-btcusdt.json" BTCUSDT >"$T/out"
	jq -s '[.[] | select(.e == "bf.gap")] | length == 1 and .[0].what == "book" and .[0].s == "BTCUSDT"' "$T/out" | grep -q true
	[ "$(tail -n 1 "$T/out" | jq -r .e)" = bf.gap ]
}

@test "recorded, replayed and recorded again: the same records in the same order" {
	local f=usdm/ws-sushi_akro_keep_ctk-2021-07-22.ndjson.gz
	gzip -dc "$BF_TEST_DATA/$f" >"$T/feed"
	gzip -dc "$BF_TEST_DATA/usdm/rest-exchangeInfo-mainnet-2021-07-22.json.gz" >"$T/info"
	sim --feed "$T/feed" --speed max --feed-start subscriber --exchange-info "$T/info"
	bf-stream --record "$T/rec" --count 100 bookTicker SUSHIUSDT AKROUSDT >"$T/live" 2>"$T/err"
	bf-stream --replay "$T/rec" --speed max bookTicker >"$T/again"
	cmp <(grep -v '"e":"bf\.' "$T/live") <(grep -v '"e":"bf\.' "$T/again")
	[ "$(grep -c bookTicker "$T/rec")" -eq 100 ]
}
