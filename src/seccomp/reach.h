#ifndef SECCOMP_REACH_H
#define SECCOMP_REACH_H

/*
 * reach: which code of a program can run, from its entry points on.
 *
 * Never too little: an indirect call may go to whatever code has its address
 * taken, by code that is reached or by any pointer in data. Each address that
 * is reached remembers who led there first, which makes the explanations.
 */
#include "seccomp/program.h"

enum reach_kind {
	REACH_ENTRY,   /* started by the kernel or the loader */
	REACH_CALL,    /* from: the call */
	REACH_JUMP,    /* from: the jump */
	REACH_TABLE,   /* from: the jump through a table */
	REACH_NEXT,    /* from: the last instruction before it */
	REACH_LANDING, /* from: the function whose exceptions land there */
	REACH_TAKEN,   /* from: the instruction that takes the address */
	REACH_POINTER, /* from: the data that holds the address */
	REACH_NAME,    /* from: the text that dlsym(3) may be given */
	REACH_EXPORT,  /* a module that is opened by name */
};

/* Control goes, or an address leads, from one place to another. */
struct reach_edge {
	uint64_t to;
	uint64_t from : 56; /* no address is wider, and these are many */
	enum reach_kind kind : 8;
};

static inline struct reach_edge reach_edge(uint64_t to, uint64_t from,
					   enum reach_kind kind)
{
	return (struct reach_edge){ to, from & (((uint64_t)1 << 56) - 1),
				    kind };
}

/*
 * A jump through a table whose address is set far away from it. Where the
 * function's extent is known such a table leads to no more than parts of it
 * that were moved away.
 */
struct reach_switch {
	uint64_t at;   /* the jump */
	uint64_t load; /* the instruction that reads the table */
	uint8_t base;  /* the register with its address, or DECODE_NONE */
	uint8_t width; /* of an entry; 8: an address, less: a distance */
	uint8_t shift; /* of the distance */
	bool is_unsigned;
	uint64_t origin; /* what it is counted from; 0: the table */
	uint64_t count;	 /* of entries; 0: not known */
	uint64_t begin;	 /* of the table; 0: not known */
	bool is_bounded, is_read;
};

/* An instruction counts from a page that another one took: see pages.h. */
struct reach_use {
	uint64_t at, address;
	bool is_made; /* not a word that is accessed there */
};

/* A table that counts once its place is named: see owned.h. */
struct reach_owned {
	uint64_t begin, end;
	bool is_named;
};

struct reach {
	struct program *program;
	LIST(struct reach_edge) edges;	/* calls and jumps; sorted by to */
	LIST(struct reach_edge) takers; /* sorted by to */
	LIST(uint64_t) sites;		/* syscall instructions */
	LIST(uint64_t) foreign;		/* int 0x80 and the like */
	LIST(uint64_t) data; /* what code takes the address of; sorted */
	size_t edges_sorted, takers_sorted, data_sorted; /* see order.h */
	LIST(struct reach_owned) owned;
	LIST(uint64_t) unlanded; /* functions whose exceptions are a riddle */
	LIST(struct reach_switch) switches; /* tables not found yet */
	LIST(struct reach_edge) leaps;	    /* the edges that tables make */
	LIST(uint64_t) pages;		    /* instructions that take a page */
	size_t paged;
	uint64_t page_steps;	     /* work done for them so far */
	LIST(uint64_t) blocked;	     /* pages lost in jumps through tables */
	size_t leapt;		     /* leaps that those have seen */
	LIST(uint64_t) unpaged;	     /* pages that cannot be followed */
	LIST(struct reach_use) uses; /* sorted by address */
	/* Each address that was reached, by whom first; the first are done. */
	LIST(struct reach_edge) work;
	size_t done;
	uint32_t *by_to;	/* all of work, sorted: see reach_end() */
	LIST(uint64_t) unswept; /* regions to look through, by begin */
	size_t swept;
	LIST(struct reach_edge) names; /* to: a function, from: its name */
	bool has_texts;		       /* reach_add_texts() was called */
	uint64_t insn_count;
};

/*
 * Find everything that can run but for what dlsym(3) finds by name. The
 * program stays the caller's.
 */
void reach_run(struct reach *out, struct program *program);

/*
 * Add what one name, or each text in any file, leads to; from: what holds the
 * name. Then everything that this makes run, with reach_again().
 */
void reach_add_name(struct reach *reach, struct slice name, uint64_t from);
void reach_add_texts(struct reach *reach);
void reach_again(struct reach *reach);

/* Nothing is added any more: sort what only the end looks at. */
void reach_end(struct reach *reach);
void reach_close(struct reach *reach);

/* The edges or takers that lead to an address; *count of them. */
const struct reach_edge *reach_edges(size_t *count, const struct reach *reach,
				     uint64_t to);
const struct reach_edge *reach_takers(size_t *count, const struct reach *reach,
				      uint64_t to);

/*
 * The function that a direct call or jump, or one through a slot, leads to,
 * with the linker's stubs seen through; 0 where that is not known.
 */
uint64_t reach_target(const struct reach *reach, const struct insn *insn,
		      uint64_t at);

/*
 * Who led to an address first, or NULL, and how many were reached before; after
 * reach_end().
 */
const struct reach_edge *reach_why(size_t *order, const struct reach *reach,
				   uint64_t to);

#endif
