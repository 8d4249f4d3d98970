#include "image/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "image/codec.h"
#include "image/reader_layer.h"
#include "image/verify_work.h"

void verify_note(struct verify_work *work, int result, const char *where,
		 const struct err *err)
{
	struct verify *out = work->out;

	if (result == 0 || out->fault_count++ >= VERIFY_FAULTS_MAX)
		return;
	/* A line each, whatever the archive's names hold. */
	for (const char *at = where; *at; at++)
		buf_add(&out->faults, *at == '\n' ? "?" : at, 1);
	buf_text(&out->faults, *where ? ": " : "");
	for (const char *at = err->text; *at; at++)
		buf_add(&out->faults, *at == '\n' ? "?" : at, 1);
	buf_text(&out->faults, "\n");
}

struct verify_member *verify_use(struct verify_work *work,
				 const struct reader_member *member)
{
	struct verify_member *state =
		&work->members[member - work->reader->members];

	state->is_used = true;
	return state;
}

/* Through all entries to the end of the tar, which must be marked. */
static int read_entries(struct reader_layer *stream, struct err *err)
{
	const char *fault;
	struct tar_entry entry;
	int got;

	while ((got = tar_next(&entry, &stream->tar, err)) > 0)
		;
	if (got < 0 || tar_finish(&fault, &stream->tar, err) < 0)
		return err_wrap(err, "its tar");
	return fault ? err_set(err, 0, "its tar %s", fault) : 0;
}

static int check_name_digest(const struct reader_member *member,
			     const struct sum *sum, struct err *err)
{
	struct sum promised;

	if (!reader_name_digest(&promised, member->name) ||
	    strcmp(promised.text, sum->text) == 0)
		return 0;
	return err_set(err, 0,
		       "its contents do not have the digest in its "
		       "name, but %s",
		       sum->text);
}

static void read_layer(struct verify_work *work, struct verify_member *state,
		       const struct reader_member *member)
{
	const struct reader_layer_info info = { .member = member };
	struct reader_layer stream;
	struct sum packed;
	struct err err;
	int result;

	state->is_read = true;
	work->out->layers++;
	if (reader_layer_open(&stream, work->reader, &info, &err) < 0) {
		state->is_bad = true;
		verify_note(work, -1, member->name, &err);
		return;
	}
	verify_note(work, read_entries(&stream, &err), member->name, &err);
	result = reader_layer_sums(&packed, &state->raw, &stream, &err);
	reader_layer_close(&stream);
	/* Data that cannot be unpacked was noted as the entries were read. */
	state->is_bad = result < 0;
	if (state->is_bad)
		return;
	state->is_summed = true;
	verify_note(work, check_name_digest(member, &packed, &err),
		    member->name, &err);
}

static int check_type(const struct verify_work *work,
		      const struct verify_layer *layer, struct err *err)
{
	unsigned char magic[CODEC_MAGIC] = { 0 };
	uint64_t size = layer->member->size;
	size_t len = size < sizeof(magic) ? (size_t)size : sizeof(magic);

	if (io_read_at(work->reader->fd, magic, len, layer->member->offset) < 0)
		return err_set(err, errno, "read");
	enum codec_kind is = codec_detect(magic, len);

	if (is == codec_of_type(layer->type))
		return 0;
	return err_set(err, 0, "is %s, its descriptor says %s", codec_name(is),
		       layer->type);
}

void verify_one_layer(struct verify_work *work,
		      const struct verify_layer *layer)
{
	struct verify_member *state = verify_use(work, layer->member);
	struct err err;

	if (layer->type && check_type(work, layer, &err) < 0)
		verify_note(work, -1, layer->member->name, &err);
	if (!state->is_read)
		read_layer(work, state, layer->member);
	if (state->is_bad || !layer->diff_id ||
	    strcmp(state->raw.text, layer->diff_id) == 0)
		return;
	err_set(&err, 0, "its tar has the diff_id %s, the config says %s",
		state->raw.text, layer->diff_id);
	verify_note(work, -1, layer->member->name, &err);
}

/* What docker's older archives hold and nothing refers to. */
static bool is_customary(const char *name)
{
	static const char *const ends[] = { "/json", "/VERSION",
					    "repositories" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);

		if (len >= end && strcmp(name + len - end, ends[i]) == 0)
			return true;
	}
	return false;
}

static int check_member(struct verify_work *work, size_t i, struct err *err)
{
	const struct reader_member *member = &work->reader->members[i];
	const struct verify_member *state = &work->members[i];
	struct sum sum, promised;

	if (member->link)
		return reader_find(work->reader, member->name)
			       ? 0
			       : err_set(err, 0,
					 "leads to %s, which is not in "
					 "the archive",
					 member->link);
	if (!state->is_summed && reader_name_digest(&promised, member->name) &&
	    (reader_sum(&sum, work->reader, member, err) < 0 ||
	     check_name_digest(member, &sum, err) < 0))
		return -1;
	if (!state->is_used && !work->is_partial && !is_customary(member->name))
		return err_set(err, 0, "nothing refers to it");
	return 0;
}

static int check_end(const struct reader *reader, struct err *err)
{
	if (!reader->end_fault)
		return 0;
	return err_set(err, 0, "the archive %s", reader->end_fault);
}

static void check_all(struct verify_work *work)
{
	const struct reader *reader = work->reader;
	struct err err;

	verify_note(work, check_end(reader, &err), "", &err);
	if (reader_find(reader, "index.json"))
		verify_oci(work);
	if (reader_find(reader, "manifest.json"))
		verify_docker(work);
	for (size_t i = 0; i < reader->member_count; i++)
		verify_note(work, check_member(work, i, &err),
			    reader->members[i].name, &err);
}

int verify_archive(struct verify *out, const char *path, struct err *err)
{
	struct reader reader;

	*out = (struct verify){ 0 };
	if (reader_open(&reader, path, err) < 0)
		return -1;
	struct verify_work work = {
		.out = out,
		.reader = &reader,
		.members = mem_new(reader.member_count, sizeof(*work.members)),
		.images = json_array(),
		.names = json_object(),
	};
	bool is_image = reader_find(&reader, "index.json") ||
			reader_find(&reader, "manifest.json");

	out->members = reader.member_count;
	out->bytes = reader.size;
	if (is_image)
		check_all(&work);
	json_decref(work.images);
	json_decref(work.names);
	free(work.members);
	reader_close(&reader);
	if (!is_image)
		return err_set(err, 0, "%s: %s", path, reader_no_image);
	return 0;
}

void verify_free(struct verify *verify)
{
	buf_free(&verify->faults);
	*verify = (struct verify){ 0 };
}
