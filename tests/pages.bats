# The manual: the examples of each page run as they stand, and print what the page says. In an
# expected line "…" stands for anything.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	load console
	load signed
	home
	MAN=$BATS_TEST_DIRNAME/../man
	cd "$T" || return 1
}
teardown() { home_end; }

# What cannot run everywhere: a part of the command, the program that must be there (-: whatever is
# there), why not.
SKIPS=(
	'--profile live|-|live prices are for no test'
	'--plot=btc.svg|gnuplot|gnuplot, which draws such files, is not installed'
	'openssl dgst|openssl|openssl, which signs here, is not installed'
	'curl -s|curl|curl is not installed'
)
console_skip() {
	local row part tool why
	for row in "${SKIPS[@]}"; do
		IFS='|' read -r part tool why <<<"$row"
		[[ $1 == *"$part"* ]] || continue
		[ "$tool" = - ] || ! command -v "$tool" >/dev/null || continue
		echo "# not run: ${1%%$'\n'*}: $why" >&3
		return 0
	done
	return 1
}

# examples PAGE [SECTION]: run them, at least five.
examples() {
	# the examples of a page, one after the other, take more of a minute's weight than a person does
	bf-sim() { exec "$(type -P bf-sim)" --weight-limit 12000 "$@"; }	# of a job only
	console_run < <(console_mdoc "$MAN/$1" "${2:-EXAMPLES}")
	# shellcheck disable=SC2154 # console_run sets it
	[ "$n" -ge 5 ] || { echo "$1 has $n examples"; false; }
}

# The exchange most pages have before them: a position of twenty times the wallet.
an_exchange() { sim --weight-limit 12000 --position BTCUSDT:20x --balance coinm.BTC=1 "$@"; }

@test "bf-info(1)" { an_exchange; examples bf-info.1; }
@test "bf-kill(1)" { an_exchange; examples bf-kill.1; }

@test "bf-order(1)" {
	an_exchange
	examples bf-order.1
	[ "$(seen POST /fapi/v1/batchOrders)" -eq 1 ]	# the ladder was one request
	[ -z "$(bf-order open 2>/dev/null)" ]
}

@test "bf-position(1)" { an_exchange; examples bf-position.1; }

@test "bf-profile(1)" {
	pass() { printf 'key = %s\nsecret = %s\n' "Zq3fEXAMPLEzq3fEXAMPLE" "$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')"; }
	examples bf-profile.1
}

@test "bf-risk(1)" {
	an_exchange
	for path in /fapi/v3/account /fapi/v3/positionRisk /fapi/v1/symbolConfig /fapi/v1/openOrders \
	    /fapi/v1/exchangeInfo /fapi/v1/leverageBracket; do
		printf '{"path":"%s","body":%s}\n' "$path" "$(signed GET "$path")"
	done >account.ndjson
	examples bf-risk.1
}

@test "bf-sim(1)" { examples bf-sim.1; }
@test "bf-stream(1)" { an_exchange --synthetic --seed 42; examples bf-stream.1; }
@test "bf-time(1)" { an_exchange; examples bf-time.1; }
@test "bf(7), TOUR" { examples bf.7 TOUR; }

@test "every page of a program has an example test" {
	for page in "$MAN"/bf-*.1; do
		page=${page##*/}
		grep -q "examples $page\b" "$BATS_TEST_DIRNAME"/*.bats || { echo "$page: its examples are not run"; false; }
	done
}

@test "nothing of a console is lost between page and test" {
	for page in "$MAN"/*.[17]; do
		written=$(awk '/^\.Sh / { on = /EXAMPLES|TOUR/ } on && /^\$ / { n++ } END { print n + 0 }' "$page")
		read_of=$(for s in EXAMPLES TOUR; do console_mdoc "$page" "$s"; done | grep -c '^C' || true)
		[ "$written" -eq "$read_of" ] || { echo "$page: $written commands, $read_of read"; false; }
		awk '/^\.Sh / { on = /EXAMPLES/ } on && /^\.Dl/ { print FILENAME ": " $0; bad = 1 } END { exit bad }' "$page"
	done
}
