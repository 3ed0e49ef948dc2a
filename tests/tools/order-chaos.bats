# A sample of `make chaos`: seeds that combine what the exchange, the network and the machine can
# do to bf-order. The ledger of bf-sim is the judge; that the judge can find a fault is tested too.

setup() {
	load ../helper
	home
	export CHAOS_DIR=$T/chaos TMPDIR=$T
	chaos=$BATS_TEST_DIRNAME/../chaos
}
teardown() { home_end; }

# finds WHAT: in the files of $d, once more judged.
finds() {
	run "$chaos/run" -j "$d"
	[ "$status" -eq 1 ] || { echo "not found: $1: $output"; return 1; }
	jq -e --arg what "$1" '.problems | map(select(contains($what))) | length > 0' <<<"${lines[-1]}" >/dev/null ||
		{ echo "another thing found, not: $1: $output"; return 1; }
}

@test "40 seeds of chaos: none sent twice, none forgotten, no claim that is not so" {
	run "$chaos/run" $(seq 1 40)
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "40 seeds, 0 failed" ]
	# they were no walk in the park: orders stand, and some were looked up
	[ "$(grep -oE '[0-9]+ orders' <<<"$output" | cut -d' ' -f1)" -ge 20 ]
	[ "$(grep -oE '[0-9]+ absent' <<<"$output" | cut -d' ' -f1)" -ge 1 ]
}

@test "the judge of chaos finds what it is there to find" {
	"$chaos/run" -k 0 >"$T/said"		# a day without trouble
	d=$CHAOS_DIR/seed-0
	run "$chaos/run" -j "$d"
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	cp -a "$d" "$T/was"
	again() { rm -rf "$d"; cp -a "$T/was" "$d"; }

	# by whatever way it went: REST, a batch, the WebSocket API
	grep '"what":"request"' "$T/was/ledger" | grep -E '"(POST|order.place)"' | grep s0-00 | head -n 1 >>"$d/ledger"
	finds "sent 2 times"
	again
	grep '"what":"order",' "$T/was/ledger" | head -n 1 >>"$d/ledger"
	finds "executed 2 times"
	again
	sed -i '1d' "$d/out"
	finds "outcomes"
	again
	sed -i '/"what":"order",/d' "$d/ledger"
	finds "said to stand, and does not"
	again
	jq -c 'if .clientOrderId == "s0-00" then {e: "bf.error", by: "bf-order", category: "rejected", code: 0, msg: "", retryable: false,
		outcome: "refused", intent: {symbol: "BTCUSDT", side: "BUY", newClientOrderId: "s0-00", note: 0}} else . end' "$T/was/out" >"$d/out"
	sed -i 's/"what":"result","id":"s0-00"/"what":"refused","id":"s0-00"/' "$d"/state/bf/sim/journal/*.ndjson
	finds "said not to stand, and does"
	again
	rm -r "$d/state"
	finds "not in the journal"
	again
	tr -d '\n' <"$T/was/out" >"$d/out"
	finds "not a JSON object"
	again
	sed -i 's/^0 0 [0-9]*/0 0 7/' "$d/statuses"
	finds "exit 7"
	again
	sed -i 's/"what":"fill",\(.*\)"qty":"[0-9.]*"/"what":"fill",\1"qty":"9"/' "$d/ledger"
	finds "filled 9"
}

# 4: the exchange hung up on the run itself, which then was not judged. 989: refused for its time
# twice is exit 7.
@test "seeds that have failed before" {
	run "$chaos/run" 4 989
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[ "${lines[-1]}" = "2 seeds, 0 failed" ]
}
