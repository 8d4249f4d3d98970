#include "data/goinfo.h"

#include "data/bytes.h"

static const char magic[] = "\xff Go buildinf:";

enum {
	MAGIC = sizeof(magic) - 1,
	FLAGS_AT = 15,
	FLAG_INLINE = 2, /* the texts follow the header */
	HEADER = 32,
	ALIGN = 16,
	SENTINEL = 16, /* bytes around the list of modules */
};

/* A length as encoding/binary.PutUvarint writes it, and as many bytes. */
static bool take_text(struct slice *text, struct slice *rest)
{
	uint64_t len = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint64_t byte;

		if (!bytes_get(&byte, *rest, 0, 1))
			return false;
		*rest = bytes_from(*rest, 1);
		len |= (byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (len > rest->len)
			return false;
		*text = bytes_first(*rest, len);
		*rest = bytes_from(*rest, len);
		return true;
	}
	return false;
}

static bool read_at(struct goinfo *out, struct slice file, size_t at)
{
	uint64_t flags = bytes_number(file, at + FLAGS_AT, 1);
	struct slice rest = bytes_from(file, at + HEADER);
	struct slice modules;

	if (!(flags & FLAG_INLINE) || !take_text(&out->version, &rest) ||
	    !slice_has_prefix(out->version, "go"))
		return false;
	out->modules = (struct slice){ "", 0 };
	if (take_text(&modules, &rest) && modules.len > 2 * SENTINEL)
		out->modules = (struct slice){ modules.at + SENTINEL,
					       modules.len - 2 * SENTINEL };
	return true;
}

bool goinfo_find(struct goinfo *out, struct slice file)
{
	const char *end = file.at + file.len;

	for (const char *p = file.at;
	     (p = memmem(p, (size_t)(end - p), magic, MAGIC)); p++)
		if ((size_t)(p - file.at) % ALIGN == 0 &&
		    read_at(out, file, (size_t)(p - file.at)))
			return true;
	return false;
}

/* "KIND\tPATH\tVERSION\tSUM" */
static struct slice take_line(struct goinfo_module *out, struct slice line)
{
	struct slice kind = { "", 0 };

	*out = (struct goinfo_module){ .path = kind, .version = kind };
	slice_cut(&kind, &line, '\t');
	slice_cut(&out->path, &line, '\t');
	slice_cut(&out->version, &line, '\t');
	return kind;
}

bool goinfo_module(struct goinfo_module *out, struct slice *rest)
{
	struct slice line;

	while (slice_cut(&line, rest, '\n')) {
		struct slice kind = take_line(out, line);
		struct slice behind = *rest;
		struct goinfo_module other;

		out->is_main = slice_eq(kind, "mod");
		if (!out->path.len || (!out->is_main && !slice_eq(kind, "dep")))
			continue;
		if (slice_cut(&line, &behind, '\n') &&
		    slice_eq(take_line(&other, line), "=>") && other.path.len) {
			out->path = other.path;
			out->version = other.version;
			*rest = behind;
		}
		return true;
	}
	return false;
}
