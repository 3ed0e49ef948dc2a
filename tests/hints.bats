# After each failure a person is told where the mend is: a command to run, or a section of a page,
# and both are there.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	load signed
	home
	MAN=$BATS_TEST_DIRNAME/../man
	SRC=$BATS_TEST_DIRNAME/..
}
teardown() { home_end; }

# real HINT: the section is in that page, or the program's --help has that option or command.
real() {
	local page section tool word
	if [[ $1 =~ ^(bf[a-z-]*)\(([157])\),\ (.+)$ ]]; then
		page=$MAN/${BASH_REMATCH[1]}.${BASH_REMATCH[2]} section=${BASH_REMATCH[3]}
		grep -qxE "\.S[hs] $section" "$page" || { echo "$1: no such section"; return 1; }
		return
	fi
	read -r tool word _ <<<"$1"
	[ -x "$BF_BIN/$tool" ] || { echo "$1: no such program"; return 1; }
	"$tool" --help >"$T/help"
	[ -z "$word" ] || grep -qE -- "(^|[ |,[])${word}($|[] =|,])" "$T/help" || { echo "$1: not in its --help"; return 1; }
}

@test "every hint is a section that is there, or a command that is" {
	local n=0
	while IFS= read -r hint; do
		real "$hint"
		n=$((n + 1))
	done < <(grep -oE '"bf(-[a-z]+)?(\([157]\), [^"]+| [^"]+)"' "$SRC/lib/core/hint.c" | tr -d '"' | sort -u)
	[ "$n" -gt 40 ] || { echo "only $n"; false; }
}

# says WORDS COMMAND...: it fails, says WORDS, and where to look: in a line of its own or in the sentence.
says() {
	local words=$1 got
	shift
	run --separate-stderr "$@" </dev/null
	# shellcheck disable=SC2031,SC2154 # run sets them
	[ "$status" -ne 0 ] || { echo "no failure: $*"; return 1; }
	# shellcheck disable=SC2154
	[[ $stderr == *"$words"* ]] || { printf 'no "%s" from: %s\n%s\n' "$words" "$*" "$stderr"; return 1; }
	got=$(sed -nE 's/^bf-[a-z]+: see (.*)/\1/p' <<<"$stderr" | tail -n 1)
	[ -n "$got" ] || got=$(grep -oE '(bf-[a-z]+ (--[a-z-]+|recover))' <<<"$stderr" | tail -n 1)
	[ -n "$got" ] || { printf 'no hint from: %s\n%s\n' "$*" "$stderr"; return 1; }
	real "$got" || { echo "by: $*"; return 1; }
	SAID=$((SAID + 1))
}

@test "asked wrongly: each tool names its help, or the section" {
	SAID=0
	for t in info kill order position profile risk sim stream time; do
		says "unknown option" "bf-$t" --no-such-option
	done
	says "not a whole number" bf-time --check x
	says "takes no operands" bf-time now
	says "--probe measures no clock" bf-time --probe --check 5
	says "only one of" bf-kill --profile demo --status --reset --reason x
	says "needs --reason" bf-kill --reset
	says "--disarm is of" bf-kill --disarm
	says "no such time" bf-info klines BTCUSDT 1m --since yesterday
	says "must end in" bf-info klines BTCUSDT 1m --plot=x.gif
	says "no stream named" bf-stream
	says "no such stream" bf-stream markprice2
	says "bf-stream bookTicker BTCUSDT" bf-stream ETHUSDT
	says "only with --replay" bf-stream --speed 2 markPrice
	says "when-slow" bf-stream --when-slow never markPrice
	says "--entry PRICE" bf-position calc long 1 BTCUSDT
	says "expected long or short" bf-position calc up 1 BTCUSDT --entry 5
	says "nothing to hold" bf-risk
	says "neither explain nor replay" bf-risk judge
	says "not NAME=VALUE" bf-risk --limit max-lev --check
	says "no such rule" bf-risk --limit max-levv=3 --check
	says "--fault" bf-sim --fault 'sometimes'
	says "jq filter does not compile" bf-time --jq '.['
	[ "$SAID" -ge 29 ]
}

@test "configured wrongly: the section on profiles or keys" {
	SAID=0
	says "needs a chosen profile" bf-position
	says "bf-profile add demo" bf-position
	says "no profile nosuch" bf-time --profile nosuch
	says "bf-sim --profile-out sim" bf-time --profile sim
	says "has no key" bf-position --profile demo
	mkdir -p "$XDG_CONFIG_HOME/bf/profiles"
	printf 'rest = http://127.0.0.1:9\nws = ws://127.0.0.1:9\ncolour = red\n' >"$XDG_CONFIG_HOME/bf/profiles/odd"
	chmod 600 "$XDG_CONFIG_HOME/bf/profiles/odd"
	says "colour" bf-time --profile odd
	chmod 644 "$XDG_CONFIG_HOME/bf/profiles/odd"
	says "chmod 600" bf-time --profile odd || [[ $stderr == *"chmod 600"* ]]	# the mend itself
	BF_CONFIG=$T/none says "BF_CONFIG" bf-time
	BF_KEY_FD=77 says "BF_KEY_FD" bf-position --profile demo
	printf '[max-lev]\nmaxx = 3\n' >"$T/rules"
	says "rules:2" bf-risk --rules "$T/rules" --check
	[ "$SAID" -ge 8 ]
}

@test "refused here or by the exchange: what to look at" {
	SAID=0
	sim --position BTCUSDT:0.1
	says "tickSize" bf-order buy BTCUSDT 0.01 @ 55000.05
	says "minimum notional" bf-order buy BTCUSDT 0.001 @ 40000
	says "not listed" bf-order buy NOSUCHUSDT 1 @ 5
	says "not listed" bf-info mark NOSUCHUSDT
	says "-2019" bf-order buy BTCUSDT 90 @ 58000
	says "-2021" bf-order sell BTCUSDT all stop 66000
	says "--fee 1001" bf-position calc long 1 BTCUSDT --entry 5 --fee 1001
	says "-20" bf-order cancel BTCUSDT 12345
	says "not in the exchange" bf-order query BTCUSDT 12345
	echo 'max_order_notional = 50' >>"$XDG_CONFIG_HOME/bf/profiles/sim"
	says "max_order_notional" bf-order buy BTCUSDT 0.01 @ 55000
	says "days 0" bf-order journal 0
	says "jq filter" bf-info mark BTCUSDT --jq '.p + 1 + {}'
	[ "$SAID" -ge 12 ]
}

@test "not reached, clock, key, latch, disk: what to run" {
	SAID=0
	nobody dead
	says "not sent" bf-time --profile dead
	says "not sent" bf-info --profile dead mark BTCUSDT
	sim --skew 5000
	says "may be off" bf-time --check 500
	says "writing to" bash -c 'bf-info mark BTCUSDT >/dev/full'
	bf-kill --level block --reason test >/dev/null 2>&1
	says "kill latch" bf-order buy BTCUSDT 0.01 @ 55000
	says "kill latch" bf-position leverage BTCUSDT 50
	bf-kill --reset --reason test >/dev/null 2>&1
	sed -i 's/^secret = .*/secret = wrongwrongwrong/' "$XDG_CONFIG_HOME/bf/profiles/sim"
	says "-1022" bf-position
	sim_as other --fault 'on GET /fapi/v1/time: reply=418 hdr=Retry-After:120'
	says "418" bf-time --profile other
	says "silence" bf-info --profile other mark BTCUSDT
	[ "$SAID" -ge 9 ]
}

@test "a hint is said once a run, and not beside a sentence that has it" {
	sim
	printf '%s\n' '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"5"}'{,,,,,,,} >"$T/in"
	for _ in {1..7}; do cat "$T/in" "$T/in" >"$T/in2" && mv "$T/in2" "$T/in"; done
	[ "$(wc -l <"$T/in")" -eq 1024 ]
	bf-risk --max-lev 1 <"$T/in" >"$T/out" 2>"$T/err" || true
	[ "$(grep -c bf.reject "$T/out")" -eq 1024 ]
	[ "$(grep -c '^bf-risk: see ' "$T/err")" -eq 1 ]
	run --separate-stderr bf-time --no-such-option
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	run --separate-stderr bf-time --check x
	[ "$stderr" = "bf-time: --check x: not a whole number from 0 to 60000"$'\n'"bf-time: see bf-time --help" ] ||
		[[ $stderr == "bf-time: --check x: not a whole number from "*$'\n'"bf-time: see bf-time --help" ]]
}
