# bf: Binance Futures for the shell.
#
#   make              build every program into build/release/bin
#   make test         build, then every test (tests/run)
#   make asan-test    the same under AddressSanitizer and UBSan, in build/asan
#   make check        the linters: cppcheck, shellcheck, mandoc
#   make bench        speed, as ratios against peers measured in the same run
#   make chaos        bf-order in 20000 kinds of trouble, and killed at every system call
#   make fuzz         what reads the bytes of others, under libFuzzer (clang)
#   make clients-test real client libraries (npm) against bf-sim
#   make demo         the main pipe on bf-sim, on the prices of a real crash
#   make install      DESTDIR= PREFIX=/usr/local; make uninstall takes away what it put there
#   make static       as static as this system's archives allow, in build/static
#   make dist         the source as a tar.gz, the same bytes whoever makes it; deb, rpm: packages of it;
#                     repro: that two builds of it are alike
#
# One Makefile, wildcards instead of lists. Objects of a variant live in
# build/$(VARIANT), so that a sanitizer run never disturbs a plain build.

VARIANT	?= release
O	= build/$(VARIANT)
PREFIX	?= /usr/local
DESTDIR	?=
PKG_CONFIG ?= pkg-config
CC	?= cc
AR	?= ar
OPT	?= -O2 -g
# No path of the machine it was built on is in a program: two builds are the same bytes.
MAP	= -ffile-prefix-map=$(CURDIR)=.
WERROR	?=
VERSION	:= $(shell cat VERSION)
# make V=1 shows the commands themselves
ifeq ($(V),)
Q	= @
SAY	= @echo
else
SAY	= @:
endif

WARN	= -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes \
	  -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla $(WERROR)
HARD	= -fstack-protector-strong -fPIE -fno-common
FORTIFY	= -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
LINK	= -pie
UNAME	:= $(shell uname -s)
ifeq ($(UNAME),Linux)
LINK	+= -Wl,--as-needed -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
endif
ifeq ($(VARIANT),asan)
OPT	= -O1 -g -fno-omit-frame-pointer
SAN	= -fsanitize=address,undefined -fno-sanitize-recover=undefined
FORTIFY	=
endif

PKGS	= libcurl libcrypto libssl libwebsockets sqlite3 zlib
PKGS_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
PKGS_LIBS := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null)
# Debian 12 ships neither a .pc for libjq nor a version macro, and inih's .pc
# is missing on some systems: plain names are the fallback for both.
JQ_LIBS	:= $(shell $(PKG_CONFIG) --libs libjq 2>/dev/null || echo -ljq)
INIH_LIBS := $(shell $(PKG_CONFIG) --libs inih 2>/dev/null || echo -linih)
CPPFLAGS += -Ilib -D_GNU_SOURCE -DBF_VERSION='"$(VERSION)"' $(PKGS_CFLAGS) $(FORTIFY)
CFLAGS	+= -std=gnu11 $(OPT) $(MAP) $(WARN) $(HARD) $(SAN)
LDLIBS	= $(PKGS_LIBS) $(JQ_LIBS) $(INIH_LIBS) -lpthread
ifneq ($(STATIC),)
LDLIBS	:= $(shell CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' packaging/static-libs $(LDLIBS))
endif
DEPGEN	= -MMD -MP

PROGS	:= $(notdir $(wildcard cmd/bf-*))
BINS	:= $(PROGS:%=$(O)/bin/%)
CORE	:= $(patsubst %.c,$(O)/%.o,$(wildcard lib/core/*.c))
IO	:= $(patsubst %.c,$(O)/%.o,$(wildcard lib/io/*.c))
UNIT	:= $(patsubst tests/core/%.c,$(O)/tests/%,$(wildcard tests/core/test_*.c))
HELP	:= $(patsubst tests/peers/%.c,$(O)/peers/%,$(wildcard tests/peers/*.c))

.PHONY: all test asan-test check bench bench-tools chaos demo clients-test fuzz unit static clean headers
.DELETE_ON_ERROR:
.SECONDARY:
all: $(BINS)

$(O)/%.o: %.c VERSION
	@mkdir -p $(@D)
	$(SAY) "  CC    $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(DEPGEN) -c -o $@ $<

$(O)/libbf-core.a: $(CORE)
$(O)/libbf-io.a: $(IO)
$(O)/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(SAY) "  AR    $@"
	$(Q)$(AR) rcs $@ $^

define program
$(O)/bin/$(1): $$(patsubst %.c,$$(O)/%.o,$$(wildcard cmd/$(1)/*.c)) $$(O)/libbf-io.a $$(O)/libbf-core.a
	@mkdir -p $$(@D)
	$$(SAY) "  LINK  $$@"
	$$(Q)$$(CC) $$(SAN) $$(LINK) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS)
endef
$(foreach p,$(PROGS),$(eval $(call program,$(p))))

# A unit test is one file; it may take objects of one command by naming them
# in tests/core/NAME.objs (paths without .o), so that the pure parts of a
# command are tested without its main; @engine there is bf-sim's engine, all
# that tests/core/engine.list names, @sim is bf-sim but for main and the wire, and
# @stream is bf-stream but for main.
$(O)/tests/%: $(O)/tests/core/%.o $(O)/libbf-io.a $(O)/libbf-core.a
	@mkdir -p $(@D)
	$(SAY) "  LINK  $@"
	$(Q)$(CC) $(SAN) $(LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(O)/libbf-io.a $(O)/libbf-core.a -lcmocka $(LDLIBS)

ENGINE	:= $(shell cat tests/core/engine.list)
SIM	:= $(patsubst %.c,%,$(filter-out cmd/bf-sim/main.c cmd/bf-sim/serve%,$(wildcard cmd/bf-sim/*.c)))
STREAM	:= $(patsubst %.c,%,$(filter-out cmd/bf-stream/main.c,$(wildcard cmd/bf-stream/*.c)))
define unit_objs
$(O)/tests/$(1): $(patsubst %,$(O)/%.o,$(patsubst @sim,$(SIM),$(patsubst @stream,$(STREAM),$(patsubst @engine,$(ENGINE),$(shell cat tests/core/$(1).objs)))))
endef
$(foreach u,$(basename $(notdir $(wildcard tests/core/*.objs))),$(eval $(call unit_objs,$(u))))

# Small programs that play the other side in tests (a server that cuts, ...).
$(O)/peers/%: tests/peers/%.c
	@mkdir -p $(@D)
	$(SAY) "  LINK  $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LINK) -o $@ $< $(LDLIBS)

# Peers and loads of make bench; those that hold a part of bf-sim take its objects.
BENCH	:= $(patsubst bench/%.c,$(O)/bench/%,$(wildcard bench/*.c))
$(O)/bench/book: $(O)/libbf-core.a
$(O)/bench/journal: $(O)/libbf-io.a $(O)/libbf-core.a
$(O)/bench/simengine: $(patsubst %,$(O)/%.o,$(ENGINE)) $(O)/libbf-core.a
$(O)/bench/riskjudge: $(patsubst %,$(O)/%.o,$(sort $(shell cat tests/core/test_risklimits.objs tests/core/test_riskwatch.objs tests/core/test_riskjudge.objs))) \
		$(O)/libbf-io.a $(O)/libbf-core.a
$(O)/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(SAY) "  LINK  $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LINK) -o $@ $< $(filter %.o %.a,$^) $(LDLIBS)

bench-tools: $(BENCH)

unit: $(UNIT) $(HELP)

test: all $(UNIT) $(HELP)
	BF_BIN=$(CURDIR)/$(O)/bin BF_UNIT=$(CURDIR)/$(O)/tests BF_PEERS=$(CURDIR)/$(O)/peers \
	BF_VARIANT=$(VARIANT) tests/run

asan-test:
	$(MAKE) VARIANT=asan test

check:
	tests/check

bench: all bench-tools $(O)/peers/tlsproxy
	for b in run risk stream start sim order kill; do \
		BF_BIN=$(CURDIR)/$(O)/bin BF_BENCH=$(CURDIR)/$(O)/bench BF_PEERS=$(CURDIR)/$(O)/peers bench/$$b || exit 1; done
	$(O)/bench/book
	$(O)/bench/journal

# SEEDS (20000) seeds from FROM (1) on, JOBS (8) at a time; then bf-order killed, and its disk full
# or broken, at each system call of a placing run, by REST and by the WebSocket API.
CHAOS	= BF_BIN=$(CURDIR)/$(O)/bin tests/chaos
chaos: all
	$(CHAOS)/run
	$(CHAOS)/torture kill ENOSPC ENOSPC+ EIO EIO+ || [ $$? -eq 77 ]
	$(CHAOS)/torture kill -- --via ws || [ $$? -eq 77 ]

# Under libFuzzer, ASan and UBSan (clang), FUZZ_TIME seconds each: the exchange (sim), the way
# from a WebSocket message to a line (wire), the local book (book), recordings (replay), contract
# rules (xinfo), orders as intents and as words (intent), the order journal (journal), bf-risk's rules
# file (rules), what it knows (world) and its decisions (decision), recorded answers (recorded), the
# account and its events (account), the configuration (conf), what a key may do (rights). `make fuzz
# FUZZ=book` runs one. Each starts from tests/fuzz/corpus_NAME; what it finds new is kept in
# build/fuzz/corpus_NAME. (pointer-overflow: clang's minds NULL + 0, the end of an empty list.)
FUZZ_TIME ?= 60
FUZZ	?= sim wire book replay xinfo intent journal reply rules world decision recorded account conf rights
fuzz:
	@$(MAKE) VARIANT=fuzz CC=clang AR=ar FORTIFY= OPT="-O1 -g -fno-omit-frame-pointer" \
		SAN="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow \
		-fno-sanitize-recover=undefined" $(FUZZ:%=build/fuzz/fuzz_%)
	@for f in $(FUZZ); do mkdir -p build/fuzz/corpus_$$f build/fuzz/found && \
		build/fuzz/fuzz_$$f -max_total_time=$(FUZZ_TIME) -timeout=20 -max_len=8192 -rss_limit_mb=3000 \
		-print_final_stats=1 -artifact_prefix=build/fuzz/found/$$f- -dict=tests/fuzz/words.dict \
		build/fuzz/corpus_$$f tests/fuzz/corpus_$$f || exit 1; done

build/fuzz/fuzz_sim: $(patsubst %,build/fuzz/%.o,$(SIM)) cmd/bf-sim/main.c
build/fuzz/fuzz_wire: $(patsubst %,build/fuzz/%.o,$(STREAM)) cmd/bf-stream/main.c
build/fuzz/fuzz_book: build/fuzz/cmd/bf-stream/books.o
build/fuzz/fuzz_replay: $(patsubst %,build/fuzz/cmd/bf-stream/%.o,replay replay_file replay_line)
build/fuzz/fuzz_intent: $(patsubst %,build/fuzz/cmd/bf-order/%.o,words words_order)
build/fuzz/fuzz_rights: $(patsubst %,build/fuzz/%.o,$(shell cat tests/core/test_permissions.objs))
build/fuzz/fuzz_rules build/fuzz/fuzz_world build/fuzz/fuzz_decision: \
	$(patsubst %,build/fuzz/%.o,$(shell cat tests/core/test_risklog.objs))
build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c build/fuzz/libbf-io.a build/fuzz/libbf-core.a
	$(SAY) "  LINK  $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-unused-function -fsanitize=fuzzer -o $@ $< $(filter %.o,$^) \
		build/fuzz/libbf-io.a build/fuzz/libbf-core.a $(LDLIBS)

clients-test: all	# ccxt and others, from the npm registry, against bf-sim
	BF_BIN=$(CURDIR)/$(O)/bin tests/clients/run

demo: all
	BF_BIN=$(CURDIR)/$(O)/bin examples/demo

headers:	# every header compiles on its own
	@for h in lib/*/*.h cmd/*/*.h; do \
		echo "#include \"$$h\"" | $(CC) -I. $(CPPFLAGS) $(CFLAGS) -fsyntax-only -x c - || exit 1; done

static:
	$(MAKE) VARIANT=static STATIC=1 all

include packaging/package.mk

clean:
	rm -rf build

-include $(shell find $(O) -name '*.d' 2>/dev/null)
