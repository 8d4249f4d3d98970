/*
 * BPF programs: check, run, print. One that bpf_check takes always runs to a
 * return, whatever the call.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/bpf.h"
#include "data/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bpf_data call;
	struct bpf_result result;
	struct err err;
	auto_buf struct buf text = { 0 };

	if (size < sizeof(call))
		return 0;
	memcpy(&call, data, sizeof(call));
	size_t count = (size - sizeof(call)) / sizeof(struct filter_insn);
	struct filter_insn *insns = mem_new(count, sizeof(*insns));

	memcpy(insns, data + sizeof(call), count * sizeof(*insns));
	int checked = bpf_check(insns, count, &err);
	int ran = bpf_run(&result, insns, count, &call, &err);

	if (checked == 0 && ran < 0)
		abort();
	bpf_print(&text, insns, count);
	free(insns);
	return 0;
}
