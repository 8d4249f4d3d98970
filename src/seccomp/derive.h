#ifndef SECCOMP_DERIVE_H
#define SECCOMP_DERIVE_H

/*
 * derive: the system calls that a program can make, from the code of all its
 * files, with a reason for each and for each that could not be found.
 *
 * An upper bound of what the files do. It is exact when every instruction
 * that calls the kernel is accounted for; else it is open, and what stays open
 * is listed.
 */
#include "seccomp/frames.h"

struct err;
struct known;

enum { DERIVE_NR_MAX = 1024 };

/* One of the places that a system call is made from. */
struct derive_call {
	uint32_t nr;
	uint64_t site;	/* the instruction that makes it */
	uint64_t named; /* the instruction that says which */
};

enum derive_open_kind {
	DERIVE_SITE,	/* a number that is not known */
	DERIVE_FOREIGN, /* int 0x80, sysenter */
	DERIVE_JUMP,	/* code that jumps to who knows where */
	DERIVE_LOAD,	/* a library that nobody can name */
};

struct derive_open {
	enum derive_open_kind kind;
	uint64_t at;
	const char *why;
	uint64_t why_at;   /* where following it ended; may be at */
	struct slice name; /* DERIVE_LOAD: the library, or empty */
};

/* What a module opens when files on the machine say so, and nobody reads. */
struct derive_note {
	const struct module *module;
	const char *what;
};

/*
 * A library that is opened at run time, or several: whoever has the files can
 * tell which they are. Not asked of a program that has no loader.
 */
struct derive_ask {
	const struct known *known; /* NULL: name is a library's */
	struct slice name;	   /* or the text of known */
	size_t by;		   /* whose: number of a module */
	uint64_t at;
};

struct derive {
	struct program program;
	struct reach reach;
	struct frames frames;
	LIST(struct derive_call) calls; /* by number; the first is kept */
	LIST(uint32_t) unknown;		/* numbers without a name */
	LIST(struct derive_open) opens;
	LIST(struct derive_note) notes;
	LIST(struct derive_ask) asks;
};

/*
 * Analyse files as program_open() takes them. Interpreters and JIT compilers
 * are refused: their programs' calls are not in their code.
 */
int derive_run(struct derive *out, const struct program_file *files,
	       size_t count, struct err *err);
void derive_close(struct derive *derive);

/* The first place that makes the call, or NULL. */
const struct derive_call *derive_find(const struct derive *derive, uint32_t nr);

/* One link of an explanation. */
struct derive_link {
	enum reach_kind kind;
	uint64_t from, to;
};

enum { DERIVE_LINKS = 256 };

/*
 * How the program gets to an address: links from an entry point on, the last
 * one's to is the function around the address. Returns their number.
 */
size_t derive_chain(struct derive_link *out, const struct derive *derive,
		    uint64_t address);

#endif
