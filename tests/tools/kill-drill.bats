#!/usr/bin/env bats
# bf-kill drill: a rehearsal on an exchange of its own.

setup() { load ../helper; load ../kill; home; }
teardown() { home_end; }

@test "it rehearses both kinds of order and both markets, prints the times, and leaves nothing" {
	before=$(find "$HOME" | sort)
	run --separate-stderr env TMPDIR="$T" BF_PROFILE=live BF_API_KEY=mine BF_API_SECRET=mine bf-kill drill
	[ "$status" -eq 0 ]
	last '[.step, .positions, .orders, .algoOrders, .flat]' | is '. == ["drill",20,20,20,true]'
	last '[.blockedMs, .cancelledMs, .flatMs, .requests] | all(. >= 0)' | is '. == true'
	[ "$(of cancel .market | tr ' ' '\n' | sort -u | paste -sd' ')" = "coinm usdm" ]
	[ "$(of cancel .kind | tr ' ' '\n' | sort -u | paste -sd' ')" = "algo orders" ]
	[ "$(of flatten .market | tr ' ' '\n' | sort -u | paste -sd' ')" = "coinm usdm" ]
	[ "$(jq -r .profile <<<"$output" | sort -u)" = drill ]
	[[ $stderr == *"flat after"*" ms, with "*" requests"* ]]
	[ "$(find "$HOME" | sort)" = "$before" ]
	[ -z "$(find "$T" -maxdepth 1 -name 'bf-kill-drill*')" ]
}

@test "200 positions: forty requests of orders for USDS-M, one look before and one after" {
	run --separate-stderr bf-kill drill --positions 200
	[ "$status" -eq 0 ]
	[ "$(jq -s '[.[] | select(.step == "flatten" and .outcome == "accepted")] | length' <<<"$output")" -eq 200 ]
	# 6 reads, 40 cancels, 198 / 5 and 2 / 5 of orders (the last few of each lane singly), 6 reads
	last .requests | is '. <= 6 + 40 + 40 + 4 + 4 + 6'
}

@test "one position; a number that is none; an exchange that is not there" {
	run --separate-stderr bf-kill drill --positions 1
	[ "$status" -eq 0 ]
	run --separate-stderr bf-kill drill --positions 201
	[ "$status" -eq 2 ]
	mkdir "$T/bin"
	cp "$(command -v bf-kill)" "$T/bin/bf-kill"
	printf '#!/bin/sh\n: >"%s"\n' "$T/ran" >"$T/bin/planted"
	mkdir "$T/path"
	install -m 755 "$T/bin/planted" "$T/path/bf-sim"
	# the one beside it, or the one that is named: never the first of PATH
	PATH=$T/path:$PATH run --separate-stderr "$T/bin/bf-kill" drill
	[ "$status" -eq 8 ]
	[[ $stderr == *"/bin/bf-sim: No such file"*--sim* ]]
	[ ! -e "$T/ran" ]
	run --separate-stderr "$T/bin/bf-kill" drill --positions 1 --sim "$(command -v bf-sim)"
	[ "$status" -eq 0 ]
	run --separate-stderr "$T/bin/bf-kill" drill --sim "$T/none"
	[ "$status" -eq 2 ]
}
