# Consoles in documents, run as a person would: "$ command", "> its next line", and below it what it
# prints, where "…" stands for anything. For the README and the pages.

# What the extractors give: each command as "C<TAB>command", its further lines after a carriage
# return each, and each line of expected output after it as "O<TAB>line".
console_lines() {
	awk 'function flush() { if (c != "") print "C\t" c; c = "" }
		$0 == "\f" { flush(); next }
		/^\$ / { flush(); c = substr($0, 3); next }
		/^> / { c = c "\r" substr($0, 3); next }
		{ flush(); print "O\t" $0 }
		END { flush() }'
}

# The ```console blocks of a Markdown file.
console_markdown() { # FILE
	awk '/^```console$/ { on = 1; next } /^```$/ { if (on) print "\f"; on = 0 } on' "$1" | console_lines
}

# The literal blocks of a page's section that hold a command; the escapes of mdoc undone.
console_mdoc() { # FILE SECTION
	awk -v want="$2" '/^\.Sh / { here = substr($0, 5) == want }
		/^\.Bd -literal/ { on = here; next } /^\.Ed/ { if (on) print "\f"; on = 0 } on' "$1" |
		sed -e 's/\\(dq/"/g; s/\\&//g; s/\\-/-/g; s/\\e/\\/g' | console_lines
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
			cat "$T/console.err"
			return 1
		}
	done 3<"$2" 4<"$3"
}

# A command that goes on beside the others; ready when its file has a line, and ended by home_end.
console_job() { # COMMAND, without its "&"
	local file=${1##*>}
	eval "$1 3>&- 4>&- &"
	SIM_PIDS="$SIM_PIDS $!"
	wait_for test -s "$file"
}

# console_run < lines: run them in the present folder and compare what each prints. Sets n, how many
# there were. console_skip COMMAND, if there is one, prints why a command cannot run here.
console_run() {
	local kind text command=
	n=0
	: >want
	while IFS=$'\t' read -r kind text; do
		if [ "$kind" = O ]; then
			printf '%s\n' "$text" >>want
			continue
		fi
		[ -z "$command" ] || compare "$command" want got
		text=${text//$'\r'/$'\n'}
		command=$text
		: >want
		: >got
		n=$((n + 1))
		if declare -F console_skip >/dev/null && console_skip "$text"; then
			command=
		elif [[ $text == *' &' ]]; then
			console_job "${text% &}"
		else
			eval "$text" >got 2>"$T/console.err" 3>&- 4>&- </dev/null || true
		fi
	done
	[ -z "$command" ] || compare "$command" want got
}
