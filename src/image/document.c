#include "image/document.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "image/sum.h"

int document_print(struct buf *out, struct sum *sum, json_t *json,
		   const char *what, struct err *err)
{
	auto_free char *text = json ? json_dumps(json,
						 JSON_COMPACT | JSON_SORT_KEYS)
				    : NULL;

	json_decref(json);
	if (!text)
		return err_set(err, 0, "%s: a text that is not UTF-8", what);
	buf_text(out, text);
	if (sum)
		*sum = sum_of(buf_slice(out));
	return 0;
}

json_t *document_descriptor(const char *type, const struct sum *sum,
			    uint64_t size)
{
	return json_pack("{s:s,s:s,s:I}", "mediaType", type, "digest",
			 sum->text, "size", (json_int_t)size);
}

int document_refer(json_t *descriptor, const char *type, const struct sum *sum,
		   uint64_t size)
{
	json_t *own = document_descriptor(type, sum, size);
	int bad = json_object_update(descriptor, own);

	json_decref(own);
	json_object_del(descriptor, "data");
	json_object_del(descriptor, "urls");
	return bad;
}
