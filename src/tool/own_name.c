#include "tool/own_name.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/reader.h"
#include "image/recipe.h"

int own_name(struct recipe *recipe, struct buf *kept,
	     const struct reader_image *image, char *reference, struct err *err)
{
	const char *own = json_string_value(json_array_get(image->names, 0));
	struct err ignored;

	recipe->tag = "latest";
	if (reference)
		return recipe_set_reference(recipe, reference, err);
	/* "1.0" alone is the tag that skopeo leaves of a name. */
	if (own && strpbrk(own, ":/")) {
		buf_text(kept, own);
		if (recipe_set_reference(recipe, kept->at, &ignored) == 0)
			return 0;
	}
	return err_set(err, 0,
		       "the archive gives the image no name: give one "
		       "with --tag NAME:TAG");
}
