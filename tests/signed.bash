# Requests to the simulator by curl and openssl, for tests of programs that do
# not place orders themselves. Load it after helper.bash.

# signed METHOD PATH [QUERY]: one signed request, the answer on stdout.
signed() {
	local name eq value key secret query sig us=${EPOCHREALTIME/./}
	while read -r name eq value; do
		case $name in
		key) key=$value ;;
		secret) secret=$value ;;
		esac
	done <"$XDG_CONFIG_HOME/bf/profiles/$BF_PROFILE"
	query="${3:+$3&}timestamp=${us%???}&recvWindow=10000"
	read -r sig _ < <(printf %s "$query" | openssl dgst -r -sha256 -hmac "$secret")
	curl -sS --noproxy '*' -X "$1" -H "X-MBX-APIKEY: $key" "$SIM_REST$2?$query&signature=$sig"
}

taken() {	# jq 1.6 takes an empty answer for a yes
	[ -s "$T/answer" ] && jq -e .orderId "$T/answer" >/dev/null || { cat "$T/answer" >&2; return 1; }
}

# order SYMBOL SIDE TYPE QUANTITY [more]: place it, fail unless it was taken.
order() {
	signed POST /fapi/v1/order "symbol=$1&side=$2&type=$3&quantity=$4${5:+&$5}" >"$T/answer"
	taken
}

# An intent (a line of bf-risk's output), placed as bf-order would.
place() {
	signed POST /fapi/v1/order "$(jq -r '[to_entries[] | select(.key | IN("symbol", "side", "type",
		"timeInForce", "quantity", "price", "reduceOnly", "positionSide", "newClientOrderId")) |
		"\(.key)=\(.value)"] | join("&")' <<<"$1")" >"$T/answer"
	taken
}

# A profile NAME with a key and nobody behind its address.
nobody() {
	mkdir -p "$XDG_CONFIG_HOME/bf/profiles"
	printf '%s\n' 'rest = http://127.0.0.1:9' 'ws = ws://127.0.0.1:9' "key = $(printf 'k%.0s' {1..64})" \
		"secret = $(printf 's%.0s' {1..64})" >"$XDG_CONFIG_HOME/bf/profiles/$1"
	chmod 600 "$XDG_CONFIG_HOME/bf/profiles/$1"
}

# has JSON FILTER: whether the jq filter is true of every record, and there is one.
has() { jq -se "length > 0 and all(.[]; $2)" <<<"$1" >/dev/null || { echo "not so: $2"; echo "$1"; return 1; } >&2; }
