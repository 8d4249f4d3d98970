#ifndef SECCOMP_PROGRAM_H
#define SECCOMP_PROGRAM_H

/*
 * program: every module that runs in one process, and the names that lead
 * from one to another.
 */
#include "seccomp/module.h"

enum { PROGRAM_MODULES = 1024 };

/* A function that a module exports. */
struct definition {
	struct slice name;
	struct slice version; /* empty: none */
	bool is_hidden;	      /* not what is meant without a version */
	uint64_t address;
	uint8_t type;  /* STT_* */
	uint32_t next; /* with the same hash, in scope order; 0: none */
};

struct program {
	const struct machine *machine;	     /* of all modules */
	LIST(struct module) modules;	     /* in the loader's order */
	LIST(struct definition) definitions; /* the first is no definition */
	uint32_t *buckets;
	uint8_t *hints;	     /* bits: such names may be defined */
	size_t bucket_count; /* a power of two */
};

/* What a caller knows of a file: its bytes stay the caller's. */
struct program_file {
	struct slice name; /* for people; libraries: the soname */
	struct slice bytes;
	bool is_whole;	/* opened by name at run time */
	bool is_loader; /* what PT_INTERP names */
	bool is_late;	/* not there before the program runs */
};

/* Files in the order in which the loader looks for names; first the program. */
int program_open(struct program *out, const struct program_file *files,
		 size_t count, struct err *err);
void program_close(struct program *program);

/* The module of an address, or NULL. */
struct module *program_module(const struct program *program, uint64_t address);

/* The first function of that name and version (empty: none), or NULL. */
const struct definition *program_find(const struct program *program,
				      struct slice name, struct slice version);

/* The next function of that name in any version; after: NULL or the last. */
const struct definition *program_named(const struct program *program,
				       struct slice name,
				       const struct definition *after);

/* What a symbol of a module's table means to the loader; NULL: no function. */
const struct definition *program_symbol(const struct program *program,
					const struct module *module,
					uint32_t symbol);

/* The same for what a relocation puts into its slot. */
const struct definition *program_slot(const struct program *program,
				      const struct slot *slot);

#endif
