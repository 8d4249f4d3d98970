/* Policy text: parse or refuse; what parses prints, and reads back the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "seccomp/policy_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is included is the first half of the text. */
static int load(struct policy_file *out, void *context, const char *from,
		struct slice name, struct err *err)
{
	const struct slice *text = context;

	(void)from;
	(void)err;
	*out = (struct policy_file){
		.name = mem_text(name),
		.text = mem_text((struct slice){ text->at, text->len / 2 }),
		.len = strnlen(text->at, text->len / 2),
		.id = { name.len, 1 },
	};
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct policy_include include = { .load = load, .context = &text };
	auto_policy struct policy policy;
	auto_policy struct policy again;
	auto_buf struct buf first = { 0 };
	auto_buf struct buf second = { 0 };
	struct err err;

	policy_init(&policy, arch_all[size % 4]);
	policy_init(&again, arch_all[size % 4]);
	if (policy_read(&policy, text, &include, &err) < 0)
		return 0;
	policy_print(&first, &policy);
	if (policy_parse(&again, buf_slice(&first), &err) < 0)
		abort();
	policy_print(&second, &again);
	if (first.len != second.len ||
	    (first.len && memcmp(first.at, second.at, first.len) != 0))
		abort();
	return 0;
}
