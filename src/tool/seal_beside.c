#include "tool/seal_beside.h"

#include "base/err.h"
#include "image/reader.h"
#include "image/reader_set.h"

/* A signature of an attestation of an image is two. */
enum { CHAIN_MAX = 8 };

static const char *annotated(const json_t *entry)
{
	return reader_text(json_object_get(entry, "annotations"),
			   "vnd.docker.reference.digest");
}

/* The digest as text, or null. */
static json_t *subject_of(const struct reader *reader, const json_t *entry,
			  struct err *err)
{
	const char *digest = annotated(entry);
	struct reader_descriptor described;

	if (digest)
		return json_string(digest);
	json_t *manifest = reader_described(&described, reader, entry, err);

	if (!manifest)
		return NULL;
	digest = reader_text(json_object_get(manifest, "subject"), "digest");
	json_t *subject = digest ? json_string(digest) : json_null();

	json_decref(manifest);
	return subject;
}

int seal_beside_read(struct seal_beside *out, const struct reader *reader,
		     const json_t *list, struct err *err)
{
	out->subjects = json_object();
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);
		const char *digest = reader_text(entry, "digest");
		json_t *subject;

		if (reader_set_is_image(entry))
			continue;
		subject = subject_of(reader, entry, err);
		if (!subject)
			return err_wrap(err, "kept beside the images");
		if (digest)
			json_object_set(out->subjects, digest, subject);
		json_decref(subject);
	}
	return 0;
}

bool seal_beside_stays(const struct seal_beside *beside, const json_t *entry)
{
	const char *digest = reader_text(entry, "digest");

	for (int depth = 0; digest && depth < CHAIN_MAX; depth++) {
		const json_t *subject = json_object_get(beside->subjects,
							digest);

		if (json_is_null(subject))
			return true;
		digest = json_string_value(subject);
	}
	return false;
}

void seal_beside_free(struct seal_beside *beside)
{
	json_decref(beside->subjects);
}
