# tests.mk: what is built only to check, and the order of checking. Part of the
# Makefile; included there.

FUZZ_SECONDS ?= 60
JOBS ?= $(shell nproc)
PARALLEL = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS))
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all \
  -fno-omit-frame-pointer -O1 -g
TEST_FLAGS = $(COMMON) -iquote . $(shell pkg-config --cflags $(PKGS) cmocka)

# Two archives, since init and image may give one name to two functions: a test
# that includes a header of init/ is linked with init.a, the others are not.
ROOMS_HOST = $(filter-out tool/main,$(HOST_SRC:src/%.c=%)) \
  $(patsubst src/%.c,%,$(wildcard src/kernel/*.c))
ROOMS_INIT = $(filter-out init/main init/start init/libc,$(patsubst src/%.c,%,$(wildcard src/init/*.c)))
archives = $(if $(shell grep -l '"init/' $2),$B/$1/init.a) $B/$1/host.a

UNIT = $(patsubst tests/unit/%.c,$B/asan/tests/%,$(wildcard tests/unit/*_test.c))
FUZZ = $(patsubst tests/fuzz/%.c,$B/fuzz/tests/%,$(wildcard tests/fuzz/*_fuzz.c))
SANITIZED = $B/asan/pith $B/asan/pith-init
BATS = $(sort $(wildcard tests/cli/*.bats)) $(sort $(wildcard tests/engines/*.bats))
SUPPORT = $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/support/*.c)) \
  $B/tests/support/hasty
ESCAPE = $B/tests/escape/static $B/tests/escape/dynamic
BENCH = $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/bench/*.c)) $B/tests/bench/rules

.PHONY: test-programs throughput unit bats bare derive-aarch64 starts escape enforce

check: ## install what checks need; build, lint, unit tests, fuzzing, bats
	$(Q)scripts/setup check
	$(Q)tests/profiles $B/profiles
	$(Q)$(MAKE) $(PARALLEL) test-programs images
	$(Q)$(MAKE) $(PARALLEL) cross board-programs ARCHS="$(reachable)"
	$(Q)$(MAKE) lint
	$(Q)$(call run_tests,$(UNIT) $(FUZZ) $(BATS),4)

unit: $(UNIT) $B/tests/support/fresh ## the unit tests alone, with sanitizers
	$(Q)tests/profiles $B/profiles
	$(Q)$(call run_tests,$(UNIT))

fuzz: $(FUZZ) ## every fuzzer for FUZZ_SECONDS=60 each
	$(Q)$(call run_tests,$^,$(FUZZ_SECONDS))

bats: images $(SANITIZED) $(SUPPORT) $(BENCH) $(ESCAPE) ## the tests of whole programs alone
	$(Q)$(call run_tests,$(BATS))

bench: ## tables of what pith costs beside its peers; installs those
	$(Q)scripts/setup check
	$(Q)$(MAKE) all images $(BENCH)
	$(Q)scripts/bench

throughput: all ## servers of Debian's under traced policies, beside without
	$(Q)scripts/setup check
	$(Q)tests/bench/throughput.sh

starts: all $(SUPPORT) ## what becomes of STARTS=10000 early SIGTERMs in each mode
	$(Q)scripts/bench starts

bare: ## make run and make check in a bare Debian 12, from the last commit
	$(Q)tests/bare-root

derive-aarch64: all ## Debian's programs for aarch64, derived and traced in qemu
	$(Q)scripts/setup check
	$(Q)tests/foreign-root arm64 $B/root/arm64 $$(grep -v '^#' tests/data/derive-aarch64.packages)
	$(Q)tests/derive-corpus --root $B/root/arm64 400 1

escape: ## 270 attempts to get out, of pith and of others; prints the table
	$(Q)scripts/setup check
	$(Q)$(MAKE) all $(ESCAPE) $(SUPPORT)
	$(Q)tests/escape/run

# Tests of a machine whose libc cannot be had are skipped.
reachable = $$(for a in $(MACHINES); do scripts/sysroot $$a >&2 && echo $$a; done)

enforce: all $(SUPPORT) ## programs under filters derived from them, kill for the rest
	$(Q)scripts/setup check
	$(Q)scripts/build-image hello >/dev/null
	$(Q)tests/enforce
	$(Q)tests/enforce --control

test-programs: $(UNIT) $(FUZZ) $(SANITIZED) $(SUPPORT) $(BENCH) $(ESCAPE)

run_tests = MUSL_CC='$(if $(MUSL_CC),$(MUSL_CC),$(CURDIR)/$(INIT_CC))' \
  CC='$(CC)' FUZZ_SECONDS=$2 tests/run $1

$B/asan/%.o: src/%.c Makefile tests/tests.mk VERSION
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_FLAGS) $(SANITIZE) -c -o $@ $<

# -w: clang is here for its fuzzer; what it warns of is clang-tidy's to say.
$B/fuzz/%.o: src/%.c Makefile tests/tests.mk VERSION
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(TEST_FLAGS) -w $(SANITIZE) -fsanitize=fuzzer-no-link -c -o $@ $<

$B/asan/host.a: $(ROOMS_HOST:%=$B/asan/%.o)
$B/asan/init.a: $(ROOMS_INIT:%=$B/asan/%.o)
$B/fuzz/host.a: $(patsubst %,$B/fuzz/%.o,$(filter-out tool/%,$(ROOMS_HOST)))
$B/fuzz/init.a: $(ROOMS_INIT:%=$B/fuzz/%.o)
$B/asan/host.a $B/asan/init.a $B/fuzz/host.a $B/fuzz/init.a:
	@rm -f $@
	$(Q)ar qcs $@ $^

$B/asan/tests/%: tests/unit/%.c $B/asan/host.a $B/asan/init.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_FLAGS) $(SANITIZE) -MF $@.d -MT $@ -o $@ $< \
	  $(call archives,asan,$<) -lcmocka $(TEST_LIBS) $(HOST_LIBS)

$B/fuzz/tests/%: tests/fuzz/%.c $B/fuzz/host.a $B/fuzz/init.a
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(TEST_FLAGS) -w $(SANITIZE) -fsanitize=fuzzer -MF $@.d -MT $@ \
	  -o $@ $< $(call archives,fuzz,$<) $(HOST_LIBS)

# The tool itself: PITH=$PWD/build/asan/pith tests/run tests/cli/X.bats.
$B/asan/pith: $B/asan/tool/main.o $B/asan/host.a
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(HOST_LIBS)

$B/asan/pith-init: $B/pith-init
	@mkdir -p $(@D)
	$(Q)cp $< $@

# The oracle of the instruction decoder.
$B/asan/tests/decode_oracle_test $B/asan/tests/decode_a64_oracle_test: TEST_LIBS = -lcapstone

# What tests put into images and roots: static, so it runs anywhere.
$B/tests/support/%: tests/support/%.c $(INIT_CC_MADE)
	@mkdir -p $(@D)
	$(Q)$(INIT_CC) $(COMMON) -static -O1 -MF $@.d -MT $@ -o $@ $<

# PID 1 for which ten minutes are half a second.
$B/tests/support/hasty: $B/pith-init
	$(Q)$(MAKE) B=$B/hasty MUSL_CC='$(abspath $(INIT_CC))' \
	  INIT_CFLAGS='$(INIT_CFLAGS) -DDENIALS_REMIND_MS=500' $B/hasty/pith-init
	$(Q)cp $B/hasty/pith-init $@

$B/tests/bench/%: tests/bench/%.c $(INIT_CC_MADE)
	@mkdir -p $(@D)
	$(Q)$(INIT_CC) $(COMMON) -static -Os -s -MF $@.d -MT $@ -o $@ $< \
	  -Wl,-z,noseparate-code,--build-id=none

# What libseccomp makes of rules, to measure beside ours.
$B/tests/bench/rules: tests/bench/host/rules.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(COMMON)) -O2 -o $@ $< $(shell pkg-config --libs libseccomp)

# entry_start keeps the registers that a program starts with: before libc does.
$(ESCAPE): $(wildcard tests/escape/*.[ch]) $(INIT_CC_MADE)
	@mkdir -p $(@D)
	$(Q)$(ESCAPE_CC) $(filter-out -MMD -MP,$(COMMON)) -O1 -Wl,-e,entry_start \
	  -o $@ $(filter %.c,$^)
$B/tests/escape/static: ESCAPE_CC = $(INIT_CC) -static -no-pie
$B/tests/escape/dynamic: ESCAPE_CC = $(CC) -fPIE -pie

include tests/boards/boards.mk
include tests/lint.mk

-include $(ROOMS_HOST:%=$B/asan/%.d) $B/asan/tool/main.d $(ROOMS_INIT:%=$B/asan/%.d) \
  $(ROOMS_HOST:%=$B/fuzz/%.d) $(ROOMS_INIT:%=$B/fuzz/%.d) \
  $(UNIT:=.d) $(FUZZ:=.d) $(SUPPORT:=.d)
