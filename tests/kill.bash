# Common to the bats files of bf-kill: what the exchange itself says, asked with openssl and curl.
# shellcheck shell=bash disable=SC2154 # output is what `run` sets

# signed METHOD PATH [QUERY]: the answer. OTHER_CLOCK: not empty if the exchange's is not this machine's.
signed() {
	local key secret q now
	read -r key secret < <(jq -r '"\(.key) \(.secret)"' "$T/$BF_PROFILE.out" | head -n 1)
	if [ -n "${OTHER_CLOCK:-}" ]; then now=$(curl -sS --noproxy '*' "$SIM_REST/fapi/v1/time" | jq .serverTime); else now=$(date +%s%3N); fi
	q="${3:+$3&}timestamp=$now"
	q="$q&signature=$(printf %s "$q" | openssl dgst -sha256 -hmac "$secret" | sed 's/.* //')"
	curl -sS --noproxy '*' -X "$1" -H "X-MBX-APIKEY: $key" "$SIM_REST$2?$q"
}
# Symbol, side and amount of each position that is not zero, of both markets, in one line.
held() {
	{ signed GET /fapi/v3/positionRisk; signed GET /dapi/v1/positionRisk; } |
		jq -rs '[add[] | select(.positionAmt | tonumber != 0) | "\(.symbol):\(.positionSide):\(.positionAmt | tonumber)"] | sort | join(" ")'
}
# Symbols of the open orders of both markets; of the conditional ones.
open_orders() { { signed GET /fapi/v1/openOrders; signed GET /dapi/v1/openOrders; } | jq -rs '[add[] | "\(.symbol):\(.side)"] | sort | join(" ")'; }
open_algos() { { signed GET /fapi/v1/openAlgoOrders; signed GET /dapi/v1/openAlgoOrders; } | jq -rs '[add[] | "\(.symbol):\(.side)"] | sort | join(" ")'; }

# order MARKET QUERY, algo MARKET QUERY: placed as somebody else would.
order() { signed POST "/$1/v1/order" "$2" | is .orderId; }
algo() { signed POST "/$1/v1/algoOrder" "algoType=CONDITIONAL&$2" | is .algoId; }
limit() { order "$1" "symbol=$2&side=$3&type=LIMIT&timeInForce=GTC&quantity=$4&price=$5${6:+&$6}"; }
stop() { algo "$1" "symbol=$2&side=$3&type=STOP_MARKET&triggerPrice=$4${5:+&$5}"; }

fault() { curl -sS --noproxy '*' --data-binary "$*" "$SIM_REST/sim/v1/faults" | is .ok; }
now() { curl -sS --noproxy '*' --data-binary "$*" "$SIM_REST/sim/v1/do" | is .ok; }

last() { tail -n 1 <<<"$output" | jq -r "$1"; }
steps() { jq -r .step <<<"$output" | uniq | paste -sd' '; }
# Of the records of step $1 the members $2, in one line.
of() { jq -r "select(.step == \"$1\") | $2" <<<"$output" | paste -sd' '; }
latch() { echo "$XDG_STATE_HOME/bf/sim/latch${1:+-$1}"; }
