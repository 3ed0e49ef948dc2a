# Peers that play the other side of the wire: TLS in front of bf-sim, servers that
# answer badly. Load it after helper.bash.
# shellcheck disable=SC2034 # the ports are for the tests

# The port a peer prints first, once it is there.
port_of() {
	wait_for grep -qxE '[0-9]+' "$1" || { cat "$1" >&2; return 1; }
	head -n 1 "$1"
}

# certs: an authority of the test's own, $T/ca.pem.
certs() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/ca.key" \
		-out "$T/ca.pem" -days 2 -subj '/CN=authority' 2>"$T/openssl" || { cat "$T/openssl" >&2; return 1; }
}

# cert NAME ALT [DAYS]: $T/NAME.pem and .key, by that authority; DAYS -1: expired.
cert() {
	{
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/$1.key" -out "$T/$1.csr" \
			-subj '/CN=peer' -addext "subjectAltName=$2" &&
		openssl x509 -req -in "$T/$1.csr" -CA "$T/ca.pem" -CAkey "$T/ca.key" -CAcreateserial \
			-copy_extensions copy -days "${3:-2}" -out "$T/$1.pem"
	} >"$T/openssl" 2>&1 || { cat "$T/openssl" >&2; return 1; }
}

# self NAME ALT: one that nobody vouches for.
self() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/$1.key" -out "$T/$1.pem" \
		-days 2 -subj '/CN=peer' -addext "subjectAltName=$2" 2>"$T/openssl" || { cat "$T/openssl" >&2; return 1; }
}

# tls NAME PORT [MIN MAX]: TLS with that certificate before 127.0.0.1:PORT; sets
# TLS_PORT; what it saw is in $T/NAME.tls.
tls() {
	: >"$T/$1.tls"
	"$BF_PEERS/tlsproxy" "$2" "$T/$1.pem" "$T/$1.key" "${@:3}" >"$T/$1.tls" 2>&1 3>&- 4>&- &
	SIM_PIDS="$SIM_PIDS $!"
	TLS_PORT=$(port_of "$T/$1.tls")
}

# bad SCRIPT...: a server that does as told (tests/core/wspeer.h); sets BAD_PORT; what
# it saw is in $T/bad.
bad() {
	: >"$T/bad"
	"$BF_PEERS/wsbad" "$@" >"$T/bad" 2>&1 3>&- 4>&- &
	SIM_PIDS="$SIM_PIDS $!"
	BAD_PORT=$(port_of "$T/bad")
}

# listener: somebody who must not be called; sets ELSE_PORT; who called is in $T/else.
listener() {
	: >"$T/else"
	"$BF_PEERS/wsbad" 'http=200 OK||{}' >"$T/else" 2>&1 3>&- 4>&- &
	SIM_PIDS="$SIM_PIDS $!"
	ELSE_PORT=$(port_of "$T/else")
}
called() { grep -c '^connection' "$T/else"; }

# place_at NAME REST WS [LINE...]: a profile, chosen from now on.
place_at() {
	mkdir -p "$XDG_CONFIG_HOME/bf/profiles"
	chmod 700 "$XDG_CONFIG_HOME/bf" "$XDG_CONFIG_HOME/bf/profiles"
	printf '%s\n' "rest = $2" "ws = $3" "${@:4}" >"$XDG_CONFIG_HOME/bf/profiles/$1"
	chmod 600 "$XDG_CONFIG_HOME/bf/profiles/$1"
	export BF_PROFILE=$1
}
