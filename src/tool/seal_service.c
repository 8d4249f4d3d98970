#include "tool/seal_service.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "data/ini.h"
#include "image/recipe.h"
#include "image/recipe_exec.h"

/*
 * The service tells that it is so, and not that somebody said it. Platforms,
 * which are the builder's alone, go into the recipe, and "no" takes their place.
 */
static int take_exec(struct recipe *recipe, char *text, size_t len,
		     struct err *err)
{
	struct ini ini = ini_open((struct slice){ text, len });
	struct ini_item item;
	struct err ignored;

	while (ini_next(&item, &ini, &ignored) > 0) {
		char *value = text + (item.value.at - text);

		if (item.is_section || !slice_eq(item.key, "AllowExec"))
			continue;
		recipe->says_exec = true;
		if (!recipe_exec_is_platforms(item.value))
			continue;
		if (recipe_exec_set(recipe, item.value, err) < 0)
			return err_wrap(err, "line %u", ini.line);
		memset(value, ' ', item.value.len);
		value[0] = 'n';
		value[1] = 'o';
	}
	return 0;
}

int seal_load_service(char **text, const char *file, struct err *err)
{
	size_t len;

	*text = NULL;
	if (!file)
		return 0;
	if (io_load(text, &len, file, SERVICE_TEXT_MAX, err) < 0)
		return -1;
	if (strlen(*text) != len)
		return err_set(err, 0, "%s: a zero byte", file);
	return 0;
}

int seal_read_service(struct recipe *recipe, char *text, const char *file,
		      struct err *err)
{
	size_t len = text ? strlen(text) : 0;

	*recipe = (struct recipe){ .file = file,
				   .filter = { .status = "listed" } };
	service_defaults(&recipe->service);
	if (!text)
		return 0;
	if (take_exec(recipe, text, len, err) < 0 ||
	    service_parse(&recipe->service, text, len, err) < 0)
		return err_wrap(err, "%s", file);
	return 0;
}
