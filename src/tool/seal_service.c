#include "tool/seal_service.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "data/ini.h"
#include "image/recipe.h"

/* The service tells that it is so, and not that somebody said it. */
static bool says(const char *text, size_t len, const char *key)
{
	struct ini ini = ini_open((struct slice){ text, len });
	struct ini_item item;
	struct err ignored;

	while (ini_next(&item, &ini, &ignored) > 0)
		if (!item.is_section && slice_eq(item.key, key))
			return true;
	return false;
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
	recipe->says_exec = says(text, len, "AllowExec");
	if (service_parse(&recipe->service, text, len, err) < 0)
		return err_wrap(err, "%s", file);
	return 0;
}
