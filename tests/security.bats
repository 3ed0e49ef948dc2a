#!/usr/bin/env bats
# The table of docs/security.md: that its tests are there, and those of them that stand
# nowhere else.

setup() {
	load helper
	load wire
	home
	ROOT=$BATS_TEST_DIRNAME/..
}

teardown() { home_end; }

@test "every row of the table is there, in order, and every test it names" {
	local file name bad=0
	diff <(grep -oE '^\| S[0-9]{2} ' "$ROOT/docs/security.md" | tr -d '| ') <(printf 'S%02d\n' {1..45})
	while IFS=$'\t' read -r file name; do
		grep -qF -e "@test \"$name\" {" -e "$name(void" "$ROOT/$file" ||
			{ echo "not there: $file: $name"; bad=1; }
	done < <(grep -oE '`tests/[^`]+`: "[^"]+"' "$ROOT/docs/security.md" | sed -E 's/^`([^`]+)`: "(.*)"$/\1\t\2/')
	[ "$bad" -eq 0 ]
	[ "$(grep -cE '^\| S[0-9]{2} .*(`tests/|not met)' "$ROOT/docs/security.md")" -eq 45 ]
}

@test "no option of any tool takes a secret" {
	local tool
	for tool in "$BF_BIN"/bf-*; do
		run "$tool" --help
		[ "$status" -eq 0 ]
		# a command that prints it is none; nor is an API key, which signs nothing
		run ! grep -iE -- '--[a-z-]*(secret|passw|token|api-?key|private)' < <(sed -E 's/--(secret-cmd=CMD|api-key[= ]KEY)//' <<<"$output")
	done
}

@test "a secret stands in locked memory alone, while a program runs that signs with it" {
	local secret pid
	[ "$(id -u)" -eq 0 ] || skip "only root may look into it"
	[ "$BF_VARIANT" = release ] || skip "a sanitizer keeps what was freed"
	sim
	read -r secret < <(jq -r .secret "$T/sim.out")
	mkfifo -m 600 "$T/in"
	exec 9<>"$T/in"
	bf-order <"$T/in" >"$T/out" 2>"$T/err" 3>&- 4>&- 9>&- &
	pid=$!
	SIM_PIDS="$SIM_PIDS $pid"
	echo '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","price":"50000","timeInForce":"GTC","quantity":"0.01"}' >&9
	wait_for grep -q orderId "$T/out"
	run "$BF_PEERS/memscan" "$pid" <<<"$secret"
	[ "$status" -eq 0 ] || skip "this kernel lets nobody look: $output"
	[[ $output =~ ^locked\ [1-9][0-9]*\ other\ 0$ ]] || { echo "$output"; false; }
}

@test "files of state and cache are their owner's alone, whatever the umask" {
	umask 000
	sim
	bf-info filters BTCUSDT >/dev/null
	bf-order buy BTCUSDT 0.01 market >/dev/null
	bf-kill --latch-only >/dev/null
	[ -n "$(find "$XDG_STATE_HOME/bf" "$XDG_CACHE_HOME/bf" -type f)" ]
	run find "$XDG_STATE_HOME/bf" "$XDG_CACHE_HOME/bf" -perm /077
	[ -z "$output" ] || { echo "$output"; false; }
}

@test "nothing in the environment or the home leads a tool elsewhere, and no name in /tmp is used" {
	local file
	command -v strace >/dev/null || skip "no strace here"
	sim
	for file in .netrc .curlrc .wgetrc .rnd .openssl.cnf; do echo "machine 127.0.0.1 login x password y" >"$HOME/$file"; done
	echo 'canary' >"$T/planted"
	export NETRC=$T/planted CURL_HOME=$T/planted OPENSSL_CONF=$T/planted SSL_CERT_FILE=$T/planted SSL_CERT_DIR=$T/planted \
		SSLKEYLOGFILE=$T/planted NLSPATH=$T/planted/%N HOSTALIASES=$T/planted GCONV_PATH=$T/planted CURL_CA_BUNDLE=$T/planted \
		OPENSSL_MODULES=$T/planted OPENSSL_ENGINES=$T/planted MALLOC_TRACE=$T/planted LOCPATH=$T/planted
	# LeakSanitizer traces too, and there may be one tracer
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
	strace -f -qq -e trace=%file -o "$T/trace.order" bf-order buy BTCUSDT 0.01 market >/dev/null
	strace -f -qq -e trace=%file -o "$T/trace.info" bf-info mark BTCUSDT >/dev/null
	[ -s "$T/trace.order" ]
	# the C library itself looks for GCONV_PATH and the like only where it converts; nobody does
	run ! grep -hE 'planted|\.netrc|\.curlrc|\.wgetrc|openssl\.cnf|\.rnd"' "$T"/trace.*
	run ! grep -hE "(open|openat|rename[a-z0-9]*)\([^\"]*\"(/tmp|/var/tmp|$TMPDIR)/[^/\"]*\"" "$T"/trace.*
}

@test "what secret_cmd runs finds neither proxies nor what would be loaded into it" {
	sim
	printf '%s\n' "rest = $SIM_REST" "ws = $SIM_WS" "api_key = x" "secret_cmd = env >$T/env; echo secret" >"$T/p"
	install -m 600 "$T/p" "$XDG_CONFIG_HOME/bf/profiles/cmd"
	https_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1 LD_LIBRARY_PATH=/nowhere LD_BIND_NOT=1 NLSPATH=/nowhere \
		BASH_ENV=/nowhere run bf-order --profile cmd </dev/null
	[ -s "$T/env" ]
	run ! grep -iE '^([a-z]+_proxy|LD_|NLSPATH|BASH_ENV|BF_API_SECRET|BF_KEY_FD)' "$T/env"
}

@test "nothing but bf-sim listens, and no socket has a name" {
	run ! grep -vE '/cmd/bf-sim/|/lib/io/(sandbox_calls|notify)\.c$' < <(
		grep -rlE '\b(listen|accept4?) *\(|sockaddr_un' "$ROOT/lib" "$ROOT/cmd" --include='*.c')
}

@test "a FIFO that everybody may write is refused, one of a group is not" {
	sim
	mkfifo "$T/in"
	exec 9<>"$T/in"
	chmod 666 "$T/in"
	run --separate-stderr timeout 20 bf-order <"$T/in"
	[ "$status" -eq 2 ]
	[[ $stderr == *"others may write"* ]]
	run --separate-stderr timeout 20 bf-risk --max-lev 5 <"$T/in"
	[ "$status" -eq 2 ]
	[[ $stderr == *"others may write"* ]]
	chmod 660 "$T/in"
	bf-risk --max-lev 5 <"$T/in" >"$T/out" 2>"$T/err" 3>&- 4>&- 9>&- &
	SIM_PIDS="$SIM_PIDS $!"
	echo '{"note":"passes"}' >&9
	wait_for grep -q passes "$T/out"
}

@test "figures do not depend on the locale, which nobody sets for numbers" {
	local there loc where=(bf-position calc long 0.1 BTCUSDT --entry 60000.5 --mark 61000 --wallet 1000 --leverage 5 -o ndjson)
	run ! grep -rnE '\b(setlocale|uselocale|strtod|strtof|atof)\(' "$ROOT/lib" "$ROOT/cmd" --include='[!c]*.c'
	run ! grep -v LC_CTYPE_MASK <(grep -rnE '\bnewlocale\(' "$ROOT/lib" "$ROOT/cmd" --include='[!c]*.c')
	run ! grep -nE '\b(setlocale|uselocale)\(' "$ROOT"/lib/*/c*.c "$ROOT"/cmd/*/c*.c	# a chart's points are doubles
	command -v localedef >/dev/null || skip "no localedef to make locales with"
	[ -e /usr/share/i18n/locales/tr_TR ] || [ -e /usr/share/i18n/locales/tr_TR.gz ] || skip "no sources of locales here"
	mkdir "$T/locales"
	sim
	there=$(LC_ALL=C "${where[@]}" 2>/dev/null | jq -c 'del(.E)')
	[ -n "$there" ]
	for loc in de_DE tr_TR fa_IR; do
		localedef -i "$loc" -f UTF-8 "$T/locales/$loc.UTF-8" >"$T/localedef" 2>&1 || [ -s "$T/locales/$loc.UTF-8/LC_NUMERIC" ]
		run env LOCPATH="$T/locales" LC_ALL="$loc.UTF-8" locale thousands_sep	# none in C: it is another
		[ -n "$output" ]
		[ "$(LOCPATH=$T/locales LC_ALL=$loc.UTF-8 LANG=$loc.UTF-8 "${where[@]}" 2>/dev/null | jq -c 'del(.E)')" = "$there" ]
	done
	LOCPATH=$T/locales LC_ALL=tr_TR.UTF-8 bf-order buy BTCUSDT 0.01 @ 59000.5 2>/dev/null | is '.price | tonumber == 59000.5'
}

@test "a state folder that is swapped for a link while programs start: nothing is written behind the link" {
	local i swapper place
	sim
	place=$XDG_STATE_HOME/bf/sim
	mkdir -m 700 "$T/elsewhere"
	ln -s "$T/elsewhere" "$T/link"
	(
		set +e
		while :; do	# for a moment each: a link, nothing, and the folder that a program makes then
			mv -T "$place" "$T/old"
			rm -rf "$T/old"
			cp -P "$T/link" "$place"
			rm -f "$place"
		done
	) >/dev/null 2>&1 3>&- 4>&- &
	swapper=$!
	SIM_PIDS="$SIM_PIDS $swapper"
	for i in {1..20}; do
		timeout 20 bf-time >/dev/null 2>&1 3>&- 4>&- || true
		timeout 20 bf-kill --latch-only >/dev/null 2>&1 3>&- 4>&- || true
		timeout 20 bf-order buy BTCUSDT 0.01 market >/dev/null 2>&1 3>&- 4>&- || true
		[ -z "$(ls -A "$T/elsewhere")" ] || { echo "round $i"; ls -la "$T/elsewhere"; false; }
	done
	kill -0 "$swapper"
}

@test "a key file that is swapped while programs start is judged and read as one" {
	local swapper
	sim
	sed -n '/^key\|^secret/p' "$XDG_CONFIG_HOME/bf/profiles/sim" >"$T/good.key"
	chmod 600 "$T/good.key"
	printf 'key = planted\nsecret = planted\n' >"$T/planted.key"
	chmod 666 "$T/planted.key"	# whoever wrote it
	cp -p "$T/good.key" "$T/key"
	place_at swapped "$SIM_REST" "$SIM_WS" "key_file = $T/key"
	(
		set +e
		while :; do
			cp -p "$T/planted.key" "$T/next"
			mv -f "$T/next" "$T/key"
			cp -p "$T/good.key" "$T/next"
			mv -f "$T/next" "$T/key"
		done
	) >/dev/null 2>&1 3>&- 4>&- &
	swapper=$!
	SIM_PIDS="$SIM_PIDS $swapper"
	for _ in {1..40}; do timeout 20 bf-position >>"$T/positions" 2>&1 3>&- 4>&- || true; done
	kill -0 "$swapper"
	# refused for its mode, or the good one: the planted key was never shown to the exchange
	[ "$(jq -s '[.[] | select(.what == "request" and (.status == 401 or .code == -2015 or .code == -2014))] | length' "$T/ledger")" -eq 0 ]
	run ! grep -e -2014 -e -2015 "$T/positions"
}

@test "an order that is answered by a redirect goes nowhere else, and neither does the key" {
	sim --fault 'on POST /fapi/v1/order: reply=307/-1000 hdr=Location:/elsewhere'
	run --separate-stderr bf-order --resolve-timeout 1 buy BTCUSDT 0.01 market
	[ "$status" -ne 0 ]
	[ "$(seen POST /fapi/v1/order)" -eq 1 ]
	[ "$(jq -s '[.[] | select(.path == "/elsewhere")] | length' "$T/ledger")" -eq 0 ]
	[ "$(executed)" -eq 0 ]
}

@test "a redirect of an order to another host: nobody calls there" {
	listener
	for code in 301 302 303 307 308; do
		sim_as "sim$code" --fault "on POST /fapi/v1/order: reply=$code/-1000 hdr=\"Location:http://127.0.0.1:$ELSE_PORT/fapi/v1/order\""
		run --separate-stderr timeout 20 bf-order --resolve-timeout 1 buy BTCUSDT 0.01 market
		[ "$status" -ne 0 ]
		[ "$(seen POST /fapi/v1/order)" -eq 1 ]
	done
	[ "$(called)" -eq 0 ]
}

@test "a bomb of gzip stays what it is: a few bytes that are no JSON" {
	local bomb
	head -c 50000000 /dev/zero | tr '\0' ' ' | gzip -9 >"$T/bomb"
	bomb=$({ printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n' \
		"$(wc -c <"$T/bomb")"; cat "$T/bomb"; } | od -An -v -tx1 | tr -d ' \n')
	# in pieces: an argument has a bound
	bad "$(fold -w 60000 <<<"$bomb" | sed 's/^/hex=/' | paste -sd';');hold"
	place_at bomb "http://127.0.0.1:$BAD_PORT" "ws://127.0.0.1:$BAD_PORT"
	local bound='ulimit -v 400000'
	[ "$BF_VARIANT" != asan ] || bound=:	# ASan's shadow alone is larger
	run --separate-stderr timeout 20 bash -c "$bound; exec bf-info symbols"
	[ "$status" -eq 3 ] || { echo "$status: $stderr"; false; }
	[ -z "$output" ]
}

@test "a body said to be compressed is not unpacked" {
	bad 'http=200 OK|Content-Encoding: gzip|{"serverTime":1}'
	place_at packed "http://127.0.0.1:$BAD_PORT" "ws://127.0.0.1:$BAD_PORT"
	run --separate-stderr bf-time
	[ "$(grep -c '^connection' "$T/bad")" -ge 1 ]
	run ! grep -qi 'accept-encoding' "$T/bad"
	run grep -rnE 'CURLOPT_(ACCEPT|TRANSFER)_ENCODING|extensions' "$ROOT/lib/io"
	[ -z "$output" ] || { echo "$output"; false; }
}

@test "a sibling is taken from beside the program, never from PATH" {
	mkdir "$T/fake"
	printf '#!/bin/sh\necho ran >%q\n' "$T/ran" >"$T/fake/bf-sim"
	chmod 755 "$T/fake/bf-sim"
	PATH=$T/fake:$PATH run --separate-stderr timeout 60 bf-kill drill --positions 1
	[ "$status" -eq 0 ] || { echo "$stderr"; false; }
	[ ! -e "$T/ran" ]
	(cd "$T/fake" && timeout 60 bf-kill drill --positions 1 >/dev/null 2>&1)
	[ ! -e "$T/ran" ]
}

@test "with more rights than who starts it has, a program does nothing at all" {
	local tool
	[ "$(id -u)" -eq 0 ] || skip "only root can make a program of another user"
	chmod 755 "$T"
	for tool in bf-time bf-order bf-kill bf-sim; do
		install -m 4755 -o nobody "$BF_BIN/$tool" "$T/$tool"
		run --separate-stderr "$T/$tool" --help
		[ "$status" -eq 2 ] || skip "set-user-ID has no effect on this file system: $output"
		[ -z "$output" ]
		[[ $stderr == *set-user-ID* ]]
	done
}

@test "what a configuration says is never run" {
	mkdir -m 700 "$XDG_CONFIG_HOME/bf"
	printf '[x]\nrest = http://127.0.0.1:1\nws = ws://127.0.0.1:1\nsymbols = $(touch %s) `touch %s` ;touch %s\n' \
		"$T/pwn" "$T/pwn" "$T/pwn" >"$XDG_CONFIG_HOME/bf/config"
	chmod 600 "$XDG_CONFIG_HOME/bf/config"
	BF_API_KEY=k BF_API_SECRET=s run bf-order --profile x </dev/null
	run bf-time --profile x
	[ ! -e "$T/pwn" ]
	printf '[x]\nrest = http://127.0.0.1:1\ninclude = /etc/passwd\n' >"$XDG_CONFIG_HOME/bf/config"
	run --separate-stderr bf-time --profile x
	[ "$status" -eq 2 ]
	[[ $stderr == *:3:* ]] || [[ $stderr == *"line 3"* ]] || { echo "$stderr"; false; }
}

@test "the environment holds no switch that the manual does not tell of" {
	local name
	for name in $(grep -rhoE 'getenv\("[A-Za-z_]+"\)' "$ROOT/lib" "$ROOT/cmd" | sed 's/.*"\(.*\)".*/\1/' | sort -u); do
		grep -rqE "\\b$name\\b" "$ROOT/man" || [[ " HOME PATH TERM COLUMNS TMPDIR " == *" $name "* ]] ||
			{ echo "$name is read, and in no page"; false; }
	done
}

@test "the strict flags are in the build, for each object" {
	local flag
	for flag in -Wformat=2 -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2 -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack; do
		grep -q -- "$flag" "$ROOT/Makefile"
	done
	run ! grep -rnE '\b(strcpy|strcat|sprintf|gets|system|popen|tmpnam|mktemp|rand)\(' "$ROOT/lib" "$ROOT/cmd" --include='*.c'
}
