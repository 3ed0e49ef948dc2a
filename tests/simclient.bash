# A client of bf-sim for bats files: curl, openssl and wscat, nothing of ours.
# Load it after helper.bash.
#
# Virtual clocks: set STEPPED=1 before the first request, then `now` asks the
# exchange for the time.

declare -gA WS_IN=()

# ready MEMBER: of the simulator's first line. Asked for with every request: no process for a plain string.
ready() {
	local line
	IFS= read -r line <"$T/sim.out"
	if [[ $line =~ \"$1\":\"([^\"\\]*)\" ]]; then
		echo "${BASH_REMATCH[1]}"
	else
		jq -r ".$1" <<<"$line"
	fi
}
now() {
	if [ -n "${STEPPED:-}" ]; then
		public /fapi/v1/time | tr -dc 0-9
	else
		echo $(($(date +%s%3N) + ${SKEW:-0}))
	fi
}
# sign TEXT: the HMAC as 64 hex digits; with PRIVATE, the name of an Ed25519 key's file, its signature.
sign() {
	if [ -n "${PRIVATE:-}" ]; then
		printf %s "$1" >"$T/to-sign"
		openssl pkeyutl -sign -inkey "$PRIVATE" -rawin -in "$T/to-sign" | base64 -w 0
	else
		local hex
		read -r hex _ < <(printf %s "$1" | openssl dgst -r -sha256 -hmac "${SECRET:-$(ready secret)}")
		echo "$hex"
	fi
}
# public PATH [curl options]
public() { curl -sS --noproxy '*' "${@:2}" "$SIM_REST$1"; }
# keyed METHOD PATH [curl options]
keyed() { curl -sS --noproxy '*' -X "$1" -H "X-MBX-APIKEY: ${KEY:-$(ready key)}" "${@:3}" "$SIM_REST$2"; }
# signed METHOD PATH [QUERY [curl options]]
signed() {
	local q
	q="${3:+$3&}timestamp=$(now)"
	keyed "$1" "$2?$q&signature=$(sign "$q")" "${@:4}"
}
place() { signed POST /fapi/v1/order "$@"; }
# SYMBOL SIDE QUANTITY [MORE [curl options]]
market_order() { place "symbol=$1&side=$2&type=MARKET&quantity=$3${4:+&$4}" "${@:5}"; }
# SYMBOL SIDE QUANTITY PRICE [MORE [curl options]]
limit_order() { place "symbol=$1&side=$2&type=LIMIT&timeInForce=GTC&quantity=$3&price=$4${5:+&$5}" "${@:6}"; }
# SYMBOL SIDE TYPE MORE
algo_order() { signed POST /fapi/v1/algoOrder "algoType=CONDITIONAL&symbol=$1&side=$2&type=$3&$4"; }
order() { signed GET /fapi/v1/order "symbol=$1&origClientOrderId=$2"; }
position() { signed GET /fapi/v3/positionRisk "symbol=$1" | jq -r '.[0].positionAmt // "0"'; }
status_of() { "$@" -o "$T/body" -w '%{http_code}'; }	# STATUS; the body is in $T/body
# ledger KIND FILTER: of an array of the lines of that kind
ledger() { jq -cs "[.[] | select(.what == \"$1\")] | $2" "$T/ledger"; }

# --- what exists only here ---

# act ACTION...: each one done at once; `act 'fill=0.4 BTCUSDT'`.
act() { printf '%s\n' "$@" | curl -sS --noproxy '*' --data-binary @- "$SIM_REST/sim/v1/do" | ok; }
# rules RULE...: given at run time.
rules() { printf '%s\n' "$@" | curl -sS --noproxy '*' --data-binary @- "$SIM_REST/sim/v1/faults" | ok; }
# step TIME: of a stepped or virtual clock.
step() { curl -sS --noproxy '*' -X POST "$SIM_REST/sim/v1/clock?step=$1" | ok; }
ok() {
	local answer
	answer=$(cat)
	[ "$(jq .ok <<<"$answer")" = true ] || { echo "$answer" >&2; return 1; }
}

# --- WebSockets ---

# ws NAME PATH [wscat options]: open one; $T/NAME gets what comes, a line each.
ws() {
	local fd
	mkfifo "$T/$1.in"
	"$BF_PEERS/wscat" -c "${@:3}" "${SIM_WS##*:}" "$2" <>"$T/$1.in" >"$T/$1" 2>"$T/$1.err" 3>&- 4>&- &
	exec {fd}>"$T/$1.in"
	WS_IN[$1]=$fd
	wait_for grep -q open "$T/$1.err" || { cat "$T/$1"; return 1; }
}
# say NAME LINE...: messages, or orders to wscat.
say() { printf '%s\n' "${@:2}" >&"${WS_IN[$1]}"; }
# got NAME REGEX; count NAME REGEX
got() { grep -q -- "$2" "$T/$1"; }
count() { grep -c -- "$2" "$T/$1" || true; }
counted() { [ "$(count "$1" "$2")" -ge "$3" ]; }	# NAME REGEX N: so many at least
# caught_up NAME: all that was sent so far is in its file.
caught_up() {
	local mark
	mark=$(printf '%08x' $((${CAUGHT:-0} + 1)))
	CAUGHT=$((${CAUGHT:-0} + 1))
	say "$1" "!ping $mark"
	wait_for got "$1" "^pong $(printf %s "$mark" | od -An -tx1 | tr -d ' \n')"
}
# events NAME FILTER: of an array of all its JSON messages
events() { grep '^[[{]' "$T/$1" | jq -cs "$2"; }
# holds NAME FILTER: the same must be true
holds() {
	if ! [ "$(events "$1" "$2")" = true ]; then
		echo "not so: $2" >&2
		cat "$T/$1" >&2
		return 1
	fi
}
# subscribe NAME STREAM...: and wait until it is answered
subscribe() {
	local id
	id=$RANDOM$RANDOM
	say "$1" "$(jq -cn --arg id "$id" '{method: "SUBSCRIBE", params: $ARGS.positional, id: $id}' --args "${@:2}")"
	wait_for got "$1" "\"result\":null,\"id\":\"$id\""
}
# listen_key [fapi|dapi]
listen_key() { keyed POST "/${1:-fapi}/v1/listenKey" | jq -r .listenKey; }
