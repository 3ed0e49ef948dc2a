# What bf-sim answers, judged. Load it after helper.bash and simclient.bash.

# sim [bf-sim options]: helper.bash's; who asks from then on is its one account.
sim() {
	sim_as sim "$@"
	KEY=$(ready key) SECRET=$(ready secret)
}
# stepped [bf-sim options]: an exchange whose clock stands at NOW, but for `step MS`.
stepped() {
	sim --clock step "$@"
	NOW=$(public /fapi/v1/time | jq .serverTime)
}
step() { NOW=$(curl -sS --noproxy '*' -X POST "$SIM_REST/sim/v1/clock?step=$1" | jq -e .now); }
now() {
	local us=${EPOCHREALTIME/./}
	echo "${NOW:-${us%???}}"
}

# refusals METHOD PATH: lines of QUERY|CODE on stdin, each refused with that code.
refusals() {
	local query code
	while IFS='|' read -r query code; do
		signed "$1" "$2" "$query" >"$T/body"
		[ -s "$T/body" ] && jq -e --argjson c "$code" '.code == $c' "$T/body" >/dev/null ||
			{ echo "$query wants $code: $(cat "$T/body")" >&2; return 1; }
	done
}

# user: what the account's own stream tells is in $T/u.
user() { ws u "/private/ws/$(listen_key)"; }
# event FILTER: wait until it has told an event of which that holds.
event() { wait_for told "$1"; }
told() { grep '^{' "$T/u" | jq -ne "[inputs | select($1)] | length > 0"; }
