# What all tools share in their output: formats, members, colour, width, rounds.

setup() { load ../helper; home; unset NO_COLOR; }
teardown() { home_end; }

# tty COLUMNS COMMAND: what a terminal of that width shows, standard error too.
tty() { script -qec "stty cols $1 rows 30; $2" /dev/null </dev/null | tr -d '\r' >"$T/tty"; }

# The CSV on standard input as JSON lists, a line a row, read by somebody else's parser: Python's,
# strict, or else an awk of our own that knows no cells with line breaks.
csv_rows() {
	if command -v python3 >/dev/null; then
		python3 -c 'import csv, json, sys
for r in csv.reader(sys.stdin, strict=True): print(json.dumps(r, separators=(",", ":"), ensure_ascii=False))'
		return
	fi
	awk '{
		out = ""; s = $0
		for (;;) {
			if (substr(s, 1, 1) == "\"") {
				s = substr(s, 2); v = ""
				while ((i = index(s, "\"")) > 0 && substr(s, i + 1, 1) == "\"") { v = v substr(s, 1, i); s = substr(s, i + 2) }
				if (i == 0) exit 1
				v = v substr(s, 1, i - 1); s = substr(s, i + 1)
				if (s != "" && substr(s, 1, 1) != ",") exit 1
			} else {
				i = index(s, ","); v = i ? substr(s, 1, i - 1) : s; s = substr(s, length(v) + 1)
				if (index(v, "\"")) exit 1
			}
			gsub(/[\\"]/, "\\\\&", v)
			out = out (out == "" ? "" : ",") "\"" v "\""
			if (s == "") break
			s = substr(s, 2)
		}
		print "[" out "]"
	}'
}

@test "a sentence too long for the terminal is broken between its words; in a pipe it is one line" {
	local line
	tty 50 "bf-info --market coinm --profile-of-mine; bf-kill --level cancel --latch-only"
	grep -q '^bf-' "$T/tty"
	while IFS= read -r line; do
		[ "${#line}" -le 50 ] || { cat "$T/tty"; false; }
	done <"$T/tty"
	run bf-position --from a --compare --watch
	whole=$output
	[[ ${lines[0]} == 'bf-position: --compare does not go with --watch' ]]
	tty 24 "bf-position --from a --compare --watch"
	cat "$T/tty"
	[ "$(sed -n 1p "$T/tty")" = 'bf-position: --compare' ]
	[ "$(sed -n 2p "$T/tty")" = '  does not go with' ]
	[ "$(sed -n 3p "$T/tty")" = '  --watch' ]
	[ "$(sed 's/^  / /' "$T/tty" | tr -d '\n')" = "$(tr -d '\n' <<<"$whole")" ]
}

@test "csv: a parser finds the members' names and the values of the records" {
	sim
	bf-info -o csv mark BTCUSDT ETHUSDT >"$T/csv"
	run ! grep -q $'\r' "$T/csv"
	csv_rows <"$T/csv" >"$T/rows"
	jq -s . "$T/rows" | is '.[0] == ["symbol","markPrice","indexPrice","lastFundingRate","nextFundingTime"] and length == 3
	    and (.[1:] | map(.[0]) == ["BTCUSDT","ETHUSDT"]) and all(.[1:][]; (.[1] | test("^[0-9]+[.][0-9]{8}$"))
	    and (.[4] | test("^[0-9]{13}$")))'
}

@test "csv: a filter's text with comma, quotes and line break comes through the parser whole" {
	sim
	f='{a: "x,y", b: "say \"hi\"", c: [1, {d: "e"}], n: null, id: "8389765606284283461"}'
	bf-info -o csv --jq "$f" --fields a,b,c,n,id,c.1.d mark BTCUSDT | csv_rows >"$T/rows"
	jq -s . "$T/rows" | is '. == [["a","b","c","n","id","c.1.d"],
	    ["x,y","say \"hi\"","[1,{\"d\":\"e\"}]","","8389765606284283461","e"]]'
	command -v python3 >/dev/null || skip "no python3: cells with line breaks are not read here"
	bf-info -o csv --jq '{a: "1\n2"}' --fields a mark BTCUSDT | csv_rows | tail -n 1 | is '. == ["1\n2"]'
}

@test "csv: what a spreadsheet could run has a quote before it, numbers and ids have none" {
	sim
	run bf-info -o csv --jq '{a: "=1+2", b: "-0.5", c: "-my_id", d: "@x"}' --fields a,b,c,d mark BTCUSDT
	[ "${lines[1]}" = "\"'=1+2\",-0.5,-my_id,\"'@x\"" ]
}

@test "tsv: four characters are escaped, and nothing else" {
	sim
	run bf-info -o tsv --jq '{a: "1\t2\n3\r4\\5", b: "=,\"é"}' --fields a,b mark BTCUSDT
	[ "${lines[0]}" = $'a\tb' ]
	[ "${lines[1]}" = $'1\\t2\\n3\\r4\\\\5\t=,"é' ]
}

@test "csv: several tables have their names each, after an empty line; with --fields there is one" {
	sim
	bf-order buy BTCUSDT 0.01 market >"$T/o"
	bf-position -o csv >"$T/csv"
	[ "$(grep -c '^$' "$T/csv")" -eq 1 ]
	[ "$(grep -Ec '^(symbol,positionSide|asset,walletBalance)' "$T/csv")" -eq 2 ]
	entry=$(bf-position -o ndjson | jq -r 'select(.e == "bf.position").entryPrice')
	grep -q ",$entry," "$T/csv"
	bf-position -o csv --fields e,symbol,asset >"$T/one"
	run ! grep -q '^$' "$T/one"
	[ "$(head -n 1 "$T/one")" = e,symbol,asset ]
	[ "$(sed -n 2p "$T/one")" = bf.position,BTCUSDT, ]
	[ "$(sed -n 3p "$T/one")" = bf.account,,USDT ]
}

@test "csv: an empty list has its line of names, a failure has none" {
	sim
	[ "$(bf-order -o csv open 2>/dev/null | cut -d, -f1-3)" = time,symbol,side ]
	run --separate-stderr bf-info -o csv mark NOSUCHUSDT
	[ "$status" -eq 1 ]
	[ "$output" = "" ]
}

@test "a run that fails has no headings over nothing, and neither has the doctor's list" {
	mkdir -p "$XDG_CONFIG_HOME/bf/profiles"
	printf 'rest = http://127.0.0.1:9\nws = ws://127.0.0.1:9\n' >"$XDG_CONFIG_HOME/bf/profiles/away"
	chmod 600 "$XDG_CONFIG_HOME/bf/profiles/away"
	for as in table csv; do
		run --separate-stderr bf-time --profile away -o $as
		[ "$status" -eq 3 ]
		[ "$output" = "" ]
		run --separate-stderr bf-kill -o $as
		[ "$status" -eq 2 ]
		[ "$output" = "" ]
	done
	run --separate-stderr bf-profile doctor away -o table
	[ "$status" -ne 0 ]
	[[ $output == *"bad     host-rest"* ]]
	[[ $output != *"CHECK"* ]]
}

@test "every tool has csv, tsv and --fields" {
	sim
	bf-order buy BTCUSDT 0.01 @ 50000 >"$T/o"
	[ "$(bf-time -o csv | head -n 1 | cut -d, -f1,2)" = profile,offset ]
	[ "$(bf-time -o tsv | head -n 1 | cut -f1,2)" = $'profile\toffset' ]
	bf-time --fields profile,market | is '. == {profile: "sim", market: "usdm"}'
	[ "$(bf-order -o tsv --fields symbol,price,status open)" = $'symbol\tprice\tstatus\nBTCUSDT\t50000.00\tNEW' ]
	[ "$(bf-order journal -o csv --fields what | sort | uniq -c | tr -s ' ')" = $' 1 intent\n 1 result\n 1 what' ]
	echo '{"symbol":"ETHUSDT","side":"BUY","type":"LIMIT","quantity":"0.1","price":"2500","timeInForce":"GTC"}' >"$T/i"
	[ "$(bf-order --fields symbol,price,nothing <"$T/i" 2>"$T/err")" = '{"symbol":"ETHUSDT","price":"2500.00","nothing":null}' ]
	grep -q 'no record had nothing' "$T/err"
	bf-stream -o csv --fields e,s markPrice --count 1 >"$T/csv"
	[ "$(head -n 1 "$T/csv")" = e,s ]
	grep -q '^markPriceUpdate,..*' "$T/csv"
	bf-kill --status --fields step,latched | is '. == {step: "status", latched: false}'
	[ "$(bf-kill --status -o csv | head -n 1)" = step,latch,latched,reason ]
	[ "$(bf-risk --rules "$BATS_TEST_DIRNAME/../../examples/risk.conf" --check -o tsv --fields e 2>/dev/null | sort -u)" = $'bf.rule\ne' ]
}

@test "a wrong --fields or format is misuse and says what is right" {
	local a
	for a in "--fields=" "--fields=a,,b" "--fields=a,a" "--fields=$(seq -s, 65)" "-oxml"; do
		run --separate-stderr bf-info "$a" mark
		[ "$status" -eq 2 ]
		[ "$output" = "" ]
		[ "${#stderr_lines[@]}" -eq 2 ]
		[ "${stderr_lines[1]}" = "bf-info: see bf-info --help" ]
	done
	run --separate-stderr bf-order -o csv </dev/null
	[ "$status" -eq 2 ]
	[[ "$stderr" == *--fields* ]]
}

@test "colour: by sign on a terminal, and never with NO_COLOR, TERM=dumb or in a pipe" {
	sim
	bf-order buy BTCUSDT 0.01 market >"$T/o"
	tty 100 "TERM=xterm bf-order -o table fills BTCUSDT"
	grep -q $'\033\\[32mBUY\033\\[0m' "$T/tty"
	tty 100 "TERM=xterm NO_COLOR=1 bf-order fills BTCUSDT"
	grep -q BUY "$T/tty"
	run ! grep -q $'\033' "$T/tty"
	tty 100 "TERM=dumb bf-order fills BTCUSDT"
	run ! grep -q $'\033' "$T/tty"
	tty 100 "TERM=xterm NO_COLOR= bf-order fills BTCUSDT"
	grep -q $'\033' "$T/tty"
	TERM=xterm bf-order -o table fills BTCUSDT >"$T/pipe" 2>&1
	run ! grep -q $'\033' "$T/pipe"
}

@test "every table fits a terminal of 80 columns, and says once what it left out" {
	local c
	sim --synthetic
	bf-order buy BTCUSDT 0.05 market >"$T/o"
	bf-order sell BTCUSDT 0.01 @ 65000 >>"$T/o"
	bf-order sell BTCUSDT 0.05 take-profit 66000 @ 66000 >>"$T/o"
	bf-risk --max-lev 3 --log "$T/risk.log" <<<'{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"5"}' >>"$T/o" 2>&1 || true
	for c in "bf-info price" "bf-info mark" "bf-info ticker" "bf-info bookTicker" "bf-info funding" \
	    "bf-info symbols" "bf-info filters BTCUSDT" "bf-info brackets BTCUSDT" "bf-info book BTCUSDT" \
	    "bf-info klines BTCUSDT 1m --limit 3" "bf-info basis BTCUSDT --limit 3" "bf-info trades BTCUSDT" \
	    "bf-order open" "bf-order history BTCUSDT" "bf-order fills BTCUSDT" "bf-order journal" \
	    "bf-order --dry-run buy BTCUSDT 0.01 @ 55000" "bf-position" "bf-position funding" "bf-position history" \
	    "bf-time" "bf-kill --status" "bf-position balances" "bf-position mode" "bf-position leverage BTCUSDT 10" \
	    "bf-position calc long 0.5 BTCUSDT --entry 60000" "bf-position what-if buy BTCUSDT 0.1 market" \
	    "bf-profile list" "bf-profile show" "bf-risk --check --rules $BATS_TEST_DIRNAME/../../examples/risk.conf" \
	    "bf-risk explain $T/risk.log" "bf-risk replay --all --max-lev 3 $T/risk.log" \
	    "bf-kill drill --positions 2" "bf-kill --cancel-only" "bf-kill --reset --reason test"; do
		tty 80 "TERM=dumb $c 2>/dev/null"
		[ "$(wc -l <"$T/tty")" -ge 2 ] || { echo "nothing: $c" >&2; cat "$T/tty" >&2; return 1; }
		[ "$(LC_ALL=C.UTF-8 wc -L <"$T/tty")" -le 80 ] || { echo "too wide: $c" >&2; cat "$T/tty" >&2; return 1; }
	done
	bf-order sell BTCUSDT 0.01 @ 65000 >>"$T/o"
	tty 80 "TERM=dumb bf-order open"
	[ "$(grep -c 'no room for .*CLIENT ID' "$T/tty")" -eq 1 ]
	tty 200 "TERM=dumb bf-order open"
	run ! grep -q 'no room for' "$T/tty"
	grep -q 'CLIENT ID' "$T/tty"
}

@test "a table says what there is none of with a dash, and what became of an order at 80 columns" {
	sim
	tty 80 "TERM=dumb bf-order buy BTCUSDT 0.05 market"
	grep -q 'STATUS' "$T/tty"
	grep -q 'FILLED ' "$T/tty"
	run ! grep -q ' 0\.00 ' "$T/tty"
	bf-order sell BTCUSDT all take-profit 75000 >"$T/o"
	tty 200 "TERM=dumb bf-order open"
	grep -Eq 'TAKE_PROFIT_MARKET +- +75000\.00 +- ' "$T/tty"
	tty 80 "TERM=dumb bf-order cancel BTCUSDT 999"
	grep -q 'sent; there is no such order' <(tr -d '\n' <"$T/tty")
}

@test "a refusal has no headings over nothing, and none come after a doctor's lines" {
	sim
	run --separate-stderr bf-profile -o table show nosuch
	[ "$status" -eq 2 ]
	[ "$output" = "" ]
	run --separate-stderr bf-risk -o table explain "$T/nosuch"
	[ "$status" -eq 2 ]
	[ "$output" = "" ]
	tty 80 "TERM=dumb bf-profile doctor --offline"
	grep -q '^ok ' "$T/tty"
	run ! grep -q '^CHECK' "$T/tty"
}

@test "bf-risk in a pipe prints what it was given: a format, members or a filter are misuse" {
	local a
	for a in "-o table" "--fields symbol" "--jq .symbol"; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-risk --max-lev 3 $a </dev/null
		[ "$status" -eq 2 ]
		[[ "$stderr" == *"as they came"* ]]
	done
}

@test "--watch: a round each, as many as --count says, in every format" {
	sim
	[ "$(bf-info mark BTCUSDT --watch --every 1 --count 2 | jq -r .symbol | tr '\n' ' ')" = "BTCUSDT BTCUSDT " ]
	[ "$(bf-info mark BTCUSDT --watch --every 1 --count 2 -o csv | cut -d, -f1 | tr '\n' ' ')" = "symbol BTCUSDT BTCUSDT " ]
	[ "$(bf-info mark BTCUSDT --watch --every 1 --count 2 -o table | cut -d' ' -f1 | tr '\n' ' ')" = "SYMBOL BTCUSDT  SYMBOL BTCUSDT " ]
	bf-order buy BTCUSDT 0.01 @ 50000 >"$T/o"
	[ "$(bf-order open --watch --every 1 --count 2 --fields price | tr '\n' ' ')" = '{"price":"50000.00"} {"price":"50000.00"} ' ]
}

@test "--watch: on a terminal the table is drawn in place, and the last one stays" {
	sim
	tty 80 "TERM=xterm NO_COLOR=1 bf-info mark BTCUSDT --watch --every 1 --count 2"
	[ "$(grep -o $'\033\\[?1049h' "$T/tty" | wc -l)" -eq 1 ]
	[ "$(grep -o $'\033\\[?1049l' "$T/tty" | wc -l)" -eq 1 ]
	grep -q 'bf-info mark  [0-9:]* UTC' "$T/tty"
	tail -n 1 "$T/tty" | grep -q '^BTCUSDT '
}

@test "--watch: an interrupt ends it with exit 0, and the screen is given back" {
	sim
	bf-info mark BTCUSDT --watch --every 60 >"$T/out" 2>"$T/err" 3>&- &
	local pid=$!
	wait_for grep -q BTCUSDT "$T/out"
	kill -INT "$pid" 2>/dev/null || true
	kill -TERM "$pid"	# a background job of a shell ignores the first
	wait "$pid"
	[ "$(wc -l <"$T/out")" -eq 1 ]
	script -qec "stty cols 80; TERM=xterm bf-info mark BTCUSDT --watch --every 60 & echo \$! >$T/pid; wait \$!; echo rc=\$?" \
	    /dev/null </dev/null >"$T/tty" 3>&- &
	local shell=$!
	wait_for grep -q BTCUSDT "$T/tty"
	kill -TERM "$(cat "$T/pid")"
	wait_for grep -q rc= "$T/tty"
	grep -q 'rc=0' "$T/tty"
	grep -q $'\033\\[?1049l' "$T/tty"
	wait "$shell"
}

@test "--watch: later rounds without an answer are told of once, and it goes on" {
	sim
	bf-info mark BTCUSDT --watch --every 1 >"$T/out" 2>"$T/err" 3>&- &
	local pid=$!
	wait_for grep -q BTCUSDT "$T/out"
	kill "$SIM_PID"
	wait_for grep -q 'asking on' "$T/err"
	kill -0 "$pid"
	kill -TERM "$pid"
	wait "$pid"
	[ "$(grep -c 'asking on' "$T/err")" -eq 1 ]
}

@test "--watch: --every and --count go with it, and not with what asks no list" {
	local a
	for a in "mark --every 3" "mark --count 3" "klines BTCUSDT 1m --watch" "symbols --watch" "watch --watch" "book BTCUSDT --plot --watch"; do
		# shellcheck disable=SC2086
		run --separate-stderr bf-info $a
		[ "$status" -eq 2 ]
	done
	run --separate-stderr bf-order history BTCUSDT --watch
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"not an option of"* ]]
}
