# The README, the tour and the guide, run as they stand: every command, and its output compared.
# In an expected line "…" stands for anything.

bats_require_minimum_version 1.5.0

setup() {
	load helper
	load console
	home
}
teardown() { home_end; }

# tour FILE: run it.
tour() {
	local n
	cd "$T" || return
	# The tour takes a person longer than the minute for which the exchange counts requests.
	bf-sim() { exec "$(type -P bf-sim)" --weight-limit 12000 "$@"; }	# of a job only
	console_run < <(console_markdown "$BATS_TEST_DIRNAME/../$1")
	# shellcheck disable=SC2154 # console_run sets it
	[ "$n" -gt 12 ]
}

@test "every command of the README prints what it says" { tour README.md; }

@test "every command of the tour prints what it says" { tour docs/tour.md; }

@test "every command of the guide prints what it says" { tour docs/guide.md; }

@test "the table of exit codes is that of bf(7)" {
	for c in 0 1 2 3 4 5 6 7 8; do
		want=$(sed -n "s/^| $c | \(.*\) |\$/\1/p" "$BATS_TEST_DIRNAME/../README.md")
		[ -n "$want" ]
		got=$(awk -v c="$c" '$0 == ".It " c { getline; print }' "$BATS_TEST_DIRNAME/../man/bf.7")
		[ "$got" = "$want" ]
	done
}
