# No order is sent twice, whatever the network does. What arrived is what the
# peer wrote down, not what the tool says.
# shellcheck disable=SC2154	# stderr: run sets it

setup() {
	load ../helper
	home
	cd "$T" || return 1
	export BF_PROFILE=flaky BF_API_SECRET=abcdefabcdefabcdefabcdefabcdefab
	export BF_API_KEY=0123456789abcdef0123456789abcdef
	mkdir -m 700 "$XDG_CONFIG_HOME/bf"
}

teardown() { home_end; }

flaky() {	# HOW...
	"$BF_PEERS/flaky" log "$@" >port 3>&- &
	flaky_pid=$!
	for _ in {1..100}; do
		[ -s port ] && break
		sleep 0.05
	done
	printf '[flaky]\nrest = http://127.0.0.1:%s\nws = ws://127.0.0.1:%s\n' \
		"$(<port)" "$(<port)" >"$XDG_CONFIG_HOME/bf/config"
	chmod 600 "$XDG_CONFIG_HOME/bf/config"
}

arrived() {	# METHOD
	grep -c "^$1 /fapi/v1/order$" log || :
}

buy() {	# ID
	printf '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","quantity":"1","price":"9000.0","timeInForce":"GTC","newClientOrderId":"%s"}\n' "$1"
}

@test "an order whose answer never came arrived once, and is found" {
	for how in fin rst html unknown cut=40; do
		rm -rf "$XDG_STATE_HOME/bf" log port
		flaky "$how"
		run --separate-stderr bf-order < <(buy "x-${how%=*}")
		echo "$how: $status $output $stderr"
		[ "$status" -eq 0 ]
		[ "$(arrived POST)" -eq 1 ]
		[ "${#lines[@]}" -eq 1 ]
		[[ "${lines[0]}" == *'"orderId":8389765606284283461'* ]]
		kill "$flaky_pid"
	done
}

@test "on a kept connection that dies under the second order, each arrived once" {
	flaky ok rst ok
	run --separate-stderr bf-order < <(buy x1; buy x2; buy x3)
	echo "$status $output $stderr"
	[ "$status" -eq 0 ]
	[ "$(arrived POST)" -eq 3 ]
	[ "${#lines[@]}" -eq 3 ]
}

@test "a cancel that was lost arrived once" {
	flaky fin
	run --separate-stderr bf-order <<< '{"op":"cancel","symbol":"BTCUSDT","origClientOrderId":"x1"}'
	echo "$status $output $stderr"
	[ "$status" -eq 0 ]
	[ "$(arrived DELETE)" -eq 1 ]
	[[ "${lines[0]}" == *'"status":"CANCELED"'* ]]
}

@test "what cannot be settled in time is unknown, exit 4, and the next run settles it" {
	flaky none
	run --separate-stderr bf-order --resolve-timeout=1 < <(buy x1)
	echo "$status $output $stderr"
	[ "$status" -eq 4 ]
	[[ "${lines[0]}" == *'"outcome":"unknown"'* ]]
	[ "$(arrived POST)" -eq 1 ]
	run --separate-stderr bf-order --lag-budget=100 recover
	echo "$status $output $stderr"
	[[ "$output" == *'"e":"bf.recovered"'*'"outcome":"absent"'* ]]
	[ "$(arrived POST)" -eq 1 ]
}

@test "a refused connection is exit 3, and nothing is unknown" {
	flaky ok
	bf-order < <(buy x1)
	kill "$flaky_pid"
	wait "$flaky_pid" || :
	run --separate-stderr bf-order < <(buy x2)
	echo "$status $output $stderr"
	[ "$status" -eq 3 ]
	[[ "$output" == *'"outcome":"refused"'* ]]
	[ "$(arrived POST)" -eq 1 ]
}

@test "after a 429 nothing is sent, by this run or the next" {
	flaky limit ok
	run --separate-stderr bf-order --wait 0 < <(buy x1; buy x2)
	echo "$status $output $stderr"
	[ "$status" -eq 3 ]
	[ "$(arrived POST)" -eq 1 ]
	n=$(wc -l <log)
	run --separate-stderr bf-order --wait 0 < <(buy x3)
	[ "$status" -eq 3 ]
	[ "$(wc -l <log)" -eq "$n" ]
}
