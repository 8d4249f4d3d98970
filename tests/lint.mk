# lint.mk: what is read rather than run. Part of the Makefile.

LINT_TOOLS = clang-format clang-tidy cppcheck shellcheck ctags mandoc
LINT_C = $(wildcard src/*/*.c images/*/*.c tests/unit/*.c tests/fuzz/*.c tests/support/*.c \
  tests/escape/*.c tests/bench/*.c tests/boards/*.c)
LINT_H = $(wildcard src/*/*.h images/*/*.h tests/unit/*.h tests/support/*.h tests/escape/*.h)
LINT_SH = $(wildcard scripts/* images/*/build .ci/run tests/run tests/bare-root \
  tests/bench/*.sh tests/escape/run tests/profiles tests/derive-corpus \
  tests/boards/boot tests/boards/kernel tests/support/compiler-root)
LINT_BATS = $(wildcard tests/*/*.bats tests/*/*.bash)
LINT_DEFS = -D_GNU_SOURCE -DPITH_VERSION='"0"' -DHELLO_VERSION='"0"'
# The probe attacks: it does on purpose what these two are against.
LINT_SRC = $(filter-out images/probe/%,$(wildcard src/*/*.c images/*/*.c))
TIDY = $(LINT_SRC:%=$B/lint/%.tidy)
LINT = lint-floors lint-sizes lint-format lint-shell lint-cppcheck lint-pages $(TIDY)

.PHONY: lint-tools format $(filter lint-%,$(LINT))

lint: lint-tools ## format, clang-tidy, cppcheck, shellcheck, floors, sizes, pages
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) -k $(LINT)

lint-tools:
	@for tool in $(LINT_TOOLS); do command -v $$tool >/dev/null || { \
	  echo "lint: $$tool: not found: scripts/setup check" >&2; exit 1; }; done

lint-floors:
	$(Q)scripts/check-floors

lint-sizes:
	$(Q)scripts/check-sizes

lint-format:
	$(Q)clang-format --dry-run -Werror $(LINT_C) $(LINT_H)

format: ## give every C file the format that lint asks for
	$(Q)clang-format -i $(LINT_C) $(LINT_H)

# Each @test is a subshell, on purpose; variables come from bats and what is loaded;
# sh -c '$$1' is how tests call a shell.
lint-shell:
	$(Q)shellcheck $(LINT_SH)
	$(Q)shellcheck -s bats -e SC2016,SC2030,SC2031,SC2034,SC2154 $(LINT_BATS)

# It knows libc and POSIX by heart, but no cleanup attribute: resources are left
# to clang's analyzer and to ASan.
lint-cppcheck:
	$(Q)cppcheck --quiet -j $(JOBS) --std=c11 --library=posix --library=gnu \
	  --enable=warning,performance --inline-suppr --error-exitcode=1 \
	  --suppress=missingInclude --suppress=resourceLeak --suppress=memleak \
	  -D__linux__ -D__x86_64__ -D__LP64__ -D__GNUC__=12 $(LINT_DEFS) \
	  -I src -I . $(LINT_SRC)

lint-pages:
	$(Q)$(foreach f,$(wildcard docs/*.[1-8]),mandoc -T lint -W warning $f &&) :

# A stamp for each file that passed. A header's change shows in a fresh tree.
$B/lint/%.tidy: % .clang-tidy
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- -std=gnu17 -iquote src -iquote . $(LINT_DEFS) \
	  $(shell pkg-config --cflags $(PKGS)) 2>$@.log || { cat $@.log >&2; exit 1; }
	@touch $@
