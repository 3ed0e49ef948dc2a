#!/usr/bin/env bats
# Orders signed by every kind of key, from every place a key may be in; the simulator knows
# the public halves, checks with code of its own, and its ledger tells what came.

setup() {
	load ../helper
	home
	umask 077
	openssl genpkey -algorithm ed25519 -out "$T/ed.pem"
	openssl pkey -in "$T/ed.pem" -pubout -out "$T/ed.pub"
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$T/rsa.pem" 2>"$T/openssl"
	openssl pkey -in "$T/rsa.pem" -pubout -out "$T/rsa.pub"
	printf '%s\n' '[hmac]' 'key = keyofhmac' 'secret = secretofhmac' 'balance = USDT=100000' \
		'[rsa]' 'key = keyofrsa' 'public_key_file = rsa.pub' 'balance = USDT=100000' \
		'[ed25519]' 'key = keyofed25519' 'public_key_file = ed.pub' 'balance = USDT=100000' >"$T/accounts"
	sim --accounts "$T/accounts"
	# key files of each kind: HMAC, private keys in files of their own, and written out
	printf '%s\n' 'key = keyofhmac' 'secret = secretofhmac' 'type = hmac' >"$T/hmac.key"
	printf '%s\n' 'key = keyofrsa' "private_key = $T/rsa.pem" 'type = rsa' >"$T/rsa.key"
	printf '%s\n' 'key = keyofed25519' "private_key = $T/ed.pem" 'type = ed25519' >"$T/ed25519.key"
	{ printf '%s\n' 'key = keyofrsa' 'type = rsa'; cat "$T/rsa.pem"; } >"$T/rsa.whole"
	{ printf '%s\n' 'key = keyofed25519' 'type = ed25519'; cat "$T/ed.pem"; } >"$T/ed25519.whole"
	cp "$T/hmac.key" "$T/hmac.whole"
}
teardown() { home_end; }

# own LINE...: a profile for the simulator with its key in none of the usual places.
own() {
	mkdir -p "$XDG_CONFIG_HOME/bf"
	printf '%s\n' '[own]' "rest = $SIM_REST" "ws = $SIM_WS" "$@" >"$XDG_CONFIG_HOME/bf/config"
	chmod 600 "$XDG_CONFIG_HOME/bf/config"
	export BF_PROFILE=own
}
# placed WHAT: the run before placed one order more than those so far.
PLACED=0
placed() {
	[ "$status" -eq 0 ] || { echo "$1: $status $output $stderr"; return 1; }
	PLACED=$((PLACED + 1))
	[ "$(executed)" -eq "$PLACED" ] || { echo "$1: $(executed) orders, not $PLACED"; return 1; }
}
buy() { run --separate-stderr timeout 30 bf-order buy BTCUSDT 0.01 @ 50000; }
# refused_key WORDS: exit 5 with them, and nothing was asked for with a key.
refused_key() {
	[ "$status" -eq 5 ] || { echo "$status $output $stderr"; return 1; }
	[[ $stderr == *"$1"* ]] || { echo "$stderr"; return 1; }
	[ "$(seen POST /fapi/v1/order)" -eq 0 ]
}

@test "a key of each kind signs orders, from a file" {
	local kind form
	for kind in hmac rsa ed25519; do
		for form in key whole; do
			own "key_file = $T/$kind.$form"
			buy
			placed "$kind.$form"
		done
	done
}

@test "a key of each kind signs orders, from a descriptor: a file, a pipe" {
	local kind
	own
	for kind in hmac rsa ed25519; do
		BF_KEY_FD=9 buy 9<"$T/$kind.whole"
		placed "$kind, a file"
		BF_KEY_FD=8 buy 8< <(cat "$T/$kind.whole")
		placed "$kind, a pipe"
	done
}

@test "a key of each kind signs orders, from secret_cmd; a secret, from the environment" {
	local kind
	for kind in hmac rsa ed25519; do
		own "secret_cmd = cat $T/$kind.whole"
		buy
		placed "$kind"
	done
	own 'api_key = keyofed25519' "secret_cmd = cat $T/ed.pem"
	buy
	placed 'a private key alone'
	own
	BF_API_KEY=keyofhmac BF_API_SECRET=secretofhmac buy
	placed 'the environment'
}

@test "each tool that needs a key takes it from the descriptor, and they may share it" {
	local c
	own
	export BF_KEY_FD=9
	exec 9<"$T/ed25519.whole"
	for c in 'bf-order buy BTCUSDT 0.01 @ 50000' 'bf-position' 'bf-info fees BTCUSDT' 'bf-info brackets BTCUSDT' \
		'bf-kill --cancel-only' 'bf-kill --reset --reason mended'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr timeout 30 $c
		[ "$status" -eq 0 ] || { echo "$c: $status $stderr"; false; }
	done
	[ "$(executed)" -eq 1 ]
	run --separate-stderr bash -c "echo '{\"op\":\"cancel-all\",\"symbol\":\"BTCUSDT\"}' | bf-risk | bf-order"
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
}

@test "the file of the profile comes before the descriptor, that before secret_cmd and the environment" {
	own "key_file = $T/hmac.key"
	BF_KEY_FD=9 buy 9< <(echo nonsense)
	placed 'key_file'
	own "secret_cmd = touch $T/ran; echo nonsense"
	BF_KEY_FD=9 BF_API_KEY=wrong BF_API_SECRET=wrong buy 9<"$T/rsa.whole"
	placed 'descriptor'
	[ ! -e "$T/ran" ]
}

@test "a type that the key is not of is refused, and nothing is sent" {
	own
	sed 's/^type.*/type = rsa/' "$T/ed25519.whole" >"$T/k"
	BF_KEY_FD=9 buy 9<"$T/k"
	refused_key 'type=rsa, but the private key is of type ed25519'
	sed 's/^type.*/type = ed25519/' "$T/hmac.whole" >"$T/k"
	BF_KEY_FD=9 buy 9<"$T/k"
	refused_key 'needs private_key='
	sed 's/^type.*/type = hmac/' "$T/rsa.whole" >"$T/k"
	BF_KEY_FD=9 buy 9<"$T/k"
	refused_key 'needs secret='
}

@test "a private key with a password is refused, and it is said what to do" {
	own
	openssl pkey -in "$T/ed.pem" -aes256 -passout pass:word -out "$T/locked.pem"
	{ echo 'key = keyofed25519'; cat "$T/locked.pem"; } >"$T/k"
	BF_KEY_FD=9 buy 9<"$T/k"
	refused_key 'has a password'
	[[ $stderr == *'openssl pkey'* ]]
}

@test "a descriptor that is a terminal, open to others, empty or not there is refused" {
	own
	BF_KEY_FD=9 buy 9>&-
	refused_key 'Bad file descriptor'
	chmod 640 "$T/hmac.key"
	BF_KEY_FD=9 buy 9<"$T/hmac.key"
	refused_key 'mode 0640'
	BF_KEY_FD=9 buy 9< <(:)
	refused_key 'empty, or was read before'
	BF_KEY_FD=9 buy 9< <(head -c 20000 /dev/zero | tr '\0' x)
	refused_key 'no key has'
	BF_KEY_FD=0 buy <"$T/rsa.whole"
	refused_key '3 or more'
	command -v script >/dev/null || skip "no script(1) to make a terminal with"
	script -qec 'BF_KEY_FD=9 timeout 30 bf-order buy BTCUSDT 0.01 @ 50000 9<>/dev/tty; echo "ended $?"' /dev/null \
		</dev/null >"$T/tty"
	grep -q 'is a terminal' "$T/tty" || { cat "$T/tty"; false; }
	grep -q 'ended 5' "$T/tty"
	[ "$(executed)" -eq 0 ]
}

@test "what a tool starts has no descriptor of the key and does not hear of it" {
	[ "$(uname)" = Linux ] || skip "/proc is Linux's"
	own
	mkdir "$T/bin"
	cat >"$T/bin/gnuplot" <<-END
		#!/bin/sh
		ls -l /proc/self/fd >"$T/fds"
		env >"$T/env"
		cat >/dev/null
	END
	chmod 700 "$T/bin/gnuplot"
	BF_KEY_FD=9 PATH=$T/bin:$PATH run --separate-stderr timeout 30 bf-info klines --plot="$T/a.svg" BTCUSDT 1m 9<"$T/hmac.key"
	[ -s "$T/fds" ] || { echo "$status $stderr"; false; }
	run ! grep -q 'hmac.key' "$T/fds"
	run ! grep -q BF_KEY_FD "$T/env"
}
