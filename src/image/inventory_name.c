/* How packages are called outside of the image: package URLs, UUIDs. */
#include "base/buf.h"
#include "image/inventory.h"
#include "image/name.h"

/* Percent-encoding as the package URL specification has it. */
static void add_encoded(struct buf *out, struct slice text, bool keeps_slash,
			bool is_lower)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool is_upper = c >= 'A' && c <= 'Z';
		unsigned char byte = (unsigned char)c;

		if (is_upper && is_lower)
			c = (char)(c - 'A' + 'a');
		if (is_upper || (c >= 'a' && c <= 'z') ||
		    (c >= '0' && c <= '9') ||
		    (c && strchr(keeps_slash ? "-._~:/" : "-._~:", c)))
			buf_add(out, &c, 1);
		else
			buf_add(out,
				(char[]){ '%', hex[byte >> 4], hex[byte & 15] },
				3);
	}
}

static void add_version(struct buf *out, const char *version)
{
	if (!*version)
		return;
	buf_text(out, "@");
	add_encoded(out, slice_from(version), false, false);
}

/* Qualifiers stand in the order of their names. */
static void add_debian(struct buf *out, const struct inventory *inventory,
		       const struct inventory_package *package)
{
	const char *os = *inventory->os_id ? inventory->os_id : "debian";
	bool has_source = strcmp(package->source, package->name) != 0;
	bool has_version = strcmp(package->source_version, package->version) !=
			   0;

	buf_text(out, "deb/");
	add_encoded(out, slice_from(os), false, true);
	buf_text(out, "/");
	add_encoded(out, slice_from(package->name), false, true);
	add_version(out, package->version);
	buf_text(out, "?arch=");
	add_encoded(out, slice_from(package->arch), false, false);
	if (*inventory->os_version) {
		buf_fmt(out, "&distro=%s-", os);
		add_encoded(out, slice_from(inventory->os_version), false,
			    false);
	}
	if (!has_source && !has_version)
		return;
	buf_text(out, "&upstream=");
	add_encoded(out, slice_from(package->source), false, false);
	if (has_version) {
		buf_text(out, "%40");
		add_encoded(out, slice_from(package->source_version), false,
			    false);
	}
}

void inventory_purl(struct buf *out, const struct inventory *inventory,
		    const struct inventory_package *package)
{
	struct slice name = slice_from(package->name);

	buf_text(out, "pkg:");
	switch (package->kind) {
	case INVENTORY_DEBIAN:
		add_debian(out, inventory, package);
		return;
	case INVENTORY_GO:
		buf_text(out, "golang/");
		add_encoded(out, name, true, true);
		break;
	case INVENTORY_RUST:
		buf_text(out, "cargo/");
		add_encoded(out, name, false, false);
		break;
	case INVENTORY_PROGRAM:
		buf_text(out, "generic/");
		add_encoded(out, name, false, false);
		break;
	}
	add_version(out, package->version);
}

/* "host/path/name:tag" without the tag; a port is followed by a slash. */
static struct slice repository(const char *reference)
{
	struct slice whole = slice_from(reference);
	const char *colon = strrchr(reference, ':');

	if (colon && !strchr(colon, '/'))
		whole.len = (size_t)(colon - reference);
	return whole;
}

void inventory_image_purl(struct buf *out, const struct inventory *inventory)
{
	struct slice where = repository(inventory->name);
	const char *slash = memrchr(where.at, '/', where.len);
	struct slice name = where;

	if (slash) {
		name.at = slash + 1;
		name.len = (size_t)(where.at + where.len - name.at);
	}
	buf_text(out, "pkg:oci/");
	add_encoded(out, name.len ? name : SLICE("image"), false, true);
	add_version(out, inventory->digest);
	buf_fmt(out, "?arch=%s", inventory->arch);
	if (slash) {
		buf_text(out, "&repository_url=");
		add_encoded(out, where, true, false);
	}
}

void inventory_uuid(struct buf *out, const struct inventory *inventory,
		    const char *salt)
{
	auto_buf struct buf text = { 0 };

	buf_fmt(&text, "pith %s %s", salt, inventory->digest);
	struct sum sum = sum_of(buf_slice(&text));
	const char *hex = sum_hex(&sum);

	/* The version is 8, the variant's two bits are 10. */
	buf_fmt(out, "%.*s-%.*s-8%.*s-a%.*s-%.*s", 8, hex, 4, hex + 8, 3,
		hex + 12, 3, hex + 15, 12, hex + 18);
}
