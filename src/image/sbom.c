/* What both documents are made with. */
#include "image/sbom.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/scope.h"

json_t *sbom_text(const char *text)
{
	json_t *json = json_string(text);
	auto_free char *plain = NULL;

	if (json)
		return json;
	plain = mem_text(slice_from(text));
	for (char *p = plain; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	return json_string(plain);
}

void sbom_set(json_t *object, const char *key, const char *text)
{
	if (*text)
		json_object_set_new(object, key, sbom_text(text));
}

const char *sbom_name(const struct inventory *inventory)
{
	return *inventory->name ? inventory->name : inventory->digest;
}
