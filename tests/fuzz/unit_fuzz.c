/*
 * The bytes are a unit. What is made of one that is UTF-8 is a section that
 * the reader of recipes takes.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/unit.h"
#include "data/unit_import.h"
#include "data/unit_word.h"
#include "image/name.h"
#include "image/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_back(struct buf *section)
{
	struct recipe recipe;
	struct err err;

	if (recipe_parse(&recipe, section->at, section->len, "x.pith", &err) <
	    0) {
		write(2, err.text, strlen(err.text));
		abort();
	}
	recipe_free(&recipe);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct unit_name name = unit_name_of("a@b.service", NULL);
	struct unit unit = { 0 };
	struct buf section = { 0 }, report = { 0 };
	struct err err;

	if (size <= UNIT_TEXT_MAX && name_is_utf8(text) &&
	    unit_read(&unit, "a@b.service", text, &err) == 0 &&
	    unit_import(&section, &report, &unit, &name, &err) == 0)
		read_back(&section);
	buf_free(&section);
	buf_free(&report);
	unit_free(&unit);
	return 0;
}
