#!/usr/bin/env bats
# examples/cron and examples/systemd: each command of the crontab as cron runs it, each unit as systemd reads it.

setup() {
	load ../helper
	home
	X=$(cd "$BATS_TEST_DIRNAME/../../examples" && pwd)
}
teardown() {
	home_end
	[ -z "${D:-}" ] || rm -rf "$D"
}

# --- cron ---

# A crontab's lines: settings, and commands. cron_line N prints the command of the Nth job.
settings() { grep -E '^[A-Z_]+=' "$X/cron/bf"; }
jobs_of() { grep -vE '^(#|$|[A-Z_]+=)' "$X/cron/bf"; }
cron_line() { jobs_of | sed -n "${1}s/^\([^ \t]* \)\{4\}[^ \t]*[ \t]*//p"; }
# cron LINE: as cron does: the settings, HOME, LOGNAME and nothing else; /bin/sh; no input. The folders of programs
# are ours in place of those that `make install` fills.
cron() {
	local path
	path=$(settings | sed -n 's/^PATH=//p' | sed "s#/usr/local/lib/bf#$X/cron#; s#/usr/local/bin#$BF_BIN#")
	env -i HOME="$HOME" LOGNAME=bf SHELL=/bin/sh PATH="$path" BF_PROFILE=sim /bin/sh -c "$1" </dev/null
}
# The profile by its default place: cron knows no XDG_*.
exchange() { sim "$@"; }

@test "crontab: five fields a job, no % (a newline to cron), the settings that cron reads" {
	[ "$(settings | cut -d= -f1 | paste -sd' ')" = "SHELL PATH BF_PROFILE" ]
	[ "$(jobs_of | wc -l)" -eq 5 ]
	run ! grep -n % <(jobs_of)
	while read -r m h dom mon dow command; do
		[[ "$m $h $dom $mon $dow" =~ ^([0-9*/,-]+\ ){4}[0-9*/,-]+$ ]]
		[ -n "$command" ]
	done < <(jobs_of)
}

@test "cron: each job runs as the crontab has it; those that are fine print nothing" {
	exchange --position BTCUSDT:2x
	for n in 1 3 4 5; do
		run cron "$(cron_line $n)"
		[ -z "$output" ] || { echo "job $n: $output"; false; }
		[ "$status" -eq 0 ] || [ "$n" -eq 4 ]	# grep says 1 of no change
	done
	run cron "$(cron_line 2)"
	[ "$status" -eq 0 ]
	[[ $output == "Funding of 20"*"Due next"*"BTCUSDT  -"*" USDT  at a rate of 0.00010000" ]]
}

@test "cron: a clock that is off, and an exchange that is gone, are mailed" {
	exchange --skew 3000
	run cron "$(cron_line 1)"
	[ "$status" -eq 7 ]
	[ -n "$output" ]
	kill "$SIM_PID"
	wait "$SIM_PID" || true
	run cron "$(cron_line 1)"
	[ "$status" -ne 0 ]
	[ -n "$output" ]
}

@test "cron: changed contract rules are mailed, once" {
	exchange
	run cron "$(cron_line 4)"
	[ -z "$output" ]
	sed -i 's/"tickSize":"0.10"/"tickSize":"0.50"/' "$XDG_STATE_HOME/bf/sim/watch.usdm.json"
	run cron "$(cron_line 4)"
	[[ $output == *bf.change*tickSize* ]]
	run cron "$(cron_line 4)"
	[ -z "$output" ]
}

@test "cron: a drill that does not end flat is mailed with what it said; quietly passes the status on" {
	run env PATH="$X/cron:$PATH" quietly sh -c 'echo said; echo more >&2; exit 4'
	[ "$status" -eq 4 ]
	[ "$output" = "exit 4: sh -c echo said; echo more >&2; exit 4
said
more" ]
	run env PATH="$X/cron:$PATH" quietly echo fine
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run env PATH="$X/cron:$PATH" quietly bf-kill drill --sim /nonexistent
	[ "$status" -ne 0 ]
	[[ $output == "exit "*"bf-kill drill"*nonexistent* ]]
}

@test "equity-log: a line a wallet and hour, no matter how often and how many at a time; a torn line is ended" {
	exchange --balance coinm.BTC=1
	log=$T/equity
	for i in 1 2 3 4; do "$X/cron/equity-log" "$log" 3>&- & pids[i]=$!; done
	for i in 1 2 3 4; do wait "${pids[i]}"; done
	hours=$(jq -r .hour "$log" | sort -u | wc -l)	# an hour may have ended meanwhile
	[ "$(grep -c . "$log")" -eq $((hours * $(jq -r '"\(.market) \(.asset)"' "$log" | sort -u | wc -l))) ]
	jq -se 'map([.hour, .market, .asset]) | length == (unique | length) and length >= 2' "$log"
	jq -se '.[0] | .wallet == "10000.00000000" and .equity == "10000.00000000"' "$log"
	[ "$(stat -c %a "$log")" = 600 ]
	# what stands is never changed; what a crash cut is ended, and its wallet written anew
	was=$(wc -l <"$log")
	truncate -s -5 "$log"
	cp "$log" "$T/before"
	"$X/cron/equity-log" "$log"
	cmp -n "$(stat -c %s "$T/before")" "$log" "$T/before"
	[ "$(wc -l <"$log")" -gt "$was" ]
	tail -n 1 "$log" | is '.wallet'
	run "$X/cron/equity-log" "$T/none/log"
	[ "$status" -eq 8 ]
}

@test "funding-report: sums of the exchange's rows, exact, of the day alone" {
	exchange --position BTCUSDT:2x
	curl -sS --noproxy '*' -d 'funding BTCUSDT' "$SIM_REST/sim/v1/do" | is .ok
	curl -sS --noproxy '*' -d 'funding=0.0003 BTCUSDT' "$SIM_REST/sim/v1/do" | is .ok
	day=$(jq -rs '[.[] | select(.what == "funding")] | last.E / 1000 | floor | strftime("%F")' "$T/ledger")
	run "$X/cron/funding-report" "$day"
	[ "$status" -eq 0 ]
	[[ $output == *"  BTCUSDT  -1.9980"*" USDT"*"  BTCUSDT  -5.9940"*" USDT"*"Due next"* ]]
	[[ $output == *"sum    usdm  FUNDING_FEE  -1.9980"*"sum    usdm  SPECIAL_FUNDING_FEE  -5.9940"* ]]
	run "$X/cron/funding-report" 2020-01-01
	[[ $output != *5.994* ]]
	run "$X/cron/funding-report" yesterday
	[ "$status" -eq 2 ]
	sed -i 's/^secret = .*/secret = wrongwrongwrong/' "$XDG_CONFIG_HOME/bf/profiles/sim"
	run --separate-stderr "$X/cron/funding-report" "$day"
	[ "$status" -eq 5 ]	# bf-position's own
	[ -z "$output" ]
}

# --- systemd ---

units() {	# in a folder where the programs are found
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze here"
	mkdir "$T/units"
	cp -r "$X/systemd/." "$T/units"
	sed -i "s#\(ExecStart=\)bf-#\1$BF_BIN/bf-#; s#/usr/local/lib/bf/\(gate\)#$X/keyless/\1#; s#/usr/local/lib/bf/#$X/cron/#" "$T"/units/*.service
	# templates by an instance
	UNITS=$(cd "$X/systemd" && for f in *.service *.timer *.socket; do echo "${f/@./@demo.}"; done)
}

@test "systemd: every unit is understood, without a word" {
	units
	for u in $UNITS; do
		run env SYSTEMD_UNIT_PATH="$T/units:/lib/systemd/system:/usr/lib/systemd/system" systemd-analyze verify --man=no --recursive-errors=one "$u"
		# on a machine without the user of the services that much is said
		[ -z "$(grep -v -e 'Failed to prepare filename' -e "user 'bf" -e 'Unknown user' -e landlock <<<"$output")" ] || { echo "$u: $output"; false; }
		[ "$status" -eq 0 ] || { echo "$u: $status: $output"; false; }
	done
}

@test "systemd: every service is exposed by 2.0 at most, of 10" {
	units
	systemd-analyze security --help | grep -q -- --offline || skip "this systemd-analyze judges no file by itself"
	for u in $UNITS; do
		case $u in *.service) ;; *) continue ;; esac
		SYSTEMD_UNIT_PATH="$T/units:/lib/systemd/system:/usr/lib/systemd/system" \
			systemd-analyze security --offline=true --threshold=20 --no-pager "$u" >"$T/said" || { tail -n 1 "$T/said"; false; }
	done
}

@test "systemd: what the units rely on: the watchdog against the renewal, paths, the key as a credential" {
	cd "$X/systemd" || return 1
	# by the program's own check
	sim
	read -r watchdog < <(sed -n 's/^WatchdogSec=//p' bf-deadman@.service)
	line=$(sed -n 's/^ExecStart=//p' bf-deadman@.service)
	"$BF_PEERS/notified" "$T/notify" >"$T/heard" 3>&- 4>&- &
	wait_for grep -q ready "$T/heard"
	bg "NOTIFY_SOCKET='$T/notify' WATCHDOG_USEC=${watchdog}000000 exec ${line/\%i/sim} >'$T/out' 2>&1"
	wait_for grep -q READY=1 "$T/heard"
	# each that signs has its key; each that does not has none
	for f in *.service; do
		case $f in
		bf-stream-record@*|bf-time-check*) run ! grep -q LoadCredential "$f" ;;
		*) grep -qx 'LoadCredential=%i.key:/etc/bf/%i.key' "$f" ;;
		esac
	done
	# each timer has its service, and each program is one of ours
	for f in *.timer; do [ -f "${f%.timer}.service" ]; done
	grep -ohE 'bf-[a-z]+ ' ./*.service | sort -u | while read -r p; do [ -x "$BF_BIN/$p" ] || { echo "$p"; false; }; done
	if command -v systemd-sysusers >/dev/null && systemd-sysusers --help | grep -q dry-run; then
		systemd-sysusers --dry-run "$PWD/bf.sysusers"
	fi
}

@test "systemd: a key handed over as newer versions do it, root's with an access list, serves another user" {
	[ "$(id -u)" -eq 0 ] || skip "only root can make such a file"
	command -v setpriv >/dev/null && command -v setfacl >/dev/null || skip "no setpriv or setfacl here"
	sim
	d=$(mktemp -d /tmp/bfc.XXXXXX)
	D=$d	# for teardown
	chmod 755 "$d"
	install -d -m 755 "$d/home/.config/bf" "$d/bin"
	install -m 755 "$BF_BIN/bf-position" "$d/bin"
	install -d -m 700 "$d/cred"
	sed -n '/^\(key\|secret\|type\) *=/p' "$XDG_CONFIG_HOME/bf/profiles/sim" >"$d/cred/demo.key"
	{ echo '[sim]'; sed '/^\(key\|secret\|type\) *=/d' "$XDG_CONFIG_HOME/bf/profiles/sim"
	  echo "key_file = \$CREDENTIALS_DIRECTORY/demo.key"; } >"$d/home/.config/bf/config"
	chmod 644 "$d/home/.config/bf/config"
	chown 64002 "$d/home"
	chmod 400 "$d/cred/demo.key"
	setfacl -m u:64002:r "$d/cred/demo.key" 2>/dev/null && setfacl -m u:64002:rx "$d/cred" || skip "no access lists in /tmp here"
	[ "$(stat -c '%a %u' "$d/cred/demo.key")" = '440 0' ]
	as() { setpriv --reuid 64002 --regid 64002 --clear-groups env -i HOME="$d/home" BF_PROFILE=sim "$@"; }
	as CREDENTIALS_DIRECTORY="$d/cred" "$d/bin/bf-position" balances | is '.asset == "USDT"'
	run as "$d/bin/bf-position" balances
	[ "$status" -eq 5 ]
	[[ $output == *'$CREDENTIALS_DIRECTORY'* ]]
}
