# boards.mk: the programs that tests/boards puts into its machines. Part of the
# Makefile; included in tests.mk.

BOARDS = x86_64 $(MACHINES)
BOARD_PROGRAMS = board enter victim reach
board_programs = $(patsubst %,$B/tests/boards/$1/%,$(BOARD_PROGRAMS) escape) \
  $(foreach n,hello probe,$B/images/$n/$(OCI_$1)/$n)
# What recipes call %a there.
OCI_x86_64 = amd64
OCI_aarch64 = arm64
OCI_armhf = arm
OCI_riscv64 = riscv64

.PHONY: boards board-programs

boards: ## pith-init in emulated machines of four kinds; installs qemu
	$(Q)scripts/setup check
	$(Q)$(MAKE) all cross $(foreach a,$(BOARDS),$(call board_programs,$a))
	$(Q)TEST_SECONDS=1800 $(call run_tests,$(wildcard tests/boards/*.bats))

# Those of the one machine that make check boots.
board-programs: $(if $(filter aarch64,$(ARCHS)),$(call board_programs,aarch64))

# $(call BOARD,ARCH): static, for that machine. -S: the linker for riscv64 ends
# by a signal on what libc.a has for debuggers.
define BOARD
$B/tests/boards/$1/board: tests/boards/board.c
$B/tests/boards/$1/enter: tests/support/enter.c
$B/tests/boards/$1/victim: tests/support/victim.c
$B/tests/boards/$1/reach: tests/support/reach.c
$(BOARD_PROGRAMS:%=$B/tests/boards/$1/%): $(call cross,$1)
	@mkdir -p $$(@D)
	$$(Q)$(call cross,$1) $$(COMMON) -static -O1 -Wl,-S -MF $$@.d -MT $$@ -o $$@ \
	  $$(filter %.c,$$^)

$B/tests/boards/$1/escape: $(wildcard tests/escape/*.[ch]) $(call cross,$1)
	@mkdir -p $$(@D)
	$$(Q)$(call cross,$1) $$(filter-out -MMD -MP,$$(COMMON)) -static -O1 \
	  -Wl,-S,-e,entry_start -o $$@ $$(filter %.c,$$^)

-include $(BOARD_PROGRAMS:%=$B/tests/boards/$1/%.d)
endef
$(foreach a,$(BOARDS),$(eval $(call BOARD,$a)))

# $(call BOARD_IMAGE,ARCH,NAME): the programs of images, for machines beside this.
define BOARD_IMAGE
$B/images/$2/$(OCI_$1)/$2: $(wildcard images/$2/*.[ch]) images/$2/build $(call cross,$1)
	$$(Q)MUSL_CC=$(call cross,$1) images/$2/build $(OCI_$1)
endef
$(foreach a,$(BOARDS),$(foreach n,hello probe,$(eval $(call BOARD_IMAGE,$a,$n))))
