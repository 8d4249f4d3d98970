#include "image/evidence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>
#include <nettle/sha1.h>

#include "base/err.h"
#include "base/fmt.h"
#include "base/io.h"
#include "base/list.h"
#include "base/scope.h"
#include "data/elf.h"
#include "data/goinfo.h"
#include "data/tar.h"
#include "image/name.h"
#include "image/rust_audit.h"

enum { TEXTS_MAX = 128 * 1024 * 1024, TEXT_MAX = 32 * 1024 * 1024 };

struct evidence {
	LIST(struct evidence_file) files;
	struct buf path; /* of the entry that passes, plain */
	bool is_wanted;	 /* as text */
	bool is_elf;
	bool has_begun;
	uint64_t size;
	size_t layer;
	uint64_t place; /* of the next entry in its layer */
	size_t texts;	/* bytes kept of all */
	struct buf text;
	struct sha1_ctx sha1;
	int scratch; /* a copy of the ELF file */
};

struct evidence *evidence_new(void)
{
	struct evidence *evidence = mem_new(1, sizeof(*evidence));

	evidence->scratch = -1;
	return evidence;
}

void evidence_free(struct evidence *evidence)
{
	if (!evidence)
		return;
	for (size_t i = 0; i < evidence->files.count; i++) {
		struct evidence_file *file = &evidence->files.at[i];

		free(file->path);
		free(file->go);
		free(file->crates);
		buf_free(&file->text);
	}
	free(evidence->files.at);
	buf_free(&evidence->path);
	buf_free(&evidence->text);
	scope_close(&evidence->scratch);
	free(evidence);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text);
	size_t end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* What is kept whole. */
static bool is_wanted(const char *path)
{
	static const struct {
		const char *begin, *end;
	} places[] = {
		{ "etc/os-release", "" },
		{ "usr/lib/os-release", "" },
		{ "var/lib/dpkg/status", "" },
		{ "var/lib/dpkg/status.d/", "" },
		{ "var/lib/dpkg/info/", ".list" },
		{ "usr/share/doc/", "/copyright" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *begin = places[i].begin;
		size_t len = strlen(begin);
		bool is_whole = begin[len - 1] != '/';

		if (strncmp(path, begin, len) == 0 &&
		    (!is_whole || !path[len]) && ends_with(path, places[i].end))
			return true;
	}
	return false;
}

/* Debian links the directories of packages that share one copyright file. */
static bool is_wanted_link(const char *path)
{
	return strncmp(path, "usr/share/doc/", 14) == 0;
}

static struct evidence_file *add(struct evidence *evidence)
{
	LIST_ADD(&evidence->files,
		 (struct evidence_file){
			 .path = mem_text(buf_slice(&evidence->path)),
			 .layer = evidence->layer,
			 .place = evidence->place - 1 });
	return &evidence->files.at[evidence->files.count - 1];
}

int evidence_entry(void *of, const struct tar_entry *entry, size_t layer,
		   struct err *err)
{
	struct evidence *evidence = of;

	(void)err;
	if (layer != evidence->layer)
		evidence->place = 0;
	evidence->layer = layer;
	evidence->place++;
	evidence->has_begun = evidence->is_elf = false;
	evidence->text.len = 0;
	evidence->size = entry->size;
	if (!name_plain_path(&evidence->path, entry->path))
		return 0;
	evidence->is_wanted = entry->type == TAR_FILE &&
			      entry->size <= TEXT_MAX &&
			      is_wanted(buf_slice(&evidence->path).at);
	if (entry->type == TAR_SYMLINK &&
	    is_wanted_link(buf_slice(&evidence->path).at)) {
		struct evidence_file *file = add(evidence);

		file->is_link = true;
		buf_text(&file->text, entry->link);
	}
	return 0;
}

static int start_elf(struct evidence *evidence, struct err *err)
{
	evidence->is_elf = true;
	sha1_init(&evidence->sha1);
	if (evidence->scratch < 0 && (evidence->scratch = io_scratch(err)) < 0)
		return -1;
	if (ftruncate(evidence->scratch, 0) < 0 ||
	    lseek(evidence->scratch, 0, SEEK_SET) < 0)
		return err_set(err, errno, "a scratch file");
	return 0;
}

/* Of all that is kept: nothing bounds how many files say something. */
static int count_text(struct evidence *evidence, size_t len, struct err *err)
{
	evidence->texts += len;
	if (evidence->texts <= TEXTS_MAX)
		return 0;
	return err_set(err, 0, "%s: more than %d bytes of packages",
		       buf_slice(&evidence->path).at, TEXTS_MAX);
}

int evidence_data(void *of, struct slice bytes, struct err *err)
{
	struct evidence *evidence = of;

	if (!evidence->has_begun && elf_is_magic(bytes) &&
	    start_elf(evidence, err) < 0)
		return -1;
	evidence->has_begun = true;
	if (evidence->is_elf) {
		sha1_update(&evidence->sha1, bytes.len,
			    (const uint8_t *)bytes.at);
		if (io_write(evidence->scratch, bytes.at, bytes.len) < 0)
			return err_set(err, errno, "write a scratch file");
	}
	if (!evidence->is_wanted)
		return 0;
	if (count_text(evidence, bytes.len, err) < 0)
		return -1;
	buf_add(&evidence->text, bytes.at, bytes.len);
	return 0;
}

static void note_elf(struct evidence_file *file, struct slice bytes)
{
	struct goinfo go;
	struct err err;

	if (goinfo_find(&go, bytes)) {
		file->go = mem_text(go.version);
		buf_add(&file->text, go.modules.at, go.modules.len);
	}
	/* What cannot be read accounts for nothing: the file stands alone. */
	json_t *crates = rust_audit_read(bytes, &err);

	if (crates)
		file->crates = json_dumps(crates, JSON_COMPACT);
	json_decref(crates);
}

static int end_elf(struct evidence *evidence, struct err *err)
{
	struct evidence_file *file = add(evidence);
	size_t size = (size_t)evidence->size;
	uint8_t sha1[SHA1_DIGEST_SIZE];
	void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, evidence->scratch,
			 0);

	if (map == MAP_FAILED)
		return err_set(err, errno, "map a scratch file");
	file->is_elf = true;
	sha1_digest(&evidence->sha1, sizeof(sha1), sha1);
	for (size_t i = 0; i < sizeof(sha1); i++)
		fmt(file->sha1 + 2 * i, 3, "%x%x", sha1[i] >> 4, sha1[i] & 15U);
	note_elf(file, (struct slice){ map, size });
	munmap(map, size);
	return count_text(evidence,
			  file->text.len +
				  (file->crates ? strlen(file->crates) : 0),
			  err);
}

int evidence_end(void *of, struct buf *notes, struct err *err)
{
	struct evidence *evidence = of;

	(void)notes;
	if (evidence->is_elf)
		return end_elf(evidence, err);
	if (evidence->is_wanted) {
		struct evidence_file *file = add(evidence);

		file->text = evidence->text;
		evidence->text = (struct buf){ 0 };
	}
	return 0;
}

static int compare_files(const void *a, const void *b)
{
	const struct evidence_file *x = a;
	const struct evidence_file *y = b;
	int order = strcmp(x->path, y->path);

	if (order)
		return order;
	if (x->layer != y->layer)
		return x->layer < y->layer ? 1 : -1;
	return (x->place < y->place) - (x->place > y->place);
}

void evidence_sort(struct evidence *evidence)
{
	if (evidence->files.count)
		qsort(evidence->files.at, evidence->files.count,
		      sizeof(*evidence->files.at), compare_files);
}

struct evidence_file *evidence_files(size_t *count, struct evidence *evidence)
{
	*count = evidence->files.count;
	return evidence->files.at;
}

struct evidence_file *evidence_find(struct evidence *evidence, const char *path)
{
	size_t low = 0, high = evidence->files.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(evidence->files.at[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == evidence->files.count ||
	    strcmp(evidence->files.at[low].path, path) != 0)
		return NULL;
	return &evidence->files.at[low];
}
