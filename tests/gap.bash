# What bf-stream has told, and gaps in which things happen to bf-sim. Load it after streaming.bash.

# Of what is in $T/out; a last line may not be whole yet.
# count FILTER [N]: at least N lines hold it.
count() { [ "$(sed -n '/}$/p' "$T/out" | jq -c "select($1)" | wc -l)" -ge "${2:-1}" ]; }
# all FILTER: of all the lines together.
all() { sed -n '/}$/p' "$T/out" | jq -se "$1" >/dev/null || { echo "not so: $1"; cat "$T/out"; return 1; } >&2; }

tell() { curl -s -d "$1" "$SIM_REST/sim/v1/faults" | is .ok; }
do_now() { curl -s -d "$1" "$SIM_REST/sim/v1/do" | is .ok; }
# gap ROUTE SECONDS ACTIONS [CURL-ARGUMENT...]: the connections of the route end, and what the
# arguments ask for (a request each after --next), then ACTIONS, is done while nobody can
# connect for so long; all on one connection, so that nothing comes in between.
gap() {
	curl -s -d "refuse=$2s" "$SIM_REST/sim/v1/do" --next -s -d "ws:$1: fin" "$SIM_REST/sim/v1/faults" \
		"${@:4}" --next -s -d "$3" "$SIM_REST/sim/v1/do" >"$T/gap"
	jq -se 'all(.ok or .orderId or .algoId or .code == 200)' "$T/gap" >/dev/null || { cat "$T/gap"; return 1; } >&2
}
