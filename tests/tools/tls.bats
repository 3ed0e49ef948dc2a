#!/usr/bin/env bats
# https, well and badly: bf-sim behind a TLS peer whose certificate is the test's.

setup() {
	load ../helper
	load ../signed
	load ../wire
	home
	certs
}
teardown() { home_end; }

# at NAME: the profile for the peer that stands at TLS_PORT.
at() { place_at "$1" "https://127.0.0.1:$TLS_PORT" "wss://127.0.0.1:$TLS_PORT" "ca_file = $T/ca.pem"; }

# refused WORDS: every tool that asks is turned away at the certificate, and says why.
refused() {
	local tool
	for tool in 'bf-time' 'bf-info mark BTCUSDT'; do
		# shellcheck disable=SC2086
		run --separate-stderr timeout 60 $tool
		[ "$status" -eq 3 ] || { echo "$tool: $status: $stderr"; false; }
		[ -z "$output" ]
		[[ $stderr == *"$1"* ]] || { echo "$tool: $stderr"; false; }
	done
	[ "$(jq -s '[.[] | select(.what == "request")] | length' "$T/ledger")" -eq 0 ]
}

@test "a certificate of the profile's own authority is good" {
	sim
	cert good IP:127.0.0.1
	tls good "${SIM_REST##*:}"
	at secure
	run --separate-stderr bf-time
	[ "$status" -eq 0 ]
	has "$output" '.e == "bf.time" and .profile == "secure"'
	run --separate-stderr bf-info mark BTCUSDT -o ndjson
	[ "$status" -eq 0 ]
	has "$output" '.symbol == "BTCUSDT"'
	[ "$(grep -c '^connection' "$T/good.tls")" -eq 2 ]	# one for each run
}

@test "TLS 1.2 is good, and so is 1.3" {
	local v
	sim
	cert good IP:127.0.0.1
	for v in 1.2 1.3; do
		tls good "${SIM_REST##*:}" "$v" "$v"
		at "v${v//./}"
		run --separate-stderr bf-time
		[ "$status" -eq 0 ] || { echo "$v: $stderr"; false; }
	done
}

@test "a ca_file beside the configuration is found by its name alone" {
	sim
	cert good IP:127.0.0.1
	tls good "${SIM_REST##*:}"
	mkdir -p "$XDG_CONFIG_HOME/bf"
	cp "$T/ca.pem" "$XDG_CONFIG_HOME/bf/own.pem"
	place_at own "https://127.0.0.1:$TLS_PORT" "wss://127.0.0.1:$TLS_PORT" 'ca_file = own.pem'
	run --separate-stderr bf-time
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
}

@test "expired: refused" {
	sim
	cert late IP:127.0.0.1 -1
	tls late "${SIM_REST##*:}"
	at late
	refused expired
	grep -q '^no TLS' "$T/late.tls"
}

@test "of another host: refused" {
	sim
	cert other 'IP:127.0.0.2,DNS:example.org'
	tls other "${SIM_REST##*:}"
	at other
	refused 127.0.0.1
	[[ $stderr == *"name"* ]]
}

@test "self-signed: refused" {
	sim
	self lone IP:127.0.0.1
	tls lone "${SIM_REST##*:}"
	at lone
	refused self-signed
}

@test "of an authority that nobody chose: refused" {
	sim
	cert good IP:127.0.0.1
	tls good "${SIM_REST##*:}"
	place_at system "https://127.0.0.1:$TLS_PORT" "wss://127.0.0.1:$TLS_PORT"
	refused certificate
}

@test "nothing newer than TLS 1.1: refused" {
	sim
	cert good IP:127.0.0.1
	tls good "${SIM_REST##*:}" 1.0 1.1
	at old
	refused protocol
	grep -q '^no TLS' "$T/good.tls"
}

@test "http where https was meant: refused, and nothing is said in the clear" {
	sim
	place_at plain "https://127.0.0.1:${SIM_REST##*:}" "wss://127.0.0.1:${SIM_REST##*:}"
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[ -n "$stderr" ]
}

@test "there is no switch that turns the check off" {
	local tool
	for tool in bf-time bf-info bf-stream; do
		run --separate-stderr "$tool" --insecure
		[ "$status" -eq 2 ]
		run --separate-stderr "$tool" -k
		[ "$status" -eq 2 ]
	done
	sim
	self lone IP:127.0.0.1
	tls lone "${SIM_REST##*:}"
	at lone
	export SSL_CERT_FILE=$T/lone.pem CURL_CA_BUNDLE=$T/lone.pem SSL_CERT_DIR=$T
	refused self-signed
}

@test "ca_file: not for an exchange elsewhere, and not one that cannot be read" {
	place_at far https://fapi.example.org wss://fstream.example.org "ca_file = $T/ca.pem"
	run --separate-stderr bf-time
	[ "$status" -eq 2 ]
	[[ $stderr == *ca_file*"this machine"* ]]
	sim
	cert good IP:127.0.0.1
	tls good "${SIM_REST##*:}"
	place_at gone "https://127.0.0.1:$TLS_PORT" "wss://127.0.0.1:$TLS_PORT" "ca_file = $T/nothing.pem"
	run --separate-stderr bf-time
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[[ $stderr == *"certificate file"* ]]
}

@test "the keys of a session are never written to a file, whatever the environment says" {
	sim
	cert good IP:127.0.0.1
	tls good "${SIM_REST##*:}"
	at secure
	SSLKEYLOGFILE=$T/keys run --separate-stderr bf-time
	[ "$status" -eq 0 ]
	[ ! -e "$T/keys" ]
}

@test "no OpenSSL configuration or module of the environment is read, with a key or without" {
	local c
	sim
	# with this one nothing of OpenSSL works, unless it is not read
	printf '%s\n' 'openssl_conf = o' '[o]' 'providers = p' '[p]' 'none = n' '[n]' \
		"module = $T/none.so" 'activate = 1' >"$T/openssl.cnf"
	for c in 'bf-info price BTCUSDT' 'bf-info fees BTCUSDT' 'bf-position' 'bf-time' \
		'bf-order buy BTCUSDT 0.01 @ 50000' 'bf-stream --count 1 bookTicker BTCUSDT'; do
		# shellcheck disable=SC2086 # words
		OPENSSL_CONF=$T/openssl.cnf OPENSSL_MODULES=$T SSL_CERT_FILE=/dev/null SSL_CERT_DIR=$T \
			run --separate-stderr timeout 20 $c
		[ "$status" -eq 0 ] || { echo "$c: $status $stderr"; false; }
	done
}
