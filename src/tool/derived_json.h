#ifndef TOOL_DERIVED_JSON_H
#define TOOL_DERIVED_JSON_H

/* derived_json: an analysis as the document that derived.h describes. */
#include <jansson.h>

#include "tool/derivation.h"

json_t *derived_json(const struct derivation *derivation);

#endif
