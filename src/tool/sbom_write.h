#ifndef TOOL_SBOM_WRITE_H
#define TOOL_SBOM_WRITE_H

/* sbom_write: bills of materials as files. */
#include <stddef.h>

struct arch;
struct err;
struct inventory;
struct sum;

enum sbom_form { SBOM_SPDX, SBOM_CYCLONEDX, SBOM_FORMS };

/* To path, or to standard output for NULL. */
int sbom_write(const struct inventory *inventory, enum sbom_form form,
	       const char *path, struct err *err);

/*
 * Beside an archive: NAME.tar gets NAME.spdx.json and NAME.cdx.json, or of
 * several platforms NAME.ARCH.spdx.json and so on; and both into the archive
 * itself, as attach.h has it: index becomes the digest that it names then.
 */
int sbom_write_beside(struct sum *index, const char *archive,
		      const struct arch *const *archs, size_t count,
		      struct err *err);

/* Whether these can be written: before the archive is there. */
int sbom_check_beside(const char *archive, const struct arch *const *archs,
		      size_t count, struct err *err);

#endif
