#!/usr/bin/env bats
# bf-time against bf-sim.

setup() { load ../helper; load ../signed; home; }
teardown() { home_end; }

# profile NAME LINE...: a profile file.
profile() {
	mkdir -p "$XDG_CONFIG_HOME/bf/profiles"
	printf '%s\n' "${@:2}" >"$XDG_CONFIG_HOME/bf/profiles/$1"
	chmod 600 "$XDG_CONFIG_HOME/bf/profiles/$1"
}

# stand_in CODE: from here on `with COMMAND...` runs a command with a system function
# replaced by that of the C source CODE. (ASan wants to be loaded first; it works without.)
stand_in() {
	STEPS=$XDG_CACHE_HOME/bf/sim	# where bf-time may read, whatever is put into it
	mkdir -m 700 "$XDG_CACHE_HOME/bf" "$STEPS"
	command -v "${CC:-cc}" >/dev/null || skip "no C compiler for a stand-in of a system function"
	[ "$(uname)" = Linux ] || skip "LD_PRELOAD as here is Linux's"
	"${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -x c -o "$T/with.so" - <<<"$1"
}
with() { env LD_PRELOAD="$T/with.so" ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" "$@"; }

# The wall clock is off by the seconds in $STEP; the monotonic one is not.
step='
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	char text[32] = "";
	int r, fd;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	r = real(id, ts);
	if (id == CLOCK_REALTIME && (fd = open(getenv("STEP"), O_RDONLY)) != -1) {
		if (read(fd, text, sizeof text - 1) > 0)
			ts->tv_sec += atoi(text);
		close(fd);
	}
	return r;
}'

# Every name has an IPv6 address before those it has.
six='
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stddef.h>
int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	struct addrinfo *v4, *v6;
	int r;

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if ((r = real("::1", port, hints, &v6)) != 0 || (r = real("127.0.0.1", port, hints, &v4)) != 0)
		return r;
	for (*out = v6; v6->ai_next != NULL; v6 = v6->ai_next)
		;
	v6->ai_next = v4;
	return 0;
}'

# tls NAME [openssl x509 options]: an HTTPS server with a certificate of its own for NAME;
# it tells a time. Sets TLS, its address; profile tls trusts it.
tls() {
	mkdir -p "$T/www/fapi/v1"
	cd "$T/www" || return 1
	echo '{"serverTime":1499827319559}' >fapi/v1/time
	echo hello >index.html
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$T/tls.key" \
		-subj "/CN=$1" -out "$T/tls.req" 2>/dev/null
	printf 'subjectAltName=%s\n' "$1" >"$T/tls.ext"
	openssl x509 -req -in "$T/tls.req" -signkey "$T/tls.key" -extfile "$T/tls.ext" "${@:2}" \
		-out "$T/tls.pem" 2>/dev/null
	rm -f "$T/tls.out"	# of one before: it would be there at once
	# shellcheck disable=SC2086
	openssl s_server -accept 127.0.0.1:0 -cert "$T/tls.pem" -key "$T/tls.key" -WWW ${TLS_MORE:-} \
		>"$T/tls.out" 2>&1 </dev/null 3>&- 4>&- &
	wait_for grep -q ^ACCEPT "$T/tls.out"
	TLS=$(sed -n 's/^ACCEPT //p' "$T/tls.out" | head -n 1)
	profile tls "rest = https://$TLS" "ws = wss://$TLS" "coinm_rest = https://$TLS" \
		"coinm_ws = wss://$TLS" "ca_file = $T/tls.pem"
	export BF_PROFILE=tls
}
lines_are() { [ "$(wc -l <"$1")" -ge "$2" ]; }

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
	for a in 'now' '--check' '--check abc' '--check -1' '--check 5x' '-o xml' '--market spot' '--jq .['; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-time $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
	[ "$(seen GET /fapi/v1/time)" -eq 0 ]
}

#
# --samples
#

@test "--samples N asks N times, and all of them are accounted for" {
	sim
	run --separate-stderr bf-time --samples 23
	[ "$status" -eq 0 ]
	[ "$(seen GET /fapi/v1/time)" -eq 23 ]
	has "$output" '.samples == 23 and .used + .rejected + .lost == 23 and .used >= 1 and .lost == 0'
	has "$output" '.rttMin <= .rttP50 and .rttP50 <= .rttP90 and .rttP90 <= .rttMax'
	has "$output" '.rtt >= .rttMin and .rtt < .rttMin + 1 and .market == "usdm"'
	run --separate-stderr bf-time --samples 1
	has "$output" '.samples == 1 and .used == 1 and .rttMin == .rttMax'
}

@test "a slow first answer is rejected and does not touch the offset" {
	sim --fault 'on GET /fapi/v1/time#1: net=delay=1500'
	run --separate-stderr bf-time
	[ "$status" -eq 0 ]
	has "$output" '.samples == 5 and .rejected >= 1 and .lost == 0 and .rttMax >= 1500 and .rttMin < 500'
	has "$output" '.offset <= 0 and .offset > -500 and .offset + .error >= 0'
}

@test "an answer that is late on its way back makes the offset less sure, not wrong" {
	sim --fault 'on GET /fapi/v1/time: net=delay=150'
	run --separate-stderr bf-time
	[ "$status" -eq 0 ]
	# both clocks are one: the truth, 0, lies in the bound, and is not passed
	has "$output" '.rttMin >= 150 and .offset <= -150 and .offset + .error >= 0 and .error > 150'
	run --separate-stderr bf-time --check 100
	[ "$status" -eq 7 ]
}

@test "no answer within half a second: exit 7, and nothing is kept" {
	sim --fault 'on GET /fapi/v1/time: net=delay=600'
	run --separate-stderr bf-time --samples 2
	[ "$status" -eq 7 ]
	[ -z "$output" ]
	[[ $stderr == *"500 ms"* ]]
	[ ! -e "$XDG_STATE_HOME/bf/sim/clock.json" ]
}

@test "many samples stay within the shared limit, and use what they got" {
	sim --weight-limit 20
	bf-info filters BTCUSDT >/dev/null		# from here on the limit is known
	run --separate-stderr bf-time --samples 50
	[ "$status" -eq 0 ]
	has "$output" '.samples == 50 and .lost > 10 and .used >= 1 and .used + .rejected + .lost == 50'
	[[ $stderr == *"of 50 samples:"*"weight"* ]]
	[ "$(jq -s '[.[] | select(.what == "request" and .http == 429)] | length' "$T/ledger")" -eq 0 ]
}

@test "429 in the middle of many samples ends them, for every tool" {
	sim --fault 'on GET /fapi/v1/time#8: reply=429/-1003 hdr=Retry-After:30'
	run --separate-stderr bf-time --samples 40
	[ "$status" -eq 0 ]
	has "$output" '.used + .rejected == 7 and .lost == 33'
	[[ $stderr == *"7 of 40 samples:"*429* ]]
	[ "$(seen GET /fapi/v1/time)" -eq 8 ]
	run --separate-stderr bf-info mark BTCUSDT
	[ "$status" -eq 3 ]
}

@test "an offset measured badly does not take the place of a good one" {
	sim --fault 'on GET /fapi/v1/time#6: net=delay=100'
	bf-time >/dev/null
	cp "$XDG_STATE_HOME/bf/sim/clock.json" "$T/good"
	run --separate-stderr bf-time --samples 1	# the slow one
	has "$output" '.error > 100'
	cmp "$T/good" "$XDG_STATE_HOME/bf/sim/clock.json"
}

@test "COIN-M at an address of its own has a clock of its own" {
	sim_as u
	u=$SIM_REST
	sim_as c --skew 5000
	profile both "rest = $u" "ws = ${u/http/ws}" "coinm_rest = $SIM_REST" "coinm_ws = $SIM_WS"
	run --separate-stderr bf-time --profile both
	has "$output" '.market == "usdm" and .offset <= 0 and .offset > -500'
	run --separate-stderr bf-time --profile both --market coinm
	[ "$status" -eq 0 ]
	has "$output" '.market == "coinm" and .offset > 4500'
	[ "$(seen GET /dapi/v1/time)" -eq 5 ]
	grep -q "\"rest\":\"$u\"" "$XDG_STATE_HOME/bf/both/clock.json"
	grep -q "\"rest\":\"$SIM_REST\"" "$XDG_STATE_HOME/bf/both/clock.coinm.json"
}

#
# --watch
#

@test "--watch --count 3 measures three times" {
	sim
	run --separate-stderr bf-time --watch --every 1 --count 3
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[ -z "$stderr" ]
	has "$output" '.e == "bf.time" and has("drift") and .samples == 5'
	[ "$(seen GET /fapi/v1/time)" -eq 15 ]
}

@test "--watch goes on until a signal, and that is no failure" {
	sim
	bf-time --watch --every 1 >"$T/out" 3>&- &
	pid=$!
	wait_for lines_are "$T/out" 2
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 0 ]
	has "$(cat "$T/out")" '.e == "bf.time"'
}

@test "--watch ends when its reader goes away" {
	sim
	run timeout 30 bash -c 'set -o pipefail; bf-time --watch --every 3600 | head -n 1'
	[ "$status" -eq 141 ]
	has "$output" '.e == "bf.time"'
}

@test "--watch as a table: headings once, a row each" {
	sim
	run --separate-stderr bf-time --watch --every 1 --count 2 -o table
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[0]} == *"SERVER TIME"*OFFSET*ERROR*"ROUND TRIP"*DRIFT* ]]
	for l in "${lines[@]}"; do [ "${#l}" -le 80 ]; done
}

@test "a measuring that fails is told, the watch goes on, and the exit says so" {
	sim --fault 'on GET /fapi/v1/time#6: reply=503/svc' --fault 'on GET /fapi/v1/time#7: reply=503/svc'
	run --separate-stderr bf-time --watch --every 1 --count 3
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${stderr_lines[0]} == bf-time:*503* ]]
	[[ ${stderr_lines[1]} == *"1 of 3 measurings failed"* ]]
}

@test "--watch --check ends with 7 at the first breach" {
	sim --skew 5000
	run --separate-stderr bf-time --watch --every 1 --check 500
	[ "$status" -eq 7 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $stderr == *"allowed 500"* ]]
}

@test "a clock that is set is told in a record, measured anew, and E does not go back" {
	stand_in "$step"
	sim
	echo 0 >"$STEPS/step"
	export STEP=$STEPS/step
	with bf-time --watch --every 3600 --count 3 >"$T/out" 3>&- &
	pid=$!
	wait_for lines_are "$T/out" 1
	echo -100 >"$STEPS/step.new"
	mv "$STEPS/step.new" "$STEPS/step"
	wait_for lines_are "$T/out" 3		# the notice, and a measuring at once
	echo 300 >"$STEPS/step.new"
	mv "$STEPS/step.new" "$STEPS/step"
	wait "$pid"
	jq -s -e '[.[] | .e] == ["bf.time", "bf.clock", "bf.time", "bf.clock", "bf.time"]' "$T/out"
	jq -s -e '[.[] | .E] | . == sort' "$T/out"
	jq -s -e '.[1] | .by == "bf-time" and .why == "clock_step" and (.step_ms + 100000 | fabs) < 50' "$T/out"
	jq -s -e '.[3] | (.step_ms - 400000 | fabs) < 50' "$T/out"
	jq -s -e '.[2].offset > 99000 and .[4].offset < -299000' "$T/out"
}

@test "as a table a set clock is a sentence" {
	stand_in "$step"
	sim
	echo 0 >"$STEPS/step"
	export STEP=$STEPS/step
	with bf-time --watch --every 3600 --count 2 -o table >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	wait_for lines_are "$T/out" 2
	echo 100 >"$STEPS/step.new"
	mv "$STEPS/step.new" "$STEPS/step"
	wait "$pid"
	grep -q 'clock was set ahead by .* ms' "$T/err"
	[ "$(wc -l <"$T/out")" -eq 3 ]
}

@test "an offset stored before the clock was set is not signed with" {
	stand_in "$step"
	sim
	bf-time >/dev/null
	echo 100 >"$STEPS/step"
	export STEP=$STEPS/step
	run --separate-stderr with bf-position
	[ "$status" -eq 0 ]
	[ "$(seen GET /fapi/v1/time)" -eq 10 ]
}

@test "a clock that is fast by a known part is measured as that, in ppm" {
	sim --clock virtual --speed 1.01	# the exchange's: 10000 ppm
	run --separate-stderr bf-time --watch --every 1 --count 16
	[ "$status" -eq 0 ]
	has "${lines[0]}" '.drift == null and .driftError == null'
	# its clock goes by steps of up to 2 ms, of which ours knows 1: 2 ms in 10 s are 200 ppm
	has "$output" '.drift == null or (.drift - 10000 | fabs) <= 300'
	[ "$(jq -s '[.[] | select(.drift != null and .driftError <= 100)] | length' <<<"$output")" -ge 1 ]
}

#
# --probe
#

@test "--probe tries each host of the profile" {
	sim
	run --separate-stderr bf-time --probe
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	has "$output" '.e == "bf.probe" and .ok and .why == "" and .address == "127.0.0.1" and .host == "127.0.0.1"'
	has "$output" '.connect > 0 and .firstByte >= 0 and .tls == null and .tlsVersion == null and .certDays == null'
	[ "$(jq -s -c '[.[] | .use]' <<<"$output")" = '["rest","ws","coinm_rest","coinm_ws"]' ]
	[ "$(jq -s -c '[.[] | .http]' <<<"$output")" = '[200,404,200,404]' ]
	[ "$(seen GET /fapi/v1/time)" -eq 1 ]
	[ "$(seen GET /dapi/v1/time)" -eq 1 ]
	run --separate-stderr bf-time --probe --market coinm
	[ "$(jq -s -c '[.[] | .use]' <<<"$output")" = '["coinm_rest","coinm_ws"]' ]
	run --separate-stderr bf-time --probe -o table
	[ "${#lines[@]}" -eq 5 ]
	for l in "${lines[@]}"; do [ "${#l}" -le 80 ]; done
}

@test "--probe of an exchange that is not there: a record each, exit 3" {
	nobody none
	run --separate-stderr bf-time --profile none --probe
	[ "$status" -eq 3 ]
	has "$output" '.ok == false and (.why | contains("connect")) and .connect == null and .http == null'
	[[ $stderr == *"no address answers: rest, ws"* ]]
}

@test "--probe of a name that does not exist names it, exit 3" {
	profile nohost 'rest = https://no.such.host.invalid' 'ws = wss://no.such.host.invalid'
	run --separate-stderr timeout 60 bf-time --profile nohost --probe
	[ "$status" -eq 3 ]
	has "$output" '.ok == false and .host == "no.such.host.invalid" and .port == 443 and .address == null and .why != ""'
	[ "${#lines[@]}" -eq 2 ]
	[[ $stderr == *"rest no.such.host.invalid: "* ]]
}

@test "--probe: one dead address of a host does not stop the others" {
	stand_in "$six"
	sim
	profile two "rest = ${SIM_REST/127.0.0.1/localhost}" "ws = ${SIM_WS/127.0.0.1/localhost}"
	run --separate-stderr with bf-time --profile two --probe --market usdm
	[ "$status" -eq 0 ]
	[ "$(jq -s -c '[.[] | [.use, .address, .ok]]' <<<"$output")" = \
	    '[["rest","::1",false],["rest","127.0.0.1",true],["ws","::1",false],["ws","127.0.0.1",true]]' ]
	[[ $stderr == *"rest localhost at ::1: "* ]]
}

@test "--probe waits no longer than --timeout for a host that is silent" {
	sim --fault 'on GET /fapi/v1/time: net=stall'
	run --separate-stderr bf-time --probe --timeout 200
	[ "$status" -eq 3 ]
	[ "$(jq -s -c '[.[] | .ok]' <<<"$output")" = '[false,true,true,true]' ]
	has "${lines[0]}" '.connect > 0 and .firstByte == null and (.why | contains("timed out"))'
}

@test "--probe: what is no time is none, and what is an error is told" {
	sim --fault 'on GET /fapi/v1/time: reply=200/html' --fault 'on GET /dapi/v1/time: reply=503/svc'
	run --separate-stderr bf-time --probe
	[ "$status" -eq 3 ]
	[ "$(jq -s -c '[.[] | .why]' <<<"$output")" = '["the answer is no time","","HTTP 503",""]' ]
}

@test "--probe: a ban it meets is everybody's" {
	sim --fault 'on GET /fapi/v1/time: reply=418 hdr=Retry-After:30'
	run --separate-stderr bf-time --probe
	[ "$status" -eq 3 ]
	has "${lines[0]}" '.http == 418 and .ok == false'
	[ "${#lines[@]}" -eq 1 ]
	run --separate-stderr bf-info mark BTCUSDT
	[ "$status" -eq 3 ]
	[ "$(jq -s '[.[] | select(.what == "request")] | length' "$T/ledger")" -eq 1 ]
}

@test "--probe over TLS has its version, time, and the days of the certificate" {
	tls IP:127.0.0.1 -days 30
	run --separate-stderr bf-time --probe --market usdm
	has "$output" '.connect > 0 and .tls > 0 and .tlsVersion == "TLSv1.3" and (.certDays == 29 or .certDays == 30)'
	has "${lines[0]}" '.ok and .http == 200'
}

@test "--probe: certificates that are expired or another's are refused by name" {
	tls IP:127.0.0.1 -days -1
	run --separate-stderr bf-time --probe --market usdm
	[ "$status" -eq 3 ]
	has "$output" '.ok == false and (.why | contains("expired")) and .tls == null and .http == null'
	tls DNS:other.example -days 30
	run --separate-stderr bf-time --probe --market usdm
	[ "$status" -eq 3 ]
	has "$output" '.ok == false and (.why | contains("127.0.0.1")) and .http == null'
	TLS_MORE='-tls1_1 -cipher ALL:@SECLEVEL=0' tls IP:127.0.0.1 -days 30
	run --separate-stderr bf-time --probe --market usdm
	[ "$status" -eq 3 ]
	has "$output" '.ok == false and .tls == null and .http == null'
}

@test "over TLS the time is measured too" {
	tls IP:127.0.0.1 -days 30
	run --separate-stderr bf-time --samples 3	# what it tells is long ago
	[ "$status" -eq 0 ]
	has "$output" '.serverTime - 1499827319559 | . > -5000 and . < 60000'
	sed -i 's/^ca_file.*//' "$XDG_CONFIG_HOME/bf/profiles/tls"
	run --separate-stderr bf-time			# nobody vouches for it
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[[ $stderr == *certificate* ]]
}

@test "options that do not go together are refused before anything is asked" {
	sim
	local a
	for a in '--samples 0' '--samples 101' '--samples x' '--watch --every 0' '--watch --count 0' '--every 5' \
	    '--count 2' '--probe --watch' '--probe --check 5' '--probe --samples 3' '--timeout 5' '--probe now'; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-time $a
		[ "$status" -eq 2 ] || { echo "$a: $status"; false; }
		[ -z "$output" ]
	done
	[ "$(seen GET /fapi/v1/time)" -eq 0 ]
}

@test "a secret of the environment is taken out of it, and no core is ever dumped" {
	[ "$(uname)" = Linux ] || skip "/proc is Linux's"
	sim
	BF_API_KEY=k BF_API_SECRET=canaryofthesecret bf-time --watch --every 1 >"$T/out" 2>"$T/err" 3>&- 4>&- &
	SIM_PIDS="$SIM_PIDS $!"
	wait_for test -s "$T/out"
	[ "$(tr '\0' '\n' <"/proc/$!/cmdline" | head -n 1)" = bf-time ]
	run ! grep -aq canaryofthesecret "/proc/$!/environ"
	grep -qE '^Max core file size +0 +0 ' "/proc/$!/limits"
}
