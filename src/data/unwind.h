#ifndef DATA_UNWIND_H
#define DATA_UNWIND_H

/*
 * unwind: where functions begin and end and where exceptions land in them, as
 * .eh_frame says, which stripping leaves in place. See the LSB's chapter on
 * exception frames and the Itanium C++ ABI's on exception handling.
 */
#include "data/elf_view.h"

struct unwind_range {
	struct elf_range code;
	uint64_t lsda; /* address of its exception table, or 0 */
};

/*
 * Call visit for each range of code. Returns false when the file has none, or
 * has them in a form that is not understood.
 */
bool unwind_each(const struct elf_view *view,
		 void (*visit)(void *context, const struct unwind_range *range),
		 void *context);

/*
 * Call visit for each address that an exception thrown in the range goes on
 * at; often in another range. False for a table that is not understood.
 */
bool unwind_landings(const struct elf_view *view,
		     const struct unwind_range *range,
		     void (*visit)(void *context, uint64_t address),
		     void *context);

#endif
