#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "image/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recipe recipe;
	struct err err;
	char *text = malloc(size + 1);

	if (size)
		memcpy(text, data, size);
	if (recipe_parse(&recipe, text, size, "x.pith", &err) == 0)
		recipe_free(&recipe);
	free(text);
	return 0;
}
