#!/bin/sh
# Prove that a bare Debian with git needs nothing but this repository: build
# one with debootstrap, clone HEAD into it, run ./bootstrap there.
# On demand only: needs root, debootstrap, and a Debian mirror.

set -eu

usage() {
	cat <<-'END'
	usage: tests/bare/debootstrap.sh [options] [WORD]
	  WORD               what ./bootstrap is asked for (default: test)
	  --suite NAME       Debian suite (default: bookworm)
	  --mirror URL       default: the one this machine's apt uses
	  --worktree         take the working tree as it is instead of HEAD
	  --base FILE.tar    keep the bare system in FILE.tar, or start from it
	  --keep             leave the chroot behind and say where
	  --help
	END
}

say() { echo "bare: $*"; }
die() { echo "bare: $*" >&2; exit 1; }

suite=bookworm mirror='' word=test keep='' tree=head base=''
while [ $# -gt 0 ]; do
	case $1 in
	--suite|--mirror|--base)
		[ $# -ge 2 ] || { usage >&2; exit 2; }
		case $1 in
		--suite) suite=$2 ;;
		--mirror) mirror=$2 ;;
		--base) base=$2 ;;
		esac
		shift ;;
	--worktree) tree=work ;;
	--keep) keep=1 ;;
	--help) usage; exit 0 ;;
	-*) usage >&2; exit 2 ;;
	*) word=$1 ;;
	esac
	shift
done

[ "$(id -u)" -eq 0 ] || die "needs root, for chroot"
for tool in debootstrap chroot unshare mount git tar; do
	command -v "$tool" >/dev/null || die "needs $tool"
done

here=$(cd "$(dirname "$0")/../.." && pwd)

# The sites apt reads here, in its order: "site suite".
sites() {
	# shellcheck disable=SC2016 # apt's own placeholders
	apt-get indextargets --format '$(SITE) $(CODENAME)' 'Created-By: Packages' |
	    sort -u
}
if [ -z "$mirror" ]; then
	command -v apt-get >/dev/null || die "no apt here to learn a mirror from: use --mirror"
	mirror=$(sites | awk '$2 !~ /-(security|updates|backports)$/ { print $1; exit }')
	[ -n "$mirror" ] || die "apt knows no mirror here: use --mirror"
fi
security=$(sites 2>/dev/null | awk '$2 ~ /-security$/ { print $1; exit }') || security=''

root=$(mktemp -d "${TMPDIR:-/tmp}/bf-bare.XXXXXX")
cleanup() {
	# What was mounted went with its namespace; should something still be
	# there, --one-file-system keeps rm from following it.
	if [ -n "$keep" ]; then say "kept: $root"; else rm -rf --one-file-system "$root"; fi
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

if [ -n "$base" ] && [ -f "$base" ]; then
	say "a bare system from $base"
	tar -C "$root" -xpf "$base"
else
	include=git
	case $mirror in https:*) include=git,ca-certificates ;; esac
	say "debootstrap $suite, minbase + $include"
	debootstrap --variant=minbase --include="$include" "$suite" "$root" "$mirror" \
	    >"$root.log" 2>&1 || { tail -n 30 "$root.log"; rm -f "$root.log"; die "debootstrap failed"; }
	rm -f "$root.log"
	# How this machine's apt reaches its mirror: proxies, time-outs, dates.
	apt-config dump | grep -E '^Acquire::(http|https|Check-|Retries|AllowInsecure)' \
	    >"$root/etc/apt/apt.conf.d/90host" || true
	{
		echo "deb $mirror $suite main"
		[ -z "$security" ] || echo "deb $security $suite-security main"
	} >"$root/etc/apt/sources.list"
	[ -z "$base" ] || tar -C "$root" -cpf "$base" .
fi
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"

if [ "$tree" = head ]; then
	say "cloning HEAD"
	git clone --quiet --no-hardlinks "$here" "$root/root/bf"
else
	say "copying the working tree"
	mkdir -p "$root/root/bf"
	(cd "$here" && git ls-files -z --cached --others --exclude-standard |
	    tar --null --ignore-failed-read -T - -cf -) | tar -C "$root/root/bf" -xf -
fi

say "in the chroot: ./bootstrap $word"
status=0
# A mount namespace of its own: /proc and /dev are gone when it ends.
# shellcheck disable=SC2016 # expanded by the inner sh
unshare --mount sh -euc '
	root=$1 word=$2 data=$3
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	set --
	if [ -n "$data" ]; then
		mkdir -p "$root/mnt/data"
		mount --bind "$data" "$root/mnt/data"
		set -- BF_TEST_DATA=/mnt/data
	fi
	for v in http_proxy https_proxy no_proxy; do
		eval "[ -z \"\${$v:-}\" ] || set -- \"\$@\" \"$v=\$$v\""
	done
	exec chroot "$root" /usr/bin/env -i HOME=/root TERM=dumb \
	    PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" \
	    sh -c "cd /root/bf && exec ./bootstrap $word" </dev/null
' bare "$root" "$word" "${BF_TEST_DATA:-}" >"$root/root/log" 2>&1 || status=$?

if [ "$status" -ne 0 ]; then
	tail -n 200 "$root/root/log"
	say "$suite: ./bootstrap $word failed with $status"
else
	grep '^bootstrap: ' "$root/root/log" || true
	tail -n 1 "$root/root/log" | grep -v "^bootstrap: " || true
fi
exit "$status"
