#!/usr/bin/env bats
# bf-profile: set up, show, remove. The secret of a test is in one file at the end, and was on no screen.
# shellcheck disable=SC2154	# stderr: run sets it

setup() { load ../helper; load ../signed; load ../terminal; home; own=$XDG_CONFIG_HOME/bf/profiles; }
teardown() { terminal_end; home_end; }

key_of() { sed -n "s/^$1 = //p" "$own/sim"; }
# The key of the simulator's profile as a key file has it.
key_text() { grep -E '^(key|secret) = ' "$own/sim"; }
# Files that hold TEXT, of all below HOME.
holders() { grep -rlF -- "$1" "$HOME" | sort; }
# An address where nobody listens.
nobody=(--rest http://127.0.0.1:9 --ws ws://127.0.0.1:9)

@test "the list: what is built in, the configuration's sections, files; 4 characters of a key" {
	mkdir -p "$own"
	printf 'default = mine\n[mine]\nexchange = demo\nmax_order_notional = 500\napi_key = ABCDEFGH\nsecret_cmd = touch %s/ran\n' "$T" \
		>"$XDG_CONFIG_HOME/bf/config"
	printf 'rest = http://127.0.0.1:9\nws = ws://127.0.0.1:9\nkey = QRSTUVWX\nsecret = tellnobody\n' >"$own/local"
	chmod 600 "$own/local"
	run --separate-stderr bf-profile
	[ "$status" -eq 0 ] && [ -z "$stderr" ]
	is -s 'map(.profile) == ["live", "demo", "local", "mine"] and all(.[]; .e == "bf.profile")' <<<"$output"
	is -s '.[3] | .default and .exchange == "demo" and .keyIn == "command" and .key == "ABCD" and
		.maxOrderNotional == "500" and .from == ["config"] and .why == null' <<<"$output"
	is -s '.[2] | .default == false and .exchange == "http://127.0.0.1:9" and .keyIn == "file" and .key == "QRST"' <<<"$output"
	is -s '.[0] | .keyIn == "none" and .key == null and .from == ["built in"]' <<<"$output"
	[[ $output != *tellnobody* && $output != *EFGH* ]]
	[ ! -e "$T/ran" ]
	[ "$(bf-profile list)" != "" ]
	run --separate-stderr bf-profile list --fields keyin
	[[ $stderr == "bf-profile: --fields: no record had keyin;"* ]]
}

@test "a profile that does not load is in the list, with the reason" {
	mkdir -p "$own"
	printf 'nonsense = 1\n' >"$own/broken"
	chmod 600 "$own/broken"
	run --separate-stderr bf-profile --jq 'select(.profile == "broken").why'
	[ "$status" -eq 0 ]
	[[ $output == *"broken:1: nonsense: unknown key"* ]]
}

@test "show: each value, and the file and line that says it" {
	mkdir -p "$own"
	printf '[demo]\nsymbols = BTCUSDT\nmax_price_distance = 5\n' >"$XDG_CONFIG_HOME/bf/config"
	printf '# mine\nmax_price_distance = 2.5\nkey = QRSTUVWX\nsecret = tellnobody\n' >"$own/demo"
	chmod 600 "$own/demo"
	run --separate-stderr bf-profile show demo
	[ "$status" -eq 0 ]
	is -s --arg c "$XDG_CONFIG_HOME/bf/config:2" 'any(.[]; .name == "symbols" and .value == "BTCUSDT" and .from == $c)' <<<"$output"
	is -s --arg c "$own/demo:2" 'any(.[]; .name == "max_price_distance" and .value == "2.5" and .from == $c)' <<<"$output"
	is -s --arg c "$own/demo" 'any(.[]; .name == "key" and .value == "QRST..." and .from == $c)' <<<"$output"
	is -s 'any(.[]; .name == "rest" and .value == "https://demo-fapi.binance.com" and .from == "built in")' <<<"$output"
	is -s 'any(.[]; .name == "proxy" and .value == null and .from == "not set")' <<<"$output"
	[[ $output != *tellnobody* && $output != *UVWX* ]]
}

@test "add in a pipe: the key from standard input, tried, and one file of mode 0600" {
	sim
	run --separate-stderr bash -c 'grep -E "^(key|secret) = " "$1" | bf-profile add mine --rest "$2" --ws "$3" --key-fd 0 --max-order-notional 500 --symbols BTCUSDT,ETHUSDT --default' \
		_ "$own/sim" "$SIM_REST" "$SIM_WS"
	[ "$status" -eq 0 ] && [ -z "$output" ]
	[ "$(stat -c %a "$own/mine")" = 600 ]
	[ "$(seen GET /fapi/v3/account)" -eq 1 ]
	[ "$(find "$own" -type f | wc -l)" -eq 2 ]
	[[ $stderr != *"$(key_of secret)"* ]]
	[ "$(cat "$XDG_CONFIG_HOME/bf/config")" = 'default = mine' ]
	unset BF_PROFILE
	bf-position balances --jq .asset | grep -q USDT
	bf-profile show --jq 'select(.name == "symbols").value' | grep -qx '"BTCUSDT ETHUSDT"'
}

@test "a bare secret goes with --api-key; another type than the key's is refused" {
	sim
	run bash -c 'printf "%s\n" "$1" | bf-profile add mine --rest "$2" --ws "$3" --key-fd 0 --api-key "$4" --type ed25519' \
		_ "$(key_of secret)" "$SIM_REST" "$SIM_WS" "$(key_of key)"
	[ "$status" -eq 5 ] && [ ! -e "$own/mine" ]
	printf '%s\n' "$(key_of secret)" |
		bf-profile add mine --rest "$SIM_REST" --ws "$SIM_WS" --key-fd 0 --api-key "$(key_of key)" --type hmac
	grep -qx "secret = $(key_of secret)" "$own/mine" && grep -qx 'type = hmac' "$own/mine"
}

@test "a key that the exchange refuses, or cannot be asked about, is not written" {
	sim
	run bash -c 'printf "key = %s\nsecret = wrong\n" "$1" | bf-profile add mine --rest "$2" --ws "$3" --key-fd 0' \
		_ "$(key_of key)" "$SIM_REST" "$SIM_WS"
	[ "$status" -eq 5 ]
	[[ $output == *"nothing was written"* ]]
	run bash -c 'printf "key = abc\nsecret = def\n" | bf-profile add mine "$@" --key-fd 0' _ "${nobody[@]}"
	[ "$status" -eq 3 ]
	[[ $output == *--offline* ]]
	[ "$(find "$own" -type f)" = "$own/sim" ]
	printf 'key = abc\nsecret = def\n' | bf-profile add mine "${nobody[@]}" --key-fd 0 --offline
	[ -f "$own/mine" ]
}

@test "in a pipe, and with --no-input, nothing is asked: what is missing is named" {
	local row
	for row in 'add|NAME' 'add x|--exchange' 'add x --rest http://127.0.0.1:9|--ws' 'add x --exchange demo|--key-fd' \
	    'key demo|--api-key' 'remove demo|built in'; do
		# shellcheck disable=SC2086 # words
		run bash -c 'bf-profile "$@" </dev/null' _ ${row%|*}
		[ "$status" -eq 2 ] || { echo "$row: $status"; false; }
		[[ $output == *"${row#*|}"* ]] || { echo "$row: $output"; false; }
	done
	terminal 'bf-profile --no-input add x; echo "status $?"'
	sees 'status 2'
	run cat "$SCREEN"
	[[ $output == *'--exchange live|demo is missing'* ]]
}

@test "what is given is looked at before anything is asked or written" {
	local row
	for row in '--max-order-notional x' '--max-price-distance 5%' '--max-orders-per-minute 0' '--proxy http://a:b@h:1' \
	    '--exchange prod' '--type dsa' '--generate rsa' '--api-key a' '--key-fd 0'; do
		# shellcheck disable=SC2086 # words
		run bf-profile add x --exchange demo --no-key $row
		[ "$status" -eq 2 ] || { echo "$row: $status"; false; }
	done
	run bf-profile add ../x --exchange demo --no-key
	[ "$status" -eq 2 ]
	run bf-profile add x --exchange demo --secret-cmd 'a ; b' --api-key k --offline
	[ "$status" -eq 2 ] && [[ $output == *comment* ]]
	run bf-profile show --yes
	[ "$status" -eq 2 ]
	run ! ls "$own"
}

@test "a profile that is there stays, without --force" {
	bf-profile add x --exchange demo --no-key
	cp "$own/x" "$T/was"
	run bf-profile add x --exchange demo --no-key --max-order-notional 5
	[ "$status" -eq 2 ] && [[ $output == *--force* ]]
	cmp "$own/x" "$T/was"
	bf-profile add x --exchange demo --no-key --max-order-notional 5 --force
	grep -qx 'max_order_notional = 5' "$own/x"
	rm "$own/x"
	ln -s "$T/was" "$own/x"
	run bf-profile add x --exchange demo --no-key --force
	[ "$status" -eq 2 ] && [ -L "$own/x" ]
}

@test "--dry-run shows what would be written but the key, and writes nothing" {
	run --separate-stderr bash -c 'printf "key = abc\nsecret = tellnobody\n" |
		bf-profile add x --exchange demo --key-fd 0 --offline --dry-run --max-order-notional 5'
	[ "$status" -eq 0 ]
	[[ $output == *"exchange = demo"*"max_order_notional = 5"* ]]
	[[ $output != *tellnobody* && $stderr != *tellnobody* ]]
	run ! ls "$own"
}

@test "the key stays where it is: in a file, named whole, or with a command" {
	mkdir -p "$T/keys"
	printf 'key = abc\nsecret = def\n' >"$T/keys/k"
	chmod 600 "$T/keys/k"
	cd "$T/keys"
	bf-profile add a --exchange demo --key-file k --offline
	grep -qx "key_file = $T/keys/k" "$own/a"
	bf-profile add b --exchange demo --secret-cmd 'cat k | sed -n s/secret.=.//p' --api-key abc --offline
	[ "$(bf-profile --jq 'select(.profile | IN("a", "b")) | .keyIn' | tr -d '\n')" = '"file""command"' ]
	chmod 644 k
	run bf-profile add c --exchange demo --key-file k --offline
	[ "$status" -eq 5 ] && [[ $output == *"chmod 600"* ]]
}

@test "a pair of keys is made here: the public one is printed, the private one written, and signs" {
	command -v openssl >/dev/null || skip "no openssl to look at the keys with"
	run --separate-stderr bf-profile add mine "${nobody[@]}" --generate ed25519
	[ "$status" -eq 0 ]
	[ "$(openssl pkey -in "$own/mine" -pubout)" = "$output" ]
	[ "$(stat -c %a "$own/mine")" = 600 ]
	[[ $output$stderr != *PRIVATE* && $stderr == *"bf-profile key mine --api-key KEY"* ]]
	printf '%s\n' "$output" >"$T/mine.pem"
	printf '[a]\nkey = akey\nsecret = asecret\n[mine]\nkey = theirs\npublic_key_file = mine.pem\nbalance = USDT=77\n' >"$T/accounts"
	chmod 600 "$T/accounts"
	sim --accounts "$T/accounts"
	sed -i "s|^rest = .*|rest = $SIM_REST|; s|^ws = .*|ws = $SIM_WS|" "$own/mine"
	cp "$own/mine" "$T/was"
	run bf-position --profile mine balances
	[ "$status" -eq 5 ]
	run bf-profile key mine --api-key akey
	[ "$status" -eq 5 ] && cmp "$own/mine" "$T/was"
	[[ $output == *"the API key is not in profile mine"* && $output != *"nothing was written"* ]]
	bf-profile key mine --api-key theirs
	bf-position --profile mine balances | grep -q '"77[".]'
	bf-profile key mine --api-key other --offline
	[ "$(grep -c '^key = ' "$own/mine")" -eq 1 ]
	[ "$(stat -c %a "$own/mine")" = 600 ]
	openssl pkey -in "$own/mine" -noout
}

@test "live without a cap is written with a warning; with one, without" {
	run --separate-stderr bf-profile add mine --exchange live --no-key
	[ "$status" -eq 0 ] && [[ $stderr == *"no caps"* ]]
	run --separate-stderr bf-profile add mine --exchange live --no-key --max-order-notional 100 --force
	[ "$status" -eq 0 ] && [[ $stderr != *"no caps"* ]]
}

@test "on a terminal: one question at a time, the secret unseen, echo as it was" {
	sim
	terminal 'bf-profile add mine --rest '"$SIM_REST"' --ws '"$SIM_WS"'; echo "status $?"; stty -a | grep -ow -- "-*echo"'
	sees 'Key: new'
	type_in hmac
	sees 'API key'
	type_in "$(key_of key)"
	sees 'Secret (not shown):'
	type_in "$(key_of secret)"
	sees 'one order'
	type_in abc
	sees 'not a positive decimal'
	type_in 500
	sees 'the position of a symbol may be worth [none]:'
	type_in
	sees 'in percent [none]:'
	type_in
	sees 'in a minute [none]:'
	type_in 30
	sees 'these symbols [none]:'
	type_in 'BTCUSDT'
	sees 'no profile is named [no]:'
	type_in yes
	sees 'status 0'
	wait_for grep -qx $'echo\r' "$SCREEN"
	run grep -F -- "$(key_of secret)" "$SCREEN"
	[ "$status" -eq 1 ]
	[ "$(holders "$(key_of secret)")" = "$own/mine"$'\n'"$own/sim" ]
	[ "$(stat -c %a "$own/mine")" = 600 ]
	run cat "$own/mine"
	[[ $output == *"max_order_notional = 500"$'\n'"max_orders_per_minute = 30"$'\n'"symbols = BTCUSDT"* ]]
	[[ $(<"$XDG_CONFIG_HOME/bf/config") == 'default = mine' ]]
}

@test "on a terminal: a question is whole, however long the path in it" {
	local deep name
	name=$(printf 'n%.0s' {1..63})
	deep=$T/$(printf 'd%.0s' {1..100})
	deep=$deep/$(printf '%*s' $((330 - ${#deep} - 4)) '' | tr ' ' e)	# as long as such a path may be, or nearly
	mkdir -p "$deep"
	XDG_CONFIG_HOME=$deep bf-profile add "$name" --exchange demo --no-key
	terminal "XDG_CONFIG_HOME=$deep bf-profile remove $name; echo \"status \$?\""
	sees "Remove $deep/bf/profiles/$name [no]: "
	type_in yes
	sees 'status 0'
	[ ! -e "$deep/bf/profiles/$name" ]
}

@test "on a terminal: a private key is taken to its END line, unseen" {
	command -v openssl >/dev/null || skip "no openssl to make a key with"
	openssl genpkey -algorithm ed25519 -out "$T/pem"
	terminal 'bf-profile add mine --exchange demo --type ed25519 --api-key abc --offline --max-order-notional 5; echo "status $?"'
	sees '(not shown):'
	type_in "$(cat "$T/pem")"
	for q in 'the position' 'in percent' 'in a minute' 'these symbols'; do
		sees "$q"
		type_in
	done
	sees 'no profile is named'
	type_in no
	sees 'status 0'
	run grep -F -- "$(sed -n 2p "$T/pem")" "$SCREEN"
	[ "$status" -eq 1 ]
	cmp <(openssl pkey -in "$own/mine") "$T/pem"
	[ ! -e "$XDG_CONFIG_HOME/bf/config" ]
}

@test "interrupted at the secret: echo is back, and nothing was written" {
	terminal 'trap : INT; bf-profile add mine --exchange demo --type hmac --api-key abc; echo "status $?"; stty -a | grep -ow -- "-*echo"'
	sees '(not shown):'
	printf 'half of it\003' >&8
	sees 'status 130'
	wait_for grep -qx $'echo\r' "$SCREEN"
	run grep -F 'half of' "$SCREEN"
	[ "$status" -eq 1 ]
	run ! ls "$own"
}

# queued PID: a whole line waits on its terminal.
queued() {
	python3 -c 'import fcntl, os, struct, sys, termios
fd = os.open("/proc/%s/fd/0" % sys.argv[1], os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
sys.exit(struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))[0] < 50)' "$1"
}

@test "ended in the middle of a private key: no line of it is left for the shell" {
	command -v python3 >/dev/null || skip "no python3 to look at what a terminal holds"
	terminal 'sh -c '\''echo "pid $$"; exec bf-profile add mine --exchange demo --type ed25519 --api-key abc'\''; cat'
	sees '(not shown):'
	pid=$(sed -n 's/^pid \([0-9]*\).*/\1/p' "$SCREEN")
	kill -STOP "$pid"
	printf '%s\n' '-----BEGIN PRIVATE KEY-----' 'MC4CAQAwBQYDK2VwBCIEIthe-rest-of-a-key' >&8
	wait_for queued "$pid"
	kill -TERM "$pid"
	kill -CONT "$pid"
	sees Terminated
	type_in 'the next line'
	sees 'the next line'
	run ! grep -e "BEGIN PRIV" -e MC4C "$SCREEN"
	run ! ls "$own"
}

@test "remove: with --yes or a yes; what it leaves is said" {
	sim
	key_text | bf-profile add mine --rest "$SIM_REST" --ws "$SIM_WS" --key-fd 0 --default
	run bf-profile remove mine
	[ "$status" -eq 2 ] && [[ $output == *--yes* ]] && [ -f "$own/mine" ]
	terminal 'bf-profile remove mine; echo "status $?"'
	sees '[no]:'
	type_in
	sees 'status 0'
	[ -f "$own/mine" ]
	mkdir -p "$XDG_STATE_HOME/bf/mine/journal"
	run bf-profile remove mine --yes
	[ "$status" -eq 0 ] && [ ! -e "$own/mine" ]
	[[ $output == *"journal of its orders: $XDG_STATE_HOME/bf/mine"* && $output == *"default = mine"* ]]
	[ -d "$XDG_STATE_HOME/bf/mine/journal" ]
	run bf-profile remove mine --yes
	[ "$status" -eq 2 ]
}

@test "default: the rest of the configuration is kept byte for byte" {
	mkdir -p "$XDG_CONFIG_HOME/bf"
	c=$XDG_CONFIG_HOME/bf/config
	printf '; of mine\n\n[demo]\n  symbols = BTCUSDT\t; here\nmax_order_notional=5' >"$c"
	cp "$c" "$T/was"
	chmod 644 "$c"
	bf-profile default demo
	cmp <(printf 'default = demo\n\n'; cat "$T/was") "$c"
	[ "$(stat -c %a "$c")" = 644 ]
	bf-profile default live
	cmp <(printf 'default = live\n\n'; cat "$T/was") "$c"
	printf '# top\ndefault:  live   ; why\n[demo]\nsymbols = BTCUSDT\n' >"$c"
	bf-profile default demo
	cmp <(printf '# top\ndefault:  demo   ; why\n[demo]\nsymbols = BTCUSDT\n') "$c"
	run bf-profile default nobody
	[ "$status" -eq 2 ]
	rm "$c"
	ln -s "$T/was" "$c"
	run bf-profile default demo
	[ "$status" -eq 2 ] && [ -L "$c" ]
}

@test "a directory that cannot be used is trouble here, exit 8, and no half a file" {
	mkdir -p "$XDG_CONFIG_HOME/bf"
	: >"$own"
	run bf-profile add x --exchange demo --no-key
	[ "$status" -eq 8 ]
	run bash -c 'bf-profile add y --exchange demo --generate ed25519 >/dev/full'
	[ "$status" -eq 8 ]
}

@test "words: contracts from the cache, orders from the journal; no exchange is asked" {
	feed
	sim --feed "$T/feed" --balance coinm.BTC=1
	mark BTCUSDT 50000
	wait_for bf-info mark BTCUSDT
	bf-info --market coinm symbols >/dev/null
	bf-order buy BTCUSDT 0.01 @ 40000 --client-id stands
	bf-order buy BTCUSDT 0.01 @ 41000 --client-id gone
	bf-order cancel BTCUSDT gone
	bf-order sell BTCUSDT 0.01 stop 30000 --client-id waits
	bf-order buy BTCUSDT 0.01 market --client-id filled
	n=$(jq -s 'length' "$T/ledger")
	kill -STOP "$SIM_PID"	# who asked it now would wait
	run timeout 5 bf-profile words orders BTCUSDT
	[ "$status" -eq 0 ]
	[[ $output == *stands* && $output == *waits* && $output != *gone* && $output != *filled* ]]
	[ "${#lines[@]}" -eq 4 ]
	run timeout 5 bf-profile words orders ETHUSDT
	[ "$status" -eq 0 ] && [ -z "$output" ]
	run timeout 5 bf-profile words symbols
	[[ $output == *BTCUSDT* && $output == *BTCUSD_PERP* ]]
	run timeout 5 bf-profile words symbols --market usdm
	[[ $output == *BTCUSDT* && $output != *BTCUSD_PERP* ]]
	kill -CONT "$SIM_PID"
	bf-order cancel-all BTCUSDT
	[ -z "$(bf-profile words orders BTCUSDT)" ]
	[ "$n" -gt 0 ]
}

@test "words: a name that a shell would act on is none; asking makes no directory" {
	run bf-profile words orders BTCUSDT --profile demo
	[ "$status" -eq 0 ] && [ -z "$output" ]
	[ ! -e "$XDG_STATE_HOME/bf" ] && [ ! -e "$XDG_CACHE_HOME/bf" ]
	mkdir -p "$XDG_CACHE_HOME/bf/demo"
	chmod -R 700 "$XDG_CACHE_HOME/bf"
	jq -n '{symbols: ["BTCUSDT", "$(touch x)", "A;B", "币安USDT", "`id`"] | map({symbol: .})}' >"$XDG_CACHE_HOME/bf/demo/exchangeInfo.json"
	run bf-profile words symbols --profile demo
	[ "$output" = $'BTCUSDT\n币安USDT' ]
	run bf-profile words nonsense
	[ "$status" -eq 2 ]
}
