#ifndef IMAGE_NAME_H
#define IMAGE_NAME_H

/*
 * name: which texts may name a file in an image, an image, or a tag.
 */
#include <stdbool.h>

#include "base/slice.h"

struct buf;
struct err;

enum { NAME_PATH_MAX = 4095, NAME_COMPONENT_MAX = 255 };

/* Well-formed UTF-8: no over-long forms, no surrogates. */
bool name_is_utf8(struct slice text);

/*
 * Accept an absolute path that every engine unpacks to the same place: UTF-8
 * without control characters, no empty, "." or ".." component, and none that
 * begins with ".wh.", the mark of a deleted file (OCI layer.md). "/" is fine.
 */
int name_check_path(const char *path, struct err *err);

/* What follows the last slash. */
const char *name_base(const char *path);

/* As strcmp, with '/' before all other bytes, so that trees stay together. */
int name_compare_paths(const char *a, const char *b);

/*
 * Replace what *out holds by the path without what writers put around it:
 * "./etc//x/" is "etc/x", and the root is "". False where a part is "..".
 */
bool name_plain_path(struct buf *out, const char *path);

/* Accept a repository name as the distribution spec and docker do. */
int name_check_image(struct slice name, struct err *err);
int name_check_tag(struct slice tag, struct err *err);

/*
 * Append NAME:TAG with the registry that engines add where a name has none:
 * "hello" is docker.io/library/hello.
 */
void name_reference(struct buf *out, const char *name, const char *tag);

#endif
