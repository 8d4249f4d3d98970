#ifndef IMAGE_READER_H
#define IMAGE_READER_H

/*
 * reader: image archives, pith's own and those of docker save, podman save,
 * buildah and skopeo (OCI layout or docker-archive). The file is untrusted:
 * sizes and digests are checked before anything is used, and memory is
 * bounded whatever it says.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "data/tar.h"
#include "image/sum.h"

struct arch;
struct err;

enum {
	READER_MEMBERS_MAX = 64 * 1024,
	READER_JSON_MAX = 4 * 1024 * 1024,
	READER_LAYERS_MAX = 512,
};

struct reader_member {
	char *name; /* without "./" in front */
	char *link; /* of a symlink, or NULL */
	uint64_t offset;
	uint64_t size;
};

/* An open archive: where each member's data is. */
struct reader {
	int fd;
	uint64_t size; /* bytes of the whole file */
	struct reader_member *members;
	size_t member_count;
	const char *end_fault; /* of the archive's end, or NULL */
};

struct reader_layer_info {
	const struct reader_member *member;
	char *digest;  /* "sha256:..." as the manifest says, or NULL */
	char *diff_id; /* as the config says */
};

/* One image of the archive. */
struct reader_image {
	bool is_oci;	  /* else a docker-archive alone */
	char *digest;	  /* of the OCI manifest, or NULL */
	json_t *manifest; /* the OCI manifest, or NULL */
	json_t *config;
	const struct reader_member *config_member;
	json_t *names; /* an array of references */
	size_t layer_count;
	struct reader_layer_info *layers;
};

/* Open the archive and list its members. The caller owes reader_close(). */
int reader_open(struct reader *out, const char *path, struct err *err);
void reader_close(struct reader *reader);

/* What is said of an archive with neither index.json nor manifest.json. */
extern const char reader_no_image[];

/* A member by name (a docker-archive's symlinks are followed), or NULL. */
const struct reader_member *reader_find(const struct reader *reader,
					const char *name);

/*
 * Read a member as JSON. digest and size, unless NULL and negative, are what
 * it must have. Duplicate keys are errors.
 */
json_t *reader_json(const struct reader *reader,
		    const struct reader_member *member, const char *digest,
		    json_int_t size, struct err *err);

/* The digest of a member's bytes. */
int reader_sum(struct sum *out, const struct reader *reader,
	       const struct reader_member *member, struct err *err);

/* An object's member that is a string, or NULL. */
const char *reader_text(const json_t *object, const char *key);

/* What a descriptor of an OCI manifest or index says. */
struct reader_descriptor {
	const char *digest;
	json_int_t size;
	const struct reader_member *member;
};

/*
 * Read a descriptor and find its blob, which must be there and have the size
 * that it says. *out points into json and reader.
 */
int reader_describe(struct reader_descriptor *out, const struct reader *reader,
		    const json_t *json, struct err *err);

/* The JSON that a descriptor leads to, and the descriptor; or NULL. */
json_t *reader_described(struct reader_descriptor *out,
			 const struct reader *reader, const json_t *json,
			 struct err *err);

/* Add the name that an entry of index.json gives, if any, to an array. */
void reader_add_name(json_t *names, const json_t *entry);

/*
 * True where a member's name promises its digest: "DIGITS.json",
 * "blobs/sha256/DIGITS".
 */
bool reader_name_digest(struct sum *out, const char *name);

/*
 * Read the archive's image: the one for arch, which must be there, or for NULL
 * the one for this machine, else the first. The caller owes
 * reader_image_free(), also after a failure.
 */
int reader_image(struct reader_image *out, const struct reader *reader,
		 const struct arch *arch, struct err *err);

/*
 * The same of the image that a descriptor leads to, an entry of an index; its
 * names are those.
 */
int reader_image_of(struct reader_image *out, const struct reader *reader,
		    const json_t *descriptor, json_t *names, struct err *err);
void reader_image_free(struct reader_image *image);

#endif
