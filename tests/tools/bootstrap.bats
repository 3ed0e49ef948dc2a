#!/usr/bin/env bats
# ./bootstrap in a world of its own: $PATH is one folder, holding the bare
# minimum and stand-ins that write down what they were asked.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	real=$PATH
	bare=$BATS_TEST_TMPDIR/bare
	log=$BATS_TEST_TMPDIR/log
	mkdir "$bare"
	: >"$log"
	for tool in sh env cat mktemp rm ln awk grep tr dirname; do
		ln -s "$(type -P "$tool")" "$bare/$tool"
	done
	fake id 'echo 0'
	unset CC PKG_CONFIG CPPFLAGS CFLAGS LDFLAGS
}

# The system's own; a compiler needs the rest of its PATH to work. Never for a
# tool that runs others, such as env: it would find the real package manager.
borrow() {
	local tool
	for tool; do
		printf '#!/bin/sh\nPATH=%s exec %s "$@"\n' "$real" "$(type -P "$tool")" >"$bare/$tool"
		chmod +x "$bare/$tool"
	done
}

# fake NAME BODY: a stand-in that logs its words, then does BODY.
fake() {
	printf '#!/bin/sh\necho "%s $*" >>"%s"\n%s\n' "$1" "$log" "${2:-}" >"$bare/$1"
	chmod +x "$bare/$1"
}

bootstrap() {
	run --separate-stderr env PATH="$bare" /bin/sh ./bootstrap "$@"
}

called() {	# what was asked of the stand-ins, id aside
	grep -v '^id ' "$log" || true
}

rehearsal_with() {	# rehearsal_with MANAGER WORD, then what it would run, a line each
	local manager=$1 word=$2 line

	shift 2
	fake "$manager"
	bootstrap --dry-run "$word"
	[ "$status" -eq 0 ]
	for line; do
		[[ $'\n'"$output"$'\n' == *$'\n'"bootstrap: would run: $line"$'\n'* ]] || {
			printf 'wanted: %s\n' "$line"
			return 1
		}
	done
	[ "$(called | grep -v '^brew --prefix')" = '' ]
}

@test "apt-get: Debian's names, without what is only recommended" {
	rehearsal_with apt-get build "apt-get -q update" \
	    "env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends gcc libc6-dev make pkg-config libcurl4-openssl-dev libssl-dev libjq-dev libwebsockets-dev libinih-dev libsqlite3-dev zlib1g-dev" \
	    "make -j1 all"
}

@test "dnf: Fedora's names" {
	rehearsal_with dnf build \
	    "dnf -q install -y gcc make pkgconf-pkg-config libcurl-devel openssl-devel jq-devel libwebsockets-devel inih-devel sqlite-devel zlib-devel"
}

@test "apk: Alpine's names" {
	rehearsal_with apk build \
	    "apk add -q gcc musl-dev make pkgconf curl-dev openssl-dev jq-dev libwebsockets-dev inih-dev sqlite-dev zlib-dev"
}

@test "pacman: Arch's names" {
	rehearsal_with pacman build \
	    "pacman -S --needed --noconfirm gcc make pkgconf curl openssl jq libwebsockets libinih sqlite zlib"
}

@test "brew: Homebrew's names, never as root" {
	fake id 'echo 501'
	rehearsal_with brew build "brew install -q make pkgconf curl openssl@3 jq libwebsockets inih sqlite zlib"
}

@test "a demo asks for no test tools, tests for no linters, deps for everything" {
	fake apt-get
	bootstrap --dry-run demo
	[[ "$output" == *" libsqlite3-dev zlib1g-dev bash jq curl"$'\n'* ]]
	[[ "$output" != *bats* ]]
	bootstrap --dry-run test
	[[ "$output" == *" libcmocka-dev bats parallel "* ]]
	[[ "$output" != *cppcheck* ]]
	bootstrap --dry-run deps
	[[ "$output" == *" libcmocka-dev bats parallel "*" clang cppcheck shellcheck" ]]
	[ "$(called)" = '' ]
}

@test "recipes: the servers and their tools alone, nothing is built, and no service is asked for" {
	fake apt-get
	bootstrap --dry-run recipes
	[ "$status" -eq 0 ]
	[[ "$output" == *" bash jq curl "* ]]
	[[ "$output" == *" redis-server redis-tools mosquitto mosquitto-clients kcat librdkafka-dev util-linux"* ]] || {
		# what the system has outside of PATH is not missing
		[ -x /usr/sbin/mosquitto ]
		[[ "$output" == *" redis-server redis-tools "*"mosquitto-clients kcat librdkafka-dev util-linux"* ]]
	}
	[[ "$output" != *"make -j"* && "$output" != *libsqlite3-dev* ]]
	bootstrap --dry-run deps
	[[ "$output" != *redis* && "$output" != *kcat* ]]
	[ "$(called)" = '' ]
}

@test "another program named parallel is not the one bats needs" {
	fake apt-get
	fake parallel 'echo moreutils'
	bootstrap --dry-run test
	[[ "${lines[0]}" == *" parallel "* ]]
}

@test "neither root nor sudo: says so, and what to run, and runs nothing" {
	fake id 'echo 1000'
	fake apt-get
	bootstrap build
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"needs root and there is no sudo; as root: apt-get install gcc"* ]]
	[ "$(called)" = '' ]
}

@test "sudo is used when not root" {
	fake id 'echo 1000'
	fake sudo
	rehearsal_with apt-get build "sudo apt-get -q update"
	[[ "$output" == *"would run: sudo env DEBIAN_FRONTEND=noninteractive apt-get -q install"* ]]
}

@test "no package manager: names what is missing" {
	bootstrap build
	[ "$status" -eq 1 ]
	[[ "$output" == "bootstrap: missing: cc make pkg-config libcurl openssl libjq lws inih sqlite zlib" ]]
	[[ "$stderr" == *"by hand"* ]]
}

@test "only what is missing is installed, then make runs" {
	borrow cc pkg-config bash curl
	fake make
	fake apt-get "case \$* in *install*) ln -s /bin/true '$bare/jq' ;; esac"
	bootstrap demo
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "bootstrap: missing: jq" ]
	[ "$(called)" = "apt-get -q update
apt-get -q install -y --no-install-recommends jq
make -j1 demo" ]
}

@test "nothing missing: says so, asks no package manager, calls make" {
	borrow cc pkg-config
	fake apt-get
	fake make 'exit 7'
	fake nproc 'echo 3'
	bootstrap build
	[ "$status" -eq 7 ]
	[ "$output" = "bootstrap: everything needed is here
bootstrap: make -j3 all" ]
	[ "$(called)" = "nproc 
make -j3 all" ]
}

@test "a library is missing when nothing compiles against it" {
	borrow cc pkg-config
	fake make
	fake apt-get
	CPPFLAGS="-include /nonexistent.h" bootstrap --dry-run build
	[ "${lines[0]}" = "bootstrap: missing: cc libcurl openssl libjq lws inih sqlite zlib" ]
}

@test "a package manager that fails is quoted, and make is not called" {
	borrow cc pkg-config bash curl
	fake make
	fake apt-get 'echo "E: no route to the mirror"; exit 100'
	bootstrap demo
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"E: no route to the mirror"*"failed: apt-get -q update"* ]]
	[ "$(called)" = "apt-get -q update" ]
}

@test "what is still missing after installing is an error" {
	borrow cc pkg-config bash curl
	fake make
	fake apt-get
	bootstrap demo
	[ "$status" -eq 1 ]
	[[ "$stderr" == *"still missing: jq" ]]
	[[ "$(called)" != *make* ]]
}

@test "an unknown word, no word, two words: usage" {
	for words in frob '' 'demo test' '--frob build'; do
		# shellcheck disable=SC2086 # words
		bootstrap $words
		[ "$status" -eq 2 ]
		[[ "$stderr" == "usage: ./bootstrap "* ]]
		[ "$output" = '' ]
	done
}

@test "--help goes to stdout" {
	bootstrap --help
	[ "$status" -eq 0 ]
	[[ "$output" == "usage: ./bootstrap "* ]]
	[ "$stderr" = '' ]
}
