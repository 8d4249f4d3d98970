#ifndef DATA_FILTER_H
#define DATA_FILTER_H

/*
 * filter: the compiled seccomp filter as it travels in an image, the file
 * /etc/pith/service.bpf. See docs/filter-format.md.
 *
 * All numbers are little-endian. The whole file is
 *
 *	offset size
 *	     0    8  magic "pithbpf" and a zero byte
 *	     8    2  version, 1
 *	    10    2  flags, FILTER_GATE and so on
 *	    12    4  audit architecture, AUDIT_ARCH_*
 *	    16    2  number of BPF instructions, 1..4096
 *	    18    2  length of the program's path, 0..1023
 *	    20    8  four instruction indices: where each 32-bit word of the
 *		     cookie goes (into k); 0xffff where unused
 *	    28    4  zero
 *	    32    8  checksum of all other 64-bit words of the file
 *	    40    8  size in bytes of the program the filter was made for
 *	    48   64  first bytes of that program (its ELF header)
 *	   112    n  its path in the image, absolute, no terminator
 *	     ?    p  zero bytes up to a multiple of 8
 *	     ?  8*i  instructions: u16 code, u8 jt, u8 jf, u32 k
 *
 * and nothing follows. The checksum starts as 0xcbf29ce484222325; for each
 * little-endian 64-bit word w but its own it becomes
 * (checksum ^ w) * 0x100000001b3, then is rotated left by 29 bits.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum {
	FILTER_VERSION = 1,
	FILTER_HEADER_SIZE = 112,
	FILTER_IDENT_SIZE = 64,
	FILTER_PATH_MAX = 1023,
	FILTER_INSNS_MAX = 4096, /* BPF_MAXINSNS, the kernel's limit */
	FILTER_COOKIE_WORDS = 4,
	FILTER_NO_WORD = 0xffff,
	/* The largest well-formed file. */
	FILTER_FILE_MAX = FILTER_HEADER_SIZE + FILTER_PATH_MAX + 1 +
			  8 * FILTER_INSNS_MAX,
};

enum filter_flags {
	FILTER_GATE = 1,   /* execve needs the cookie; start once */
	FILTER_SPEAKS = 2, /* refusals may go to a listener */
	FILTER_ENOSYS = 4, /* what the policy does not name gets ENOSYS */
	FILTER_FLAGS = FILTER_GATE | FILTER_SPEAKS | FILTER_ENOSYS,
};

/* As the kernel's struct sock_filter. */
struct filter_insn {
	uint16_t code;
	uint8_t jt;
	uint8_t jf;
	uint32_t k;
};

struct filter {
	uint32_t audit;
	uint16_t flags;
	uint16_t insn_count;
	uint16_t cookie[FILTER_COOKIE_WORDS];
	uint64_t program_size; /* 0 with path_len 0: made for no program */
	uint8_t ident[FILTER_IDENT_SIZE];
	const char *path; /* not terminated */
	uint16_t path_len;
	struct filter_insn *insns;
};

/*
 * Check len bytes at blob (aligned to 8) and describe them in *out, whose
 * pointers point into blob. Everything is checked: magic, version, flags,
 * lengths, checksum, that nothing follows, and that each cookie index names a
 * 32-bit jump-if-equal. Jump targets are the kernel's to check.
 */
int filter_parse(struct filter *out, void *blob, size_t len, struct err *err);

/* The size in bytes of the file that filter_write makes. */
size_t filter_size(const struct filter *filter);

/* Write the file into blob, which holds filter_size bytes. */
void filter_write(void *blob, const struct filter *filter);

#endif
