#include "tool/chain.h"

#include "arch/arch.h"
#include "seccomp/machine.h"
#include "tool/derivation.h"

static const char *const words[] = {
	[REACH_ENTRY] = "starts at",
	[REACH_CALL] = "calls",
	[REACH_JUMP] = "jumps to",
	[REACH_TABLE] = "switches to",
	[REACH_NEXT] = "runs on into",
	[REACH_LANDING] = "catches an exception in",
	[REACH_TAKEN] = "takes the address of",
	[REACH_POINTER] = "holds a pointer to",
	[REACH_NAME] = "is the name of",
	[REACH_EXPORT] = "may be asked for",
};

static void print_link(struct buf *out, const struct derivation *derivation,
		       const struct derive_link *link)
{
	if (link->from && link->kind != REACH_ENTRY) {
		derivation_print_place(out, derivation, link->from);
		buf_text(out, " ");
	}
	buf_fmt(out, "%s ", words[link->kind]);
	derivation_print_place(out, derivation, link->to);
	buf_text(out, "\n");
}

void chain_print(struct buf *out, const struct derivation *derivation,
		 const struct derive_call *call)
{
	struct derive_link links[DERIVE_LINKS];
	size_t count = derive_chain(links, &derivation->derive, call->named);

	for (size_t i = 0; i < count; i++)
		print_link(out, derivation, &links[i]);
	derivation_print_place(out, derivation, call->named);
	buf_fmt(out, " names %s\n",
		arch_syscall_name(derivation->derive.program.machine->arch,
				  call->nr));
	derivation_print_place(out, derivation, call->site);
	buf_text(out, " calls the kernel\n");
}
