# For the bats files that need a person at a terminal: a pseudo-terminal by script(1).
#
# terminal 'COMMANDS'; sees TEXT; type_in LINE; teardown: terminal_end

# terminal COMMANDS: sh runs them on a terminal; what is on the screen is in $SCREEN.
terminal() {
	command -v script >/dev/null || skip "no script(1) for a pseudo-terminal"
	terminal_end
	SCREEN=$T/screen
	rm -f "$SCREEN" "$T/keys"
	mkfifo "$T/keys"
	exec 8<>"$T/keys"
	printf '%s\n' "$1" >"$T/commands"
	# (a job in the background ignores the interrupt, and so would all it starts)
	env --default-signal=INT,QUIT script -qefc "sh '$T/commands'" "$SCREEN" <"$T/keys" >/dev/null 2>&1 3>&- 4>&- 8>&- &
	TERMINAL=$!
}
# sees TEXT: wait until it is on the screen, behind what was seen before.
sees() { wait_for on_screen "$1" || { cat "$SCREEN" >&2; return 1; }; }
on_screen() { [[ $(tail -c +"$((${SEEN:-0} + 1))" "$SCREEN") == *"$1"* ]] && NEXT=$(stat -c %s "$SCREEN"); }
# type_in LINE
type_in() { printf '%s\n' "${1-}" >&8; SEEN=${NEXT:-0}; }
terminal_end() {
	exec 8>&- 2>/dev/null || true
	[ -z "${TERMINAL:-}" ] || { kill "$TERMINAL" 2>/dev/null || true; wait "$TERMINAL" 2>/dev/null || true; }
	TERMINAL='' SEEN=0 NEXT=0
}
