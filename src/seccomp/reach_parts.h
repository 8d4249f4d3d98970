#ifndef SECCOMP_REACH_PARTS_H
#define SECCOMP_REACH_PARTS_H

/* reach_parts: what the files of reach share with each other alone. */
#include "seccomp/reach.h"

/*
 * The slot through which a stub of the linker at that address jumps, or NULL.
 */
const struct slot *reach_stub(const struct module *module, uint64_t at);

/*
 * Control goes from from to to, or an address leads there. Stubs that jump
 * through a slot are seen through: the edge is to what the slot names.
 */
void reach_link(struct reach *reach, uint64_t to, uint64_t from,
		enum reach_kind kind);

/* The same for what a relocation will put into its slot. */
void reach_link_slot(struct reach *reach, const struct module *module,
		     const struct slot *slot, uint64_t from,
		     enum reach_kind kind);

/*
 * The same for an exported function. The resolver of an IFUNC runs, and
 * returns addresses that it takes; so there the resolver is linked to.
 */
void reach_link_definition(struct reach *reach, const struct definition *d,
			   uint64_t from, enum reach_kind kind);

/*
 * Decode on from an address until control cannot, what follows is known, or
 * another region begins: see reach_walk.c.
 */
void reach_traverse(struct reach *reach, struct module *module, uint64_t at,
		    const struct region *region);

/*
 * All of a function, when what is reached by jumps is done: jumps through
 * tables, labels taken as values and exceptions stay inside it, so none of
 * them needs to be understood.
 */
void reach_sweep(struct reach *reach, struct module *module,
		 const struct region *region);

/* The next address in data that code takes, behind one; or UINT64_MAX. */
uint64_t reach_next_data(const struct reach *reach, uint64_t address);

/* Everything that runs or is pointed to without being called: see roots.c. */
void reach_roots(struct reach *reach);

/*
 * Where control goes from a function's last instruction, at that address, by
 * itself; and where it goes on from the region after exceptions.
 */
void reach_fall_through(struct reach *reach, const struct module *module,
			const struct insn *last, uint64_t at);
void reach_link_landings(struct reach *reach, const struct module *module,
			 const struct region *region);

/* Where those are, in the file's own numbers. False: not understood. */
bool reach_each_landing(const struct module *module,
			const struct region *region,
			void (*visit)(void *context, uint64_t address),
			void *context);

/* The addresses that an instruction takes: see refs.c. */
void reach_refs(struct reach *reach, struct module *module,
		const struct insn *insn, uint64_t at);

/* The same for an address that is made, and for a word that is accessed. */
void reach_see_address(struct reach *reach, const struct module *module,
		       uint64_t address, uint64_t at);
void reach_see_word(struct reach *reach, const struct module *module,
		    const struct insn *insn, uint64_t address, uint64_t at);

/* An address in data is taken: it may be a name for dlsym(3). */
void reach_name(struct reach *reach, const struct module *module,
		uint64_t address);

#endif
