# bf-profile doctor: what is wrong with a profile, told with its mend.
# shellcheck disable=SC2154	# stderr: run sets it

setup() {
	load ../helper
	load ../signed
	load ../wire
	home
}

teardown() { home_end; }

doctor() { run --separate-stderr bf-profile doctor "$@"; }
# told CHECK STATE [TEXT of msg or mend]: there is such a record.
told() {
	jq -se --arg check "$1" --arg state "$2" --arg text "${3:-}" \
		'any(.[]; .check == $check and .state == $state and ("\(.msg) \(.mend)" | contains($text)))' <<<"$output" >/dev/null ||
		{ echo "not told: $*"; echo "$output"; return 1; } >&2
}
# own NAME LINE...: a profile's own file.
own() {
	mkdir -p "$XDG_CONFIG_HOME/bf/profiles"
	printf '%s\n' "${@:2}" >"$XDG_CONFIG_HOME/bf/profiles/$1"
	chmod 600 "$XDG_CONFIG_HOME/bf/profiles/$1"
}
key_of() { sed -n "s/^$1 = //p" "$XDG_CONFIG_HOME/bf/profiles/sim"; }

@test "a profile that is in order: nothing bad, exit 0, a record a check" {
	sim
	doctor
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	has "$output" '.e == "bf.doctor" and .E > 1.7e12 and .profile == "sim" and (.state | IN("ok", "warn", "skipped")) and
		.msg != "" and (.mend != "" or .state != "warn") and (keys | length) == 7'
	local c
	for c in versions core-dumps configuration profile caps state latch journal key ledger host-rest clock limits account \
	    key-withdrawals key-ip key-futures key-transfers; do
		told "$c" ok
	done
	told versions ok 'libcurl '
	told account ok 'one-way mode, single-asset margin'
}

@test "it costs little weight, changes nothing, and shows no more of a key than 4 characters" {
	sim
	doctor
	[ "$status" -eq 0 ]
	[ "$(jq -s '[.[] | select(.what == "request" and .method != "GET")] | length' "$T/ledger")" -eq 0 ]
	used=$(curl -sS --noproxy '*' -o /dev/null -D - "$SIM_REST/fapi/v1/ping" | tr -d '\r' |
		awk -F ': ' 'tolower($1) == "x-mbx-used-weight-1m" { print $2 - 1 }')
	[ "$used" -ge 10 ] && [ "$used" -le 60 ]
	[[ $output == *"$(key_of key | cut -c1-4)..."* ]]
	[[ $output != *"$(key_of key | cut -c1-8)"* ]]
	[[ $output != *"$(key_of secret)"* ]]
}

@test "to a person: a line a check, the mend below, the sum on stderr" {
	sim --key-permissions reading,futures,ip,transfer
	doctor -o table
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "ok      versions         bf "* ]]
	[[ $output == *$'\nwarn    key-transfers    the key may make universal transfers'* ]]
	[[ $output == *$'\n                         mend: on the exchange\'s site, API Management, take Permits Universal Transfer'* ]]
	[[ $stderr == "bf-profile: "*" warning"*", nothing bad" ]]
}

@test "a key that may withdraw is bad, unless that is wanted: by option or profile" {
	sim --key-permissions reading,futures,ip,withdrawals
	doctor
	[ "$status" -eq 5 ]
	told key-withdrawals bad '--allow-withdrawals'
	[[ $stderr == *"1 of "*"key-withdrawals: the key may withdraw"* ]]
	doctor --allow-withdrawals
	[ "$status" -eq 0 ]
	told key-withdrawals ok
	echo 'allow_withdrawals = yes' >>"$XDG_CONFIG_HOME/bf/profiles/sim"
	doctor
	[ "$status" -eq 0 ]
}

@test "a key that is good from any address is bad, unless that is wanted" {
	sim --key-permissions reading,futures
	doctor
	[ "$status" -eq 5 ]
	told key-ip bad '--allow-any-ip'
	told key-expiry ok 'ends in '
	doctor --allow-any-ip
	[ "$status" -eq 0 ]
	told key-ip ok
}

@test "a key that may not trade futures is bad, and its orders are refused" {
	sim --key-permissions reading,ip
	doctor
	[ "$status" -eq 5 ]
	told key-futures bad 'Enable Futures'
	run --separate-stderr bf-order buy BTCUSDT 0.01 market
	[ "$status" -eq 5 ]
	[ "$(executed)" -eq 0 ]
}

@test "bf-sim tells what a key may do, by account" {
	(umask 077 && printf '[one]\nkey = one\nsecret = s\n[two]\nkey = two\nsecret = s\npermissions = reading spot, margin\n' >"$T/accounts")
	sim --accounts "$T/accounts"
	own one "rest = $SIM_REST" "ws = $SIM_WS" 'key = one' 'secret = s'
	own two "rest = $SIM_REST" "ws = $SIM_WS" 'key = two' 'secret = s'
	BF_PROFILE=one signed GET /sapi/v1/account/apiRestrictions | is '.ipRestrict and .enableReading and .enableFutures and
		(.enableWithdrawals or .enableInternalTransfer or .permitsUniversalTransfer | not) and .createTime > 0 and
		(has("tradingAuthorityExpirationTime") | not)'
	BF_PROFILE=two signed GET /sapi/v1/account/apiRestrictions | is '(.ipRestrict or .enableFutures | not) and .enableReading and
		.enableSpotAndMarginTrading and .enableMargin and .tradingAuthorityExpirationTime > .createTime'
	run --separate-stderr bf-sim --key-permissions reading,everything
	[ "$status" -eq 2 ]
	[[ $stderr == *"--key-permissions reading,everything: of ip, reading"* ]]
}

@test "an answer about a key that is none, is of other types or too long, is never taken for a good one" {
	local body good='"ipRestrict":true,"enableWithdrawals":false,"enableFutures":true'
	sim
	listener
	for body in '' '[]' '{}' '{"ipRestrict":true}' '{"data":{'"$good"'}}' \
	    '{"ipRestrict":true,"enableWithdrawals":0,"enableFutures":true}' \
	    '{"ipRestrict":true,"enableWithdrawals":null,"enableFutures":true}' \
	    "{$good,\"enableInternalTransfer\":\"yes\"}" "{$good,\"permitsUniversalTransfer\":1}" \
	    "{$good" "$(printf '[%.0s' {1..5000})" \
	    "{$good,\"x\":\"$(printf 'x%.0s' {1..100000})"; do
		bad "http=200 OK||${body//;/}"
		own odd "$(sed '/^sapi/d' "$XDG_CONFIG_HOME/bf/profiles/sim")" "sapi = http://127.0.0.1:$BAD_PORT"
		doctor odd
		[[ $(jq -r 'select(.check | startswith("key-")) | .check + " " + .state' <<<"$output") =~ ^key-rights\ (bad|warn)$ ]] ||
			{ echo "taken: ${body:0:200}"; false; }
	done
	bad "http=302 Found|Location: http://127.0.0.1:$ELSE_PORT/sapi/v1/account/apiRestrictions||{}"
	own odd "$(sed '/^sapi/d' "$XDG_CONFIG_HOME/bf/profiles/sim")" "sapi = http://127.0.0.1:$BAD_PORT"
	doctor odd
	told key-rights warn
	[ "$(called)" -eq 0 ]
}

@test "an exchange that does not tell what a key may do: a warning where no real money is" {
	sim --fault 'on GET /sapi/v1/account/apiRestrictions: reply=404/html'
	doctor
	[ "$status" -eq 0 ]
	told key-rights warn 'does not tell what the key may do'
}

@test "a closed port: exit 3, and nothing more is asked there" {
	nobody dead
	doctor dead
	[ "$status" -eq 3 ]
	told host-rest bad 'bf-sim --profile-out dead'
	told clock skipped 'does not answer'
	told account skipped
	told key ok
}

@test "a name that does not exist is a matter of the resolver" {
	own nohost 'rest = https://no.such.host.invalid' 'ws = wss://no.such.host.invalid'
	run --separate-stderr timeout 60 bf-profile doctor nohost
	[ "$status" -eq 3 ]
	told host-rest bad 'getent hosts no.such.host.invalid'
	told key warn 'bf-profile key nohost'
}

@test "what is no TLS is told as that" {
	sim
	own tls "rest = ${SIM_REST/http:/https:}" "ws = ${SIM_WS/ws:/wss:}"
	doctor tls
	[ "$status" -eq 3 ]
	told host-rest bad 'openssl s_client -connect 127.0.0.1:'
}

@test "a wrong key, a wrong secret, what is no key: exit 5, each with its mend" {
	sim
	own stranger "rest = $SIM_REST" "ws = $SIM_WS" "key = $(printf 'k%.0s' {1..64})" "secret = $(key_of secret)"
	doctor stranger
	[ "$status" -eq 5 ]
	told account bad 'trusted IPs'
	own secret "rest = $SIM_REST" "ws = $SIM_WS" "key = $(key_of key)" "secret = $(printf 's%.0s' {1..64})"
	doctor secret
	[ "$status" -eq 5 ]
	told account bad "the secret is not this key's"
	own format "rest = $SIM_REST" "ws = $SIM_WS" 'key = !' 'secret = s'
	doctor format
	[ "$status" -eq 5 ]
	told account bad 'has not the form of one'
	[[ $output != *"$(key_of secret)"* ]]
}

@test "a key file that others may use: exit 5, chmod" {
	sim
	printf 'key = k\nsecret = s\n' >"$T/key"
	chmod 644 "$T/key"
	own open "rest = $SIM_REST" "ws = $SIM_WS" "key_file = $T/key"
	doctor open
	[ "$status" -eq 5 ]
	told key bad "chmod 600 $T/key"
	told account skipped 'needs a key'
}

@test "a ban: the exchange is not asked again" {
	sim --fault 'on GET /fapi/v1/time: reply=418 hdr=Retry-After:60'
	doctor
	[ "$status" -eq 3 ]
	told host-rest bad 'wait'
	told clock skipped silence
	told account skipped silence
	[ "$(seen GET /fapi/v1/time)" -eq 1 ]
	doctor
	[ "$status" -eq 3 ]
	told ledger bad 'the exchange wants silence'
	told hosts skipped silence
	[ "$(jq -s '[.[] | select(.what == "request")] | length' "$T/ledger")" -eq 1 ]
}

@test "a ban of the spot API stops no futures order" {
	sim
	own apart "rest = ${SIM_REST/127.0.0.1/localhost}" "ws = ${SIM_WS/127.0.0.1/localhost}" "sapi = $SIM_REST" \
		"key = $(key_of key)" "secret = $(key_of secret)"
	curl -sS --noproxy '*' -d 'on GET /sapi/v1/account/apiRestrictions: reply=418 hdr=Retry-After:60' \
		"$SIM_REST/sim/v1/faults" >"$T/control"
	doctor apart
	[ "$status" -eq 0 ]
	told key-rights warn
	[ "$(seen GET /sapi/v1/account/apiRestrictions)" -eq 1 ]
	bf-order --profile apart buy BTCUSDT 0.01 market >/dev/null
	[ "$(executed)" -eq 1 ]
	doctor apart
	told key-rights warn silence
	[ "$(seen GET /sapi/v1/account/apiRestrictions)" -eq 1 ]
}

@test "a clock that is off: a warning, and from recv_window on exit 7" {
	sim --skew 2000
	doctor
	[ "$status" -eq 0 ]
	told clock warn 'ms behind the exchange'
	sim_as far --skew -60000
	doctor
	[ "$status" -eq 7 ]
	told clock bad 'ahead of'
	told clock bad timedatectl
	told account ok
}

@test "a state folder that others may write: exit 8, chmod" {
	sim
	mkdir -p "$XDG_STATE_HOME/bf/sim"
	chmod 777 "$XDG_STATE_HOME/bf/sim"
	doctor
	[ "$status" -eq 8 ]
	told state bad "chmod 700 $XDG_STATE_HOME/bf/sim"
	told latch bad 'counts as set'
	told ledger bad
	told account ok
	chmod 755 "$XDG_STATE_HOME/bf/sim"
	doctor
	[ "$status" -eq 0 ]
	told state warn "chmod 700"
}

@test "a state folder that is none: exit 8" {
	sim
	mkdir -p "$XDG_STATE_HOME/bf"
	: >"$XDG_STATE_HOME/bf/sim"
	doctor
	[ "$status" -eq 8 ]
	told state bad "is no folder"
}

@test "a latch that is set: exit 6, by whom and why, and how it is cleared" {
	sim
	bf-kill --level block --reason 'a test of mine' >/dev/null
	bf-kill --level block --symbol BTCUSDT --position-side long --reason 'too much' >/dev/null
	doctor
	[ "$status" -eq 6 ]
	told latch bad 'a test of mine'
	told latch bad 'bf-kill --profile sim --reset --reason TEXT'
	told latch bad 'bf-kill --profile sim --symbol BTCUSDT --position-side long --reset --reason TEXT'
	bf-kill --profile sim --symbol BTCUSDT --position-side long --reset --reason settled >/dev/null
	bf-kill --profile sim --reset --reason settled >/dev/null
	doctor
	[ "$status" -eq 0 ]
	told latch ok
}

@test "an order without an outcome: bf-order recover" {
	sim
	bf-order buy BTCUSDT 0.01 market >/dev/null
	doctor
	told journal ok
	journal=$(echo "$XDG_STATE_HOME"/bf/sim/journal/*.ndjson)
	grep '"what":"intent"' "$journal" >"$T/intents"
	cp "$T/intents" "$journal"
	doctor
	[ "$status" -eq 0 ]
	told journal warn 'bf-order recover --profile sim'
	printf '{"e":"bf.journal","what":"result","crc":"00000000"}\n{}\n' >>"$journal"
	doctor
	told journal warn 'damaged line'
	told journal warn ': bf-order open --profile sim'	# as it is said, it works
	bf-order open --profile sim >/dev/null
}

@test "a configuration with an error: exit 2, and what depends on it waits" {
	mkdir -p "$XDG_CONFIG_HOME/bf"
	printf '[own]\nrest = https://example.invalid\nwz = x\n' >"$XDG_CONFIG_HOME/bf/config"
	doctor own
	[ "$status" -eq 2 ]
	told configuration bad 'config:3: wz: unknown key'
	told clock skipped 'configuration comes first'
	chmod 666 "$XDG_CONFIG_HOME/bf/config"
	doctor own
	[ "$status" -eq 2 ]
	told configuration bad "chmod go-w $XDG_CONFIG_HOME/bf/config"
	rm "$XDG_CONFIG_HOME/bf/config"
	doctor own
	[ "$status" -eq 2 ]
	told configuration bad 'bf-profile add own'
}

@test "real money without a cap is worth a warning; no exchange is asked with --offline" {
	own money 'exchange = live' 'key = kkkk' 'secret = ssss'
	doctor money --offline
	[ "$status" -eq 0 ]
	told caps warn max_order_notional
	told hosts skipped '--offline'
	told key-rights skipped '--offline'
	echo 'max_order_notional = 1000' >>"$XDG_CONFIG_HOME/bf/profiles/money"
	doctor money --offline
	told caps ok
}

@test "without a chosen profile it is live, and no key is looked for" {
	doctor --offline
	[ "$status" -eq 0 ]
	told profile ok 'fapi.binance.com'
	told key skipped 'no profile is chosen'
}

@test "the worst decides: a latch before a key, a local trouble before a latch" {
	sim --key-permissions reading,futures,withdrawals
	bf-kill --level block --reason x >/dev/null
	doctor
	[ "$status" -eq 6 ]
	[[ $stderr == *"3 of "*" checks are bad, first of all latch: "* ]]
}

@test "one profile at a time" {
	doctor live demo
	[ "$status" -eq 2 ]
	doctor live --profile demo
	[ "$status" -eq 2 ]
	[ -z "$output" ]
}

@test "a full disk is an error, not silence" {
	run sh -c 'bf-profile doctor --offline >/dev/full'
	[ "$status" -eq 8 ]
}
