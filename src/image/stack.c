#include "image/stack.h"

#include <stdint.h>

static uint64_t size_of(const struct plan *plan, enum plan_layer layer)
{
	uint64_t size = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->entries[i].layer == layer)
			size += TAR_BLOCK + plan->entries[i].size +
				tar_padding(plan->entries[i].size);
	return size;
}

void stack_of(struct stack *out, const struct plan *plan)
{
	unsigned int pending = 0;
	uint64_t size = 0;

	*out = (struct stack){ 0 };
	for (enum plan_layer layer = 0; layer < PLAN_LAYERS; layer++) {
		uint64_t own = size_of(plan, layer);

		if (!own)
			continue;
		pending |= 1U << layer;
		size += own;
		if (layer < PLAN_PROGRAM && size < STACK_SMALL)
			continue;
		out->layers[out->count++] = pending;
		pending = 0;
		size = 0;
	}
	if (pending || !out->count)
		out->layers[out->count++] = pending;
}

const char *stack_name(const struct stack *stack, size_t i)
{
	static const char *const names[PLAN_LAYERS] = { "base", "libraries",
							"program", "debug" };
	const char *name = NULL;

	for (size_t k = 0; k < PLAN_LAYERS && stack->count > 1; k++)
		if (stack->layers[i] >> k & 1)
			name = names[k];
	return name;
}
