bats_require_minimum_version 1.5.0
# The house rules that no compiler holds: which layer may know what, and that
# every program has its page, completions and tests.

setup() {
	cd "$BATS_TEST_DIRNAME/.." || return 1
}

# strip_comments FILE...: C sources without comments and string literals.
code() { cat "$@" | sed -e 's/"\([^"\\]\|\\.\)*"/""/g' -e 's@//.*@@' | awk '
	{ while (1) {
		if (c) { i = index($0, "*/"); if (!i) { $0 = ""; break } $0 = substr($0, i + 2); c = 0 }
		i = index($0, "/*"); if (!i) break
		j = index(substr($0, i + 2), "*/")
		if (j) $0 = substr($0, 1, i - 1) " " substr($0, i + j + 3); else { $0 = substr($0, 1, i - 1); c = 1; break }
	  } print }'; }

@test "lib/core includes no socket, curl, lws, OpenSSL, jq, clock or lib/io header" {
	run grep -nE '#include[[:space:]]*[<"](sys/socket|netinet|arpa|netdb|poll|sys/epoll|curl|libwebsockets|openssl|jv|jq|time|sys/time|unistd|fcntl|pthread|signal|io/)' lib/core/*.[ch]
	[ "$status" -eq 1 ] || { echo "$output"; false; }
}

@test "lib/core calls no clock and does no I/O" {
	for f in lib/core/*.[ch]; do
		if code "$f" | grep -nE '\b(clock_gettime|gettimeofday|time|open|read|write|fopen|socket|getenv)[[:space:]]*\(' | grep -vE "(->|\.)(read|open)\\("; then
			echo "in $f"
			false
		fi
	done
}

@test "lib/io includes no header of a command, and no command that of another" {
	run grep -nE '#include[[:space:]]*"(\.\./)*(cmd/|bf-)' lib/*/*.[ch]
	[ "$status" -eq 1 ] || { echo "$output"; false; }
	for d in cmd/bf-*; do
		run grep -nE '#include[[:space:]]*"(\.\.|cmd/)' "$d"/*.[ch]
		[ "$status" -eq 1 ] || { echo "$output"; false; }
	done
}

@test "the library never prints by itself and never exits" {
	for f in lib/*/*.c; do
		if code "$f" | grep -nE '\b(printf|puts|putchar|perror|exit|abort|errx?|warnx?|verrx?|vwarnx?)[[:space:]]*\(|\b(stdout|stderr)\b'; then
			echo "in $f"
			false
		fi
	done
}

@test "no binary floating point near money" {
	for f in lib/core/*.[ch] cmd/*/*.[ch]; do
		# pixels of a chart are no money
		case $f in cmd/bf-info/chart*|cmd/bf-info/plot*|cmd/bf-info/grid.c) continue ;; esac
		if code "$f" | grep -nE '\b(double|float|strtod|strtof|atof)\b'; then
			echo "in $f"
			false
		fi
	done
}

@test "bf-sim links none of the client's sign, query, rest or ws modules" {
	run grep -nE '#include[[:space:]]*"(io/(cred|rest|ws|order|limit|clock|xinfo)|core/(intent|reply|endpoint|streams))\.h"' cmd/bf-sim/*.[ch]
	[ "$status" -eq 1 ] || { echo "$output"; false; }
	run sh -c "nm '$BF_BIN/bf-sim' | grep -E ' [Tt] (session_|rest_|cred_|ws_open|order_send|query_escape|intent_)'"
	[ -z "$output" ] || { echo "$output"; false; }
}

@test "bf-sim's engine does no I/O and asks no clock, and nobody else looks inside it" {
	engine=$(sed 's/$/.c/' tests/core/engine.list)
	run grep -nE '#include[[:space:]]*[<"](sys/|netinet|arpa|poll|unistd|fcntl|signal|pthread|curl|openssl|sqlite3|io/|sim\.h|serve|api|hist|store)' $engine
	[ "$status" -eq 1 ] || { echo "$output"; false; }
	for f in $engine; do
		if code "$f" | grep -nE '\b(clock_gettime|gettimeofday|time|open|read|write|fopen|socket|getenv|printf|fprintf)[[:space:]]*\('; then
			echo "in $f"
			false
		fi
	done
	for f in $(grep -lE '#include "(state|scope)\.h"' cmd/bf-sim/*.c); do
		grep -qx "${f%.c}" tests/core/engine.list || { echo "$f is not of the engine"; false; }
	done
}

@test "every program has a page, three completions and a bats file" {
	for d in cmd/bf-*; do
		p=${d#cmd/}
		[ -f "man/$p.1" ] || { echo "no man/$p.1"; false; }
		[ -f "completions/bash/$p" ] && [ -f "completions/zsh/_$p" ] && [ -f "completions/fish/$p.fish" ] ||
			{ echo "completions of $p"; false; }
		[ -f "tests/tools/$p.bats" ] || { echo "no tests/tools/$p.bats"; false; }
		grep -q "$p" README.md || { echo "$p is not in README.md"; false; }
	done
}

@test "an option that is not in the man page and the completions does not exist" {
	for d in cmd/bf-*; do
		p=${d#cmd/}
		"$BF_BIN/$p" --help | grep -oE '(^|[ ,])--[a-z][a-z-]*' | grep -oE '[a-z][a-z-]*' | sort -u >"$BATS_TEST_TMPDIR/o"
		[ -s "$BATS_TEST_TMPDIR/o" ]
		while read -r o; do
			grep -qE "Fl( \w+ , )? ?(Fl )?-$o\b|Fl -$o\b" "man/$p.1" || { echo "$p --$o: not in its page"; false; }
			grep -q -- "--$o\b" "completions/bash/$p" || { echo "$p --$o: not in bash completion"; false; }
			grep -q -- "--$o\b" "completions/zsh/_$p" || { echo "$p --$o: not in zsh completion"; false; }
			grep -qE -- "-l $o\b" "completions/fish/$p.fish" || { echo "$p --$o: not in fish completion"; false; }
		done <"$BATS_TEST_TMPDIR/o"
	done
}

@test "the completions are what completions/generate makes of --help today" {
	run completions/generate --check
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	for f in completions/bash/*; do bash -n "$f"; done
	if command -v zsh >/dev/null; then for f in completions/zsh/*; do zsh -n "$f"; done; fi
	if command -v fish >/dev/null; then for f in completions/fish/*; do fish -n "$f"; done; fi
}

@test "a record that the source writes is in a --schema" {
	for d in cmd/bf-*; do "$BF_BIN/${d#cmd/}" --schema; done |
		jq -r '."$defs"[].properties.e | .const // empty, (.enum // [])[]' | sort -u >"$BATS_TEST_TMPDIR/known"
	grep -rhoE '"e", "bf\.[a-z.-]+"' lib cmd --include='*.c' | grep -oE 'bf\.[a-z.-]+' | sort -u >"$BATS_TEST_TMPDIR/written"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/written")" -gt 25 ]
	run comm -13 "$BATS_TEST_TMPDIR/known" "$BATS_TEST_TMPDIR/written"
	[ -z "$output" ] || { echo "$output"; false; }
}

@test "bf-records(5) is what man/generate makes of --schema today" {
	run man/generate --check
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "the completions offer the words a program takes: streams, subcommands" {
	local w
	for w in markPrice depth20 kline_1m trade tradingSession pairMarkPrice user; do
		grep -qwF "$w" completions/bash/bf-stream && grep -qwF "$w" completions/zsh/_bf-stream &&
			grep -qwF "$w" completions/fish/bf-stream.fish || { echo "$w"; false; }
	done
	for w in klines topLongShortPositionRatio watch; do
		grep -qwF "$w" completions/bash/bf-info && grep -qwF "$w" completions/zsh/_bf-info &&
			grep -qwF "$w" completions/fish/bf-info.fish || { echo "$w"; false; }
	done
	for w in buy cancel-all history query; do
		grep -qwF -- "$w" completions/bash/bf-order && grep -qwF -- "$w" completions/zsh/_bf-order &&
			grep -qwF -- "$w" completions/fish/bf-order.fish || { echo "$w"; false; }
	done
	for w in bf-position:what-if bf-position:equity bf-risk:explain bf-risk:replay bf-kill:drill; do
		grep -qwF -- "${w#*:}" "completions/bash/${w%:*}" && grep -qwF -- "${w#*:}" "completions/zsh/_${w%:*}" &&
			grep -qwF -- "${w#*:}" "completions/fish/${w%:*}.fish" || { echo "$w"; false; }
	done
	# shellcheck disable=SC1091 # it is there
	run bash -c '. completions/bash/bf-order; COMP_WORDS=(bf-order --tif G); COMP_CWORD=2; _bf_order; echo "${COMPREPLY[@]}"'
	[ "$output" = "GTC GTX GTD" ]
	# shellcheck disable=SC1091 # it is there
	run bash -c '. completions/bash/bf-stream; COMP_WORDS=(bf-stream --when-slow = co); COMP_CWORD=3; _bf_stream; echo "${COMPREPLY[@]}"'
	[ "$output" = conflate ]
}

@test "--help fits a terminal of 80 columns" {
	for d in cmd/bf-*; do
		p=${d#cmd/}
		"$BF_BIN/$p" --help | awk -v p="$p" 'length($0) > 80 { print p ": " $0; bad = 1 } END { exit bad }'
	done
}

@test "the pages' options are those of --help" {
	for d in cmd/bf-*; do
		p=${d#cmd/}
		"$BF_BIN/$p" --help >"$BATS_TEST_TMPDIR/h"
		grep -E '^\.It Fl' "man/$p.1" | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/Fl -//' | sort -u |
			while read -r o; do
				grep -q -- "--$o\b" "$BATS_TEST_TMPDIR/h" || { echo "$p: page has --$o, --help not"; exit 1; }
			done
	done
}

@test "version, help and a wrong option are the same everywhere" {
	for d in cmd/bf-*; do
		p=${d#cmd/}
		run --separate-stderr "$BF_BIN/$p" --version
		[ "$status" -eq 0 ] && [ "$output" = "$p $(cat VERSION)" ]
		run --separate-stderr "$BF_BIN/$p" --help
		[ "$status" -eq 0 ] && [[ $output == Usage:* ]] && [ -z "$stderr" ]
		run --separate-stderr "$BF_BIN/$p" --no-such-option
		[ "$status" -eq 2 ] && [ -z "$output" ] && [[ $stderr == *no-such-option* ]]
	done
}

@test "--help to a full disk is an error" {
	for d in cmd/bf-*; do
		p=${d#cmd/}
		run sh -c "'$BF_BIN/$p' --help >/dev/full"
		[ "$status" -eq 8 ] || { echo "$p: $status"; false; }
	done
}

@test "nothing in the repo names a private path" {
	run git grep -nIE '/(work|farm)/|\.\./shared' -- . ':!.ci/run' ':!tests/layout.bats'
	[ "$status" -ne 0 ] || { echo "$output"; false; }
}
