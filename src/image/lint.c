#include "image/lint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/fmt.h"
#include "base/io.h"
#include "image/accounts.h"
#include "image/codec.h"
#include "image/lint_work.h"
#include "image/look.h"
#include "image/reader.h"
#include "image/verify.h"

enum { DETAIL_MAX = 512, NAMES_MAX = 128 * 1024 };

static void tell(struct lint *lint, enum lint_id id, const char *subject,
		 const char *format, va_list list)
{
	char detail[DETAIL_MAX];

	fmt_v(detail, sizeof(detail), format, list);
	lint->sink->find(lint->sink->to, &lint_rules[id], subject, detail);
}

void lint_find(struct lint *lint, enum lint_id id, const char *subject,
	       const char *format, ...)
{
	va_list list;

	va_start(list, format);
	tell(lint, id, subject, format, list);
	va_end(list);
}

void lint_find_path(struct lint *lint, enum lint_id id, const char *path,
		    const char *format, ...)
{
	auto_buf struct buf full = { 0 };
	va_list list;

	buf_text(&full, "/");
	buf_text(&full, path);
	va_start(list, format);
	tell(lint, id, full.at, format, list);
	va_end(list);
}

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void lint_names_add(struct lint_names *names, struct slice name)
{
	if (names->count == NAMES_MAX)
		return;
	if (names->count == names->cap) {
		names->cap = names->cap ? 2 * names->cap : 256;
		names->at = mem_grow(names->at, names->cap, sizeof(uint64_t));
	}
	names->at[names->count++] = slice_hash(name);
	names->is_sorted = false;
}

bool lint_names_has(struct lint_names *names, struct slice name)
{
	uint64_t key = slice_hash(name);

	if (!names->count)
		return false;
	if (!names->is_sorted)
		qsort(names->at, names->count, sizeof(key), compare_hashes);
	names->is_sorted = true;
	return bsearch(&key, names->at, names->count, sizeof(key),
		       compare_hashes);
}

/* The faults of pith verify, each a finding. */
static int check_archive(struct lint *lint, bool *is_faulty, const char *path,
			 struct err *err)
{
	struct verify verify;
	int result = verify_archive(&verify, path, err);
	struct slice rest = buf_slice(&verify.faults);
	struct slice line;

	while (slice_cut(&line, &rest, '\n'))
		lint_find(lint, LINT_ARCHIVE, "", "%.*s", SLICE_ARGS(line));
	*is_faulty = verify.fault_count;
	verify_free(&verify);
	return result;
}

static void check_compression(struct lint *lint)
{
	for (size_t i = 0; i < lint->image->layer_count; i++) {
		const struct reader_member *member =
			lint->image->layers[i].member;
		unsigned char magic[CODEC_MAGIC] = { 0 };

		if (io_read_at(lint->reader->fd, magic, sizeof(magic),
			       member->offset) == sizeof(magic) &&
		    codec_detect(magic, sizeof(magic)) == CODEC_ZSTD)
			lint_find(lint, LINT_ZSTD_LAYER, "", "layer %zu", i);
	}
}

/* What pith put into the image, as far as it can be read. */
static void read_pith(struct lint *lint)
{
	struct buf *conf = &lint->scan.conf.bytes;
	struct buf *filter = &lint->scan.filter.bytes;
	struct err err;

	service_defaults(&lint->service);
	if (lint->scan.conf.is_there) {
		lint->has_service = service_parse(&lint->service, conf->at,
						  conf->len, &err) == 0;
		if (!lint->has_service) {
			lint_find_path(lint, LINT_PITH_BROKEN,
				       "etc/pith/service.conf", "%s", err.text);
			service_defaults(&lint->service);
		}
	}
	if (lint->scan.filter.is_there) {
		lint->has_filter = filter_parse(&lint->filter, filter->at,
						filter->len, &err) == 0;
		if (!lint->has_filter)
			lint_find_path(lint, LINT_PITH_BROKEN,
				       "etc/pith/service.bpf", "%s", err.text);
	}
}

static int check_image(struct lint *lint, struct err *err)
{
	if (scan_image(&lint->scan, lint->reader, lint->image, err) < 0)
		return -1;
	read_pith(lint);
	lint_config(lint);
	lint_evidence(lint);
	lint->look = look_new();
	struct tree_visitor visitor = lint_visitor;

	visitor.to = lint;
	lint->tree = tree_read(lint->reader, lint->image, &visitor, err);
	if (!lint->tree || lint_program(lint, err) < 0)
		return -1;
	return lint_tree(lint, err);
}

static void close_lint(struct lint *lint)
{
	struct lint_facts *facts = &lint->facts;

	for (size_t i = 0; i < facts->need_count; i++) {
		free(facts->needs[i].name);
		free(facts->needs[i].by);
	}
	free(facts->ca_by);
	free(facts->tz_by);
	free(facts->libraries.at);
	free(facts->owned.at);
	buf_free(&lint->line);
	buf_free(&lint->program_path);
	tree_free(lint->tree);
	look_free(lint->look);
	scan_free(&lint->scan);
}

int lint_archive(const struct lint_sink *sink, const char *path,
		 const struct arch *arch, struct err *err)
{
	struct reader_image image = { 0 };
	struct reader reader;
	struct lint lint = { .sink = sink, .reader = &reader, .image = &image };
	bool is_faulty;

	if (check_archive(&lint, &is_faulty, path, err) < 0 ||
	    reader_open(&reader, path, err) < 0)
		return -1;
	int result = reader_image(&image, &reader, arch, err);

	if (result == 0) {
		check_compression(&lint);
		result = check_image(&lint, err);
	}
	close_lint(&lint);
	reader_image_free(&image);
	reader_close(&reader);
	/* An archive that is broken, as told, cannot be read to its end. */
	if (result < 0 && is_faulty)
		return 0;
	return result < 0 ? err_wrap(err, "%s", path) : 0;
}
