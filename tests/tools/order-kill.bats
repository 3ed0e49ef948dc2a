# bf-order killed at a system call of a placing run, and its calls made to fail: a sample of what
# `make chaos` does at every one (tests/chaos/torture).

setup() {
	load ../helper
	home
	export CHAOS_DIR=$T/chaos TMPDIR=$T
	torture=$BATS_TEST_DIRNAME/../chaos/torture
}
teardown() { home_end; }

tortured() {	# tortured OPTIONS...
	local points

	run timeout 110 "$torture" "$@"
	echo "$output"
	[ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
	[ "$status" -eq 0 ]
	points=${lines[-1]%% points*}
	[ "$points" -ge 8 ]
}

@test "killed at every 20th system call: sent once at most, and recover says what stands" {
	tortured -b 30 -e 20 kill
	# it died before an order and after one
	[[ $output =~ killed\ ([0-9]+)\ times ]]
	[ "${BASH_REMATCH[1]}" -ge 8 ]
}

@test "killed at every call that sends, syncs or writes" {
	tortured -b 30 -n sendto,send,sendmsg,writev,write,fdatasync,flock kill
	[[ $output =~ ([0-9]+)\ found ]]
	[ "${BASH_REMATCH[1]}" -ge 1 ]	# one stood, and nobody had been told
}

@test "a disk that is full or fails: nothing is sent without a journal, and what was sent is said" {
	tortured -b 30 -n write,fdatasync,pwrite64 ENOSPC EIO ENOSPC+
}
