/* What programs say of themselves: Go's modules, Rust's crates. */
#include <stdlib.h>

#include <jansson.h>

#include "base/err.h"
#include "data/goinfo.h"
#include "image/evidence.h"
#include "image/inventory_work.h"
#include "image/name.h"

static struct inventory_package named(enum inventory_kind kind,
				      struct slice name, struct slice version,
				      const char *file)
{
	return (struct inventory_package){
		.kind = kind,
		.name = mem_text(name),
		.version = mem_text(version),
		.arch = mem_text(SLICE("")),
		.source = mem_text(SLICE("")),
		.source_version = mem_text(SLICE("")),
		.license = mem_text(SLICE("")),
		.supplier = mem_text(SLICE("")),
		.homepage = mem_text(SLICE("")),
		.file = mem_text(slice_from(file)),
	};
}

/* "go1.19.8" with what experiments append: the library that comes with it. */
static size_t add_standard_library(struct inventory_work *work,
				   const char *version, const char *file)
{
	struct slice rest = slice_from(version + strlen("go"));
	struct slice number = { "", 0 };

	slice_cut(&number, &rest, ' ');
	return inventory_add(
		work, named(INVENTORY_GO, SLICE("stdlib"), number, file));
}

/* The program's own module, or what it is made with. */
static size_t add_modules(struct inventory_work *work,
			  const struct evidence_file *evidence,
			  const char *file)
{
	struct slice rest = buf_slice(&evidence->text);
	struct goinfo_module module;
	size_t owner = add_standard_library(work, evidence->go, file);

	while (goinfo_module(&module, &rest)) {
		/* "(devel)": built where it lies, and of no version. */
		bool is_known = module.version.len &&
				module.version.at[0] != '(';
		size_t number = inventory_add(
			work,
			named(INVENTORY_GO, module.path,
			      is_known ? module.version : SLICE(""), file));

		if (module.is_main)
			owner = number;
	}
	return owner;
}

static const char *text_of(const json_t *crate, const char *key)
{
	const char *text = json_string_value(json_object_get(crate, key));

	return text ? text : "";
}

/* What only builds a crate is not in the program. */
static size_t add_crates(struct inventory_work *work,
			 const struct evidence_file *evidence, const char *file)
{
	json_t *document = json_loads(evidence->crates, 0, NULL);
	const json_t *crates = json_object_get(document, "packages");
	size_t owner = INVENTORY_NOBODY;

	for (size_t i = 0; i < json_array_size(crates); i++) {
		const json_t *crate = json_array_get(crates, i);
		struct slice name = slice_from(text_of(crate, "name"));

		if (!name.len || strcmp(text_of(crate, "kind"), "build") == 0)
			continue;
		size_t number = inventory_add(
			work,
			named(INVENTORY_RUST, name,
			      slice_from(text_of(crate, "version")), file));

		if (json_is_true(json_object_get(crate, "root")))
			owner = number;
	}
	json_decref(document);
	return owner;
}

static size_t add_lone(struct inventory_work *work, const char *file)
{
	/* pith's own, by another name. */
	const char *name = strcmp(file, "/init") == 0 ? "pith-init"
						      : name_base(file);

	return inventory_add(work, named(INVENTORY_PROGRAM, slice_from(name),
					 SLICE(""), file));
}

void inventory_add_programs(struct inventory_work *work)
{
	for (size_t i = 0; i < work->files.count; i++) {
		struct inventory_file *file = &work->files.at[i];
		const struct evidence_file *evidence = evidence_find(
			work->evidence, file->path + 1);
		size_t owner = INVENTORY_NOBODY;

		if (evidence->go)
			owner = add_modules(work, evidence, file->path);
		else if (evidence->crates)
			owner = add_crates(work, evidence, file->path);
		if (file->owner != INVENTORY_NOBODY)
			continue;
		file->owner = owner != INVENTORY_NOBODY
				      ? owner
				      : add_lone(work, file->path);
	}
}
