/*
 * BPF programs: check, run, print. One that bpf_check takes always runs to a
 * return, whatever the call; PID 1's own interpreter ends in any case, and
 * where it knows all the instructions comes to the same.
 */
#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "data/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_emitted(const struct filter_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		switch (insns[i].code) {
		case BPF_LD | BPF_W | BPF_ABS:
		case BPF_ALU | BPF_AND | BPF_K:
		case BPF_JMP | BPF_JA:
		case BPF_RET | BPF_K:
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			continue;
		}
		return 0;
	}
	return 1;
}

static void check_verdict(struct filter_insn *insns, size_t count,
			  const struct bpf_data *call,
			  const struct bpf_result *expected)
{
	struct filter filter = { .insns = insns,
				 .insn_count = (uint16_t)count };
	uint32_t words[VERDICT_WORDS];

	memcpy(words, call, sizeof(words));
	struct verdict verdict = verdict_run(&filter, words);

	if (!expected || !is_emitted(insns, count))
		return;
	if (verdict.action != expected->action ||
	    verdict.by_arguments != !!(expected->words >> 4))
		abort();
}

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
	check_verdict(insns, count, &call, checked == 0 ? &result : NULL);
	bpf_print(&text, insns, count);
	free(insns);
	return 0;
}
