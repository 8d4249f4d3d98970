#include "image/rust_audit.h"

#include <stdint.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/elf_section.h"

enum { STEP = 16 * 1024 };

static int inflate_all(struct buf *out, z_stream *stream, struct err *err)
{
	char step[STEP];
	int result;

	do {
		stream->next_out = (Bytef *)step;
		stream->avail_out = sizeof(step);
		result = inflate(stream, Z_NO_FLUSH);
		if (result != Z_OK && result != Z_STREAM_END)
			return err_set(err, 0, ".dep-v0: no zlib data");
		buf_add(out, step, sizeof(step) - stream->avail_out);
		if (out->len > RUST_AUDIT_MAX)
			return err_set(err, 0, ".dep-v0: larger than %d bytes",
				       RUST_AUDIT_MAX);
	} while (result != Z_STREAM_END);
	return 0;
}

static int unpack(struct buf *out, struct slice packed, struct err *err)
{
	z_stream stream = {
		.next_in = (Bytef *)(uintptr_t)packed.at,
		.avail_in = (uInt)packed.len,
	};

	if (packed.len > RUST_AUDIT_MAX || inflateInit(&stream) != Z_OK)
		return err_set(err, 0, ".dep-v0: too large");
	int result = inflate_all(out, &stream, err);

	inflateEnd(&stream);
	return result;
}

json_t *rust_audit_read(struct slice file, struct err *err)
{
	auto_buf struct buf text = { 0 };
	struct slice packed;
	json_error_t why;

	err->text[0] = '\0';
	if (!elf_section_find(&packed, file, ".dep-v0") ||
	    unpack(&text, packed, err) < 0)
		return NULL;
	json_t *json = json_loadb(buf_slice(&text).at, text.len,
				  JSON_REJECT_DUPLICATES, &why);

	if (!json_is_array(json_object_get(json, "packages"))) {
		err_set(err, 0, ".dep-v0: no list of crates: %s", why.text);
		json_decref(json);
		return NULL;
	}
	return json;
}
