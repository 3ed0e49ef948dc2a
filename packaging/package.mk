# Where things go, and packages of them. What is installed is one list: a folder and
# what goes there, so that uninstall takes away just that.

BINDIR	?= $(PREFIX)/bin
DATADIR	?= $(PREFIX)/share
MANDIR	?= $(DATADIR)/man
DOCDIR	?= $(DATADIR)/doc/bf-tools

DOCS	= README.md NEWS.md SECURITY.md CONTRIBUTING.md LICENSE

.PHONY: install uninstall dist deb rpm repro

# put FILES,FOLDER,MODE
define put
	install -d '$(DESTDIR)$(2)'
	$(if $(strip $(1)),install -m $(3) $(1) '$(DESTDIR)$(2)')
endef
# take FILES,FOLDER
define take
	@for f in $(notdir $(1)); do rm -f "$(DESTDIR)$(2)/$$f"; done
endef

install: all
	$(call put,$(BINS),$(BINDIR),755)
	$(call put,$(wildcard man/*.1),$(MANDIR)/man1,644)
	$(call put,$(wildcard man/*.5),$(MANDIR)/man5,644)
	$(call put,$(wildcard man/*.7),$(MANDIR)/man7,644)
	$(call put,$(wildcard completions/bash/*),$(DATADIR)/bash-completion/completions,644)
	$(call put,$(wildcard completions/zsh/*),$(DATADIR)/zsh/site-functions,644)
	$(call put,$(wildcard completions/fish/*),$(DATADIR)/fish/vendor_completions.d,644)
	$(call put,$(DOCS),$(DOCDIR),644)
	@# docs/picture draws what is in docs, from a build
	@for d in docs examples; do (cd $$d && find . -type f ! -path ./picture | sort) | while read -r f; do \
		mode=644; [ ! -x "$$d/$$f" ] || mode=755; \
		install -d "$(DESTDIR)$(DOCDIR)/$$d/$$(dirname "$$f")" && \
		install -m $$mode "$$d/$$f" "$(DESTDIR)$(DOCDIR)/$$d/$$f" || exit 1; done || exit 1; done

uninstall:
	$(call take,$(BINS),$(BINDIR))
	$(call take,$(wildcard man/*.1),$(MANDIR)/man1)
	$(call take,$(wildcard man/*.5),$(MANDIR)/man5)
	$(call take,$(wildcard man/*.7),$(MANDIR)/man7)
	$(call take,$(wildcard completions/bash/*),$(DATADIR)/bash-completion/completions)
	$(call take,$(wildcard completions/zsh/*),$(DATADIR)/zsh/site-functions)
	$(call take,$(wildcard completions/fish/*),$(DATADIR)/fish/vendor_completions.d)
	rm -rf '$(DESTDIR)$(DOCDIR)'

# The source of the last commit: its files, its time, no name of who packed it.
NAME	= bf-tools-$(VERSION)
DIST	= build/$(NAME).tar.gz
dist:
	@git diff --quiet HEAD || echo "make dist: not in it: what is not committed" >&2
	@mkdir -p build
	git -c tar.umask=0022 archive --format=tar --prefix=$(NAME)/ HEAD | gzip -9n >$(DIST)
	@echo $(DIST)

# The packages are made from that source alone.
deb: dist
	packaging/deb $(DIST) $(VERSION)

rpm: dist
	packaging/rpm $(DIST) $(VERSION)

# That two builds of it are the same bytes.
repro: dist
	packaging/repro $(DIST) $(VERSION)
