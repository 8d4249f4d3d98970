#include "tool/sbom_write.h"

#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "image/sbom.h"
#include "tool/attach.h"
#include "tool/output.h"

static const struct {
	json_t *(*make)(const struct inventory *inventory);
	const char *suffix;
} forms[SBOM_FORMS] = {
	[SBOM_SPDX] = { sbom_spdx, ".spdx.json" },
	[SBOM_CYCLONEDX] = { sbom_cyclonedx, ".cdx.json" },
};

int sbom_write(const struct inventory *inventory, enum sbom_form form,
	       const char *path, struct err *err)
{
	json_t *json = forms[form].make(inventory);
	auto_buf struct buf text = { 0 };
	auto_free char *dump = NULL;

	if (json)
		dump = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS);
	json_decref(json);
	if (!dump)
		return err_set(err, 0, "the document is no JSON");
	buf_text(&text, dump);
	buf_text(&text, "\n");
	return output_write(path, buf_slice(&text), err);
}

/* "x.tar" is x.spdx.json, or x.arm64.spdx.json. */
static void name_document(struct buf *out, const char *archive,
			  const char *arch, const char *suffix)
{
	struct slice stem = slice_from(archive);

	if (stem.len > 4 && strcmp(archive + stem.len - 4, ".tar") == 0)
		stem.len -= 4;
	buf_add(out, stem.at, stem.len);
	buf_text(out, *arch ? "." : "");
	buf_text(out, arch);
	buf_text(out, suffix);
}

static int write_one(const char *archive, const struct arch *arch,
		     const char *part, struct err *err)
{
	struct inventory inventory;
	int result = inventory_read(&inventory, archive, arch, err);

	for (size_t i = 0; i < SBOM_FORMS && result == 0; i++) {
		auto_buf struct buf path = { 0 };

		name_document(&path, archive, part, forms[i].suffix);
		result = sbom_write(&inventory, (enum sbom_form)i, path.at,
				    err);
	}
	inventory_free(&inventory);
	return result;
}

static const char *part_of(const struct arch *arch, size_t count)
{
	return count > 1 ? arch->oci : "";
}

int sbom_check_beside(const char *archive, const struct arch *const *archs,
		      size_t count, struct err *err)
{
	for (size_t i = 0; i < count * SBOM_FORMS; i++) {
		auto_buf struct buf path = { 0 };

		name_document(&path, archive,
			      part_of(archs[i / SBOM_FORMS], count),
			      forms[i % SBOM_FORMS].suffix);
		if (output_check(path.at, NULL, err) < 0)
			return -1;
	}
	return 0;
}

int sbom_write_beside(struct sum *index, const char *archive,
		      const struct arch *const *archs, size_t count,
		      struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (write_one(archive, archs[i], part_of(archs[i], count),
			      err) < 0)
			return -1;
	return attach_sbom(index, archive, archive, err);
}
