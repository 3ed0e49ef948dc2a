# What reached the exchange, by its ledger, as text to compare. Load it after helper.bash.

# asked METHOD PATH: the parameters of each such request in its order, a line each, decoded,
# without time and window. PATH of the WebSocket API is its own, METHOD the method.
asked() {
	local query
	jq -r --arg m "$1" --arg p "$2" 'select(.what == "request" and .method == $m and .path == $p) | .query
		| split("&") | map(select(test("^(timestamp|recvWindow)=") | not)) | join("&")' "$T/ledger" |
		while IFS= read -r query; do printf '%b\n' "${query//%/\\x}"; done
}
# placed_as CLIENT-ID: "PATH PARAMETERS" of the one POST with that id.
placed_as() {
	local query
	query=$(jq -r --arg id "$1" 'select(.what == "request" and .method == "POST" and .clientOrderId == $id) | .path + " " +
		(.query | split("&") | map(select(test("^(timestamp|recvWindow)=") | not)) | join("&"))' "$T/ledger")
	printf '%b\n' "${query//%/\\x}"
}
# same WANT GOT: equal, or both are shown.
same() {
	[ "$1" = "$2" ] || { printf 'want %s\n got %s\n' "$1" "$2" >&2; return 1; }
}
# outcomes N: $output is N records, none of them a notice.
outcomes() {
	local n
	n=$(jq -s '[.[] | select((.e // "") | IN("bf.recovered", "bf.lag", "bf.conn") | not)] | length' <<<"$output")
	[ "$n" -eq "$1" ] || { echo "$n outcomes, not $1: $output $stderr" >&2; return 1; }
}
# The client ids of $output in the order they came, and what became of each.
became() { jq -r '(.clientOrderId // .clientAlgoId // .intent.newClientOrderId // .intent.clientAlgoId // "-") + ":" +
	(.status // .algoStatus // .rule // (if .code then (.code | tostring) else .outcome end))' <<<"$output" | paste -sd' '; }
# Lines for the exchange's profile file.
profile() { printf '%s\n' "$@" >>"$XDG_CONFIG_HOME/bf/profiles/$BF_PROFILE"; }
# Windows so short that what is unknown is settled within a second or two.
quick() { profile 'recv_window = 400'; }
QUICK=(--lag-budget 1 --timeout 400 --resolve-timeout 8)

# LIMIT and MARKET orders as a strategy writes them: SIDE QUANTITY [PRICE] SYMBOL ID [MORE].
limit() { printf '{"symbol":"%s","side":"%s","type":"LIMIT","quantity":"%s","price":"%s","newClientOrderId":"%s"%s}\n' "$4" "$1" "$2" "$3" "$5" "${6:+,$6}"; }
market() { printf '{"symbol":"%s","side":"%s","type":"MARKET","quantity":"%s","newClientOrderId":"%s"%s}\n' "$3" "$1" "$2" "$4" "${5:+,$5}"; }
# fed [bf-order options]: bf-order in the background on a fifo that `tell` writes to; $T/out, $T/err.
fed() {
	mkfifo -m 600 "$T/in"
	bf-order "$@" <"$T/in" >"$T/out" 2>"$T/err" 3>&- 4>&- &
	FED=$!
	exec 8>"$T/in"
}
tell() { printf '%s\n' "$@" >&8; }
# came N: so many lines are out. fed_end: no more input; sets status.
came() { [ "$(grep -c . "$T/out")" -ge "$1" ]; }
fed_end() {
	exec 8>&-
	status=0
	wait "$FED" || status=$?
}
