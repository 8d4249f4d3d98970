#include "tool/seal_service.h"

#include <stddef.h>

#include "base/err.h"
#include "base/io.h"
#include "image/recipe.h"

int seal_read_service(struct recipe *recipe, char **text, const char *file,
		      struct err *err)
{
	size_t len;

	*recipe = (struct recipe){ .file = file, .filter_status = "listed" };
	service_defaults(&recipe->service);
	if (!file)
		return 0;
	if (io_load(text, &len, file, SERVICE_TEXT_MAX, err) < 0)
		return -1;
	if (service_parse(&recipe->service, *text, len, err) < 0)
		return err_wrap(err, "%s", file);
	return 0;
}
