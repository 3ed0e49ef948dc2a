#!/usr/bin/env bats
# bf-time against bf-sim.

setup() { load ../helper; load ../signed; home; }
teardown() { home_end; }

@test "the record has the offset, its error, the round trip and the exchange's time" {
	sim
	run --separate-stderr bf-time
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	[ -z "$stderr" ]
	has "$output" '.e == "bf.time" and .profile == "sim"'
	has "$output" '.offset <= 1 and .offset > -100 and .error > .rtt and .rtt >= 0 and .rtt < 100'
	has "$output" ".serverTime - $(date +%s%3N) | . < 1000 and . > -5000"
	has "$output" '.E - .serverTime | . >= 0 and . < 100'
	[ "$(seen GET /fapi/v1/time)" -eq 5 ]
}

@test "without a profile the time is that of live, and it needs no key" {
	nobody live		# stands in for live: only the address is another
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	[[ $stderr == *"127.0.0.1 port 9"* ]]
}

@test "-o table has headings and the figures" {
	sim
	run --separate-stderr bf-time -o table
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *PROFILE*OFFSET*ERROR*"ROUND TRIP"*SERVER* ]]
	[[ ${lines[1]} == *sim* ]]
}

@test "--jq picks one figure" {
	sim
	run --separate-stderr bf-time --jq .rtt
	[ "$status" -eq 0 ]
	[[ $output =~ ^[0-9]+$ ]]
}

@test "a clock that is right passes --check 500" {
	sim
	run --separate-stderr bf-time --check 500
	[ "$status" -eq 0 ]
	has "$output" '.e == "bf.time"'
}

@test "an exchange 5 s ahead is seen, and --check 500 exits 7" {
	sim --skew 5000
	run --separate-stderr bf-time --check 500
	[ "$status" -eq 7 ]
	has "$output" '.offset | . > 4800 and . < 5005'
	[[ $stderr == *"offset"*"allowed 500"* ]]
	run --separate-stderr bf-time --check 5500
	[ "$status" -eq 0 ]
}

@test "an exchange 5 s behind is seen, and --check 500 exits 7" {
	sim --skew -5000
	run --separate-stderr bf-time --check 500
	[ "$status" -eq 7 ]
	has "$output" '.offset | . > -5200 and . < -4995'
}

@test "--check counts the error too: no measuring is as sure as 0 ms" {
	sim
	run --separate-stderr bf-time --check 0
	[ "$status" -eq 7 ]
}

@test "the offset is kept: what signs afterwards asks for no time again" {
	sim --skew 5000
	bf-time >/dev/null
	[ "$(seen GET /fapi/v1/time)" -eq 5 ]
	run --separate-stderr bf-position
	[ "$status" -eq 0 ]
	[ "$(seen GET /fapi/v1/time)" -eq 5 ]
	run --separate-stderr bf-time		# but bf-time itself measures anew
	[ "$(seen GET /fapi/v1/time)" -eq 10 ]
}

@test "nobody there: exit 3, nothing on stdout" {
	nobody none
	run --separate-stderr bf-time --profile none
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[[ $stderr == bf-time:* ]]
}

@test "an unknown profile: exit 2, and it says which there are" {
	run --separate-stderr bf-time --profile nowhere
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == *nowhere*live*demo* ]]
}

@test "profile sim without a simulator says how to start one" {
	run --separate-stderr bf-time --profile sim
	[ "$status" -eq 2 ]
	[[ $stderr == *"bf-sim --profile-out sim"* ]]
}

@test "a page of HTML is no time" {
	sim --fault 'on GET /fapi/v1/time: reply=200/html'
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[ "$stderr" ]
}

@test "an answer without a time is no time" {
	sim --fault 'on GET /fapi/v1/time: reply=200/null'
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	[ -z "$output" ]
}

@test "503 is exit 3" {
	sim --fault 'on GET /fapi/v1/time: reply=503/svc'
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[[ $stderr == *503* ]] || [[ $stderr == *"Service Unavailable"* ]]
}

@test "one lost answer of the five does not matter" {
	sim --fault 'on GET /fapi/v1/time#2: net=rst'
	run --separate-stderr bf-time
	[ "$status" -eq 0 ]
	has "$output" '.offset > -100'
}

@test "429 with Retry-After: the next call does not touch the network" {
	sim --fault 'on GET /fapi/v1/time*1: reply=429/-1003 hdr=Retry-After:30'
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	[ "$(seen GET /fapi/v1/time)" -eq 1 ]
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	[ "$stderr" ]
	[ "$(seen GET /fapi/v1/time)" -eq 1 ]
	run --separate-stderr bf-info mark BTCUSDT	# nor that of another tool
	[ "$status" -eq 3 ]
	[ "$(jq -s '[.[] | select(.what == "request")] | length' "$T/ledger")" -eq 1 ]
}

@test "418 is a ban for every tool of the profile" {
	sim --fault 'on GET /fapi/v1/time*1: reply=418'
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	[ "$(seen GET /fapi/v1/time)" -eq 1 ]
}

@test "a full disk is exit 8" {
	sim
	run sh -c 'bf-time >/dev/full'
	[ "$status" -eq 8 ]
	run sh -c 'bf-time -o table >/dev/full'
	[ "$status" -eq 8 ]
}

@test "what is no option, operand or number is refused before anything is asked" {
	sim
	local a
	for a in 'now' '--check' '--check abc' '--check -1' '--check 5x' '-o xml' '--market coinm' '--jq .['; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-time $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
	[ "$(seen GET /fapi/v1/time)" -eq 0 ]
}
