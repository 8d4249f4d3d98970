# pith: tools, images, checks. `make help` lists what there is to make.

VERSION := $(shell cat VERSION)
PREFIX ?= /usr/local
CC = gcc
CLANG ?= clang
CFLAGS ?= -O2 -g
LDFLAGS ?=
INIT_CFLAGS ?= -Oz
# Names a compiler for static programs and skips scripts/sysroot.
MUSL_CC ?=
PKGS = libcap libdeflate libseccomp libzstd nettle jansson zlib
B = build

ifneq ($(CI),)
WERROR = -Werror
endif
ifneq ($(V),1)
Q = @
endif

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
  -Wconversion -Wno-sign-conversion -Wundef -Wvla -Wcast-qual -Wformat=2 \
  -Wpointer-arith -Wwrite-strings $(WERROR)
COMMON = -std=gnu17 -iquote src -D_GNU_SOURCE -DPITH_VERSION='"$(VERSION)"' \
  $(WARN) -MMD -MP -ffile-prefix-map=$(CURDIR)=. -fno-common

# PID 1: static, no stdio, no malloc; sections dropped, no padding between them.
INIT_ROOMS = base/fmt base/err base/errtext base/scope base/slice base/num base/io \
  $(patsubst src/%.c,%,$(wildcard src/kernel/*.c src/init/*.c)) \
  data/ini data/envfile data/service data/service_value data/service_words data/service_choice \
  data/rights data/signal data/filter \
  data/digits data/url data/reply data/notice data/verdict data/calls
INIT_CC_MADE = $(if $(MUSL_CC),,$B/sysroot/x86_64/bin/musl-gcc)
INIT_CC = $(or $(MUSL_CC),$(INIT_CC_MADE))
# Each of these makes it smaller, by 16 to 320 bytes.
INIT_SHAPE = -flto -fno-ipa-cp -fno-tree-sra -fno-tree-loop-im -fno-tree-forwprop \
  -fno-caller-saves -fno-jump-tables -fno-optimize-sibling-calls -fno-bit-tests -fipa-pta
INIT_FLAGS = -DPITH_INIT $(INIT_CFLAGS) $(INIT_SHAPE) -ffunction-sections \
  -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-stack-protector \
  -fomit-frame-pointer
INIT_LAYOUT = src/init/layout.ld
INIT_LINK = $(INIT_CFLAGS) $(INIT_SHAPE) -fdata-sections -static -nostartfiles -no-pie \
  -Wl,-S,--gc-sections,--build-id=none,-z,norelro -Wl,-T,$(INIT_LAYOUT)
# By machine: what only its compiler knows, and the largest page of its kernels.
# Without vector registers no x86 stack needs more than 8: each frame is shorter.
SHAPE_x86_64 = -mgeneral-regs-only -malign-data=abi \
  -mpreferred-stack-boundary=3 -mincoming-stack-boundary=4 -mno-red-zone
SHAPE_aarch64 = -mgeneral-regs-only
SHAPE_armhf = -mgeneral-regs-only
SHAPE_riscv64 =
PAGE_x86_64 = 4096
PAGE_aarch64 = 65536
PAGE_armhf = 65536
PAGE_riscv64 = 4096
# And what alignment its constants need.
ALIGN_x86_64 = 1
ALIGN_aarch64 = 8
ALIGN_armhf = 4
ALIGN_riscv64 = 8
# The other machines, and those of them that `make cross` builds for.
MACHINES = aarch64 armhf riscv64
ARCHS ?= $(MACHINES)
cross = $B/sysroot/$1/bin/musl-gcc
CROSS = $(patsubst %,$B/pith-init-%,$(filter-out x86_64,$(ARCHS)))

HOST_SRC = $(wildcard src/base/*.c src/arch/*.c src/data/*.c \
  src/seccomp/*.c src/image/*.c src/tool/*.c)
HOST_OBJ = $(HOST_SRC:src/%.c=$B/host/%.o)
HOST_FLAGS = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE \
  $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
HOST_LIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null)
HOST_LINK = -pie -Wl,-z,relro,-z,now,--as-needed,--build-id=none

.DELETE_ON_ERROR:
.PHONY: all run check bench lint fuzz install uninstall dist clean help \
  setup images cross

all: $B/pith $B/pith-init ## the tool and pith-init: what make alone does

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1	/p' Makefile tests/*.mk tests/boards/*.mk | \
	  expand -t 23

include tests/tests.mk

setup: ## install the packages that building and running need
	$(Q)scripts/setup

.PRECIOUS: $B/sysroot/%/bin/musl-gcc
$B/sysroot/%/bin/musl-gcc: scripts/sysroot scripts/musl-gcc
	$(Q)scripts/sysroot $*
	@touch $@

# $(call INIT,ARCH,OBJECTS,COMPILER,MADE,PROGRAM): PID 1 of one machine.
define INIT
$2/%.o: src/%.c $4 Makefile VERSION
	@mkdir -p $$(@D)
	$$(Q)$3 $$(COMMON) $$(INIT_FLAGS) $$(SHAPE_$1) -c -o $$@ $$<

# What stands in for libc's must stay what it is, and by that name.
$2/init/start.o $2/init/libc.o: \
  INIT_FLAGS += -fno-lto -fno-builtin -fno-tree-loop-distribute-patterns

$5: $(INIT_ROOMS:%=$2/%.o) $(INIT_LAYOUT)
	$$(Q)$3 $$(INIT_LINK) $$(SHAPE_$1) -Wl,-z,max-page-size=$$(PAGE_$1) \
	  -Wl,--defsym,rodata_align=$$(ALIGN_$1) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^)
	$$(Q)scripts/check-static -t $$@
	$$(Q)scripts/strip-sections $$@

-include $(INIT_ROOMS:%=$2/%.d)
endef
$(eval $(call INIT,x86_64,$B/musl,$(INIT_CC),$(INIT_CC_MADE),$B/pith-init))
$(foreach a,$(MACHINES),$(eval \
  $(call INIT,$a,$B/musl-$a,$(call cross,$a),$(call cross,$a),$B/pith-init-$a)))

$B/host/%.o: src/%.c Makefile VERSION
	@mkdir -p $(@D)
	$(Q)$(CC) $(COMMON) $(CFLAGS) $(HOST_FLAGS) -c -o $@ $<

$B/pith: $(HOST_OBJ)
	$(Q)$(CC) $(HOST_LINK) $(LDFLAGS) -o $@ $^ $(HOST_LIBS)

# For images and machines without the libraries: the tool in one file.
$B/pith-static: $(HOST_OBJ)
	$(Q)$(CC) -static -s -Wl,--gc-sections,--build-id=none $(LDFLAGS) -o $@ $^ \
	  $(shell pkg-config --static --libs $(PKGS) 2>/dev/null)
	$(Q)scripts/check-static $@

cross: $B/pith-init $(CROSS) ## pith-init for ARCHS="aarch64 armhf riscv64"

images: all ## build every image of images/ into build/images
	+$(Q)for d in images/*/; do scripts/build-image $$(basename $$d) || exit 1; done

run: ## set up, build, start the example image sandboxed, call it, attack it
	$(Q)scripts/setup
	$(Q)$(MAKE) all
	$(Q)scripts/demo

install: all ## install into $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pith
	install -m 755 $B/pith $(DESTDIR)$(PREFIX)/bin/pith
	install -m 755 $B/pith-init $(DESTDIR)$(PREFIX)/lib/pith/pith-init-x86_64
	for init in $(wildcard $(MACHINES:%=$B/pith-init-%)); do \
	  install -m 755 $$init $(DESTDIR)$(PREFIX)/lib/pith/$${init##*/} || exit 1; done
	for page in docs/*.[1-8]; do install -D -m 644 $$page \
	  $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/pith
	rm -rf $(DESTDIR)$(PREFIX)/lib/pith
	for page in docs/*.[1-8]; do \
	  rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done

dist: ## build/pith-VERSION.tar.gz from the committed tree
	@mkdir -p $B
	git archive --format=tar.gz --prefix=pith-$(VERSION)/ \
	  -o $B/pith-$(VERSION).tar.gz HEAD

clean: ## remove build/
	rm -rf $B

-include $(HOST_OBJ:.o=.d)
