bats_require_minimum_version 1.5.0
# What leaves the house: install and uninstall, the tarball, one version.

setup() {
	load helper
	home
	cd "$BATS_TEST_DIRNAME/.." || return 1
	unset MAKEFLAGS MFLAGS MAKELEVEL
}
teardown() { home_end; }

install_to() { make VARIANT="$BF_VARIANT" -o all "$@" DESTDIR="$T/stage" PREFIX=/opt/bf; }

@test "make install puts every program, page, completion, document and example below PREFIX, with the right modes" {
	local p f
	install_to install >/dev/null
	for p in cmd/bf-*; do
		p=${p#cmd/}
		[ -x "$T/stage/opt/bf/bin/$p" ]
		[ -f "$T/stage/opt/bf/share/man/man1/$p.1" ]
		[ -f "$T/stage/opt/bf/share/bash-completion/completions/$p" ]
		[ -f "$T/stage/opt/bf/share/zsh/site-functions/_$p" ]
		[ -f "$T/stage/opt/bf/share/fish/vendor_completions.d/$p.fish" ]
	done
	for f in man/*.[57]; do [ -f "$T/stage/opt/bf/share/man/man${f##*.}/${f#man/}" ]; done
	for f in $(find docs examples -type f ! -path docs/picture) README.md NEWS.md SECURITY.md CONTRIBUTING.md; do
		[ -f "$T/stage/opt/bf/share/doc/bf-tools/$f" ] || { echo "$f"; false; }
	done
	[ -x "$T/stage/opt/bf/share/doc/bf-tools/examples/demo" ]
	[ -z "$(find "$T/stage" -type f ! -perm 644 ! -perm 755)" ]
	[ -z "$(find "$T/stage" ! -path "$T/stage" ! -path "$T/stage/opt*")" ]
	run "$T/stage/opt/bf/bin/bf-time" --version
	[ "$output" = "bf-time $(cat VERSION)" ]
}

# Their targets: no addresses, and no places in a page.
links() { grep -o '](\([^)#]*\)[^)]*)' "$1" | sed 's/^](//; s/[#)].*//; /^$/d; /^[a-z]*:/d' | sort -u; }

@test "where an installed document links to another file, that is installed too" {
	local f to n=0
	install_to install >/dev/null
	cd "$T/stage/opt/bf/share/doc/bf-tools"
	while read -r f; do
		while read -r to; do
			n=$((n + 1))
			[ -e "$(dirname "$f")/$to" ] || { echo "$f: $to"; false; }
		done < <(links "$f")
	done < <(find . -name '*.md')
	[ "$n" -gt 20 ]
}

@test "make uninstall leaves no file of ours, and none of others is touched" {
	install_to install >/dev/null
	touch "$T/stage/opt/bf/bin/theirs" "$T/stage/opt/bf/share/man/man1/theirs.1"
	install_to uninstall >/dev/null
	run find "$T/stage" ! -type d
	[ "$(sort <<<"$output")" = "$(printf '%s\n' "$T/stage/opt/bf/bin/theirs" "$T/stage/opt/bf/share/man/man1/theirs.1" | sort)" ]
}

@test "the tarball of a commit is the same bytes from any clone, and has no name of who made it" {
	command -v git >/dev/null && git rev-parse HEAD >/dev/null 2>&1 || skip "no git checkout"
	local d
	for d in one two; do
		git clone -q . "$T/$d"
		(cd "$T/$d" && umask "$([ $d = one ] && echo 022 || echo 077)" && make -s dist >/dev/null 2>&1)
	done
	cmp "$T/one/build/bf-tools-$(cat "$T/one/VERSION").tar.gz" "$T/two/build/bf-tools-$(cat "$T/two/VERSION").tar.gz"
	run tar -tvzf "$T/one/build/bf-tools-$(cat "$T/one/VERSION").tar.gz"
	[[ $output == *"bf-tools-$(cat "$T/one/VERSION")/VERSION"* ]]
	[[ $output != */.ci/* ]]
	[ "$(awk '{ print $2 }' <<<"$output" | sort -u)" = root/root ]
}

@test "the version stands in VERSION alone, and NEWS begins with it" {
	local v
	v=$(cat VERSION)
	[ "$(sed -n 's/^## //p' NEWS.md | head -n 1)" = "$v" ]
	run grep -rnF -- "$v" Makefile packaging lib cmd man bootstrap README.md
	[ "$status" -eq 1 ] || { echo "$output"; false; }
}

@test "a static build takes the archives that are there, and never a second OpenSSL" {
	run packaging/static-libs -lcurl -lcrypto -lssl -lwebsockets -linih -lsqlite3 -lz -ljq -lpthread
	[ "$status" -eq 0 ]
	if [[ $output != -static* ]]; then
		[[ $output == *-lcurl* && $output == *-lssl* && $output == *-lcrypto* ]]
	fi
}
