# The README's tour, run as it stands: every command, and its output compared.
# In an expected line "…" stands for anything.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	home
}
teardown() { home_end; }

# console: each command of the console blocks as "C<TAB>command", its further lines ("> ...")
# after a carriage return each, and each line of expected output after it as "O<TAB>line".
console() {
	awk 'function flush() { if (c != "") print "C\t" c; c = "" }
		/^```console$/ { on = 1; next }
		/^```$/ { flush(); on = 0 }
		on && /^\$ / { flush(); c = substr($0, 3); next }
		on && /^> / { c = c "\r" substr($0, 3); next }
		on { flush(); print "O\t" $0 }' "$BATS_TEST_DIRNAME/../README.md"
}

matches() { # EXPECTED ACTUAL
	local glob
	glob=$(printf '%s' "$1" | sed 's/[][\\*?]/\\&/g; s/…/*/g')
	# shellcheck disable=SC2053 # the pattern is meant
	[[ $2 == $glob ]]
}

compare() { # COMMAND EXPECTED-FILE ACTUAL-FILE
	local e a
	while IFS= read -r e <&3 || IFS= read -r a <&4; do
		IFS= read -r a <&4 || a='(no more output)'
		matches "$e" "$a" || {
			printf 'command:  %s\nexpected: %s\ngot:      %s\n' "$1" "$e" "$a"
			cat "$T/tour.err"
			return 1
		}
	done 3<"$2" 4<"$3"
}

@test "every command of the tour prints what the README says" {
	cd "$T"
	: >want
	n=0
	command=
	# The tour takes a person longer than the minute for which the exchange counts requests.
	bf-sim() { exec "$(type -P bf-sim)" --weight-limit 12000 "$@"; }	# of a job only
	while IFS=$'\t' read -r kind text; do
		if [ "$kind" = O ]; then
			printf '%s\n' "$text" >>want
			continue
		fi
		[ -z "$command" ] || compare "$command" want got
		text=${text//$'\r'/$'\n'}
		command=$text
		: >want
		n=$((n + 1))
		# A job of the tour is the exchange; wait for it as a person would.
		if [[ $text == *'&' ]]; then
			eval "${text%&} 3>&- 4>&- &"
			SIM_PIDS="$SIM_PIDS $!"
			wait_for grep -q bf.sim sim.log
			: >got
		else
			eval "$text" >got 2>"$T/tour.err" 3>&- 4>&- </dev/null || true
		fi
	done < <(console)
	compare "$command" want got
	[ "$n" -gt 12 ]
}

@test "the table of exit codes is that of bf(7)" {
	for c in 0 1 2 3 4 5 6 7 8; do
		want=$(sed -n "s/^| $c | \(.*\) |\$/\1/p" "$BATS_TEST_DIRNAME/../README.md")
		[ -n "$want" ]
		got=$(awk -v c="$c" '$0 == ".It " c { getline; print }' "$BATS_TEST_DIRNAME/../man/bf.7")
		[ "$got" = "$want" ]
	done
}
