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

# none_in WORDS [BUT] < FILES: no code of theirs has the words, lines with BUT aside. Only files that
# have them anywhere are looked at closely.
none_in() {
	local f
	while read -r f; do
		if code "$f" | grep -nE "$1" | grep -vE "${2:-^$}"; then
			echo "in $f"
			return 1
		fi
	done < <(xargs grep -lE "$1")
}

@test "lib/core includes no socket, curl, lws, OpenSSL, jq, clock or lib/io header" {
	run grep -nE '#include[[:space:]]*[<"](sys/socket|netinet|arpa|netdb|poll|sys/epoll|curl|libwebsockets|openssl|jv|jq|time|sys/time|unistd|fcntl|pthread|signal|io/)' lib/core/*.[ch]
	[ "$status" -eq 1 ] || { echo "$output"; false; }
}

@test "lib/core calls no clock and does no I/O" {
	ls lib/core/*.[ch] | none_in '\b(clock_gettime|gettimeofday|time|open|read|write|fopen|socket|getenv)[[:space:]]*\(' \
		'(->|\.)(read|open)\('
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
	ls lib/*/*.c | none_in '\b(printf|puts|putchar|perror|exit|abort|errx?|warnx?|verrx?|vwarnx?)[[:space:]]*\(|\b(stdout|stderr)\b'
}

@test "no binary floating point near money" {
	# pixels of a chart are no money
	printf '%s\n' lib/core/*.[ch] cmd/*/*.[ch] | grep -vE '^cmd/bf-info/(chart|plot|grid\.c)' |
		none_in '\b(double|float|strtod|strtof|atof)\b'
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

@test "completions/generate --check tells a file that is out of date, whichever it is" {
	local t=$BATS_TEST_TMPDIR/tree f
	mkdir -p "$t/cmd/bf-time"
	cp -r completions "$t"
	"$t/completions/generate" --check
	for f in bash/bf-time zsh/_bf-time fish/bf-time.fish; do
		echo '# more' >>"$t/completions/$f"
		run "$t/completions/generate" --check
		[ "$status" -eq 1 ] || { echo "$f: $status"; false; }
		[[ $output == *"-# more"* ]]
		cp "completions/$f" "$t/completions/$f"
	done
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

# rendered PAGE: as a person reads it, without backspaces.
rendered() { mandoc -T ascii "man/$1" | sed 's/.\x08//g'; }
section() { awk -v want="$1" '/^[A-Z]/ { on = $0 == want } on'; }

@test "an option has in its page the argument that --help names, and a sentence" {
	local p o arg
	command -v mandoc >/dev/null || skip "mandoc, which renders the pages, is not installed"
	for d in cmd/bf-*; do
		p=${d#cmd/}
		rendered "$p.1" | section OPTIONS | sed 's/ | /|/g' >"$BATS_TEST_TMPDIR/page"
		while IFS=' ' read -r o arg; do
			# its own line or lines, then the text that is indented more
			awk -v o="--$o" -v arg="$arg" '
				{ deep = match($0, /[^ ]/); tag = $0 ~ /^ *(-[a-z], )?--/ && deep > 0 && deep < 8 }
				tag && !said { here = 0; n = split($0, w, /,? +/)
					for (i = 1; i <= n; i++) {
						word = w[i]; sub(/\[?=.*/, "", word)
						if (word != o) continue
						found = 1; here = 1
						got = index(w[i], "=") ? substr(w[i], length(o) + 1) : w[i + 1]
						if (arg != "" && got != arg) { print o ": page has \"" got "\", --help \"" arg "\""; exit 1 }
					}
					if (!here && found) here = 2
				}
				found && !tag && NF >= 1 { text = text " " $0 }
				found && tag && text != "" { exit }
				END {
					if (!found) { print o ": no entry in OPTIONS"; exit 1 }
					if (split(text, t, " ") < 3) { print o ": no sentence"; exit 1 }
				}' "$BATS_TEST_TMPDIR/page" || { echo "$p --$o"; false; }
		done < <("$BF_BIN/$p" --help | sed -nE 's/^ +(-[a-z], )?--([a-z-]+)(\[=[^] ]+\])( .*)?$/\2 \3/p; s/^ +(-[a-z], )?--([a-z-]+)(=([^ ]+))?( .*)?$/\2 \4/p')
	done
}

# The first word of each line of a usage, or several joined by "|"; no option, no operand.
verbs() {
	sed 's/|/ | /g' | awk '{
		for (i = 1; i <= NF && $i ~ /^[a-z]/; i += 2) { print $i; if ($(i + 1) != "|") break }
	}' | sort -u
}

@test "SYNOPSIS and the usage of --help name the same commands" {
	for d in cmd/bf-*; do
		p=${d#cmd/}
		"$BF_BIN/$p" --help | sed -nE "s/^(Usage:|      ) $p (\[options\] )?//p" | verbs >"$BATS_TEST_TMPDIR/help"
		awk '/^\.Sh / { on = /SYNOPSIS/ } on && /^\.Nm/ { first = 1; next } on && first && /^\.Op Ar options/ { next }
			on { if (first && sub(/^\.(Op )?Cm /, "")) print; first = 0 }' "man/$p.1" |
			sed -E 's/ (Ns|Cm|Ar|Li)\b//g' | verbs >"$BATS_TEST_TMPDIR/page"
		diff "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page" || { echo "$p: left --help, right SYNOPSIS"; false; }
	done
}

@test "CONTRIBUTING.md names files that are there, and lines that are in them" {
	local n=0 file line code=0
	squeezed() { tr -s ' \t' ' ' <"$1" | sed 's/^ //'; }
	# shellcheck disable=SC2016 # backquotes of Markdown
	while IFS= read -r file; do
		compgen -G "$file" >/dev/null || { echo "no $file"; false; }
		n=$((n + 1))
	done < <(grep -oE '`(bench|cmd|completions|docs|examples|lib|man|packaging|tests)/[A-Za-z0-9_./*-]+`' CONTRIBUTING.md | tr -d '`')
	[ "$n" -gt 40 ]
	n=0
	while IFS= read -r line; do
		case $line in
		'```c') code=1 ;;
		'```') code=0 ;;
		'/* '*' */')
			[ $code -eq 0 ] && continue
			file=${line#/\* } file=${file% \*/}
			squeezed "$file" >"$BATS_TEST_TMPDIR/there" ;;
		?*)
			[ $code -eq 1 ] || continue
			grep -qxF -- "$(squeezed <(echo "$line"))" "$BATS_TEST_TMPDIR/there" || { echo "not in $file: $line"; false; }
			n=$((n + 1)) ;;
		esac
	done <CONTRIBUTING.md
	[ "$n" -gt 15 ]
}

@test "every stream, listing and rule is told of in its page" {
	local n=0 p w
	while read -r p w; do
		grep -qE "^\.(It )?Cm.*\b$w(_|\b)" "man/$p.1" || { echo "$w: not in man/$p.1"; false; }
		n=$((n + 1))
	done < <(for p in bf-info bf-stream; do
			"$BF_BIN/$p" --help | sed -n '/^      --/q;s/^       \([a-z][A-Za-z0-9]*\)\(_INTERVAL\)\{0,1\}  *[^ ].*/'"$p"' \1/p'
		done
		sed -nE 's/^\t\[R_.*\.name = "([a-z-]+)".*/bf-risk \1/p' cmd/bf-risk/limits.c)
	[ "$n" -gt 80 ]
}

@test "every page has the same sections in the same order" {
	want='NAME SYNOPSIS DESCRIPTION OPTIONS RECORDS ENVIRONMENT FILES EXIT STATUS EXAMPLES SEE ALSO'
	for d in cmd/bf-*; do
		p=${d#cmd/}
		got=$(sed -n 's/^\.Sh //p' "man/$p.1" |
			grep -xE 'NAME|SYNOPSIS|DESCRIPTION|OPTIONS|RECORDS|ENVIRONMENT|FILES|EXIT STATUS|EXAMPLES|SEE ALSO' | paste -sd' ')
		[ "$got" = "$want" ] || { echo "$p: $got"; false; }
		grep -q '^\.Xr bf-records 5' "man/$p.1" || { echo "$p: no bf-records(5)"; false; }
		sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/p' "man/$p.1" | grep -q '^\.Xr bf 7' || { echo "$p: EXIT STATUS without bf(7)"; false; }
	done
}

@test "the environment that the code reads is that of bf(7)" {
	local v
	sed -n '/^\.Sh ENVIRONMENT/,/^\.Sh FILES/p' man/bf.7 >"$BATS_TEST_TMPDIR/env"
	while read -r v; do
		grep -qw -- "$v" "$BATS_TEST_TMPDIR/env" || { echo "$v: read, but not in bf(7)"; false; }
	done < <(grep -hoE '(getenv|base_dir|xdg)\("[A-Z_]+"' lib/io/*.c cmd/*/*.c | grep -oE '[A-Z_]{3,}' | sort -u)
	while read -r v; do
		grep -rqw -- "$v" lib/io cmd || case $v in
		LC_ALL|LC_CTYPE|LANG) grep -q 'newlocale(LC_CTYPE_MASK, ""' lib/io/term.c ;;
		*) echo "$v: in bf(7), but never read"; false ;;
		esac
	done < <(grep '^\.It Ev' "$BATS_TEST_TMPDIR/env" | grep -oE '[A-Z_]{3,}')
}

@test "the keys of a profile are those of bf(7), PROFILES" {
	local page code
	page=$(sed -n '/^\.Sh PROFILES/,/^\.Sh KEYS/p' man/bf.7 | sed -n 's/^\.It Ic //p' | tr -d ' ' | tr , '\n' | sort)
	code=$(sed -n '/conf_key\[KEY_COUNT\] = {/,/^};/p' lib/io/conf_value.c | grep -oE '"[a-z_]+"' | tr -d '"' | sort)
	[ "$(wc -l <<<"$code")" -ge 20 ]
	diff <(echo "$page") <(echo "$code") || { echo "left bf(7), right lib/io/conf_value.c"; false; }
}

@test "bf(7) lists every program, and bf-records(5)" {
	local d
	for d in cmd/bf-*; do
		grep -qx "\.It Xr ${d#cmd/} 1" man/bf.7 || { echo "${d#cmd/}: not in DESCRIPTION"; false; }
		sed -n '/^\.Sh SEE ALSO/,$p' man/bf.7 | grep -qE "^\.Xr ${d#cmd/} 1( ,)?$" || { echo "${d#cmd/}: not in SEE ALSO"; false; }
	done
	sed -n '/^\.Sh SEE ALSO/,$p' man/bf.7 | grep -qE '^\.Xr bf-records 5( ,)?$'
}

# Options behind a program of ours in the same command: "FILE:LINE PROGRAM OPTION".
options_in() {
	awk 'FNR == 1 { kept = 0 }
	{
		if (!kept) prog = ""
		gsub(/\\-/, "-")
		kept = /\\e?$/
		gsub(/[|;&`()"<>]|\047/, " & ")
		n = split($0, w, /[ \t]+/)
		for (i = 1; i <= n; i++)
			if (w[i] ~ /^([^ ]*\/)?bf-(time|info|stream|order|position|risk|kill|profile|sim)$/) {
				prog = w[i]
				sub(/.*\//, "", prog)
			} else if (w[i] ~ /^[|;&`()]$/)
				prog = ""
			else if (prog != "" && w[i] ~ /^--[a-z]/) {
				sub(/[^a-z-].*/, "", w[i])
				print FILENAME ":" FNR, prog, w[i]
			}
	}' "$@"
}

@test "an option that a document, a page or an example gives a program is one of its --help" {
	local d where p o n=0 bad=0 files
	[ "$(options_in <(printf '%s\n' 'a `bf-time --one` --two | bf-info x --three=4 "--five"; y --six' 'bf-sim \' ' --seven') |
		cut -d ' ' -f 2- | paste -sd ,)" = "bf-time --one,bf-info --three,bf-info --five,bf-sim --seven" ]
	for d in cmd/bf-*; do
		"$BF_BIN/${d#cmd/}" --help | grep -oE -- '--[a-z][a-z-]*' | sort -u >"$BATS_TEST_TMPDIR/${d#cmd/}"
	done
	mapfile -t files < <(find ./*.md docs man examples -type f ! -name '*.svg')
	while read -r where p o; do
		n=$((n + 1))
		grep -qxe "$o" "$BATS_TEST_TMPDIR/$p" || { echo "$where: $p has no $o"; bad=1; }
	done < <(options_in "${files[@]}")
	[ "$n" -gt 400 ]
	[ "$bad" -eq 0 ]
}

@test "the files of bf(7) are names the code has" {
	local f
	while read -r f; do
		grep -rqF "\"$f" lib/io cmd/*/*.c || { echo "$f: in bf(7), not in the code"; false; }
	done < <(sed -n '/^\.Sh FILES/,/^\.Sh EXIT/p' man/bf.7 | sed -n 's/^\.It Pa //p' | tr ' ' '\n' | tr -d , |
		grep -vE '/|^latch-|^$' | sed 's/^exchangeInfo-coinm.*/exchangeInfo-coinm/; s/^watch\..*/watch./')
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
