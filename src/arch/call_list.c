#include "arch/call_list.h"

#include <string.h>

#include "arch/arch.h"
#include "arch/argument.h"
#include "base/buf.h"

static bool is_among(struct slice name, const char *const *names)
{
	for (; *names; names++)
		if (slice_eq(name, *names))
			return true;
	return false;
}

/* By what the kernel's manual pages call them, which is what the table has. */
static char letter_of(const struct argument *argument)
{
	static const char *const strings[] = {
		"pathname",    "path",	  "filename", "oldpath",
		"newpath",     "target",  "linkpath", "source",
		"specialfile", "put_old", "new_root", NULL,
	};
	static const char *const sets[] = {
		"flags", "mode",  "prot",    "cmd",	      "request", "mask",
		"op",	 "magic", "atflags", "event_f_flags", NULL,
	};

	if (is_among(argument->name, strings))
		return 's';
	return argument->bits == 32 && !is_among(argument->name, sets) ? 'd'
								       : 'x';
}

static void print_call(struct buf *out, const struct arch *arch,
		       struct slice name)
{
	buf_add(out, name.at, name.len);
	buf_text(out, " ");
	for (unsigned int i = 0; i < ARGUMENTS; i++) {
		struct argument argument = argument_at(arch, name, i);
		char letter = letter_of(&argument);

		if (!argument.name.len)
			break;
		buf_add(out, &letter, 1);
	}
}

void call_list_print(struct buf *out, const struct arch *arch)
{
	for (uint32_t nr = 0; nr <= arch_syscall_max(arch); nr++) {
		const char *name = arch_syscall_name(arch, nr);

		if (name)
			print_call(out, arch, slice_from(name));
		buf_text(out, "\n");
	}
}
