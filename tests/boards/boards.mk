# boards.mk: the programs that tests/boards puts into its machines. Part of the
# Makefile; included in tests.mk.

BOARDS = x86_64 $(MACHINES)
BOARD_PROGRAMS = board enter victim
board_programs = $(BOARD_PROGRAMS:%=$B/tests/boards/$1/%)

.PHONY: boards

boards: ## pith-init in emulated machines of four kinds; installs qemu
	$(Q)scripts/setup check
	$(Q)$(MAKE) all cross $(foreach a,$(BOARDS),$(call board_programs,$a))
	$(Q)TEST_SECONDS=1200 $(call run_tests,$(wildcard tests/boards/*.bats))

# $(call BOARD,ARCH): static, for that machine. -S: the linker for riscv64 ends
# by a signal on what libc.a has for debuggers.
define BOARD
$B/tests/boards/$1/board: tests/boards/board.c
$B/tests/boards/$1/enter: tests/support/enter.c
$B/tests/boards/$1/victim: tests/support/victim.c
$(call board_programs,$1): $(call cross,$1)
	@mkdir -p $$(@D)
	$$(Q)$(call cross,$1) $$(COMMON) -static -O1 -Wl,-S -MF $$@.d -MT $$@ -o $$@ \
	  $$(filter %.c,$$^)

-include $(patsubst %,%.d,$(call board_programs,$1))
endef
$(foreach a,$(BOARDS),$(eval $(call BOARD,$a)))
